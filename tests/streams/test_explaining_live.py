"""Real workers on a real Kafka: what they wrote says why a story was held, and what became of a mention."""

import gzip
import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from alerting.decision import Decision
from streams.cli import main
from tests.live import Live, running

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
CONFIG = """\
organisation: {{name: Federal Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{narrative: {{sensitivity: high}}}}, resolve_after: 1d}}
  - {{name: mayor, query: mayor, detectors: {{volume_spike: {{}}}}}}
receivers: [{{name: console, type: terminal}}]
routes:
  - {{receivers: [console], name: desk, quiet: [{{from: "00:00", to: "23:59", at_least: life_safety}}]}}
encoder: {{cache: '{cache}'}}
kafka: {{bootstrap: '{kafka}', topic_prefix: '{prefix}-', partitions: 2}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""
ELSEWHERE = {
    "id": "elsewhere",
    "url": "https://news.example/elsewhere",
    "channel": "news",
    "at": "2026-03-16T12:00:00Z",
    "text": "The town hall is painted.",
}


@pytest.mark.kafka
@pytest.mark.timeout(600)
def test_what_the_workers_wrote_explains_a_story_and_a_mention(kafka: str, tmp_path: Path, model_cache: Path) -> None:
    config = tmp_path / "census.yaml"
    config.write_text(CONFIG.format(cache=model_cache, kafka=kafka, prefix=tmp_path.name))
    recording = tmp_path / "last-days.jsonl"
    odd = [json.dumps(ELSEWHERE).encode() + b"\n", b'{"id": "broken", "channel": "news", "text": 5}\n']
    recording.write_bytes(b"".join([*_of_last_days(), *odd]))

    with running(config, tmp_path) as live:
        match, detect = live.start("match"), live.start("detect")
        match.wait_until_ready(120)
        detect.wait_until_ready(120)
        live.ingest(recording)
        live.wait_until("something is decided", lambda: bool(_decisions(live)), 300)
        live.wait_until("all of it is read", lambda: bool(live.records(live.topics.dead_letters)), 300)
        # Without ticks time stands still, and the records are the same for every question.
        match.stop()
        live.wait_until("all of it is taken in", lambda: detect.metrics()["groundswell_lag_records"] == 0, 60)
        held = _decisions(live)[0]
        exemplar = held.story.alerts[0].evidence.exemplars[0]

        of_story = _said("explain", config, held.story.id[:10])
        assert f"Story {held.story.id} of census" in of_story
        assert "console by route desk: first, written but held, gate quiet_hours" in of_story
        assert " come out the same from what was recorded with them" in of_story
        assert "comes out otherwise" not in of_story
        assert _said("explain", config, held.story.alerts[0].fingerprint) == of_story
        lines = _said("explain", config, held.story.id, "--json").splitlines()
        assert all(json.loads(line)["made_again"] for line in lines)

        of_mention = _said("why-not", config, exemplar.mention_id)
        assert "✓ census: its query matches by census" in of_mention
        assert "✗ mayor: its query does not match: it has no mayor" in of_mention
        assert "compared by meaning" in of_mention
        assert "it is shown there as an example of narrative" in of_mention
        assert "console by route desk: first, written but held, gate quiet_hours" in of_mention

        unheard = _said("why-not", config, ELSEWHERE["url"])
        assert "The town hall is painted." in unheard
        assert "✗ census: its query does not match: it has no census" in unheard
        assert "✗ it was refused as wrong_type" in _said("why-not", config, "broken")
        assert "✗ nothing in the records has the id or the link never-said" in _said("why-not", config, "never-said")

        assert detect.metrics()["groundswell_held_tellings_total"] > 0


def _said(*arguments: object) -> str:
    found = CliRunner().invoke(main, [str(each) for each in arguments], env={"COLUMNS": "200"})
    assert found.exit_code == 0, found.output
    return found.output


def _decisions(live: Live) -> list[Decision]:
    return [msgspec.json.decode(each.value or b"", type=Decision) for each in live.records(live.topics.decisions)]


def _of_last_days() -> list[bytes]:
    with gzip.open(EXAMPLES / "census.jsonl.gz") as file:
        return [line for line in file if b'"at":"2026-03-15' in line or b'"at":"2026-03-16' in line]
