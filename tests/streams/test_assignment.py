import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from streams.kafka.client import access, admin, for_aiokafka
from streams.kafka.producing import Output
from streams.kafka.topics import create_missing, names, required
from streams.settings.config import Kafka
from streams.stages import assignment as module
from streams.stages.assignment import Assignment, Hole, Work
from streams.stages.checkpoint import Checkpoints, Restored

AT_ONCE = timedelta(0)
NEVER = timedelta(days=1)


class Broker:
    """What Kafka would hold, and a door that can be shut: whatever asks it something then waits."""

    def __init__(self) -> None:
        self.offsets: dict[int, int] = {}
        self.groups: dict[int, dict[str, dict[str, bytes]]] = {}
        self.sent: list[Output] = []
        self.closed: list[int] = []
        self.saves = 0
        self.door = asyncio.Event()
        self.door.set()
        self.error: Exception | None = None

    async def answer(self) -> None:
        await self.door.wait()
        if self.error is not None:
            raise self.error

    async def send(self, outputs: Sequence[Output]) -> None:
        await self.answer()
        self.sent += outputs


class InMemory(Checkpoints):
    """Checkpoints without Kafka; those with it have tests of their own."""

    def __init__(self, broker: Broker, number: int) -> None:
        self._broker = broker
        self._number = number

    async def take_over(self) -> Restored:
        await self._broker.answer()
        return Restored(self._broker.offsets.get(self._number, -1), self._broker.groups.get(self._number, {}))

    async def save(self, offset: int, groups: Mapping[str, Mapping[str, bytes]]) -> int:
        await self._broker.answer()
        self._broker.offsets[self._number] = offset
        kept = self._broker.groups.setdefault(self._number, {})
        kept |= {name: dict(rows) for name, rows in groups.items()}
        self._broker.saves += 1
        return sum(len(row) for rows in groups.values() for row in rows.values())

    async def close(self) -> None:
        self._broker.closed.append(self._number)


class Adding(Work):
    """Puts all values it is given one after the other, and sends each on."""

    def __init__(self, restored: Restored) -> None:
        self.heard = restored.groups.get("all", {}).get("heard", b"")
        self.urgent = False
        self.is_closed = False

    def handle(self, value: bytes | None, offset: int) -> Sequence[Output]:
        assert value is not None
        if value == b"broken":
            raise RuntimeError("broken")
        self.urgent = value == b"now"
        self.heard += value
        return [Output(topic="out", value=value)]

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        self.urgent = False
        return {"all": {"heard": self.heard}}

    @property
    def wants_saving(self) -> bool:
        return self.urgent

    async def close(self) -> None:
        self.is_closed = True


class Message:
    def __init__(self, partition: int, offset: int) -> None:
        self.partition = partition
        self.offset = offset


class Event:
    """As Faust hands it over; notes in a list that it was acknowledged."""

    def __init__(self, offset: int, acked: list[int], value: bytes = b"x", partition: int = 0) -> None:
        self.message = Message(partition, offset)
        self.value = value
        self._acked = acked

    def ack(self) -> None:
        self._acked.append(self.message.offset)


@pytest.fixture
def acked() -> list[int]:
    return []


