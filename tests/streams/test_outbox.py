import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from alerting.alert import Notification, Reason, Receipt, Severity, State
from alerting.digest import Digest, composed
from alerting.merging import MOST_TURNS, turns_of
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from streams.stages.entry import REMEMBER_FIRING, REMEMBER_IDS, REMEMBER_RESOLVED, Entry
from streams.stages.outbox import TRIES_IN_A_ROW, Queue
from streams.stages.patience import Patience
from tests.building import notification as built
from tests.building import time

SOON = timedelta(milliseconds=5)
RECEIPT = Receipt(channel="C1", ts="1.0")


class Scripted(Notifier):
    """Gives the outcomes of its script, one after the other, then delivers all; notes what it was told."""

    def __init__(self, *script: Outcome | Exception, found: Receipt | None = None, there: bool = False) -> None:
        self.script = list(script)
        self.found = found
        self.there = there
        self.digests: list[Digest] = []
        self.told: list[tuple[Notification, Receipt | None]] = []
        self.asked: list[str] = []
        self.is_closed = False
        self.door = asyncio.Event()
        self.door.set()
        self.space = asyncio.Event()
        self.space.set()

    async def room(self) -> None:
        await self.space.wait()

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        self.told.append((notification, receipt))
        await self.door.wait()
        outcome = self.script.pop(0) if self.script else Delivered(receipt or RECEIPT)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def find(self, notification: Notification) -> Receipt | None:
        self.asked.append(notification.story.id)
        return self.found

    async def send_digest(self, digest: Digest) -> Outcome:
        self.digests.append(digest)
        return self.script.pop(0) if self.script else Delivered()  # type: ignore[return-value]  # no exceptions here

    async def has_digest(self, digest: Digest) -> bool | TryAgain:
        return self.there

    async def close(self) -> None:
        self.is_closed = True

    @property
    def reasons(self) -> list[Reason]:
        return [notification.reason for notification, _ in self.told]


class Outbox:
    """A queue, and all that it says to its surroundings."""

    def __init__(self, notifier: Scripted, entries: dict[str, Entry] | None = None, **more: Any) -> None:
        self.notifier = notifier
        self.counted: Counter[str] = Counter()
        self.delivered: list[Notification] = []
        self.waiting_when_delivered: list[int] = []
        self.changed: list[str] = []
        self.queue = Queue(
            "comms",
            notifier,
            {} if entries is None else entries,
            count=lambda outcome: self.counted.update([outcome]),
            delivered=self._delivered,
            changed=self.changed.append,
            **more,
        )

    def _delivered(self, notification: Notification) -> None:
        self.delivered.append(notification)
        self.waiting_when_delivered.append(self.queue.waiting)

    def put(self, *notifications: Notification, saved: bool = True) -> None:
        for notification in notifications:
            self.queue.put(notification)
        if saved:
            self.queue.saved([notification.story.id for notification in notifications])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                assert self.queue.error is None, self.queue.error
                await asyncio.sleep(0.001)

    async def until_told(self) -> None:
        await self.until(lambda: self.queue.waiting == 0)


Open = Callable[..., Outbox]


@pytest_asyncio.fixture
async def outbox() -> AsyncIterator[Open]:
    """Opens queues, and closes them when the test is over."""
    opened: list[Outbox] = []

    def open_one(*script: Outcome | Exception, entries: dict[str, Entry] | None = None, **more: Any) -> Outbox:
        notifier = Scripted(*script, found=more.pop("found", None), there=more.pop("there", False))
        notifier.edit_every = more.pop("edit_every", timedelta(0))  # type: ignore[misc]  # as if its class said so
        opened.append(Outbox(notifier, entries, **more))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.queue.close()


def notification(reason: Reason = Reason.FIRST, *, told: int = 0, about: str = "s1", **changes: Any) -> Notification:
    """Of the story `about`."""
    return built(reason, told=told, id=about, **changes)


def digest() -> Digest:
    """One that tells of nothing."""
    return composed([], route="press", receiver="comms", at=time("09:00"), timezone="UTC")


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


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


