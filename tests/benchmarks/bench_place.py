"""Where a benchmark runs, how large it is, and the configs and measurements that several of them need."""

import signal
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Literal, Self

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from msgspec import Struct

from streams.kafka import client as kafka_client
from streams.settings.config import Config
from tests.live import Live, Worker

Size = Literal["full", "quick", "tiny"]
"""`tiny` is for the tests: it shows that a benchmark runs, and measures nothing."""

NARRATIVE = "narrative: {}"
VOLUME_SPIKE = "volume_spike: {}"
BOTH = f"{VOLUME_SPIKE}, {NARRATIVE}"
PATIENCE = timedelta(minutes=5)


class Place(Struct, frozen=True, kw_only=True):
    """What every benchmark is given."""

    bootstrap: str
    """Of a Kafka."""
    folder: Path
    """For configs, recordings and logs."""
    models: Path
    """Where the exported encoder is."""
    bench: Path | None = None
    """Labelled data, for those that need some."""
    size: Size = "full"
    say: Callable[[str], None] = lambda text: None
    """Told how it goes on."""

    def pick(self, full: int, quick: int, tiny: int) -> int:
        """The number for this size."""
        return {"full": full, "quick": quick, "tiny": tiny}[self.size]

    def config(
        self,
        name: str,
        monitors: Mapping[str, tuple[str, str]],
        *,
        partitions: int = 1,
        receivers: Sequence[str] = (),
        routes: Sequence[str] = (),
    ) -> Path:
        """Write a config with topics of its own.

        Args:
            name: Of its folder.
            monitors: By name: the query, and the detectors in YAML.
            partitions: Of all topics.
            receivers: In YAML; a file that nobody reads where absent.
            routes: In YAML, where there are receivers.
        """
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        told = receivers or [f"{{name: nobody, type: terminal, file: '{folder / 'told.txt'}'}}"]
        watched = (
            f"  - {{name: {monitor}, query: '{query}', detectors: {{{detectors}}}}}"
            for monitor, (query, detectors) in monitors.items()
        )
        path = folder / "bench.yaml"
        path.write_text(
            "\n".join(
                (
                    "organisation: {name: Bench}",
                    "monitors:",
                    *watched,
                    "receivers:",
                    *(f"  - {receiver}" for receiver in told),
                    "routes:",
                    *(f"  - {route}" for route in routes or ["{receivers: [nobody]}"]),
                    f"kafka: {{bootstrap: '{self.bootstrap}', topic_prefix: bench-{name}-{uuid.uuid4().hex[:6]}-, "
                    f"partitions: {partitions}}}",
                    f"encoder: {{cache: '{self.models}', device: cpu}}",
                    "metrics: {match: 0, detect: 0, notify: 0}",
                    "",
                )
            )
        )
        return path


def send(config: Config, topic: str, keyed: Iterable[tuple[bytes | None, bytes]]) -> int:
    """Send records to a topic, and wait until Kafka has them. Gives how many."""
    access = kafka_client.access(config.kafka)
    producer = KafkaProducer(**kafka_client.for_kafka_python(access), linger_ms=20, max_request_size=4_000_000)
    try:
        sent = [producer.send(topic, key=key, value=value) for key, value in keyed]
        producer.flush()
        for future in sent:
            future.get(timeout=60)
    finally:
        producer.close(timeout=10)
    return len(sent)


@contextmanager
def paused(worker: Worker) -> Iterator[None]:
    """The worker stands still meanwhile, so that it does not begin before everything is there for it."""
    worker.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        worker.signal(signal.SIGCONT)


def rate(worker: Worker, counter: str, total: float) -> float:
    """How fast a counter of a worker rises to `total`, by the second, while nothing else comes.

    It begins at the first answer of the worker, which is exact, as it answers between two records. It ends when the
    worker, by its own account, took in its last record.
    """
    begun, first, value = 0.0, -1.0, -1.0
    deadline = monotonic() + PATIENCE.total_seconds()
    while value < total:
        value = worker.metrics().get(counter, 0.0)
        if first < 0:
            begun, first = datetime.now(UTC).timestamp(), value
        if not worker.is_running or monotonic() > deadline:
            raise AssertionError(f"{counter} came to {value:,.0f} of {total:,.0f}; see {worker.log}")
        sleep(0.5)
    ended = worker.metrics()["groundswell_last_record_timestamp_seconds"]
    return (total - first) / max(ended - begun, 1e-3)


class Written(Struct, frozen=True):
    """A record that a worker wrote."""

    partition: int
    at: float
    """When, by the writer's clock: seconds since 1970."""
    value: bytes


class Reader:
    """Reads on in a topic, from where it ends now."""

    def __init__(self, live: Live, topic: str) -> None:
        access = kafka_client.access(live.config.kafka)
        self._consumer = KafkaConsumer(**kafka_client.for_kafka_python(access), enable_auto_commit=False)
        self._partitions = [TopicPartition(topic, number) for number in range(live.config.kafka.partitions)]
        self._consumer.assign(self._partitions)
        self._consumer.seek_to_end(*self._partitions)
        for partition in self._partitions:
            self._consumer.position(partition)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def news(self) -> list[Written]:
        """All that came since."""
        ends = self._consumer.end_offsets(self._partitions)
        found: list[Written] = []
        while any(self._consumer.position(partition) < ends[partition] for partition in self._partitions):
            for polled in self._consumer.poll(timeout_ms=500).values():
                found += [Written(each.partition, each.timestamp / 1000, each.value) for each in polled]
        return found
