"""What may have been posted already is looked for before it is posted again."""

import pytest

from alerting.alert import Receipt
from alerting.notifier import TryAgain
from streams.stages.entry import Entry
from tests.streams.outboxes import SOON, Open, digest, notification


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
