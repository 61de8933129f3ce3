"""What is told while a gate is closed and when it opens, however time advances."""

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerting.action import Action, ActionKind, Person
from alerting.alert import Gate, Notification, Reason
from alerting.dispatcher import Dispatcher
from alerting.gates import ConfiguredMute, GateRules
from detectors.detection import Detection
from tests.alerting.gated_monitor import (
    CRITICAL,
    HOUR,
    NIGHT,
    NOON,
    WARNING,
    dispatcher,
    found,
    hear,
    inhibiting,
    moment,
    planned,
    said,
)
from tests.building import detection, evidence


def test_the_night_is_read_in_the_digest_and_told_in_the_morning() -> None:
    monitor = dispatcher(quiet=[NIGHT])
    (held,) = hear(monitor, found("23:00")).notifications
    assert said([held]) == [(Reason.FIRST, Gate.QUIET_HOURS)]
    assert monitor.advance(moment("2 06:59")).notifications == ()
    (told,) = monitor.advance(moment("2 07:00")).notifications
    assert said([told]) == [(Reason.FIRST, None)]
    assert told.id != held.id
    assert monitor.advance(moment("2 09:00")).notifications == ()


def test_a_long_step_does_not_leap_over_the_morning() -> None:
    monitor = dispatcher(quiet=[NIGHT])
    hear(monitor, found("23:00"))
    outcome = monitor.advance(moment("9 12:00"))
    assert said(outcome.notifications) == [(Reason.FIRST, None), (Reason.RESOLVED, None)]
    assert [each.at for each in outcome.notifications] == [moment("2 07:00"), moment("9 12:00")]


def test_what_was_over_before_the_gate_opened_calls_nobody() -> None:
    monitor = dispatcher(quiet=[NIGHT])
    settings = msgspec.structs.replace(monitor.settings, resolve_after=2 * HOUR)
    monitor = Dispatcher(settings)
    outcome = hear(monitor, found("23:00")) + monitor.advance(moment("2 12:00"))
    assert said(outcome.notifications) == [(Reason.FIRST, Gate.QUIET_HOURS), (Reason.RESOLVED, Gate.QUIET_HOURS)]


def test_what_becomes_severe_enough_is_told_at_night() -> None:
    monitor = dispatcher(quiet=[NIGHT])
    outcome = hear(monitor, found("23:00")) + hear(monitor, found("23:10", CRITICAL, level=5))
    assert said(outcome.notifications) == [(Reason.FIRST, Gate.QUIET_HOURS), (Reason.FIRST, None)]


def test_turns_of_the_night_edit_the_message_and_are_told_in_the_morning_once() -> None:
    monitor = dispatcher(quiet=[NIGHT], update_every=timedelta(minutes=5))
    outcome = hear(monitor, found("21:00"))
    outcome += hear(monitor, found("23:00", mentions=110))
    narrative = evidence("A narrative.", mentions=9)
    outcome += hear(monitor, found("23:20", subject="n", detector="narrative", evidence=narrative))
    assert said(outcome.notifications) == [
        (Reason.FIRST, None),
        (Reason.MORE, None),
        (Reason.CHANGED, Gate.QUIET_HOURS),
    ]
    (morning,) = monitor.advance(moment("2 07:00")).notifications
    assert said([morning]) == [(Reason.CHANGED, None)]
    assert any(fact.startswith("alert:") for fact in morning.news)
    assert monitor.advance(moment("2 09:00")).notifications == ()


def test_at_night_nobody_is_reminded_and_in_the_morning_once() -> None:
    monitor = dispatcher(quiet=[NIGHT], remind_every=2 * HOUR)
    hear(monitor, found("21:00"))
    night = [note for hours in range(22, 31) for note in monitor.advance(NOON + (hours - 12) * HOUR).notifications]
    assert night == []
    assert said(monitor.advance(moment("2 07:00")).notifications) == [(Reason.REMINDER, None)]


def test_the_end_is_never_held_from_those_who_were_told() -> None:
    monitor = dispatcher(quiet=[NIGHT])
    hear(monitor, found("23:00"))
    monitor.advance(moment("2 07:00"))
    assert said(monitor.advance(moment("2 23:00")).notifications) == [(Reason.RESOLVED, None)]


def test_who_mutes_a_story_that_nobody_read_reads_nothing_of_it() -> None:
    rules = GateRules(mutes=(ConfiguredMute(until=moment("14:00"), reason="we know"),))
    monitor = dispatcher(rules)
    outcome = hear(monitor, found("13:00")) + hear(monitor, found("13:10", CRITICAL, level=5))
    assert outcome.notifications == ()
    assert len(monitor.firing) == 1
    assert said(monitor.advance(moment("14:00")).notifications) == [(Reason.FIRST, None)]


