from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Alert, Reason, Severity, State
from alerting.dispatcher import Dispatcher, DispatcherSettings, DispatcherState
from alerting.outcome import Outcome, Suppression
from alerting.routes import Route
from detectors.detection import Detection, Effect, Evidence
from detectors.snapshot import rows_of, state_from

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

SLACK = Route(receivers=("slack",), update_every=10 * MINUTE)
INFO, WARNING, CRITICAL = 0.2, 0.6, 0.9


def detection(
    minute: float,
    detector: str = "volume",
    subject: str = "",
    *,
    score: float = WARNING,
    level: int = 1,
    mentions: int = 100,
    began: float | None = None,
    effects: tuple[Effect, ...] = (),
) -> Detection:
    """A finding so many minutes after noon, of an episode that began when it was found or at `began`."""
    starts_at = NOON + (minute if began is None else began) * MINUTE
    return Detection(
        detector=detector,
        subject=subject,
        kind="k",
        starts_at=starts_at,
        at=NOON + minute * MINUTE,
        level=level,
        score=score,
        effects=effects,
        evidence=Evidence(summary="it rises", mentions=mentions, since=starts_at, counterfactual=""),
    )


def dispatcher(*routes: Route, most_open: int = 100, lateness: timedelta = timedelta(0)) -> Dispatcher:
    return Dispatcher(
        DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            resolve_after=2 * HOUR,
            reopen_within=12 * HOUR,
            lateness=lateness,
            routes=routes or (SLACK,),
            most_open=most_open,
        )
    )


def hear(monitor: Dispatcher, *detections: Detection, now: float | None = None) -> Outcome:
    """As the pipeline does: all detections of a batch, then the time."""
    outcome = Outcome()
    for each in detections:
        outcome += monitor.observe(each, each.at)
    return outcome + monitor.advance(NOON + now * MINUTE if now is not None else max(d.at for d in detections))


def reasons(outcome: Outcome) -> list[Reason]:
    return [notification.reason for notification in outcome.notifications]


def at(minute: float) -> datetime:
    return NOON + minute * MINUTE


def test_an_alert_fires_and_its_story_is_told() -> None:
    outcome = hear(dispatcher(), detection(3, began=0))
    (alert,), (notification,) = outcome.alerts, outcome.notifications
    assert (alert.state, alert.severity, alert.starts_at) == (State.FIRING, Severity.WARNING, NOON)
    assert (notification.receiver, notification.reason, notification.at) == ("slack", Reason.FIRST, at(3))
    assert notification.story.alerts == (alert,)


def test_a_repeated_detection_changes_nothing() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(5, level=2))
    before = msgspec.msgpack.encode(monitor.state)
    outcome = hear(monitor, detection(0), detection(5, level=2))
    assert outcome == Outcome(suppressed=(Suppression.REPEATED, Suppression.REPEATED))
    assert msgspec.msgpack.encode(monitor.state) == before


def test_an_alert_ends_when_it_was_quiet_long_enough_and_not_when_that_was_noticed() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(30))
    assert monitor.advance(at(149)) == Outcome()
    outcome = monitor.advance(at(400))
    assert outcome.alerts[0].resolved_at == at(150)
    assert reasons(outcome) == [Reason.RESOLVED]
    assert monitor.firing == ()


def test_an_alert_that_fires_again_soon_reopens_its_story() -> None:
    monitor = dispatcher()
    first = hear(monitor, detection(0)).notifications[0].story
    monitor.advance(at(120))
    outcome = hear(monitor, detection(500))
    assert reasons(outcome) == [Reason.REOPENED]
    assert outcome.notifications[0].story.id == first.id
    assert outcome.alerts[-1].starts_at == at(500)


def test_an_alert_that_fires_again_much_later_is_a_new_story() -> None:
    monitor = dispatcher()
    first = hear(monitor, detection(0)).notifications[0].story
    monitor.advance(at(120))
    outcome = hear(monitor, detection(120 + 12 * 60, began=0))
    assert reasons(outcome) == [Reason.FIRST]
    assert outcome.notifications[0].story.id != first.id


def test_an_alert_is_over_at_the_very_moment_at_which_it_was_quiet_long_enough() -> None:
    monitor = dispatcher(lateness=10 * MINUTE)
    outcome = hear(monitor, detection(0)) + hear(monitor, detection(120))
    assert [alert.starts_at for alert in outcome.alerts] == [at(0), at(0), at(120)]
    assert reasons(outcome) == [Reason.FIRST, Reason.RESOLVED, Reason.REOPENED]


def test_severity_only_rises_while_an_alert_fires() -> None:
    monitor = dispatcher()
    outcomes = [hear(monitor, detection(i, score=s)) for i, s in enumerate([INFO, CRITICAL, INFO])]
    assert [outcome.alerts[0].severity for outcome in outcomes] == [Severity.INFO, Severity.CRITICAL, Severity.CRITICAL]
    assert [reasons(outcome) for outcome in outcomes] == [[Reason.FIRST], [Reason.ESCALATED], []]


def test_levels_reached_at_one_moment_are_told_once_at_the_highest() -> None:
    outcome = hear(dispatcher(), *(detection(0, level=i, score=s) for i, s in enumerate([INFO, WARNING, CRITICAL])))
    assert [(n.reason, n.story.severity) for n in outcome.notifications] == [(Reason.FIRST, Severity.CRITICAL)]


def test_a_detection_of_the_same_firing_that_comes_out_of_order_gives_the_same_alert() -> None:
    one, other = detection(0, level=1, score=CRITICAL), detection(5, level=2)
    in_order, reversed_ = dispatcher(), dispatcher()
    hear(in_order, one, other)
    hear(reversed_, other, one)
    assert in_order.firing == reversed_.firing


