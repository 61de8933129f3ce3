from datetime import time as clock_time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity, State
from alerting.digest import MOST_STORIES, as_text
from alerting.merging import turns_of
from streams.stages.allowance import Allowance
from streams.stages.desk import Desk, RouteRow
from streams.stages.entry import Entry
from tests.building import Time, alert, time
from tests.building import notification as built

QUIET = Hold(gate=Gate.QUIET_HOURS, why="until 07:00")
RECEIPT = Receipt(channel="C1", ts="1.0")
PRESS = Allowance(
    route="press", receivers=("comms",), interrupts_a_day=10, digest=(clock_time(9), clock_time(17)), timezone="UTC"
)


class Taking:
    """A desk with its entries, as a queue would use it."""

    def __init__(self, *, interrupts: bool = True, **allowance: Any) -> None:
        self.gates: list[Gate] = []
        press = msgspec.structs.replace(PRESS, **allowance)
        self.desk = Desk("comms", interrupts, {"press": press}, held=self.gates.append)
        self.entries: dict[str, Entry] = {}
        self.count = 0

    def take(self, reason: Reason = Reason.FIRST, about: str = "s1", **changes: Any) -> Notification | None:
        """What of it is to be told."""
        hold, route = changes.pop("hold", None), changes.pop("route", "press")
        self.count += 1
        told = msgspec.structs.replace(built(reason, told=self.count, id=about, **changes), hold=hold, route=route)
        entry = self.entries.setdefault(about, Entry())
        entry.note(told)
        admitted = self.desk.admit(entry, told)
        if admitted is not None:
            entry.wait(admitted)
        return admitted

    def tell(self, about: str = "s1") -> None:
        """What waits is told."""
        entry = self.entries[about]
        entry.waiting, entry.receipt, entry.is_told = None, RECEIPT, True

    def spend(self, interruptions: int) -> None:
        for number in range(interruptions):
            assert self.take(about=f"spent-{number}", severity=Severity.CRITICAL) is not None

    def tick(self, at: Time) -> list[str]:
        return self.desk.tick(time(at), self.entries)

    @property
    def digest(self) -> str:
        digest = self.desk.rows["press"].digest
        return "" if digest is None else as_text(digest)


def test_a_new_story_says_which_interruption_of_the_day_it_is() -> None:
    ours = Taking()
    first, second = ours.take(), ours.take(about="s2")
    assert first is not None
    assert second is not None
    assert (first.budget, second.budget) == ("1 of 10 today", "2 of 10 today")


def test_what_edits_or_only_continues_a_thread_spends_nothing_and_shows_what_was_spent() -> None:
    ours = Taking()
    ours.take()
    ours.tell()
    for reason in (Reason.MORE, Reason.DOUBLED, Reason.CHANGED, Reason.RESOLVED):
        told = ours.take(reason)
        assert told is not None
        assert (told.reason, told.budget) == (reason, "1 of 10 today")
        ours.tell()
    assert ours.desk.spent(PRESS, time("13:00")) == 1


@pytest.mark.parametrize("reason", [Reason.ESCALATED, Reason.REOPENED])
def test_an_escalation_and_a_return_are_interruptions(reason: Reason) -> None:
    ours = Taking()
    ours.take()
    ours.tell()
    ours.take(reason)
    assert ours.desk.spent(PRESS, time("13:00")) == 2


def test_what_joins_a_message_that_is_about_to_go_out_is_the_same_interruption() -> None:
    ours = Taking()
    ours.take()
    ours.take(Reason.ESCALATED)
    assert ours.desk.spent(PRESS, time("13:00")) == 1


def test_over_budget_a_new_story_waits_for_the_digest() -> None:
    ours = Taking()
    ours.spend(7)
    assert ours.take(severity=Severity.WARNING) is None
    assert ours.gates == [Gate.BUDGET]
    assert ours.take(about="s2", severity=Severity.CRITICAL) is not None


def test_a_held_story_that_gets_worse_is_asked_again_and_is_told_as_the_first() -> None:
    ours = Taking()
    ours.spend(7)
    ours.take(severity=Severity.WARNING)
    told = ours.take(Reason.ESCALATED, severity=Severity.CRITICAL)
    assert told is not None
    assert (told.reason, told.budget) == (Reason.FIRST, "8 of 10 today")
    assert ours.entries["s1"].held is None


