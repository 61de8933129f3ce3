"""What a partition of `notify` holds back and tells in a digest."""

from msgspec import structs

from alerting.alert import Gate, Hold, Severity
from tests.building import notification
from tests.streams.notifying import Open, routed
from tests.waiting import until


async def test_what_was_kept_and_must_not_call_is_in_the_digest_once_a_worker_knows_the_receiver(stage: Open) -> None:
    ours = stage()
    hold = Hold(gate=Gate.QUIET_HOURS, why="until 07:00")
    for id, severity in (("s1", Severity.WARNING), ("s2", Severity.LIFE_SAFETY)):
        kept = notification(id=id, receiver="gone", severity=severity)
        ours.take(structs.replace(kept, hold=hold, route="press"))
    ours.save()
    theirs = stage({"comms": ours.groups["gone"]}, digest=("17:00",))
    await theirs.until_idle()
    assert [(told.story.id, told.hold) for told, _ in theirs.listeners["comms"].told] == [("s2", None)]
    theirs.tick("17:00")
    theirs.save()
    await until(lambda: theirs.listeners["comms"].digests != [])
    assert [held.story for held in theirs.listeners["comms"].digests[0].held] == ["s1"]


async def test_what_a_budget_does_not_cover_is_told_in_a_digest_that_is_told_once(stage: Open) -> None:
    ours = stage(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(routed("s1"))
    ours.save()
    assert ours.work.is_idle
    assert ours.count("groundswell_notifications_held_total", receiver="comms", gate="budget") == 1
    ours.tick("17:00")
    assert ours.waiting("comms") == 1
    ours.save()  # and then its worker is gone
    theirs = stage(ours.groups, interrupts_a_day=0)
    theirs.listeners["comms"].digests = list(ours.listeners["comms"].digests)
    await theirs.until_idle()
    (digest,) = theirs.listeners["comms"].digests
    assert [each.story for each in digest.held] == ["s1"]
    assert theirs.count("groundswell_digest_stories_total", receiver="comms") == 1
    theirs.save()
    await stage(theirs.groups, interrupts_a_day=0).until_idle()
    assert theirs.tick("17:00:01") == []
    assert theirs.work.is_idle


async def test_a_digest_that_was_posted_before_a_crash_is_found(stage: Open) -> None:
    ours = stage(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(routed("s1"))
    ours.tick("17:00")
    ours.save()
    await ours.until_idle()
    theirs = stage(ours.groups, interrupts_a_day=0)
    theirs.listeners["comms"].digests = list(ours.listeners["comms"].digests)
    await theirs.until_idle()
    assert len(theirs.listeners["comms"].digests) == 1


async def test_the_budget_is_shown_and_begins_anew_at_midnight(stage: Open) -> None:
    ours = stage(interrupts_a_day=4)
    ours.take(routed("s1"))
    labels = {"route": "press", "receiver": "comms"}
    ours.tick("12:06")
    assert ours.count("groundswell_interruptions_today", **labels) == 1
    assert ours.count("groundswell_interruptions_left", **labels) == 3
    ours.tick("2030-04-02T00:00")
    assert ours.count("groundswell_interruptions_today", **labels) == 0
