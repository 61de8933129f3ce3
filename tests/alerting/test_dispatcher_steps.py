"""What no step of time, no restart and no number of alerts may change or outgrow."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Alert, Reason, State
from alerting.dispatcher import Dispatcher, DispatcherState
from alerting.outcome import Suppression
from detectors.detection import Detection
from detectors.snapshot import rows_of, state_from
from tests.alerting.dispatched import (
    CRITICAL,
    INFO,
    MINUTE,
    NOON,
    WARNING,
    at,
    detection,
    dispatcher,
    hear,
    reasons,
)


def test_the_least_severe_alert_ends_where_too_many_fire() -> None:
    monitor = dispatcher(most_open=2)
    hear(monitor, detection(0, "tales", "n1"), detection(1, "tales", "n2"))
    turned_away = hear(monitor, detection(2, "tales", "n3"))
    assert (turned_away.alerts, turned_away.suppressed) == ((), (Suppression.TOO_MANY,))
    outcome = hear(monitor, detection(3, "tales", "n4", score=CRITICAL))
    assert [(a.subject, a.state) for a in outcome.alerts] == [("n2", State.RESOLVED), ("n4", State.FIRING)]
    assert reasons(outcome) == [Reason.RESOLVED, Reason.FIRST] or reasons(outcome) == [Reason.FIRST, Reason.RESOLVED]


def test_what_is_remembered_is_bounded() -> None:
    monitor = dispatcher(most_open=5)
    for i in range(300):
        hear(monitor, detection(i, "tales", f"n{i}", score=(INFO, WARNING, CRITICAL)[i % 3]))
        assert len(monitor.firing) <= 5
        assert len(monitor.state.alerts) <= 10
        assert len(monitor.state.stories) <= 10


@st.composite
def streams(draw: st.DrawFn) -> list[Detection]:
    """What one monitor's detectors may find: in order, and up to five minutes behind."""
    found = []
    minute = 0
    for _ in range(draw(st.integers(1, 25))):
        minute += draw(st.sampled_from([0, 1, 7, 59, 119, 120, 121, 300, 719, 720, 840, 1500]))
        detector, subject = draw(
            st.sampled_from([("volume", ""), ("tales", "n1"), ("tales", "n2"), ("accounts", "n1")])
        )
        late = draw(st.integers(0, 5))
        found.append(
            detection(minute - late, detector, subject, score=draw(st.sampled_from([INFO, WARNING, CRITICAL])))
        )
    return found


def last_states(alerts: Iterable[Alert]) -> dict[tuple[str, datetime], Alert]:
    """As the compacted topic keeps them."""
    return {(alert.fingerprint, alert.starts_at): alert for alert in alerts}


@given(streams(), st.sampled_from([1, 13, 60, 600]))
def test_the_size_of_the_steps_in_which_time_advances_does_not_show_in_the_alerts(
    found: list[Detection], step: int
) -> None:
    fine, coarse = dispatcher(lateness=6 * MINUTE), dispatcher(lateness=6 * MINUTE)
    by_fine: list[Alert] = []
    by_coarse: list[Alert] = []
    clock = NOON
    for each in found:
        while clock + step * MINUTE < each.at:
            clock += step * MINUTE
            by_fine += fine.advance(clock).alerts
        by_fine += hear(fine, each).alerts
        by_coarse += coarse.observe(each, each.at).alerts
    by_fine += fine.advance(at(100_000)).alerts
    by_coarse += coarse.advance(at(100_000)).alerts
    assert last_states(by_fine) == last_states(by_coarse)


@given(streams(), st.integers(0, 25))
def test_a_restart_at_any_point_gives_the_same_outcomes(found: list[Detection], restart: int) -> None:
    whole, broken = dispatcher(), dispatcher()
    for i, each in enumerate(found):
        assert broken.observe(each, each.at) == whole.observe(each, each.at)
        if i == restart:
            saved = rows_of(broken.state, version=broken.version)
            broken = Dispatcher(broken.settings, state_from(DispatcherState, saved, version=broken.version))
        assert broken.advance(each.at) == whole.advance(each.at)
    assert broken.advance(at(100_000)) == whole.advance(at(100_000))


@pytest.mark.parametrize("steps", [1, 100])
def test_nothing_is_left_when_everything_was_forgotten(steps: int) -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(3, "tales", "n1"))
    for i in range(1, steps + 1):
        monitor.advance(at(2000 * i / steps))
    assert (monitor.state.alerts, monitor.state.stories) == ({}, {})