def test_a_late_detection_shows_that_an_alert_was_not_over() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), now=125)
    outcome = hear(monitor, detection(115, began=0), now=130)
    assert reasons(outcome) == [Reason.REOPENED]
    assert [(a.starts_at, a.state, a.resolved_at) for a in monitor.firing] == [(NOON, State.FIRING, None)]


def test_an_alert_is_not_ended_while_detections_may_still_be_late() -> None:
    monitor = dispatcher(lateness=10 * MINUTE)
    hear(monitor, detection(0), now=125)
    assert reasons(hear(monitor, detection(115), now=126)) == []


def test_what_is_found_when_it_is_over_is_on_record_but_not_told() -> None:
    monitor = dispatcher()
    monitor.advance(at(600))
    outcome = hear(monitor, detection(0), now=600)
    assert (outcome.alerts[0].state, outcome.alerts[0].resolved_at) == (State.RESOLVED, at(120))
    assert outcome.notifications == ()


def test_a_detection_older_than_the_firing_that_is_remembered_is_left_out() -> None:
    monitor = dispatcher()
    hear(monitor, detection(300))
    assert hear(monitor, detection(0), now=300).suppressed == (Suppression.OUTDATED,)


def test_what_fired_and_ended_within_one_long_step_was_told() -> None:
    monitor = dispatcher()
    outcome = monitor.observe(detection(0), NOON) + monitor.advance(at(10_000))
    assert reasons(outcome) == [Reason.FIRST, Reason.RESOLVED]
    assert (monitor.state.alerts, monitor.state.stories) == ({}, {})


def test_a_rise_and_a_narrative_are_one_story_and_a_second_narrative_is_another() -> None:
    monitor = dispatcher()
    outcome = hear(monitor, detection(0))
    outcome += hear(monitor, detection(1, "tales", "n1"))
    outcome += hear(monitor, detection(2, "tales", "n2"))
    assert reasons(outcome) == [Reason.FIRST, Reason.CHANGED, Reason.FIRST]
    first, changed, second = (notification.story.id for notification in outcome.notifications)
    assert first == changed != second


def test_a_rise_joins_the_most_pressing_narrative() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0, "tales", "n1"), detection(0, "tales", "n2", mentions=900))
    outcome = hear(monitor, detection(1))
    assert {alert.subject for alert in outcome.notifications[0].story.alerts} == {"", "n2"}


def test_a_story_ends_with_its_last_alert() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(60, "tales", "n1"))
    assert reasons(monitor.advance(at(120))) == []
    assert reasons(monitor.advance(at(180))) == [Reason.RESOLVED]


def test_newer_numbers_are_told_when_their_time_has_come() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0))
    assert reasons(hear(monitor, detection(1, mentions=150))) == []
    assert reasons(hear(monitor, detection(2, mentions=190))) == []
    assert monitor.advance(at(9)).notifications == ()
    (notification,) = monitor.advance(at(10)).notifications
    assert (notification.reason, notification.story.alerts[0].evidence.mentions) == (Reason.MORE, 190)
    assert notification.heard_at == at(2)


def test_a_story_that_goes_on_is_told_anew_as_often_as_its_route_says() -> None:
    hourly = Route(receivers=("slack",), remind_every=HOUR)
    monitor = dispatcher(hourly)
    told = [n for i in range(0, 180, 10) for n in hear(monitor, detection(i, mentions=100)).notifications]
    assert [(n.reason, n.at) for n in told] == [
        (Reason.FIRST, at(0)),
        (Reason.REMINDER, at(60)),
        (Reason.REMINDER, at(120)),
    ]


def test_a_story_that_rises_is_told_to_its_new_route_as_first_and_goes_on_for_the_old_one() -> None:
    monitor = dispatcher(Route(receivers=("crisis",), at_least=Severity.CRITICAL), SLACK)
    hear(monitor, detection(0))
    outcome = hear(monitor, detection(1, score=CRITICAL))
    assert [(n.receiver, n.reason) for n in outcome.notifications] == [
        ("crisis", Reason.FIRST),
        ("slack", Reason.ESCALATED),
    ]
    assert {n.receiver for n in monitor.advance(at(300)).notifications} == {"crisis", "slack"}


def test_a_receiver_that_config_dropped_hears_no_more() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0))
    settings = msgspec.structs.replace(monitor.settings, routes=(Route(receivers=("terminal",)),))
    outcome = Dispatcher(settings, monitor.state).advance(at(1))
    assert [(n.receiver, n.reason) for n in outcome.notifications] == [("terminal", Reason.FIRST)]


def test_a_story_that_no_route_wants_is_kept_and_counted() -> None:
    monitor = dispatcher(Route(receivers=("slack",), at_least=Severity.CRITICAL))
    outcome = hear(monitor, detection(0))
    assert (outcome.notifications, outcome.suppressed) == ((), (Suppression.UNROUTED,))
    assert len(monitor.firing) == 1


def test_findings_for_those_who_run_it_stand_alone() -> None:
    monitor = dispatcher()
    hear(monitor, detection(0), detection(0, "quiet", effects=(Effect.OPERATIONS,)))
    assert len(monitor.stories) == 2


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


def test_the_example_of_the_readme_runs() -> None:
    readme = (Path(__file__).parents[2] / "alerting" / "README.md").read_text(encoding="utf-8")
    names = {"Dispatcher": Dispatcher, "DispatcherSettings": DispatcherSettings, "Outcome": Outcome}
    given = {"routes": (SLACK,), "saved_state": None, "detections": [detection(0)], "heard_at": NOON, "now": NOON}
    scope: dict[str, Any] = names | given
    exec(readme.split("```python\n")[1].split("```")[0], scope)
    assert reasons(scope["outcome"]) == [Reason.FIRST]


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
