"""A worker whose port is taken says in one line what to do, and comes back by itself when it is free."""

import json
import socket
from pathlib import Path

import pytest

from tests.live import Worker
from tests.streams.test_kafka_away import CONFIG


@pytest.mark.kafka
def test_a_port_that_is_taken_is_told_in_one_line_and_tried_again(kafka: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = tmp_path / "config.yaml"
        written = CONFIG.format(bootstrap=kafka).replace("match: 0", f"match: {taken.getsockname()[1]}")
        config.write_text(written.replace("partitions: 1", f"partitions: 1, topic_prefix: {tmp_path.name}-"))
        worker = Worker("all", config, tmp_path / "worker.log", {})
        try:
            worker.wait_for_log("a worker stopped, and is started again", 90)
            lines = [json.loads(line) for line in worker.log.read_text().splitlines()]
            (told,) = (line for line in lines if line["message"] == "the worker stops")
            assert "Address already in use" in told["why"]
            assert "set another port in the config" in told["why"]
            assert not any("trace" in line for line in lines)
            taken.close()
            worker.wait_for_log(f":{written.split('match: ')[1].split(',')[0]}/metrics", 90)
        finally:
            assert worker.stop() == 0
