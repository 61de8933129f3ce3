"""State of one partition, kept in a compacted topic by one Kafka transaction per checkpoint.

A checkpoint holds the rows that changed and the offset of the input for which they stand. Starting the producer with
the partition's transactional id fences whoever owned the partition before and aborts what they left open, so that what
is read after it is the truth, and the last.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

ROW_LIMIT_BYTES = 60_000
"""Larger rows are kept in parts: a broker's limit is 1 MB, and a part that did not change is not written again."""
OFFSET_KEY = b"\x00offset"
TRANSACTION_TIMEOUT_MS = 30_000


class Restored(Struct, frozen=True):
    """What an earlier owner of the partition saved."""

    offset: int
    """The last offset of the input that the rows contain; -1 where nothing was ever saved."""
    groups: Mapping[str, Mapping[str, bytes]]
    """Rows by name, in groups (a monitor, a receiver)."""


class Fenced(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Another worker has the partition now; nothing was saved."""


class Checkpoints:
    """Reads and writes the state of one partition. Not for use by two tasks at once.

    Args:
        client: Settings for aiokafka's clients: where the brokers are and how to talk to them.
        topic: The compacted topic.
        partition: Of the input and of `topic`.
        transactional_id: Of this partition of this stage, in the whole cluster.
    """

    def __init__(self, client: Mapping[str, Any], topic: str, partition: int, transactional_id: str) -> None:
        from aiokafka import AIOKafkaProducer

        self._client = client
        self._topic = topic
        self._partition = partition
        self._saved: dict[str, dict[bytes, bytes]] = {}  # per group: key -> digest of what Kafka has
        self._producer = AIOKafkaProducer(
            **client, transactional_id=transactional_id, transaction_timeout_ms=TRANSACTION_TIMEOUT_MS, linger_ms=5
        )

    async def take_over(self) -> Restored:
        """Become the partition's owner and read what was saved."""
        await self._producer.start()
        values = await _values(self._client, self._topic, self._partition)
        for key, value in values.items():
            if key != OFFSET_KEY:
                self._saved.setdefault(_group(key), {})[key] = _digest(value)
        return _restored(values)

    async def save(self, offset: int, groups: Mapping[str, Mapping[str, bytes]]) -> int:
        """Save the rows of these groups (an empty group is forgotten) with the offset for which they stand.

        What did not change is not written. Gives the number of bytes written. Raises aiokafka's errors, and `Fenced`.
        """
        from aiokafka.errors import ProducerFenced

        changes: dict[bytes, bytes | None] = {}
        digests: dict[str, dict[bytes, bytes]] = {}
        for group, rows in groups.items():
            parts = _split(group, rows)
            saved = self._saved.get(group, {})
            digests[group] = {key: _digest(value) for key, value in parts.items()}
            changes |= {key: value for key, value in parts.items() if saved.get(key) != digests[group][key]}
            changes |= dict.fromkeys(saved.keys() - parts.keys())
        try:
            async with self._producer.transaction():
                deliveries = [await self._send(key, value) for key, value in changes.items()]
                deliveries.append(await self._send(OFFSET_KEY, msgspec.msgpack.encode(offset)))
                await asyncio.gather(*deliveries)
        except ProducerFenced as error:
            raise Fenced(
                f"fenced: another worker took over partition {self._partition}, for this one was silent for longer "
                "than kafka.session_timeout. Nothing is lost"
            ) from error
        self._saved |= digests
        return sum(len(key) + len(value or b"") for key, value in changes.items())

    async def close(self) -> None:
        """Give up the partition; an open transaction is aborted."""
        await self._producer.stop()

    async def _send(self, key: bytes, value: bytes | None) -> Any:
        return await self._producer.send(self._topic, key=key, value=value, partition=self._partition)


async def read_state(client: Mapping[str, Any], topic: str, partition: int) -> Restored:
    """What was saved of a partition, for who only looks: its owner stays who it is."""
    return _restored(await _values(client, topic, partition))


def groups_of(values: Mapping[bytes, bytes]) -> dict[str, dict[str, bytes]]:
    """The rows by name, in their groups, of what the topic holds as keys and values."""
    return _joined({key: value for key, value in values.items() if key != OFFSET_KEY})


def _restored(values: Mapping[bytes, bytes]) -> Restored:
    offset = values.get(OFFSET_KEY)
    return Restored(-1 if offset is None else msgspec.msgpack.decode(offset, type=int), groups_of(values))


async def _values(client: Mapping[str, Any], topic: str, partition: int) -> dict[bytes, bytes]:
    """The newest value of each key."""
    values: dict[bytes, bytes] = {}
    async for key, value in _records(client, topic, partition):
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    return values


async def _records(client: Mapping[str, Any], topic: str, number: int) -> AsyncIterator[tuple[bytes, bytes | None]]:
    """Every record of the partition that was committed, oldest first."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(
        **client, isolation_level="read_committed", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partition = TopicPartition(topic, number)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            for record in (await consumer.getmany(partition, timeout_ms=200)).get(partition, []):
                yield record.key, record.value
    finally:
        await consumer.stop()


def _split(group: str, rows: Mapping[str, bytes]) -> dict[bytes, bytes]:
    """Rows as Kafka keys and values: `group \\0 row \\0 part`."""
    parts: dict[bytes, bytes] = {}
    for name, row in rows.items():
        for number, start in enumerate(range(0, max(len(row), 1), ROW_LIMIT_BYTES)):
            parts[f"{group}\0{name}\0{number:06}".encode()] = row[start : start + ROW_LIMIT_BYTES]
    return parts


def _joined(values: Mapping[bytes, bytes]) -> dict[str, dict[str, bytes]]:
    groups: dict[str, dict[str, bytes]] = {}
    for key in sorted(values):
        group, row = key.decode().split("\0", 1)
        name, _ = row.rsplit("\0", 1)  # it may hold anything: detectors name their rows after what they hear
        rows = groups.setdefault(group, {})
        rows[name] = rows.get(name, b"") + values[key]
    return groups


def _group(key: bytes) -> str:
    return key.split(b"\0", 1)[0].decode()


def _digest(value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=16).digest()
