"""The work of a partition of `notify`: what it takes, saves and hands on to its successor."""

from typing import Any

import msgspec
import pytest

from alerting.alert import Reason
from streams import records
from streams.records import DeadLetter, Tick
from streams.stages.entry import Entry
from tests.building import notification, time
from tests.streams.notifying import RECEIPT, TOPICS, Open
from tests.waiting import settle, until


async def test_a_notification_is_told_after_it_was_saved(stage: Open) -> None:
    ours = stage()
    first = notification(id="s1")
    ours.take(first)
    assert ours.work.wants_saving
    await settle()
    assert ours.listeners["comms"].told == []
    ours.save()
    assert ours.entry("comms", "s1").waiting == first
    await ours.until_idle()
    assert ours.listeners["comms"].told == [(first, None)]


async def test_the_receipt_is_saved_and_serves_a_later_owner(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1"))
    ours.save()
    await ours.until_idle()
    ours.save()
    assert (ours.entry("comms", "s1").waiting, ours.entry("comms", "s1").receipt) == (None, RECEIPT)
    assert not ours.work.wants_saving
    theirs = stage(ours.groups)
    more = notification(Reason.MORE, told=1, id="s1")
    theirs.take(notification(id="s1"), more)
    theirs.save()
    await theirs.until_idle()
    assert theirs.listeners["comms"].told == [(more, RECEIPT)]


async def test_what_waited_when_a_worker_died_is_told_by_its_successor(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1"))
    for name, rows in ours.work.changed().items():
        ours.groups[name] = dict(rows)  # saved, and then the worker is gone
    theirs = stage(ours.groups)
    assert theirs.count("groundswell_notifications_waiting", receiver="comms") == 1
    await theirs.until_idle()
    assert len(theirs.listeners["comms"].told) == 1


async def test_receivers_have_queues_of_their_own(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1", receiver="comms"), notification(id="s1", receiver="risk"))
    ours.save()
    await ours.until_idle()
    assert {name: len(each.told) for name, each in ours.listeners.items()} == {"comms": 1, "risk": 1}


async def test_an_error_inside_a_notifier_stops_the_worker(stage: Open) -> None:
    ours = stage()
    ours.listeners["comms"].error = RuntimeError("a bug")
    ours.take(notification(id="s1"))
    ours.save()
    await settle()
    with pytest.raises(RuntimeError, match="a bug"):
        ours.take(notification(id="s2", receiver="risk"))
    with pytest.raises(RuntimeError, match="a bug"):
        ours.save()


@pytest.mark.parametrize("garbage", [None, b"", b"\xff\x00", b"{}", b"\x81\xa4type\xa6secret", b"\x91" * 3000])
async def test_garbage_becomes_a_dead_letter(garbage: bytes | None, stage: Open) -> None:
    (output,) = stage().work.handle(garbage, 5)
    letter = msgspec.msgpack.decode(output.value or b"", type=DeadLetter)
    assert output.topic == TOPICS.dead_letters
    assert (letter.reason, letter.topic, letter.offset) == ("wrong_type", TOPICS.notifications, 5)
    assert "secret" not in letter.detail


async def test_a_tick_is_a_heartbeat(stage: Open) -> None:
    ours = stage()
    assert ours.work.handle(records.encode(Tick(clock=time("12:00"), worker="w", sources=())), 0) == []
    assert ours.count("groundswell_heartbeat_timestamp_seconds") == time("12:00").timestamp()


async def test_of_saved_state_that_cannot_be_read_it_is_noted_that_there_was_some_and_all_else_is_kept(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    row = msgspec.msgpack.encode(Entry(waiting=notification(id="s1")))
    ours = stage({"comms": {"s1": row, "s2": b"\xc1", "s3": msgspec.msgpack.encode({"waiting": 1})}})
    assert [vars(record)["story"] for record in caplog.records] == ["s2", "s3"]
    assert ours.count("groundswell_warm_ups_total") == 2
    await ours.until_idle()
    assert [told.story.id for told, _ in ours.listeners["comms"].told] == ["s1"]
    ours.save()
    assert ours.groups["comms"].keys() == {"s1", "s2", "s3"}
    assert ours.entry("comms", "s2") == ours.entry("comms", "s3") == Entry(is_lost=True)


async def test_what_waits_is_shown_until_it_is_told_or_the_partition_is_given_up(stage: Open) -> None:
    ours = stage()

    def waiting(receiver: str) -> Any:
        return ours.count("groundswell_notifications_waiting", receiver=receiver)

    ours.take(notification(id="s1"), notification(id="s2", receiver="risk"))
    assert (waiting("comms"), waiting("risk")) == (1, 1)
    ours.work._queues["comms"].saved(["s1"])
    await until(lambda: bool(ours.listeners["comms"].told))
    assert (waiting("comms"), waiting("risk")) == (0, 1)
    await ours.work.close()
    assert waiting("risk") == 0
    assert ours.listeners["comms"].is_closed
