"""What goes out first, what may wait, and what a receiver that chokes or refuses holds up: nothing else."""

import asyncio
from datetime import timedelta

from alerting.alert import Reason, Severity
from alerting.notifier import Refused, TryAgain
from streams.stages.entry import Entry
from streams.stages.patience import Patience
from streams.stages.pressing import TRIES_IN_A_ROW
from tests.streams.outboxes import RECEIPT, SOON, Open, notification
from tests.waiting import settle


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
    away = [TryAgain("an error of its own", timedelta(0))] * TRIES_IN_A_ROW
    ours = outbox(*away, patience=Patience(aside=timedelta(hours=1)))
    ours.put(notification(about="bad", severity=Severity.LIFE_SAFETY), notification(about="good"))
    await ours.until(lambda: bool(ours.delivered))
    assert [told.story.id for told in ours.delivered] == ["good"]
    assert ours.counted == {"again": TRIES_IN_A_ROW, "delivered": 1}


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


async def test_a_slow_receiver_does_not_hold_up_another(outbox: Open) -> None:
    slow, quick = outbox(), outbox()
    slow.notifier.door.clear()
    slow.put(notification())
    quick.put(notification())
    await quick.until_told()
    assert slow.queue.waiting == 1