async def test_the_newest_state_replaces_one_that_waits_and_keeps_the_weightier_reason(outbox: Open) -> None:
    ours = outbox()
    newest = notification(Reason.MORE, told=2, severity=Severity.LIFE_SAFETY)
    ours.put(notification(), notification(Reason.ESCALATED, told=1), newest)
    await ours.until_told()
    (told, _), (thread, receipt) = ours.notifier.told
    assert (told.id, told.story.severity, told.reason) == (newest.id, Severity.LIFE_SAFETY, Reason.FIRST)
    # When the message is there, its thread is told of what happened before.
    assert (thread.id, thread.story, thread.reason, receipt) == (newest.id, told.story, Reason.MORE, RECEIPT)
    assert [turn.id for turn in turns_of(thread)] == [notification(Reason.ESCALATED, told=1).id]
    assert ours.counted == {"superseded": 2, "delivered": 2}


@pytest.mark.parametrize(
    ("waiting", "newer", "kept"),
    [
        (Reason.MORE, Reason.REMINDER, Reason.REMINDER),
        (Reason.CHANGED, Reason.MORE, Reason.CHANGED),
        (Reason.ESCALATED, Reason.RESOLVED, Reason.RESOLVED),
        (Reason.RESOLVED, Reason.REOPENED, Reason.REOPENED),
        (Reason.FIRST, Reason.RESOLVED, Reason.FIRST),
    ],
)
async def test_of_two_reasons_the_weightier_is_told(waiting: Reason, newer: Reason, kept: Reason, outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT if kept is not Reason.FIRST else None)})
    ours.put(notification(waiting), notification(newer, told=1))
    await ours.until_told()
    assert ours.notifier.reasons[0] is kept
    told = [turn.reason for turn in turns_of(ours.notifier.told[-1][0])]
    assert told == [reason for reason in (waiting, newer) if reason not in (Reason.MORE, Reason.FIRST)]


async def test_turns_of_a_long_wait_are_told_in_order_the_first_and_the_newest(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT)})
    every = [notification(Reason.DOUBLED, told=number) for number in range(MOST_TURNS + 5)]
    ours.put(*every)
    await ours.until_told()
    ((told, _),) = ours.notifier.told
    assert [turn.id for turn in turns_of(told)] == [each.id for each in (every[0], *every[6:])]


async def test_numbers_alone_edit_a_message_only_now_and_then_and_a_turn_at_once(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT, is_told=True)}, edit_every=timedelta(minutes=5))
    ours.put(notification(Reason.MORE, told=1))
    await ours.until_told()
    ours.put(notification(Reason.MORE, told=2))
    await settle()
    assert len(ours.notifier.told) == 1
    ours.put(notification(Reason.ESCALATED, told=3))
    await ours.until_told()
    assert [(told.reason, told.id) for told, _ in ours.notifier.told] == [
        (Reason.MORE, notification(Reason.MORE, told=1).id),
        (Reason.ESCALATED, notification(Reason.ESCALATED, told=3).id),
    ]


async def test_numbers_that_wait_for_their_time_are_told_then(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT, is_told=True)}, edit_every=SOON * 10)
    for number in (1, 2, 3):
        ours.put(notification(Reason.MORE, told=number))
        if number == 1:
            await ours.until_told()
    await ours.until_told()
    assert [told.id for told, _ in ours.notifier.told] == [notification(Reason.MORE, told=n).id for n in (1, 3)]


async def test_what_is_replaced_while_it_waits_for_room_waits_for_its_checkpoint(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT, is_told=True)})
    ours.notifier.space.clear()
    ours.put(notification(Reason.MORE, told=1))
    await settle()
    ours.put(notification(Reason.MORE, told=2), saved=False)
    ours.notifier.space.set()
    await settle()
    assert (ours.notifier.told, ours.queue.error) == ([], None)
    ours.queue.saved(["s1"])
    await ours.until_told()
    assert [told.id for told, _ in ours.notifier.told] == [notification(Reason.MORE, told=2).id]


async def test_what_says_something_new_does_not_wait_for_the_room_of_an_edit(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT, is_told=True)})
    ours.notifier.space.clear()
    ours.put(notification(Reason.MORE, told=1))
    await settle()
    ours.put(notification(about="new"))
    await ours.until(lambda: bool(ours.delivered))
    assert [told.story.id for told in ours.delivered] == ["new"]
    ours.notifier.space.set()
    await ours.until_told()


