"""Work that failed half-way is never saved: its successor does it again from the checkpoint before, and tells of it."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from streams.kafka.producing import Output
from tests.streams.partitions import AT_ONCE, Adding, Broker, Event, assignment, is_waiting

pytestmark = pytest.mark.usefixtures("saving_may_take_all_the_time")


async def test_an_event_whose_outputs_could_not_be_written_is_in_no_checkpoint(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))

    async def refuses(outputs: Sequence[Output]) -> None:
        raise OSError("too large")

    ours._send = refuses
    with pytest.raises(OSError, match="too large"):
        await ours.handle(Event(1, acked, b"b"))
    await ours.save_all()  # as a worker does on its way out, whatever stopped it
    assert b"b" not in broker.groups.get(0, {}).get("all", {}).get("heard", b"")

    successor = assignment(broker)
    for offset, value in enumerate((b"a", b"b")):
        await successor.handle(Event(offset, acked, value))
    await successor.save_all()
    assert broker.groups[0]["all"]["heard"] == b"ab"
    assert [output.value for output in broker.sent][-1] == b"b"


async def test_an_event_on_which_the_work_itself_failed_is_in_no_checkpoint(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    with pytest.raises(RuntimeError, match="broken"):
        await ours.handle(Event(1, acked, b"broken"))
    await ours.save_all()
    await ours.save_due()
    assert (broker.saves, acked) == (0, [])


async def test_other_partitions_of_a_worker_that_fails_are_saved(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a", partition=1))
    with pytest.raises(RuntimeError, match="broken"):
        await ours.handle(Event(0, acked, b"broken", partition=0))
    await ours.save_all()
    assert broker.offsets == {1: 0}


async def test_what_is_still_in_work_when_all_is_to_be_saved_is_waited_for(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    broker.door.clear()
    handling = asyncio.ensure_future(ours.handle(Event(1, acked, b"b")))
    saving = asyncio.ensure_future(ours.save_all())
    assert await is_waiting(saving)
    broker.door.set()
    await asyncio.gather(handling, saving)
    assert broker.offsets == {0: 1}
    assert broker.groups[0]["all"]["heard"] == b"ab"


async def test_work_that_was_cut_off_is_in_no_checkpoint(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    await ours.handle(Event(0, acked, b"a"))
    broker.door.clear()
    handling = asyncio.ensure_future(ours.handle(Event(1, acked, b"b")))
    assert await is_waiting(handling)
    handling.cancel()
    await asyncio.wait({handling})
    broker.door.set()
    await ours.save_all()
    assert b"b" not in broker.groups.get(0, {}).get("all", {}).get("heard", b"")


class _SaysOnce(Adding):
    """Tells what changed once, as the work of the stages does."""

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        heard, self.heard = self.heard, b""
        return {"all": {"heard": heard}}


async def test_after_a_checkpoint_that_failed_nothing_is_saved(acked: list[int]) -> None:
    broker = Broker()
    ours = assignment(broker)
    ours._start = lambda number, restored: _SaysOnce(restored)
    await ours.handle(Event(0, acked, b"a"))
    ours._save_every = AT_ONCE
    broker.error = OSError("gone for a moment")
    with pytest.raises(OSError, match="gone"):
        await ours.save_due()
    broker.error = None
    await ours.save_all()
    assert broker.offsets == {}, "what changed since the last checkpoint was already asked for, and is not given again"
