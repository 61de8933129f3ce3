"""What a topic holds now, for commands that answer from the records."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from streams.kafka.client import Access, UnreachableError, admin, for_kafka_python

if TYPE_CHECKING:
    from kafka import KafkaConsumer

_POLL_MS = 500
_CLIENT_MS = 30_000


class Row(Struct, frozen=True, kw_only=True):
    """One record."""

    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    """None where the key was deleted."""


class NoSuchTopic(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Kafka does not have the topic; says which, and what to do."""


def contents(access: Access, topic: str, *, patience: timedelta = timedelta(seconds=20)) -> Iterator[Row]:
    """All records that a topic holds when this begins, partition by partition, each in the order of its offsets; of
    transactions only what was committed.

    Raises `UnreachableError` where Kafka does not answer, and `NoSuchTopic`.
    """
    from kafka import KafkaConsumer, TopicPartition
    from kafka.errors import KafkaError

    with admin(access, patience=patience):
        pass  # only to see whether Kafka answers and lets us in: it says better why not
    settings: dict[str, Any] = for_kafka_python(access)
    # Of a checkpoint all or nothing is seen.
    settings |= {"request_timeout_ms": _CLIENT_MS, "enable_auto_commit": False, "isolation_level": "read_committed"}
    consumer = KafkaConsumer(**settings)
    try:
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise NoSuchTopic(f"Kafka has no topic {topic}: nothing ran with this config yet, or its prefix changed")
        for number in sorted(numbers):
            yield from _of_partition(consumer, TopicPartition(topic, number), patience)
    except KafkaError as error:
        raise UnreachableError(f"Kafka stopped answering while {topic} was read: {error}") from error
    finally:
        consumer.close(autocommit=False)


def newest(access: Access, topic: str) -> Mapping[bytes, bytes]:
    """The newest value of each key of a compacted topic, without keys that were deleted. Raises as `contents` does."""
    found: dict[bytes, bytes] = {}
    for row in contents(access, topic):
        if row.key is None:
            continue
        if row.value is None:
            found.pop(row.key, None)
        else:
            found[row.key] = row.value
    return found


def _of_partition(consumer: "KafkaConsumer", partition: Any, patience: timedelta) -> Iterator[Row]:
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    came_at = monotonic()
    while consumer.position(partition) < end:
        found = consumer.poll(timeout_ms=_POLL_MS)
        if not found and monotonic() - came_at > patience.total_seconds():
            # kafka-python says nothing of brokers that are gone, and would try for ever.
            raise UnreachableError(
                f"Kafka stopped answering while {partition.topic} was read: nothing came for "
                f"{patience.total_seconds():.0f} s. Does it still run?"
            )
        for records in found.values():
            for record in records:
                if record.offset < end:
                    yield Row(
                        partition=record.partition,
                        offset=record.offset,
                        timestamp_ms=record.timestamp,
                        key=record.key,
                        value=record.value,
                    )
        if found:
            came_at = monotonic()  # not before: whoever reads along may take their time
