"""Saved state that cannot be read costs no second message: the receiver is asked before a story is told anew."""

from datetime import timedelta

import msgspec

from alerting.alert import Notification, Receipt
from alerting.notifier import Delivered, Outcome
from streams.stages.entry import REMEMBER_FIRING, Entry
from tests.building import notification, time
from tests.streams.notifying import RECEIPT, Listener, Open, Stage

UNREADABLE = {"comms": {"s1": b"of another version", ":route:press": b"\xc1"}}


class _Found(Listener):
    """Has the message of an earlier run, and is asked for it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def find(self, notification: Notification) -> Receipt | None:
        self.asked += 1
        return RECEIPT

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        self.told.append((notification, receipt))
        return Delivered(receipt)


def _with_a_finder(ours: Stage) -> _Found:
    finder = _Found()
    ours.work._queues["comms"]._notifier = finder
    return finder


async def test_the_message_of_a_story_that_cannot_be_read_is_looked_for_and_edited(stage: Open) -> None:
    ours = stage({"comms": dict(UNREADABLE["comms"])})
    finder = _with_a_finder(ours)
    ours.take(notification(id="s1"))
    ours.save()
    await ours.until_idle()
    assert (finder.asked, [receipt for _, receipt in finder.told]) == (1, [RECEIPT])
    ours.save()
    assert ours.entry("comms", "s1").receipt == RECEIPT
    assert not ours.entry("comms", "s1").is_lost


async def test_it_is_looked_for_also_after_a_restart_in_between(stage: Open) -> None:
    first = stage({"comms": dict(UNREADABLE["comms"])})
    first.save()
    assert first.entry("comms", "s1") == Entry(is_lost=True)
    assert set(first.groups["comms"]) == {"s1"}, "what a route spent begins anew"

    second = stage(first.groups)
    assert second.count("groundswell_warm_ups_total") == 0
    finder = _with_a_finder(second)
    second.take(notification(id="s1"))
    second.save()
    await second.until_idle()
    assert finder.asked == 1


async def test_what_is_never_told_again_is_forgotten_in_the_end(stage: Open) -> None:
    ours = stage({"comms": dict(UNREADABLE["comms"])})
    ours.take(notification(id="s2"))
    later = time("12:05") + REMEMBER_FIRING + timedelta(days=1)
    ours.take(msgspec.structs.replace(notification(id="s3"), at=later))
    await _saved_and_idle(ours)
    assert "s1" not in ours.groups["comms"]


async def _saved_and_idle(ours: Stage) -> None:
    ours.save()
    await ours.until_idle()
    ours.save()
