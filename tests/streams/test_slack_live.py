"""Clicks in Slack with the real workers on a real Kafka, through crashes: the whole way from button to message."""

import json
import random
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.fake_slack import CHANNEL, TOKEN, in_thread
from tests.fake_slack_socket import ADA, BEN, ClickableSlack
from tests.live import Live, running

CONFIG = """
organisation: {{name: Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: comms, type: slack, channel: {channel}, base_url: '{base_url}', may_act: [U0ADA]}}
routes:
  - {{receivers: [comms], update_every: 1s, digest: []}}
kafka: {{bootstrap: '{kafka}', topic_prefix: '{prefix}-', partitions: 2, session_timeout: 6s}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""


@pytest.mark.kafka
def test_a_click_changes_the_story_for_everybody_and_survives_that_all_are_killed(kafka: str, tmp_path: Path) -> None:
    recording = tmp_path / "talk.jsonl"
    recording.write_bytes(b"".join(msgspec.json.encode(mention) + b"\n" for mention in _calm_then_a_rise()))
    with in_thread(ClickableSlack()) as slack:
        config = tmp_path / "live.yaml"
        config.write_text(CONFIG.format(channel=CHANNEL, base_url=slack.base_url, kafka=kafka, prefix=tmp_path.name))
        environment = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": slack.workspace.app_token}
        with running(config, tmp_path, environment) as live:
            for stage in ("match", "detect", "notify"):
                live.start(stage).wait_until_ready()
            live.ingest(recording)
            live.wait_until("the story stands in Slack", lambda: len(slack.stories()) == 1)
            live.wait_until("its clicks are heard", lambda: bool(slack.connections))

            refused = slack.clicked("groundswell_acknowledge", by=BEN)
            assert refused.seconds is not None
            live.wait_until("whoever may not act is told so", lambda: len(slack.whispers) == 1)

            sent = slack.clicked("groundswell_acknowledge", by=ADA)
            assert sent.seconds is not None
            live.wait_until("everybody sees it", lambda: "Acknowledged by Ada" in _shown(slack))
            assert "Acknowledged by ben" not in json.dumps(slack.messages)
            live.wait_until("its thread says so", lambda: len(_acknowledgements(slack)) == 1)

            assert slack.delivered(sent.envelope).seconds is not None
            _kill(live, "detect", "notify")
            live.wait_until("its clicks are heard again", lambda: bool(slack.connections))
            assert slack.delivered(sent.envelope).seconds is not None
            assert slack.clicked("groundswell_mute", by=ADA, word="1h").seconds is not None
            live.wait_until("everybody sees that it is muted", lambda: "Muted by Ada until" in _shown(slack))
            assert "Acknowledged by Ada" in _shown(slack)
            assert len(slack.stories()) == 1
            assert len(_acknowledgements(slack)) == 1
            assert "Muted" not in "".join(_replies(slack))


def _kill(live: Live, *stages: str) -> None:
    """As a machine that is switched off, and another that takes its place."""
    for worker in [worker for worker in live.workers if worker.stage in stages]:
        worker.signal(signal.SIGKILL)
        worker.process.wait()
        live.workers.remove(worker)
    for stage in stages:
        live.start(stage).wait_until_ready(90)


def _shown(slack: ClickableSlack) -> str:
    (message,) = slack.stories()
    return json.dumps(message["blocks"], ensure_ascii=False)


def _acknowledgements(slack: ClickableSlack) -> list[str]:
    return [reply for reply in _replies(slack) if "Acknowledged by" in reply]


def _replies(slack: ClickableSlack) -> list[str]:
    (message,) = slack.stories()
    return [reply["text"] for reply in slack.replies(message["ts"])]


def _calm_then_a_rise() -> list[dict[str, Any]]:
    """Two days of calm talk up to now, and a rise in its last quarter of an hour."""
    chance = random.Random(6)
    now = datetime.now(UTC) - timedelta(minutes=1)
    calm = [now - timedelta(hours=48) * chance.random() for _ in range(600)]
    rise = [now - timedelta(minutes=15) * chance.random() for _ in range(150)]
    return [
        {
            "id": f"x:{number}",
            "channel": "x",
            "at": at,
            "text": f"The census is on its way ({number})",
            "author": {"id": f"a{number}"},
        }
        for number, at in enumerate(sorted(calm + rise))
    ]
