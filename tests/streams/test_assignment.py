"""Events are handled in order, saved, and acknowledged only then; a hole or an error stops the worker."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from streams.stages import assignment as module
from streams.stages import waiting
from streams.stages.assignment import Hole
from tests.streams.partitions import AT_ONCE, Broker, Event, InMemory, assignment, is_waiting

pytestmark = pytest.mark.usefixtures("saving_may_take_all_the_time")


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
    monkeypatch.setattr(waiting, "DEADLINE", timedelta(milliseconds=20))
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