def test_a_held_story_is_asked_again_on_the_next_day_but_not_for_numbers() -> None:
    ours = Taking(interrupts_a_day=2)
    ours.spend(2)
    ours.take(severity=Severity.WARNING)
    assert ours.take(Reason.MORE, at="2030-04-02T01:00", severity=Severity.WARNING) is None
    told = ours.take(Reason.DOUBLED, at="2030-04-02T01:05", severity=Severity.WARNING)
    assert told is not None
    assert (told.reason, told.budget) == (Reason.FIRST, "1 of 2 today")


def test_an_escalation_over_budget_edits_the_message_and_is_said_with_the_next_turn() -> None:
    ours = Taking(interrupts_a_day=1)
    ours.take(severity=Severity.CRITICAL)
    ours.tell()
    held = ours.take(Reason.ESCALATED, severity=Severity.CRITICAL)
    assert held is not None
    assert (held.reason, turns_of(held)) == (Reason.MORE, ())
    assert held.hold is not None
    assert held.hold.gate is Gate.BUDGET
    ours.tell()
    told = ours.take(Reason.RESOLVED, severity=Severity.CRITICAL, state=State.RESOLVED)
    assert told is not None
    assert [turn.reason for turn in turns_of(told)] == [Reason.ESCALATED, Reason.RESOLVED]


def test_life_safety_is_told_whatever_was_spent_and_whatever_holds() -> None:
    ours = Taking(interrupts_a_day=0)
    assert ours.take(severity=Severity.CRITICAL) is None
    assert ours.take(about="s2", severity=Severity.LIFE_SAFETY) is not None
    told = ours.take(about="s3", severity=Severity.LIFE_SAFETY, hold=QUIET)
    assert told is not None
    assert told.hold is None


def test_what_a_gate_holds_waits_for_the_digest_and_spends_nothing() -> None:
    ours = Taking()
    assert ours.take(hold=QUIET) is None
    assert ours.desk.spent(PRESS, time("13:00")) == 0
    told = ours.take(Reason.FIRST)
    assert told is not None
    assert told.hold is None


def test_what_a_gate_held_in_a_thread_is_not_said_twice_when_it_is_told_again() -> None:
    ours = Taking()
    ours.take()
    ours.tell()
    ours.take(Reason.ESCALATED, hold=QUIET)
    ours.tell()
    told = ours.take(Reason.ESCALATED)
    assert told is not None
    assert [turn.reason for turn in turns_of(told)] == [Reason.ESCALATED]


def test_a_machine_is_told_everything() -> None:
    ours = Taking(interrupts=False, interrupts_a_day=0)
    assert ours.take(hold=QUIET) is not None


def test_what_takes_no_route_has_no_budget() -> None:
    ours = Taking(interrupts_a_day=0)
    told = ours.take(route="")
    assert told is not None
    assert told.budget == ""


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


def test_the_budget_of_a_day_that_is_over_is_no_longer_shown() -> None:
    ours = Taking()
    ours.take()
    ours.tell()
    told = ours.take(Reason.MORE, at=time("12:05") + timedelta(days=1))
    assert told is not None
    assert told.budget == ""


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


def test_what_was_let_through_and_waits_is_told_though_a_gate_holds_what_came_after_it() -> None:
    ours = Taking()
    ours.take()
    ours.take(Reason.ESCALATED, hold=QUIET)
    waiting = ours.entries["s1"].waiting
    assert waiting is not None
    assert (waiting.reason, waiting.hold, turns_of(waiting)) == (Reason.FIRST, None, ())
    assert ours.entries["s1"].held is not None


def test_a_story_that_moved_to_a_route_of_others_spends_the_budget_of_ours() -> None:
    ours = Taking()
    lead = msgspec.structs.replace(PRESS, route="lead", receivers=("others",))
    ours.desk = Desk("comms", True, {"lead": lead, "press": PRESS})
    ours.take()
    ours.tell()
    told = ours.take(Reason.ESCALATED, route="lead", severity=Severity.CRITICAL)
    assert told is not None
    assert told.budget == "2 of 10 today"
    assert ours.desk.spent(PRESS, time("13:00")) == 2
