"""The real stages as processes of their own on a real Kafka, for tests and benchmarks that look from outside."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep

from kafka import KafkaConsumer, TopicPartition
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from streams.ingesting import Recording, Sender, Sent
from streams.kafka import client as kafka_client
from streams.kafka import topics
from streams.kafka.topics import TopicNames
from streams.settings.config import Config
from streams.settings.loading import load

READY = re.compile(rb'"metrics":"http://([^"/]+)/metrics"')


class Record(Struct, frozen=True):
    """One record of a topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Worker:
    """One worker of a stage, or with the stage "all" what supervises one of each."""

    def __init__(self, stage: str, config: Path, log: Path, environment: Mapping[str, str]) -> None:
        self.stage = stage
        self.log = log
        options = [] if stage == "all" else ["--stage", stage]
        command = [sys.executable, "-m", "streams", "run", str(config), *options, "--log", "json"]
        with log.open("ab") as opened:
            self.process = subprocess.Popen(
                command, stdout=opened, stderr=opened, env={**os.environ, **environment}, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.is_running:
            self.process.send_signal(number)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Until its endpoint says that all is well."""
        deadline = monotonic() + seconds
        while monotonic() < deadline:
            if not self.is_running:
                raise AssertionError(
                    f"{self.stage} ended with {self.process.returncode}:\n{self.log.read_text()[-4000:]}"
                )
            if self._is_healthy():
                return
            sleep(0.1)
        raise AssertionError(f"{self.stage} was not ready in {seconds} s:\n{self.log.read_text()[-4000:]}")

    def wait_for_log(self, words: str, seconds: float = 60) -> None:
        """Until its log has these words."""
        deadline = monotonic() + seconds
        while words not in self.log.read_text():
            if monotonic() > deadline or not self.is_running:
                raise AssertionError(f"{words!r} is not in the log of {self.stage}:\n{self.log.read_text()[-4000:]}")
            sleep(0.2)

    def metrics(self) -> dict[str, float]:
        """Every sample by its name, with labels summed up."""
        with urllib.request.urlopen(f"http://{self._address()}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                name = sample.name if "le" not in sample.labels else f"{sample.name}:{sample.labels['le']}"
                found[name] = found.get(name, 0.0) + sample.value
        return found

    def stop(self, seconds: float = 20) -> int:
        """In good order, else by force. Gives the exit code."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _address(self) -> str | None:
        found = READY.findall(self.log.read_bytes())
        return found[-1].decode() if found else None

    def _is_healthy(self) -> bool:
        address = self._address()
        if address is None:
            return False
        try:
            with urllib.request.urlopen(f"http://{address}/healthz", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


class Live:
    """A config at work. Use `running`."""

    def __init__(self, config: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.path = config
        self.folder = folder
        self.config: Config = load(config)
        self.topics: TopicNames = topics.names(self.config.kafka)
        self.workers: list[Worker] = []
        self._environment = environment
        self._access = kafka_client.access(self.config.kafka)
        with kafka_client.admin(self._access) as admin:
            topics.create_missing(admin, topics.required(self.config.kafka))

    def start(self, stage: str) -> Worker:
        worker = Worker(stage, self.path, self.folder / f"{stage}-{len(self.workers)}.log", self._environment)
        self.workers.append(worker)
        return worker

    def ingest(self, recording: Path, speed: float | None = None) -> Sent:
        with Sender.open(self.config.kafka) as sender:
            return sender.send(Recording(recording), speed=speed)

    def records(self, topic: str, *, read_committed: bool = False) -> list[Record]:
        """All that a topic holds now, partition by partition."""
        with self._consumer(read_committed) as consumer:
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            ends = consumer.end_offsets(partitions)
            found: list[Record] = []
            while any(consumer.position(partition) < ends[partition] for partition in partitions):
                for polled in consumer.poll(timeout_ms=500).values():
                    found += [Record(each.partition, each.offset, each.key, each.value) for each in polled]
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def wait_until(self, what: str, is_so: Callable[[], bool], seconds: float = 120) -> None:
        """Until something is so; fails with the workers' logs where it takes longer."""
        deadline = monotonic() + seconds
        while not is_so():
            if monotonic() > deadline:
                logs = "\n".join(f"--- {w.log.name}\n{w.log.read_text()[-3000:]}" for w in self.workers)
                raise AssertionError(f"not in {seconds} s: {what}\n{logs}")
            sleep(0.5)

    def drain(self, seconds: float = 60) -> None:
        """Stop the stages one after the other, each when it has taken in all that those before it wrote."""
        for stage in ("match", "detect", "notify"):
            workers = [worker for worker in self.workers if worker.stage == stage]
            if stage != "match":
                self.wait_until(f"{stage} has taken in everything", partial(_have_read_all, workers), seconds)
            for worker in workers:
                worker.signal(signal.SIGTERM)
            for worker in workers:
                worker.stop()

    def stop(self) -> None:
        for worker in self.workers:
            worker.signal(signal.SIGCONT)
            worker.signal(signal.SIGTERM)
        for worker in self.workers:
            worker.stop()

    @contextmanager
    def _consumer(self, read_committed: bool) -> Iterator[KafkaConsumer]:
        isolation = "read_committed" if read_committed else "read_uncommitted"
        consumer = KafkaConsumer(
            **kafka_client.for_kafka_python(self._access), isolation_level=isolation, enable_auto_commit=False
        )
        try:
            yield consumer
        finally:
            consumer.close()


def _have_read_all(workers: Sequence[Worker]) -> bool:
    """As each of them says twice, a second and more apart: they look once a second."""

    def left() -> float:
        found = [worker.metrics() for worker in workers]
        return sum(each["groundswell_lag_records"] + each.get("groundswell_notifications_waiting", 0) for each in found)

    if left():
        return False
    sleep(2.5)
    return left() == 0


@contextmanager
def running(config: Path, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Live]:
    """Topics are there; no worker runs yet. All that were started are stopped at the end."""
    live = Live(config, folder, environment or {})
    try:
        yield live
    finally:
        live.stop()
