"""What of a story calls people, what of it waits, and what each call spends."""

from datetime import timedelta

import msgspec
import pytest

from alerting.alert import Gate, Reason, Severity, State
from alerting.merging import turns_of
from streams.stages.desk import Desk
from tests.building import time
from tests.streams.desk_taking import PRESS, QUIET, Taking


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


def test_the_budget_of_a_day_that_is_over_is_no_longer_shown() -> None:
    ours = Taking()
    ours.take()
    ours.tell()
    told = ours.take(Reason.MORE, at=time("12:05") + timedelta(days=1))
    assert told is not None
    assert told.budget == ""


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
