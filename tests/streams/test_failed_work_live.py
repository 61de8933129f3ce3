"""A worker that cannot write what it decided stops, and its successor decides it again: on a real Kafka."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from alerting.alert import Notification
from streams import records
from streams.kafka import client as kafka_client
from tests.live import Live, running

CONFIG = """
organisation: {{name: Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: console, type: terminal}}
routes:
  - {{receivers: [console]}}
kafka: {{bootstrap: '{kafka}', topic_prefix: '{prefix}-', partitions: 1, session_timeout: 6s}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""
ONLY_TICKS_BYTES = 500
"""Of a record of `notifications`: whatever says more than a tick is larger."""


@pytest.mark.kafka
def test_what_kafka_did_not_take_is_told_by_the_successor(kafka: str, tmp_path: Path) -> None:
    recording = tmp_path / "talk.jsonl"
    recording.write_bytes(b"".join(msgspec.json.encode(mention) + b"\n" for mention in _calm_then_a_rise()))
    config = tmp_path / "live.yaml"
    config.write_text(CONFIG.format(kafka=kafka, prefix=tmp_path.name))
    with running(config, tmp_path) as live:
        for stage in ("match", "detect"):
            live.start(stage).wait_until_ready()
        _let_notifications_be(ONLY_TICKS_BYTES, live)
        live.ingest(recording)
        live.wait_until("detect stops", lambda: not live.workers[-1].is_running)
        assert "MessageSizeTooLarge" in live.workers[-1].log.read_text()
        assert not _told(live)

        _let_notifications_be(1_048_588, live)
        live.start("detect").wait_until_ready()
        live.wait_until("the story is told", lambda: bool(_told(live)), 60)


def _let_notifications_be(largest_bytes: int, live: Live) -> None:
    topic = ConfigResource(
        ConfigResourceType.TOPIC, live.topics.notifications, configs={"max.message.bytes": str(largest_bytes)}
    )
    with kafka_client.admin(kafka_client.access(live.config.kafka)) as admin:
        admin.alter_configs([topic])


def _told(live: Live) -> list[Notification]:
    found = [records.notified(record.value or b"") for record in live.records(live.topics.notifications)]
    return [record for record in found if isinstance(record, Notification)]


def _calm_then_a_rise() -> list[dict[str, Any]]:
    """Two days of calm talk up to now, and a rise in its last quarter of an hour."""
    chance = random.Random(6)
    now = datetime.now(UTC) - timedelta(minutes=1)
    calm = [now - timedelta(hours=48) * chance.random() for _ in range(600)]
    rise = [now - timedelta(minutes=15) * chance.random() for _ in range(150)]
    return [
        {"id": f"x:{number}", "channel": "x", "at": at, "text": f"The census is on its way ({number})"}
        for number, at in enumerate(sorted(calm + rise))
    ]
