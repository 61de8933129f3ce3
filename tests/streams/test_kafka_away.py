"""Workers and a Kafka that is not there: when they start, and in the middle of their work."""

from pathlib import Path

import pytest

from streams.kafka import broker
from tests.live import Worker

CONFIG = """
organisation: {{name: Patience}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: console, type: terminal}}
routes:
  - {{receivers: [console]}}
kafka: {{bootstrap: '{bootstrap}', partitions: 1}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""


@pytest.mark.kafka
def test_a_worker_that_starts_before_kafka_says_so_and_waits(tmp_path: Path) -> None:
    data = tmp_path / "kafka"
    bootstrap = broker.start(data).bootstrap
    broker.stop(data)
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(bootstrap=bootstrap))
    worker = Worker("all", config, tmp_path / "worker.log", {})
    try:
        worker.wait_for_log("waiting for Kafka; nothing is lost meanwhile", 60)
        assert worker.is_running

        broker.start(data)
        worker.wait_for_log('"ready"', 90)
    finally:
        assert worker.stop() == 0
        broker.stop(data)
