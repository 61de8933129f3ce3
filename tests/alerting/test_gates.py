"""Each gate: what it holds back, what passes, and what it says of itself."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from alerting.action import Handling, Mute
from alerting.alert import Alert, Gate, Hold, Severity, State, Story
from alerting.gates import ConfiguredMute, GateRules, Gates, Inhibitor, closed_gate, inhibitors
from tests.alerting.gated_monitor import HOUR, NIGHT, NOON, inhibiting, moment, planned
from tests.building import alert, claim, evidence, story


def rise(mentions: int = 100, usual: float | None = 50.0, **changes: Any) -> Alert:
    known = {"severity": Severity.WARNING, "evidence": evidence(mentions=mentions, usual=usual)}
    return alert(**(known | changes))


def about(*alerts: Alert, **changes: Any) -> Story:
    return story(**({"severity": Severity.WARNING, "alerts": alerts or (rise(),)} | changes))


def muted(**changes: Any) -> Gates:
    known: dict[str, Any] = {"until": NOON + HOUR, "reason": "maintenance"}
    return Gates(rules=GateRules(mutes=(ConfiguredMute(**(known | changes)),)))


def gate(of: Story, gates: Gates, now: datetime = NOON) -> Hold | None:
    return closed_gate(of, gates, now)


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
        "its route is quiet from 22:00 to 07:00, now until Tue 2 Apr 2030 07:00 (Europe/Berlin): "
        "this is warning, and only critical or above interrupts"
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
