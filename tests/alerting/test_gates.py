"""What holds a telling back, what passes, and what is told when a gate opens."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.action import Action, ActionKind, Handling, Mute, Person
from alerting.alert import Alert, Gate, Hold, Notification, Reason, Severity, State, Story
from alerting.decision import NOBODY, Decision, recompute
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.gates import ConfiguredMute, GateRules, Gates, Inhibition, Inhibitor, Planned, closed_gate, inhibitors
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route
from detectors.detection import Detection
from tests.building import alert, claim, detection, evidence, story

NOON = datetime(2030, 4, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60)
WARNING, CRITICAL = 0.6, 0.9


def moment(when: str) -> datetime:
    """`22:30` on the first of April, `2 07:00` on the second."""
    day, _, clock = when.rpartition(" ")
    return datetime.fromisoformat(f"2030-04-{int(day or 1):02}T{clock}").replace(tzinfo=UTC)


def rise(mentions: int = 100, usual: float | None = 50.0, **changes: Any) -> Alert:
    known = {"severity": Severity.WARNING, "evidence": evidence(mentions=mentions, usual=usual)}
    return alert(**(known | changes))


def about(*alerts: Alert, **changes: Any) -> Story:
    return story(**({"severity": Severity.WARNING, "alerts": alerts or (rise(),)} | changes))


def muted(**changes: Any) -> Gates:
    known: dict[str, Any] = {"until": NOON + HOUR, "reason": "maintenance"}
    return Gates(rules=GateRules(mutes=(ConfiguredMute(**(known | changes)),)))


def planned(**changes: Any) -> Gates:
    known: dict[str, Any] = {
        "detectors": ("volume_spike",),
        "since": NOON,
        "until": NOON + HOUR,
        "times": 3.0,
        "reason": "press release",
    }
    return Gates(rules=GateRules(planned=(Planned(**(known | changes)),)))


def gate(of: Story, gates: Gates, now: datetime = NOON) -> Hold | None:
    return closed_gate(of, gates, now)


# --- each gate ---


def test_who_muted_it_is_named_with_the_reason_and_the_end() -> None:
    handling = Handling(mute=Mute(by="Ada", until=NOON + HOUR, reason="the minister speaks"))
    hold = gate(about(handling=handling), Gates(timezone="Europe/Berlin"))
    assert hold == Hold(
        gate=Gate.MUTED,
        why="Ada muted it until Mon 1 Apr 2030 15:00 (Europe/Berlin), because: the minister speaks",
        until=NOON + HOUR,
    )
    assert gate(about(handling=handling), Gates(), NOON + HOUR) is None


def test_the_config_mutes_what_some_detectors_find_for_a_time() -> None:
    assert gate(about(), muted(detectors=("volume_spike",))) is not None
    assert gate(about(), muted(detectors=("narrative",))) is None
    assert gate(about(rise(), rise(detector="narrative")), muted(detectors=("volume_spike",))) is None
    assert gate(about(), muted(since=NOON + timedelta(minutes=1))) is None
    assert gate(about(), muted(), NOON + HOUR) is None


def test_quiet_hours_say_the_window_and_what_would_interrupt() -> None:
    hold = gate(about(), Gates(quiet=(NIGHT,), timezone="Europe/Berlin"), moment("21:00"))
    assert hold is not None
    assert (hold.gate, hold.until) == (Gate.QUIET_HOURS, moment("2 05:00"))
    assert hold.why == (
        "its route is quiet from 22:00 to 07:00 (Europe/Berlin), now until Tue 2 Apr 2030 07:00 (Europe/Berlin): "
        "it is warning, and only critical and above interrupts"
    )


def test_what_is_planned_raises_the_bar_for_volume() -> None:
    hold = gate(about(rise(149)), planned())
    assert hold is not None
    assert hold.until == NOON + HOUR
    assert hold.why.endswith(
        "press release; up to 3 times the usual is expected, and this is 149 mentions where 50 are usual, 3.0 times as "
        "many"
    )
    assert gate(about(rise(150)), planned()) is None
    assert gate(about(rise(149)), planned(), NOON + HOUR) is None
    assert gate(about(rise(149)), planned(), NOON - HOUR) is None


def test_what_is_planned_holds_no_claim_no_narrative_and_nothing_that_cannot_be_weighed() -> None:
    claiming = rise(60, evidence=evidence(mentions=60, usual=50.0, claim=claim(certain=False)))
    assert gate(about(claiming), planned()) is None
    assert gate(about(rise(60), rise(60, detector="narrative")), planned()) is None
    assert gate(about(rise(60, None)), planned()) is None
    over = rise(60, detector="narrative", state=State.RESOLVED)
    assert gate(about(rise(60), over), planned()) is not None


def inhibiting(*others: Inhibitor) -> Gates:
    rule = Inhibition(
        by_detectors=("narrative",), at_least=Severity.CRITICAL, detectors=("volume_spike",), below=Severity.CRITICAL
    )
    return Gates(rules=GateRules(inhibitions=(rule,)), others=others)


def test_a_critical_narrative_holds_smaller_rises() -> None:
    critical = Inhibitor(story="other", detector="narrative", severity=Severity.CRITICAL)
    hold = gate(about(), inhibiting(critical))
    assert hold is not None
    assert (hold.gate, hold.until) == (Gate.INHIBITED, None)
    assert "critical narrative in story other fires" in hold.why
    assert gate(about(), inhibiting()) is None
    assert gate(about(), inhibiting(msgspec.structs.replace(critical, severity=Severity.WARNING))) is None
    assert gate(about(severity=Severity.CRITICAL), inhibiting(critical)) is None
    assert gate(about(rise(detector="narrative")), inhibiting(critical)) is None


def test_a_story_is_not_held_by_itself() -> None:
    rules = inhibiting().rules
    narrative = alert(detector="narrative", severity=Severity.CRITICAL)
    one = about(rise(), narrative, id="one")
    other = about(narrative, id="other")
    over = about(msgspec.structs.replace(narrative, state=State.RESOLVED), id="over")
    assert inhibitors(one, [one, over], rules) == ()
    assert [each.story for each in inhibitors(one, [one, other, over], rules)] == ["other"]


def test_danger_to_life_passes_every_gate() -> None:
    critical = Inhibitor(story="other", detector="narrative", severity=Severity.CRITICAL)
    handling = Handling(mute=Mute(by="Ada", until=None))
    for gates in (muted(), planned(), inhibiting(critical), Gates(quiet=(NIGHT,))):
        of = about(severity=Severity.LIFE_SAFETY, handling=handling)
        assert gate(of, gates, NOON) is None
        assert gate(of, gates, moment("23:00")) is None


# --- what is told ---


def dispatcher(
    rules: GateRules | None = None,
    *,
    quiet: Sequence[QuietWindow] = (),
    resolve_after: timedelta = 24 * HOUR,
    **route: Any,
) -> Dispatcher:
    return Dispatcher(
        DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            resolve_after=resolve_after,
            gates=rules or GateRules(),
            routes=(Route(receivers=("slack",), quiet=tuple(quiet), **route),),
        )
    )


def found(when: str, score: float = WARNING, mentions: int = 100, **changes: Any) -> Detection:
    known: dict[str, Any] = {"effects": (), "evidence": evidence(mentions=mentions, usual=50.0)}
    return detection(at=moment(when), starts_at=moment(when), score=score, **(known | changes))


def hear(monitor: Dispatcher, *detections: Detection) -> Outcome:
    outcome = Outcome()
    for each in detections:
        outcome += monitor.observe(each, each.at)
    return outcome + monitor.advance(max(each.at for each in detections))


def said(notifications: Sequence[Notification]) -> list[tuple[Reason, Gate | None]]:
    return [(each.reason, None if each.hold is None else each.hold.gate) for each in notifications]


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


@settings(deadline=None)
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
    while clock < moment("20 00:00"):
        clock += timedelta(minutes=minutes)
        by_fine += fine.advance(clock).notifications
    by_coarse += coarse.advance(clock).notifications
    outline = [
        [(each.story.id, each.receiver, *said([each])) for each in notifications]
        for notifications in (by_fine, by_coarse)
    ]
    assert sorted(map(str, outline[0])) == sorted(map(str, outline[1]))


# --- what is recorded ---


def decided(outcome: Outcome) -> list[tuple[Reason | None, Reason | None, Gate | None]]:
    return [
        (each.verdict.reason, each.verdict.unspoken, None if each.verdict.gate is None else each.verdict.gate.gate)
        for each in outcome.decisions
    ]


def test_each_telling_is_recorded_and_each_silence_once() -> None:
    rules = GateRules(mutes=(ConfiguredMute(until=moment("22:30"), reason="we know"),))
    monitor = dispatcher(rules, quiet=[NIGHT])
    outcome = hear(monitor, found("21:00"))
    for minute in range(10, 60, 10):
        outcome += monitor.advance(moment(f"21:{minute}"))
        outcome += monitor.advance(moment(f"22:{minute}"))
    outcome += monitor.advance(moment("2 07:00"))
    assert decided(outcome) == [
        (None, Reason.FIRST, Gate.MUTED),
        (Reason.FIRST, None, Gate.QUIET_HOURS),
        (Reason.FIRST, None, None),
    ]


def test_that_no_route_wants_a_story_is_recorded_once() -> None:
    monitor = dispatcher(at_least=Severity.CRITICAL)
    outcome = hear(monitor, found("13:00")) + monitor.advance(moment("14:00"))
    assert [(each.receiver, each.verdict.reason) for each in outcome.decisions] == [(NOBODY, None)]


@pytest.mark.parametrize("quiet", [[], [NIGHT]])
def test_a_decision_is_the_same_when_it_is_made_again_from_its_record(quiet: list[QuietWindow]) -> None:
    monitor = dispatcher(planned(since=moment("22:00"), until=moment("2 06:00")).rules, quiet=quiet, remind_every=HOUR)
    outcome = hear(monitor, found("21:00", mentions=200)) + hear(monitor, found("23:00", mentions=120, level=4))
    for hour in range(6, 12):
        outcome += monitor.advance(moment(f"2 {hour:02}:00"))
    assert len(outcome.decisions) > 3
    for each in outcome.decisions:
        copied = msgspec.json.decode(msgspec.json.encode(each), type=Decision)
        assert recompute(copied) == each.verdict == copied.verdict
    assert len({each.id for each in outcome.decisions}) == len(outcome.decisions)
