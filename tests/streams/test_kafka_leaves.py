"""A Kafka that goes away while workers run: what is said of it, how they stop meanwhile, and that they come back."""

from pathlib import Path
from time import monotonic, sleep

import pytest

from streams.kafka import broker
from tests.live import Worker
from tests.streams.test_kafka_away import CONFIG


@pytest.mark.kafka
def test_while_kafka_is_away_the_log_stays_short_a_stop_is_quick_and_a_worker_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "kafka"
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(bootstrap=broker.start(data).bootstrap))
    worker = Worker("all", config, tmp_path / "worker.log", {})
    try:
        worker.wait_for_log('"took over a partition"', 90)
        broker.stop(data, at_once=True)
        worker.wait_for_log("Kafka does not answer", 90)
        lines = worker.log.read_text().splitlines()
        assert len(lines) < 120, "about a hundred lines a second were written"
        assert all(line.startswith("{") for line in lines), "no trace goes past the log"
        worker.wait_for_log("waiting for Kafka; nothing is lost meanwhile", 60)

        broker.start(data)
        before = worker.log.read_text().count('"ready"')
        deadline = monotonic() + 90
        while worker.log.read_text().count('"ready"') < before + 3:
            assert monotonic() < deadline, worker.log.read_text()[-4000:]
            sleep(0.2)
        broker.stop(data, at_once=True)
        asked_at = monotonic()
        assert worker.stop(30) == 0
        assert monotonic() - asked_at < 15
        assert "all stages have stopped, and nothing is lost" in worker.log.read_text()
        assert "is killed" not in worker.log.read_text()
    finally:
        worker.stop()
        broker.stop(data)