async def test_what_says_something_new_goes_before_numbers_of_what_is_more_severe(outbox: Open) -> None:
    ours = outbox(entries={"s1": Entry(receipt=RECEIPT, is_told=True)})
    ours.put(
        notification(Reason.MORE, told=1, severity=Severity.LIFE_SAFETY),
        notification(about="new", severity=Severity.INFO),
    )
    await ours.until_told()
    assert [told.story.id for told, _ in ours.notifier.told] == ["new", "s1"]


async def test_a_receiver_that_comes_back_is_told_at_once_what_was_set_aside(outbox: Open) -> None:
    tries = TRIES_IN_A_ROW * 2 + 3
    away = [TryAgain("away", timedelta(0))] * tries
    ours = outbox(*away, patience=Patience(aside=timedelta(hours=1)))
    ours.put(*(notification(about=f"s{number}") for number in range(3)))
    await ours.until_told()
    assert ours.counted == {"again": tries, "delivered": 3}


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


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_digest_that_an_earlier_owner_may_have_posted_is_looked_for(outbox: Open, is_there: bool) -> None:
    ours = outbox(TryAgain("busy", SOON), digests={"press": digest()}, there=is_there)
    await ours.until_told()
    assert len(ours.notifier.digests) == (0 if is_there else 2)


async def test_a_digest_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(outbox: Open) -> None:
    ours = outbox(TryAgain("the answer was lost", SOON), there=True)
    ours.queue.put_digest(digest())
    ours.queue.saved([], ["press"])
    await ours.until_told()
    assert ours.notifier.digests == [digest()]


async def test_who_refuses_everything_is_told_of_until_it_takes_something(outbox: Open) -> None:
    said: list[str | None] = []
    ours = outbox(
        Refused("bad blocks", is_message=True),
        Refused("the channel is gone"),
        refused=said.append,
        patience=Patience(aside=SOON),
    )
    ours.put(notification())
    await ours.until_told()
    assert said == ["the channel is gone", None]


async def test_what_comes_while_another_is_told_is_told_for_its_own_reason(outbox: Open) -> None:
    ours = outbox()
    ours.notifier.door.clear()
    ours.put(notification())
    await ours.until(lambda: len(ours.notifier.told) == 1)
    ours.put(notification(Reason.ESCALATED, told=1), notification(Reason.MORE, told=2))
    ours.notifier.door.set()
    await ours.until_told()
    assert ours.notifier.reasons == [Reason.FIRST, Reason.ESCALATED]
    assert ours.notifier.told[1][0].id == notification(Reason.MORE, told=2).id


async def test_turns_of_a_new_story_follow_in_its_thread_and_where_there_is_none_come_with_it(outbox: Open) -> None:
    for has_threads, sent in ((True, 2), (False, 1)):
        ours = outbox()
        ours.notifier.has_threads = has_threads  # type: ignore[misc]  # as if its class said so
        ours.put(notification(), notification(Reason.ESCALATED, told=1))
        await ours.until_told()
        assert len(ours.notifier.told) == sent
        assert [turn.reason for turn in turns_of(ours.notifier.told[-1][0])] == [Reason.ESCALATED]


async def test_what_comes_while_another_is_told_in_vain_is_told_as_the_first(outbox: Open) -> None:
    ours = outbox(TryAgain("busy", SOON))
    ours.notifier.door.clear()
    ours.put(notification())
    await ours.until(lambda: len(ours.notifier.told) == 1)
    ours.put(notification(Reason.MORE, told=1))
    ours.notifier.door.set()
    await ours.until_told()
    assert ours.notifier.reasons == [Reason.FIRST, Reason.FIRST]
    assert ours.delivered[0].id == notification(Reason.MORE, told=1).id


async def test_what_comes_while_another_is_tried_again_waits_for_its_checkpoint(outbox: Open) -> None:
    ours = outbox(TryAgain("busy", SOON), TryAgain("busy", SOON))
    ours.notifier.door.clear()
    ours.put(notification())
    await ours.until(lambda: len(ours.notifier.told) == 1)
    ours.put(notification(Reason.MORE, told=1), saved=False)
    ours.notifier.door.set()
    await ours.until(lambda: bool(ours.delivered))
    assert {told.id for told, _ in ours.notifier.told} == {notification().id}
    ours.queue.saved(["s1"])
    await ours.until_told()
    assert ours.notifier.reasons == [Reason.FIRST] * 3 + [Reason.MORE]


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


