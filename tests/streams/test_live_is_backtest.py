"""Replay is live: the workers on a real Kafka give the alerts that the backtest gives for the same mentions."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from alerting.alert import Alert
from streams.backtest.known import endings
from streams.ingesting import Recording
from streams.stages.starting import backtest_of
from tests.live import Live, Worker, running

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
NEWSROOM = Path(__file__).parent / "newsroom.yaml"

Outline = set[tuple[str, datetime, str]]
"""Fingerprint, start and severity."""


@pytest.mark.kafka
@pytest.mark.timeout(600)
def test_the_bundled_example_gives_the_same_alerts_live_and_in_the_backtest(
    kafka: str, tmp_path: Path, model_cache: Path
) -> None:
    config = _placed(EXAMPLES / "census.yaml", tmp_path, kafka, model_cache)

    _check(config, EXAMPLES / "census.jsonl.gz", tmp_path)


@pytest.mark.kafka
@pytest.mark.timeout(900)
def test_real_rumours_give_the_same_alerts_live_and_in_the_backtest(
    kafka: str, tmp_path: Path, model_cache: Path, bench: Path
) -> None:
    config = _placed(NEWSROOM, tmp_path, kafka, model_cache)

    _check(config, bench / "rumours" / "mentions.jsonl", tmp_path)


def _check(config: Path, recording: Path, folder: Path) -> None:
    report = backtest_of(config).run(Recording(recording))
    assert report.last is not None
    expected = _outline(report.changes, report.last)

    with running(config, folder) as live:
        match, detect = live.start("match"), live.start("detect")
        match.wait_until_ready(120)
        detect.wait_until_ready(120)
        live.ingest(recording)
        _wait_until_all_is_judged(live, detect, report.last)
        published = [
            msgspec.json.decode(record.value, type=Alert)
            for record in live.records(live.topics.alerts)
            if record.value is not None
        ]

    assert _outline(published, report.last) == expected
    assert expected


def _outline(changes: Iterable[Alert], until: datetime) -> Outline:
    """What was found while the recording ran: live, time goes on after it only as fast as it passes."""
    firings = endings(alert for alert in changes if alert.last_at <= until)
    return {(alert.fingerprint, alert.starts_at, alert.severity.label) for alert in firings}


def _wait_until_all_is_judged(live: Live, detect: Worker, last: datetime) -> None:
    """Until the watermark has passed the end of the recording, so that nothing of it is awaited any more."""
    done = last.timestamp() + 5
    live.wait_until(
        "the watermark has passed the end of the recording",
        lambda: detect.metrics()["groundswell_watermark_timestamp_seconds"] > done,
        400,
    )
    live.wait_until("all of it is taken in", lambda: detect.metrics()["groundswell_lag_records"] <= 8, 30)


def _placed(config: Path, folder: Path, kafka: str, model_cache: Path) -> Path:
    """The config, with this test's Kafka, ports and model cache."""
    text = config.read_text().replace("claims/", f"{config.parent}/claims/")
    head, _, _ = text.partition("\nencoder:")
    path = folder / config.name
    path.write_text(
        f"{head}\nencoder: {{cache: '{model_cache}'}}\n"
        f"kafka: {{bootstrap: '{kafka}', topic_prefix: '{folder.name}-'}}\n"
        "metrics: {match: 0, detect: 0, notify: 0}\n"
    )
    return path
