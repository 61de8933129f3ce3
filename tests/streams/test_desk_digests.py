"""What was held back is told in a digest: when, once, and with what became of it."""

import msgspec
import pytest

from alerting.alert import Reason, Severity, State
from alerting.digest import MOST_STORIES
from alerting.merging import turns_of
from streams.stages.desk import Desk, RouteRow
from streams.stages.entry import Entry
from tests.building import alert, time
from tests.streams.desk_taking import PRESS, QUIET, Taking


def test_a_digest_comes_at_its_hour_once_with_what_was_held_since() -> None:
    ours = Taking(interrupts_a_day=0)
    assert ours.tick("11:00") == []
    ours.take(severity=Severity.WARNING)
    assert ours.tick("16:59:59") == []
    assert ours.tick("17:00") == ["s1"]
    assert "1 story called nobody" in ours.digest
    digest = ours.desk.rows["press"].digest
    assert digest is not None
    ours.desk.digest_told("press", digest)
    assert ours.tick("17:00:01") == []
    assert ours.tick("2030-04-02T09:00") == []
    assert ours.digest == ""


def test_the_first_hour_that_a_route_sees_tells_only_what_was_held_before_it() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.take(at="12:05")
    assert ours.tick("12:06") == []
    theirs = Taking(interrupts_a_day=0)
    theirs.take(at="16:59")
    assert theirs.tick("17:00:01") == ["s1"]


def test_what_a_digest_told_comes_again_when_it_is_over() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take()
    ours.tick("17:00")
    ours.take(Reason.MORE)
    assert ours.tick("2030-04-02T09:00") == []
    ours.take(Reason.RESOLVED, state=State.RESOLVED)
    assert ours.tick("2030-04-02T17:00") == ["s1"]
    assert "over by now" in ours.digest


def test_a_digest_that_was_not_told_yet_is_part_of_the_next() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(about="s1")
    ours.tick("17:00")
    ours.take(about="s2")
    assert ours.tick("2030-04-02T09:00") == ["s2"]
    assert "2 stories called nobody" in ours.digest


def test_what_was_left_out_of_a_digest_that_was_not_told_is_counted_in_the_next() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.tick("11:00")
    for number in range(MOST_STORIES + 2):
        ours.take(about=f"s{number:02}")
    ours.tick("17:00")
    ours.take(about="new")
    ours.tick("2030-04-02T09:00")
    assert f"{MOST_STORIES + 3} stories called nobody" in ours.digest


def test_a_worker_that_was_away_for_days_makes_one_digest_of_them() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take()
    assert ours.tick("2030-04-09T12:00") == ["s1"]
    digest = ours.desk.rows["press"].digest
    assert digest is not None
    assert digest.at == time("2030-04-09T09:00")


def test_a_digest_counts_verdicts_by_monitor_and_detector() -> None:
    ours = Taking(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(alerts=(alert(),))
    entry = ours.entries["s1"]
    entry.useful, entry.not_useful = 3, 1
    ours.take(about="s2", monitor="ministry", alerts=(alert(),))
    ours.entries["s2"].not_useful = 1
    ours.tick("17:00")
    assert "ministry, volume_spike: 0 of 1" in ours.digest
    assert "census, volume_spike: 3 of 4 judged useful (75 %; between 30 % and 95 %)" in ours.digest


def test_what_is_kept_survives_a_restart() -> None:
    ours = Taking(interrupts_a_day=1)
    ours.tick("11:00")
    ours.take(severity=Severity.CRITICAL)
    ours.take(about="s2")
    rows = msgspec.msgpack.decode(msgspec.msgpack.encode(ours.desk.rows), type=dict[str, RouteRow])
    entries = msgspec.msgpack.decode(msgspec.msgpack.encode(ours.entries), type=dict[str, Entry])
    theirs = Taking(interrupts_a_day=1)
    theirs.desk.rows, theirs.entries = rows, entries
    assert theirs.take(about="s3", severity=Severity.CRITICAL) is None
    assert theirs.tick("17:00") == ["s2", "s3"]


def test_a_click_on_a_held_story_says_nothing_of_what_was_held_and_leaves_it_in_the_digest() -> None:
    ours = Taking()
    ours.tick("11:00")
    ours.take()
    ours.tell()
    ours.take(Reason.ESCALATED, hold=QUIET)
    ours.tell()
    told = ours.take(Reason.HANDLED)
    assert told is not None
    assert turns_of(told) == ()
    ours.tell()
    assert ours.tick("17:00") == ["s1"]
    told = ours.take(Reason.ESCALATED)
    assert told is not None
    assert [turn.reason for turn in turns_of(told)] == [Reason.ESCALATED]


@pytest.mark.parametrize("route", ["lead", "renamed", ""])
def test_what_another_route_or_none_holds_back_is_in_the_digest_of_a_route_of_ours(route: str) -> None:
    ours = Taking()
    lead = msgspec.structs.replace(PRESS, route="lead", receivers=("others",))
    ours.desk = Desk("comms", True, {"lead": lead, "press": PRESS})
    ours.tick("11:00")
    ours.take(route=route, hold=QUIET)
    assert ours.tick("17:00") == ["s1"]
    assert "1 story called nobody" in ours.digest
