"""Partitions that are taken away: what is in flight ends, and the next owner begins with what was saved."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from streams.kafka.client import access, admin, for_aiokafka
from streams.kafka.producing import Output
from streams.kafka.topics import create_missing, names, required
from streams.settings.config import Kafka
from streams.stages.assignment import Assignment
from streams.stages.checkpoint import Checkpoints
from tests.streams.partitions import AT_ONCE, NEVER, Adding, Broker, Event, assignment, is_waiting

pytestmark = pytest.mark.usefixtures("saving_may_take_all_the_time")


def _handling(ours: Assignment, acked: list[int]) -> Awaitable[None]:
    return ours.handle(Event(1, acked, b"b"))


def _saving(ours: Assignment, acked: list[int]) -> Awaitable[None]:
    return ours.save_due()


@pytest.mark.parametrize("begin", [_handling, _saving])
async def test_a_revocation_ends_what_hangs_and_nothing_is_acknowledged(
    begin: Callable[[Assignment, list[int]], Awaitable[None]], acked: list[int]
) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    ours._save_every = AT_ONCE
    broker.door.clear()
    task = asyncio.ensure_future(begin(ours, acked))
    assert await is_waiting(task)
    work = ours.work()[0]
    ours.let_go()
    await asyncio.wait_for(task, 10)  # and raises nothing
    await ours.closed()
    assert (acked, broker.offsets, ours.partitions) == ([], {}, [])
    assert broker.closed == [0]
    assert isinstance(work, Adding)
    assert work.is_closed


async def test_a_revocation_ends_a_take_over_that_hangs(acked: list[int]) -> None:
    broker = Broker()
    broker.door.clear()
    ours = assignment(broker)
    task = asyncio.ensure_future(ours.handle(Event(0, acked)))
    assert await is_waiting(task)
    ours.let_go()
    await asyncio.wait_for(task, 10)
    await ours.closed()
    assert (acked, ours.partitions, broker.closed) == ([], [], [0])


async def test_work_that_waits_for_its_turn_when_the_partition_is_revoked_does_nothing(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    ours._save_every = AT_ONCE
    broker.door.clear()
    saving = asyncio.ensure_future(ours.save_due())
    assert await is_waiting(saving)
    handling = asyncio.ensure_future(ours.handle(Event(1, acked, b"b")))
    assert await is_waiting(handling)
    ours.let_go()
    assert not await is_waiting(saving)
    broker.door.set()
    await asyncio.wait_for(asyncio.gather(saving, handling), 10)
    assert [output.value for output in broker.sent] == [b"a"]
    assert (acked, broker.saves) == ([], 0)


async def test_an_answer_that_comes_with_the_revocation_does_not_count(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker, AT_ONCE)
    broker.door.clear()
    task = asyncio.ensure_future(ours.handle(Event(0, acked)))
    assert await is_waiting(task)
    broker.door.set()
    ours.let_go()
    await asyncio.wait_for(task, 10)
    assert (acked, broker.sent, broker.saves) == ([], [], 0)


async def test_an_error_of_an_assignment_that_is_over_is_no_reason_to_stop(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked))

    async def fails_when_revoked(outputs: Sequence[Output]) -> None:
        ours.let_go()
        raise OSError("stopped")

    ours._send = fails_when_revoked
    await ours.handle(Event(1, acked))
    assert acked == []


async def test_after_a_revocation_the_partition_is_taken_over_anew_from_what_was_saved(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    await ours.save_all()
    await ours.handle(Event(1, acked, b"b"))
    ours.let_go()
    for offset, value in enumerate((b"a", b"b", b"c")):
        await ours.handle(Event(offset, acked, value))
    await ours.save_all()
    assert acked == [0, 0, 1, 2]
    assert broker.groups[0]["all"]["heard"] == b"abc"


@pytest.mark.kafka
async def test_two_workers_on_a_real_kafka_hand_a_partition_over(kafka_settings: Kafka, acked: list[int]) -> None:
    topic = names(kafka_settings).detect_state
    reached = access(kafka_settings)
    with admin(reached) as creating:
        create_missing(creating, [each for each in required(kafka_settings) if each.name == topic])
    client = for_aiokafka(reached)
    broker = Broker()

    def worker() -> Assignment:
        return Assignment(
            lambda number: Checkpoints(client, topic, number, f"{topic}-{number}"),
            lambda number, restored: Adding(restored),
            broker.send,
            save_every=NEVER,
        )

    old, new = worker(), worker()
    await old.handle(Event(0, acked, b"a"))
    await old.save_all()
    await old.handle(Event(1, acked, b"b"))  # sent, not saved
    for offset, value in enumerate((b"a", b"b", b"c")):
        await new.handle(Event(offset, acked, value))
    await new.save_all()
    assert acked == [0, 0, 1, 2]
    with pytest.raises(Exception, match=r"(?i)fenced|newer producer|epoch"):
        await old.save_all()
    assert acked == [0, 0, 1, 2]
    third = worker()
    await third.handle(Event(2, acked, b"c"))
    work = third.work()[0]
    assert isinstance(work, Adding)
    assert work.heard == b"abc"
    for each in (old, new, third):
        each.let_go()
        await each.closed()
