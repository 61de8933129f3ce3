"""A receiver that refuses everything is asked again soon, with few calls; and an orderly stop cuts nothing off."""

import asyncio
from datetime import timedelta

from alerting.alert import Severity
from alerting.notifier import Refused
from streams.stages.entry import Entry
from streams.stages.patience import Patience
from streams.stages.pressing import TRIES_IN_A_ROW, Pressing
from tests.streams.outboxes import RECEIPT, Open, notification

ASIDE, KNOCK = timedelta(minutes=5), timedelta(seconds=15)


def _waiting(*stories: str) -> dict[str, Entry]:
    return {story: Entry(waiting=notification(about=story)) for story in stories}


def test_a_receiver_that_refuses_everything_is_asked_again_in_seconds_by_one_story_at_a_time_in_turn() -> None:
    pressing, entries = Pressing(timedelta(0), ASIDE, KNOCK), _waiting("a", "b", "c")
    for _ in entries:  # each is tried once: it may be the story that is at fault
        story = pressing.first(entries, (), 0.0)
        assert story is not None
        pressing.refused(story, 0.0, is_message=False)
    assert pressing.first(entries, (), 14.9) is None
    assert pressing.next_change(entries, 14.9) == 15.0
    asked = []
    for knock in range(1, 7):
        story = pressing.first(entries, (), 15.0 * knock)
        assert story is not None
        asked.append(story)
        pressing.refused(story, 15.0 * knock, is_message=False)
        assert pressing.first(entries, (), 15.0 * knock + 1) is None
    assert sorted(asked[:3]) == sorted(asked[3:]) == ["a", "b", "c"]


def test_as_soon_as_it_takes_one_all_others_follow() -> None:
    pressing, entries = Pressing(timedelta(0), ASIDE, KNOCK), _waiting("a", "b", "c")
    for story in entries:
        pressing.refused(story, 0.0, is_message=False)
    taken = pressing.first(entries, (), 15.0)
    assert taken is not None
    pressing.delivered(taken)
    del entries[taken]
    assert pressing.first(entries, (), 15.0) in entries


def test_one_that_is_refused_while_others_are_taken_is_asked_for_once_more_and_then_left_alone() -> None:
    pressing, entries = Pressing(timedelta(0), ASIDE, KNOCK), _waiting("bad")
    pressing.refused("bad", 0.0, is_message=False)
    pressing.delivered("good")
    assert pressing.first(entries, (), 1.0) is None
    assert pressing.first(entries, (), 15.0) == "bad"
    pressing.refused("bad", 15.0, is_message=False)
    assert pressing.first(entries, (), 314.0) is None
    assert pressing.first(entries, (), 315.0) == "bad"


def test_one_message_that_is_refused_is_left_alone_for_longer() -> None:
    pressing, entries = Pressing(timedelta(0), ASIDE, KNOCK), _waiting("a")
    pressing.refused("a", 0.0, is_message=True)
    assert pressing.first(entries, (), 299.0) is None
    assert pressing.first(entries, (), 300.0) == "a"


def test_one_on_which_the_receiver_chokes_is_tried_again_after_a_while() -> None:
    pressing, entries = Pressing(timedelta(0), ASIDE, KNOCK), _waiting("bad")
    for _ in range(TRIES_IN_A_ROW):
        assert pressing.first(entries, (), 0.0) == "bad"
        pressing.tried_in_vain("bad", 0.0, are_others=True)
    assert pressing.first(entries, (), 299.0) is None
    assert pressing.next_change(entries, 299.0) == 300.0
    assert pressing.first(entries, (), 300.0) == "bad"


async def test_what_is_being_told_when_an_orderly_stop_begins_is_settled_and_nothing_more_begins(outbox: Open) -> None:
    ours = outbox()
    ours.notifier.door.clear()
    ours.put(notification(about="first", severity=Severity.CRITICAL), notification(about="second"))
    await ours.until(lambda: bool(ours.notifier.told))
    resting = asyncio.ensure_future(ours.queue.rest())
    await asyncio.sleep(0.01)
    assert not resting.done()
    ours.notifier.door.set()
    await asyncio.wait_for(resting, 10)
    assert ours.queue.entries["first"].receipt == RECEIPT
    await asyncio.sleep(0.05)
    assert len(ours.notifier.told) == 1
    assert ours.queue.waiting == 1


async def test_a_stop_does_not_wait_for_the_next_try_of_a_receiver_that_is_away(outbox: Open) -> None:
    ours = outbox(Refused("the channel is gone"), patience=Patience(aside=timedelta(hours=1)))
    ours.put(notification())
    await ours.until(lambda: ours.counted["refused"] == 1)
    await asyncio.wait_for(ours.queue.rest(), 10)
