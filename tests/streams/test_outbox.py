"""What an outbox takes, keeps and forgets, and how it ends."""

import asyncio

import msgspec

from alerting.alert import Reason, State
from streams.stages.entry import REMEMBER_FIRING, REMEMBER_IDS, REMEMBER_RESOLVED, Entry
from tests.building import time
from tests.streams.outboxes import RECEIPT, Open, digest, notification
from tests.waiting import settle


async def test_nothing_goes_out_before_a_checkpoint_holds_it(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification(), saved=False)
    await settle()
    assert (ours.notifier.told, ours.queue.waiting) == ([], 1)
    ours.queue.saved(["s1"])
    await ours.until_told()
    assert ours.notifier.told == [(notification(), None)]


async def test_what_replaces_a_notification_that_was_saved_waits_for_its_own_checkpoint(outbox: Open) -> None:
    ours = outbox()
    ours.queue.put(notification())
    ours.queue.saved(["s1"])
    ours.queue.put(notification(Reason.MORE, told=1))
    await settle()
    assert ours.notifier.told == []
    ours.queue.saved(["s1"])
    await ours.until_told()
    assert len(ours.notifier.told) == 1


async def test_what_was_delivered_is_edited_with_its_receipt(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification())
    await ours.until_told()
    ours.put(notification(Reason.MORE, told=1))
    await ours.until_told()
    assert [receipt for _, receipt in ours.notifier.told] == [None, RECEIPT]
    assert ours.queue.entries["s1"].receipt == RECEIPT
    assert ours.changed == ["s1", "s1"]


async def test_nothing_waits_any_more_when_a_delivery_is_announced(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification())
    await ours.until_told()
    assert ours.waiting_when_delivered == [0]


async def test_what_a_gate_holds_back_is_kept_and_not_told(outbox: Open) -> None:
    ours = outbox(admit=lambda entry, told: None)
    ours.put(notification())
    await settle()
    assert (ours.notifier.told, ours.queue.waiting, ours.counted) == ([], 0, {"held": 1})


async def test_a_digest_goes_out_once_a_checkpoint_holds_it(outbox: Open) -> None:
    ours = outbox()
    ours.queue.put_digest(digest())
    await settle()
    assert ours.notifier.digests == []
    ours.queue.saved([], ["press"])
    await ours.until_told()
    assert ours.notifier.digests == [digest()]


async def test_a_repeated_id_is_told_once(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification(), notification())
    await ours.until_told()
    ours.put(notification())
    await settle()
    assert len(ours.notifier.told) == 1
    assert ours.counted == {"repeat": 2, "delivered": 1}


async def test_a_repeat_is_known_after_a_restart(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification())
    await ours.until_told()
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(ours.queue.entries), type=dict[str, Entry])
    theirs = outbox(entries=saved)
    assert not theirs.queue.put(notification())
    await settle()
    assert theirs.notifier.told == []


async def test_the_ids_kept_of_a_story_are_bounded(outbox: Open) -> None:
    ours = outbox()
    ours.put(*(notification(Reason.MORE, told=number) for number in range(REMEMBER_IDS + 20)), saved=False)
    assert len(ours.queue.entries["s1"].known) == REMEMBER_IDS


async def test_closing_ends_what_hangs_and_gives_back_connections(outbox: Open) -> None:
    ours = outbox()
    ours.notifier.door.clear()
    ours.put(notification())
    await settle()
    await asyncio.wait_for(ours.queue.close(), 10)
    assert ours.notifier.is_closed
    assert ours.queue.error is None
    assert ours.queue.waiting == 1


async def test_an_error_inside_a_notifier_surfaces(outbox: Open) -> None:
    ours = outbox(RuntimeError("a bug"))
    ours.put(notification())
    await settle()
    assert isinstance(ours.queue.error, RuntimeError)


async def test_a_story_that_ended_is_forgotten_after_seven_days_of_event_time(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification(Reason.RESOLVED, about="old", state=State.RESOLVED, at="12:00"))
    ours.put(notification(about="lasting", at="12:00"))
    await ours.until_told()
    ours.put(notification(about="new", at=time("12:00") + REMEMBER_RESOLVED))
    assert set(ours.queue.entries) == {"old", "lasting", "new"}
    ours.put(notification(about="newer", at=time("12:00:01") + REMEMBER_RESOLVED))
    assert set(ours.queue.entries) == {"lasting", "new", "newer"}
    assert "old" in ours.changed


async def test_a_story_that_ended_and_still_waits_is_not_forgotten(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification(Reason.RESOLVED, about="old", state=State.RESOLVED, at="12:00"), saved=False)
    ours.put(notification(about="new", at=time("12:01") + REMEMBER_RESOLVED))
    assert "old" in ours.queue.entries


async def test_a_story_whose_end_nobody_will_ever_tell_is_forgotten_after_ninety_days(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification(about="lasting", at="12:00"))
    await ours.until_told()
    ours.put(notification(about="new", at=time("12:00") + REMEMBER_FIRING))
    assert "lasting" in ours.queue.entries
    ours.put(notification(about="newer", at=time("12:01") + REMEMBER_FIRING))
    assert "lasting" not in ours.queue.entries