@pytest.fixture(autouse=True)
def saving_may_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is due does not hang on how fast this machine is."""
    monkeypatch.setattr(module, "SAVING_SHARE", float("inf"))


def assignment(broker: Broker, save_every: timedelta = NEVER, **more: Any) -> Assignment:
    return Assignment(
        lambda number: InMemory(broker, number),
        lambda number, restored: Adding(restored),
        broker.send,
        save_every=save_every,
        **more,
    )


async def is_waiting(task: "asyncio.Task[Any]") -> bool:
    """Whether it still waits when everything else has had its turn."""
    for _ in range(20):
        await asyncio.sleep(0)
    return not task.done()


async def test_events_are_acknowledged_only_after_their_checkpoint_and_in_order(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    for offset in range(3):
        await ours.handle(Event(offset, acked))
    assert acked == []
    await ours.save_all()
    assert acked == [0, 1, 2]
    assert (broker.offsets, broker.groups) == ({0: 2}, {0: {"all": {"heard": b"xxx"}}})


async def test_each_event_is_saved_at_once_where_it_is_due(acked: list[int]) -> None:
    ours = assignment(Broker(), AT_ONCE)
    await ours.handle(Event(0, acked))
    assert acked == [0]
    await ours.handle(Event(1, acked))
    assert acked == [0, 1]


async def test_where_saving_takes_long_it_is_done_less_often(acked: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SAVING_SHARE", 0.001)
    broker = Broker()
    ours = assignment(broker, AT_ONCE)
    save = InMemory.save

    async def slow(*all: Any) -> int:
        await asyncio.sleep(0.05)
        return await save(*all)

    monkeypatch.setattr(InMemory, "save", slow)
    await ours.handle(Event(0, acked))
    for offset in range(1, 4):
        await ours.handle(Event(offset, acked))
    assert acked == [0], "the next one is due after some fifty seconds"
    await ours.save_all()
    assert acked == [0, 1, 2, 3]


async def test_outputs_are_with_the_broker_before_anything_is_saved(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker, AT_ONCE)
    await ours.handle(Event(0, acked, b"a"))
    broker.door.clear()
    task = asyncio.ensure_future(ours.handle(Event(1, acked, b"b")))
    assert await is_waiting(task)
    assert (broker.offsets, acked) == ({0: 0}, [0])
    broker.door.set()
    await task
    assert [output.value for output in broker.sent] == [b"a", b"b"]
    assert (broker.offsets, acked) == ({0: 1}, [0, 1])


async def test_work_that_is_urgent_is_saved_with_its_event(acked: list[int]) -> None:
    ours = assignment(Broker())
    await ours.handle(Event(0, acked, b"later"))
    assert acked == []
    await ours.handle(Event(1, acked, b"now"))
    assert acked == [0, 1]


async def test_what_a_checkpoint_holds_is_acknowledged_and_skipped(acked: list[int]) -> None:
    broker = Broker()
    broker.offsets[0], broker.groups[0] = 5, {"all": {"heard": b"old"}}
    ours = assignment(broker)
    for offset in (3, 4, 5, 6):
        await ours.handle(Event(offset, acked))
    assert acked == [3, 4, 5]
    assert len(broker.sent) == 1
    await ours.save_all()
    assert acked == [3, 4, 5, 6]
    assert broker.groups[0]["all"]["heard"] == b"oldx"


async def test_what_was_handled_but_not_saved_is_skipped_and_not_acknowledged(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked))
    await ours.handle(Event(0, acked))
    assert acked == []
    await ours.save_all()
    assert acked == [0]
    assert broker.groups[0]["all"]["heard"] == b"x"


async def test_a_hole_stops_the_worker(acked: list[int]) -> None:
    ours = assignment(Broker())
    await ours.handle(Event(0, acked))
    with pytest.raises(Hole, match="after offset 0 should come, but 2 came"):
        await ours.handle(Event(2, acked))
    assert acked == []


async def test_a_hole_behind_a_checkpoint_stops_the_worker(acked: list[int]) -> None:
    broker = Broker()
    broker.offsets[0] = 5
    with pytest.raises(Hole):
        await assignment(broker).handle(Event(7, acked))


async def test_without_any_state_the_first_event_may_stand_anywhere(acked: list[int]) -> None:
    ours = assignment(Broker(), AT_ONCE)
    await ours.handle(Event(40, acked))
    assert acked == [40]


async def test_an_error_of_the_work_is_raised_and_nothing_is_acknowledged(acked: list[int]) -> None:
    ours = assignment(Broker(), AT_ONCE)
    with pytest.raises(RuntimeError, match="broken"):
        await ours.handle(Event(0, acked, b"broken"))
    assert acked == []


@pytest.mark.parametrize("step", ["take over", "send"])
async def test_an_error_of_the_broker_is_raised_and_nothing_is_acknowledged(step: str, acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    if step == "send":
        await ours.handle(Event(0, acked))
    broker.error = OSError("gone")
    with pytest.raises(OSError, match="gone"):
        await ours.handle(Event(1, acked))
    assert acked == []


async def test_a_checkpoint_that_fails_is_raised_and_nothing_is_acknowledged(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked))
    ours._save_every = AT_ONCE
    broker.error = OSError("gone")
    with pytest.raises(OSError, match="gone"):
        await ours.save_due()
    assert acked == []


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
    await asyncio.wait_for(task, 1)  # and raises nothing
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
    await asyncio.wait_for(task, 1)
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
    await asyncio.wait_for(asyncio.gather(saving, handling), 1)
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
    await asyncio.wait_for(task, 1)
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


async def test_partitions_do_not_share_anything(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a", partition=0))
    await ours.handle(Event(0, acked, b"b", partition=1))
    await ours.save_all()
    assert ours.partitions == [0, 1]
    assert {number: rows["all"]["heard"] for number, rows in broker.groups.items()} == {0: b"a", 1: b"b"}


async def test_nothing_is_written_where_nothing_changed(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker, AT_ONCE)
    await ours.handle(Event(0, acked))
    await ours.save_due()
    await ours.save_due()
    assert broker.saves == 1


async def test_what_hangs_without_a_revocation_stops_the_worker_at_the_deadline(
    acked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DEADLINE", timedelta(milliseconds=20))
    broker = Broker()
    broker.door.clear()
    with pytest.raises(TimeoutError, match="while reading the state of partition 0"):
        await assignment(broker).handle(Event(0, acked))
    assert acked == []


async def test_checkpoints_and_take_overs_are_measured(acked: list[int]) -> None:
    saved: list[int] = []
    taken: list[float] = []
    ours = assignment(Broker(), AT_ONCE, on_saved=lambda seconds, size: saved.append(size), on_taken_over=taken.append)
    await ours.handle(Event(0, acked, b"abc"))
    assert saved == [3]
    assert len(taken) == 1


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
