"""What is recorded of each telling and each silence, and that it can be decided again from that."""

import msgspec
import pytest

from alerting.alert import Gate, Reason, Severity
from alerting.decision import NOBODY, Decision, recompute
from alerting.gates import ConfiguredMute, GateRules
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from tests.alerting.gated_monitor import (
    HOUR,
    NIGHT,
    dispatcher,
    found,
    hear,
    moment,
    planned,
)


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