def test_a_mute_by_a_person_ends_by_itself_and_everybody_hears_what_they_missed() -> None:
    monitor = dispatcher()
    hear(monitor, found("13:00"))
    (open_story,) = monitor.stories
    mute = Action(
        id="a",
        monitor="census",
        story=open_story.id,
        kind=ActionKind.MUTE,
        by=Person(id="terminal:ada", name="Ada"),
        at=NOON,
        length=HOUR,
    )
    outcome = monitor.act(mute) + hear(monitor, found("13:10", CRITICAL, level=5))
    assert said(outcome.notifications) == [(Reason.HANDLED, None), (Reason.ESCALATED, Gate.MUTED)]
    (told,) = monitor.advance(moment("14:00")).notifications
    assert said([told]) == [(Reason.ESCALATED, None)]
    assert "muted" not in told.news


def test_what_was_held_by_another_story_is_told_when_that_is_over() -> None:
    monitor = dispatcher(inhibiting().rules)
    other = evidence("A narrative.", mentions=9)
    outcome = hear(
        monitor,
        found("13:00", CRITICAL, subject="n", detector="narrative", evidence=other),
        found("13:00", WARNING, subject="m", detector="volume_spike"),
    )
    assert said(outcome.notifications) == [(Reason.FIRST, None), (Reason.FIRST, Gate.INHIBITED)] or said(
        outcome.notifications
    ) == [(Reason.FIRST, Gate.INHIBITED), (Reason.FIRST, None)]
    outcome = hear(monitor, found("2 12:00", WARNING, subject="m", detector="volume_spike", level=2))
    assert said(outcome.notifications) == []
    later = monitor.advance(moment("2 13:00")).notifications
    assert sorted(said(later)) == [(Reason.FIRST, None), (Reason.RESOLVED, None)]


@st.composite
def lives(draw: st.DrawFn) -> list[Detection]:
    """What one monitor's detectors find within some days."""
    minutes, findings = 0, []
    for number in range(draw(st.integers(1, 12))):
        minutes += draw(st.sampled_from([0, 7, 90, 130, 400, 600, 900, 1500]))
        detector, subject = draw(st.sampled_from([("volume_spike", ""), ("narrative", "n1"), ("narrative", "n2")]))
        score = draw(st.sampled_from([0.2, WARNING, CRITICAL]))
        at = NOON + timedelta(minutes=minutes)
        seen = evidence(mentions=draw(st.sampled_from([60, 120, 200])), usual=50.0)
        findings.append(
            detection(
                detector=detector,
                subject=subject,
                at=at,
                starts_at=at,
                score=score,
                level=number + 1,
                effects=(),
                evidence=seen,
            )
        )
    return findings


@given(lives(), st.sampled_from([11, 60, 500]))
def test_the_size_of_steps_does_not_show_in_what_is_held_and_told(life: list[Detection], minutes: int) -> None:
    rules = GateRules(
        mutes=(ConfiguredMute(detectors=("narrative",), until=moment("3 13:00"), since=moment("2 03:00"), reason="m"),),
        planned=planned(until=moment("2 23:30")).rules.planned,
        inhibitions=inhibiting().rules.inhibitions,
    )
    rare = timedelta(days=1000)
    fine, coarse = (dispatcher(rules, quiet=[NIGHT], update_every=rare, resolve_after=3 * HOUR) for _ in range(2))
    by_fine: list[Notification] = []
    by_coarse: list[Notification] = []
    clock = NOON
    for each in life:
        while clock + timedelta(minutes=minutes) < each.at:
            clock += timedelta(minutes=minutes)
            by_fine += fine.advance(clock).notifications
        by_fine += hear(fine, each).notifications
        by_coarse += hear(coarse, each).notifications
    # By then the mute is over, a night too, and all that fired has ended and is forgotten.
    end = max(clock, moment("3 13:00")) + timedelta(days=2)
    while clock < end:
        clock += timedelta(minutes=minutes)
        by_fine += fine.advance(clock).notifications
    by_coarse += coarse.advance(clock).notifications
    outline = [
        [(each.story.id, each.receiver, *said([each])) for each in notifications]
        for notifications in (by_fine, by_coarse)
    ]
    assert sorted(map(str, outline[0])) == sorted(map(str, outline[1]))
