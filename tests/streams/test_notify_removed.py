"""A receiver that is taken out of the config while it refuses everything: that is over for those who were told."""

import pytest

from alerting import wording
from alerting.alert import Reason, State
from alerting.notifier import Refused
from tests.streams.notifying import Groups, Open, routed
from tests.waiting import until


async def refused(stage: Open) -> Groups:
    """What a stage saved that told of a refusal, under the name of a receiver that is gone."""
    ours = stage()
    ours.listeners["comms"].refusal = Refused("The token was revoked: set a new one.")
    ours.take(routed("s1"))
    ours.save()
    await until(lambda: ours.count("groundswell_receiver_refused", receiver="comms") == 1)
    ours.save()
    (told,) = ours.tick("12:07")
    assert (told.receiver, told.reason) == ("risk", Reason.FIRST)
    ours.save()
    return {"gone": ours.groups["comms"]}


async def test_the_others_are_told_that_it_is_over_and_why_once(stage: Open) -> None:
    groups = await refused(stage)
    theirs = stage(groups)
    assert theirs.tick("12:10") == []  # before a checkpoint holds it, nobody is told
    theirs.save()
    told = theirs.tick("12:11")
    assert {each.receiver for each in told} == {"comms", "risk"}
    assert {(each.reason, each.story.state) for each in told} == {(Reason.RESOLVED, State.RESOLVED)}
    assert "The config does not have the receiver gone any more." in wording.why_now(told[0].story)
    theirs.save()
    assert theirs.tick("12:12") == []
    assert ":refused" not in theirs.groups["gone"]
    assert "s1" in theirs.groups["gone"]  # what waits for it is kept


async def test_after_a_crash_before_that_was_saved_it_is_told_under_the_same_ids(stage: Open) -> None:
    groups = await refused(stage)
    ends = []
    for _ in range(2):
        theirs = stage({name: dict(rows) for name, rows in groups.items()})
        theirs.tick("12:10")
        theirs.save()
        ends.append({each.id for each in theirs.tick("12:11")})  # told, and not saved that it was
    assert ends[0] == ends[1]


async def test_one_that_the_config_names_again_is_told_of_anew(stage: Open) -> None:
    groups = await refused(stage)
    theirs = stage(groups)
    theirs.tick("12:10")
    theirs.save()
    theirs.tick("12:11")
    theirs.save()
    again = stage({"comms": theirs.groups["gone"]})
    again.listeners["comms"].refusal = Refused("The token was revoked: set a new one.")
    again.tick("12:12")
    await until(lambda: again.count("groundswell_receiver_refused", receiver="comms") == 1)
    again.save()
    (told,) = again.tick("12:13")
    assert (told.receiver, told.reason) == ("risk", Reason.FIRST)


async def test_what_was_kept_for_one_that_stays_away_is_forgotten_and_this_is_said(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    groups = await refused(stage)
    theirs = stage(groups)
    for clock in ("12:10", "12:11", "12:12", "2030-06-29T12:00"):
        theirs.tick(clock)
        theirs.save()
    assert "s1" in theirs.groups["gone"]
    theirs.tick("2030-07-02T12:00")
    theirs.save()
    assert theirs.groups["gone"] == {}
    assert caplog.text.count("forgot what was kept for a receiver") == 1
    theirs.tick("2030-07-03T12:00")
    assert caplog.text.count("forgot what was kept for a receiver") == 1
