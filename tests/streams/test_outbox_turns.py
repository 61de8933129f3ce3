"""What an outbox tells of a story when several things happened before it could: one message, every turn once."""

import pytest

from alerting.alert import Reason, Severity
from alerting.merging import MOST_TURNS, turns_of
from alerting.notifier import TryAgain
from streams.stages.entry import Entry
from tests.streams.outboxes import RECEIPT, SOON, Open, notification


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
        ours = outbox(has_threads=has_threads)
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