async def test_a_receiver_that_asks_for_time_is_given_it(outbox: Open) -> None:
    ours = outbox(TryAgain("limited", timedelta(milliseconds=60)))
    before = asyncio.get_running_loop().time()
    ours.put(notification())
    await ours.until_told()
    assert asyncio.get_running_loop().time() - before >= 0.06
    assert ours.counted == {"again": 1, "delivered": 1}


async def test_what_is_refused_is_counted_and_tried_again_later(outbox: Open) -> None:
    ours = outbox(Refused("the channel is gone"), Refused("the channel is gone"), patience=Patience(aside=SOON))
    ours.put(notification())
    await ours.until_told()
    assert ours.counted == {"refused": 2, "delivered": 1}
    assert ours.notifier.reasons == [Reason.FIRST] * 3


async def test_a_story_that_is_refused_does_not_hold_up_the_others(outbox: Open) -> None:
    ours = outbox(Refused("the message is not acceptable"))
    ours.put(notification(about="bad", severity=Severity.LIFE_SAFETY), notification(about="good"))
    await ours.until(lambda: bool(ours.delivered))
    assert [told.story.id for told in ours.delivered] == ["good"]
    ours.put(notification(about="next"))
    await ours.until(lambda: len(ours.delivered) == 2)
    assert ours.queue.waiting == 1


async def test_a_story_on_which_the_receiver_chokes_does_not_hold_up_the_others(outbox: Open) -> None:
    ours = outbox(*[TryAgain("an error of its own", timedelta(0))] * TRIES_IN_A_ROW, patience=Patience(aside=SOON * 20))
    ours.put(notification(about="bad", severity=Severity.LIFE_SAFETY), notification(about="good"))
    await ours.until_told()
    assert [told.story.id for told in ours.delivered] == ["good", "bad"]
    assert ours.counted == {"again": TRIES_IN_A_ROW, "delivered": 2}


async def test_the_only_story_that_waits_is_tried_for_as_long_as_it_takes(outbox: Open) -> None:
    ours = outbox(*[TryAgain("an error of its own", timedelta(0))] * TRIES_IN_A_ROW * 2)
    ours.put(notification())
    await ours.until_told()
    assert ours.counted == {"again": TRIES_IN_A_ROW * 2, "delivered": 1}


async def test_the_most_severe_story_goes_first_then_the_one_that_waits_longest(outbox: Open) -> None:
    ours = outbox()
    ours.put(
        notification(about="later", at="12:06", severity=Severity.WARNING),
        notification(about="earlier", at="12:05", severity=Severity.WARNING),
        notification(about="worst", at="12:07", severity=Severity.LIFE_SAFETY),
    )
    await ours.until_told()
    assert [told.story.id for told in ours.delivered] == ["worst", "earlier", "later"]


async def test_what_an_earlier_owner_may_have_posted_is_looked_up_and_edited(outbox: Open) -> None:
    there = Receipt(channel="C1", ts="7.0")
    ours = outbox(entries={"s1": Entry(known=["n"], waiting=notification())}, found=there)
    await ours.until_told()
    assert ours.notifier.asked == ["s1"]
    assert ours.notifier.told == [(notification(), there)]
    assert ours.queue.entries["s1"].receipt == there


async def test_a_story_in_doubt_that_nobody_posted_is_posted_and_not_looked_up_again(outbox: Open) -> None:
    ours = outbox(TryAgain("busy", SOON), entries={"s1": Entry(waiting=notification())})
    await ours.until_told()
    assert ours.notifier.asked == ["s1"]
    assert [receipt for _, receipt in ours.notifier.told] == [None, None]


async def test_a_new_story_is_not_looked_up(outbox: Open) -> None:
    ours = outbox()
    ours.put(notification())
    await ours.until_told()
    assert ours.notifier.asked == []


async def test_a_slow_receiver_does_not_hold_up_another(outbox: Open) -> None:
    slow, quick = outbox(), outbox()
    slow.notifier.door.clear()
    slow.put(notification())
    quick.put(notification())
    await quick.until_told()
    assert slow.queue.waiting == 1


async def test_closing_ends_what_hangs_and_gives_back_connections(outbox: Open) -> None:
    ours = outbox()
    ours.notifier.door.clear()
    ours.put(notification())
    await settle()
    await asyncio.wait_for(ours.queue.close(), 1)
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
