"""What people read about gates and next steps is said once, and whole."""

import io
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from alerting import wording
from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity
from alerting.budget import ask
from alerting.decision import Verdict, is_same
from alerting.digest import due_at
from alerting.gates import Gates, closed_gate
from alerting.handling_wording import held_back
from alerting.notifier import Delivered
from alerting.quiet_hours import QuietWindow
from alerting.terminal import TerminalNotifier
from detectors.detection import Effect
from tests.alerting.gated_monitor import NOON, planned
from tests.building import alert, claim, evidence, notification, story


def test_the_end_of_quiet_hours_is_said_once_with_the_clock_it_is_by() -> None:
    quiet = QuietWindow(start_minute=0, end_minute=1440, at_least=Severity.LIFE_SAFETY, days=(0,))
    hold = closed_gate(story(), Gates(quiet=(quiet,), timezone="Europe/Berlin"), NOON)
    assert hold is not None
    assert held_back(hold) == (
        "Nobody is interrupted: its route is quiet from 00:00 to 24:00, now until Tue 2 Apr 2030 00:00 "
        "(Europe/Berlin): this is critical, and only life_safety interrupts"
    )


def test_words_of_harm_are_never_planned() -> None:
    rise = alert(severity=Severity.CRITICAL, evidence=evidence(mentions=60, usual=50.0), effects=())
    assert closed_gate(story(alerts=(rise,)), planned(), NOON) is not None
    harmful = replace(rise, effects=(Effect.HARM,))
    assert closed_gate(story(alerts=(harmful,)), planned(), NOON) is None


def test_a_route_without_interruptions_says_so() -> None:
    asked = ask(None, Severity.CRITICAL, NOON, interrupts_a_day=0, timezone=UTC)
    assert (asked.is_granted, asked.told) == (False, "its route interrupts for life_safety alone.")
    assert ask(None, Severity.LIFE_SAFETY, NOON, interrupts_a_day=0, timezone=UTC).is_granted


def test_what_to_decide_about_a_chorus_is_said_without_an_owner_too() -> None:
    few = alert(severity=Severity.WARNING, effects=(Effect.COORDINATED,), evidence=evidence(claim=None))
    step = wording.next_step(story(alerts=(few,), owner=None, severity=Severity.WARNING))
    assert step.endswith("an answer would carry it further. Decide whether to give one.")


def test_a_decision_that_is_only_worded_otherwise_is_the_same() -> None:
    hold = Hold(gate=Gate.QUIET_HOURS, why="its route is quiet", until=NOON)
    known = Verdict(reason=None, hold=hold, gate=hold)
    reworded, longer = replace(hold, why="the route sleeps"), replace(hold, until=None)
    assert is_same(known, Verdict(reason=None, hold=reworded, gate=reworded))
    assert not is_same(known, Verdict(reason=None, hold=longer, gate=longer))
    assert not is_same(known, Verdict(reason=None, hold=None, gate=hold))


def test_the_newest_digest_is_the_last_in_time_where_clocks_are_put_forward() -> None:
    """02:30 is skipped on that day and comes at 03:30, after 03:15."""
    hours, zone = (time(2, 30), time(3, 15)), ZoneInfo("Europe/Berlin")
    assert due_at(hours, zone, datetime(2030, 3, 31, 1, 20, tzinfo=UTC)) == datetime(2030, 3, 31, 1, 15, tzinfo=UTC)
    assert due_at(hours, zone, datetime(2030, 3, 31, 2, 0, tzinfo=UTC)) == datetime(2030, 3, 31, 1, 30, tzinfo=UTC)


def changed(*news: str) -> Notification:
    new = alert(fingerprint="new", kind="spike", evidence=evidence("674 mentions in 3 hours, 10 times the usual."))
    old = alert(fingerprint="old", kind="narrative", evidence=evidence("A narrative grew.", claim=claim()))
    return replace(notification(Reason.CHANGED, alerts=(old, new)), news=news)


def test_what_joined_is_said_and_nothing_that_was_told_before() -> None:
    for told in (wording.turn, wording.changed):
        assert told(changed("alert:new:spike")) == "Found now: 674 mentions in 3 hours, 10 times the usual."
    assert wording.turn(changed("alert:new:spike", "claim:census-sale")).startswith("Matches a fact-checked claim: ")
    assert wording.turn(changed()).startswith("Matches a fact-checked claim: ")


async def test_a_terminal_does_not_say_the_same_numbers_in_two_lines() -> None:
    stream = io.StringIO()
    terminal, receipt = TerminalNotifier(name="t", stream=stream, width=110), Receipt(channel="t", ts="s")
    for told in range(3):
        outcome = await terminal.send(notification(Reason.MORE, told=told), receipt)
        assert outcome == Delivered(receipt)
    assert stream.getvalue().count("More: 252 mentions now") == 1
    more = alert(evidence=evidence(mentions=300))
    await terminal.send(notification(Reason.MORE, alerts=(more,)), receipt)
    await terminal.send(notification(Reason.MORE), receipt)
    assert stream.getvalue().count("More: 252 mentions now") == 2
