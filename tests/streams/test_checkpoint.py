import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.kafka.client import access, admin, for_aiokafka
from streams.kafka.topics import create_missing, names, required
from streams.settings.config import Kafka
from streams.stages.checkpoint import OFFSET_KEY, ROW_LIMIT_BYTES, Checkpoints, Fenced, Restored

pytestmark = pytest.mark.kafka

Open = Callable[..., Checkpoints]


@pytest.fixture
def topic(kafka_settings: Kafka) -> str:
    """A state topic of this test's own."""
    name = names(kafka_settings).detect_state
    with admin(access(kafka_settings)) as client:
        create_missing(client, [each for each in required(kafka_settings) if each.name == name])
    return name


@pytest.fixture
def client(kafka_settings: Kafka) -> dict[str, Any]:
    return for_aiokafka(access(kafka_settings))


@pytest_asyncio.fixture
async def owner(topic: str, client: dict[str, Any]) -> AsyncIterator[Open]:
    """Makes owners of a partition, and closes them when the test is over."""
    made: list[Checkpoints] = []

    def make(partition: int = 0) -> Checkpoints:
        made.append(Checkpoints(client, topic, partition, f"{topic}-{partition}"))
        return made[-1]

    yield make
    for each in made:
        with suppress(KafkaError):
            await each.close()


async def restored(owner: Open, partition: int = 0) -> Restored:
    return await owner(partition).take_over()


async def written(topic: str, client: Mapping[str, Any]) -> list[tuple[bytes, bytes | None]]:
    """Every committed record of the first partition."""
    consumer = AIOKafkaConsumer(**client, isolation_level="read_committed", enable_auto_commit=False)
    await consumer.start()
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    records = []
    while await consumer.position(partition) < end:
        records += (await consumer.getmany(partition, timeout_ms=200)).get(partition, [])
    await consumer.stop()
    return [(record.key, record.value) for record in records]


async def test_a_partition_that_was_never_saved_has_no_state(owner: Open) -> None:
    assert await restored(owner) == Restored(-1, {})


async def test_rows_and_offset_come_back(owner: Open) -> None:
    groups = {"census": {"": b"head", "seen/1": b"\x00\xff", "empty": b""}, "health": {"": b"x"}}
    first = owner()
    await first.take_over()
    assert await first.save(41, groups) > 0
    assert await restored(owner) == Restored(41, groups)


async def test_names_of_rows_may_hold_anything(owner: Open) -> None:
    groups = {"census": {"a\0b": b"1", "a": b"2", "\u202e|/\n": b"3", "a\0000000": b"4", "\U0001f9d1": b"5"}}
    first = owner()
    await first.take_over()
    await first.save(0, groups)
    assert await restored(owner) == Restored(0, groups)


async def test_rows_that_vanish_are_forgotten_and_so_are_empty_groups(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1", "b": b"2"}, "health": {"a": b"3"}})
    await first.save(2, {"census": {"b": b"2"}, "health": {}})
    assert await restored(owner) == Restored(2, {"census": {"b": b"2"}})


async def test_groups_that_are_not_named_stay_as_they_are(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1"}, "health": {"a": b"2"}})
    await first.save(2, {"census": {"a": b"3"}})
    assert await restored(owner) == Restored(2, {"census": {"a": b"3"}, "health": {"a": b"2"}})


@pytest.mark.parametrize("size", [ROW_LIMIT_BYTES - 1, ROW_LIMIT_BYTES, ROW_LIMIT_BYTES + 1, 12 * ROW_LIMIT_BYTES + 7])
async def test_large_rows_come_back_from_their_parts(size: int, owner: Open) -> None:
    row = os.urandom(size)
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"large": row}})
    assert await restored(owner) == Restored(1, {"census": {"large": row}})


async def test_a_row_that_shrinks_leaves_no_part_behind(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"large": b"x" * 3 * ROW_LIMIT_BYTES}})
    await first.save(2, {"census": {"large": b"y"}})
    assert await restored(owner) == Restored(2, {"census": {"large": b"y"}})


async def test_rows_that_did_not_change_are_not_written_again(owner: Open, topic: str, client: dict[str, Any]) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1", "b": b"2"}})
    assert await first.save(2, {"census": {"a": b"1", "b": b"2"}}) == 0
    await first.save(3, {"census": {"a": b"1", "b": b"changed"}})
    await restored(owner)  # only by then Kafka surely shows all that it has committed
    rows = [value for key, value in await written(topic, client) if key != OFFSET_KEY]
    assert rows == [b"1", b"2", b"changed"]


async def test_a_new_owner_knows_what_was_written_before(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1", "b": b"2"}})
    second = owner()
    await second.take_over()
    assert await second.save(2, {"census": {"a": b"1", "b": b"2"}}) == 0
    await second.save(3, {"census": {"b": b"2"}})
    assert await restored(owner) == Restored(3, {"census": {"b": b"2"}})


async def test_a_second_owner_fences_the_first(owner: Open) -> None:
    first, second = owner(), owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1"}})
    assert await second.take_over() == Restored(1, {"census": {"a": b"1"}})
    with pytest.raises(Fenced):
        await first.save(2, {"census": {"a": b"of the first"}})
    await second.save(3, {"census": {"a": b"of the second"}})
    assert await restored(owner) == Restored(3, {"census": {"a": b"of the second"}})


async def test_what_a_dead_owner_left_open_is_not_seen(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1"}})
    # As a worker that is killed in the middle of a checkpoint.
    await first._producer.begin_transaction()
    await (await first._send(b"census\0a\x00000000", b"half"))
    await first._producer.flush()
    assert await restored(owner) == Restored(1, {"census": {"a": b"1"}})


async def test_an_aborted_checkpoint_is_not_seen(owner: Open) -> None:
    first = owner()
    await first.take_over()
    await first.save(1, {"census": {"a": b"1"}})
    await first._producer.begin_transaction()
    await (await first._send(b"census\0a\x00000000", b"half"))
    await first._producer.abort_transaction()
    assert await restored(owner) == Restored(1, {"census": {"a": b"1"}})


async def test_partitions_have_nothing_in_common(owner: Open) -> None:
    first, second = owner(0), owner(1)
    await first.take_over()
    await second.take_over()
    await first.save(1, {"census": {"a": b"1"}})
    await second.save(9, {"health": {"a": b"2"}})
    assert await restored(owner, 0) == Restored(1, {"census": {"a": b"1"}})
    assert await restored(owner, 1) == Restored(9, {"health": {"a": b"2"}})
