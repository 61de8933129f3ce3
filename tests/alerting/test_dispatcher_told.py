"""What of a story is told, to whom, and when."""

from pathlib import Path
from typing import Any

import msgspec

from alerting.alert import Reason, Severity, State
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.outcome import Outcome, Suppression
from alerting.routes import Route
from tests.alerting.dispatched import (
    CRITICAL,
    HOUR,
    INFO,
    NOON,
    SLACK,
    WARNING,
    at,
    detection,
    dispatcher,
    hear,
    reasons,
)


def test_levels_reached_at_one_moment_are_told_once_at_the_highest() -> None:
    outcome = hear(dispatcher(), *(detection(0, level=i, score=s) for i, s in enumerate([INFO, WARNING, CRITICAL])))
    assert [(n.reason, n.story.severity) for n in outcome.notifications] == [(Reason.FIRST, Severity.CRITICAL)]


def test_what_is_found_when_it_is_over_is_on_record_but_not_told() -> None:
    monitor = dispatcher()
    monitor.advance(at(600))
    outcome = hear(monitor, detection(0), now=600)
    assert (outcome.alerts[0].state, outcome.alerts[0].resolved_at) == (State.RESOLVED, at(120))
    assert outcome.notifications == ()


def test_what_fired_and_ended_within_one_long_step_was_told() -> None:
    monitor = dispatcher()
    outcome = monitor.observe(detection(0), NOON) + monitor.advance(at(10_000))
    assert reasons(outcome) == [Reason.FIRST, Reason.RESOLVED]
    assert (monitor.state.alerts, monitor.state.stories) == ({}, {})


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


def test_the_example_of_the_readme_runs() -> None:
    readme = (Path(__file__).parents[2] / "alerting" / "README.md").read_text(encoding="utf-8")
    names = {"Dispatcher": Dispatcher, "DispatcherSettings": DispatcherSettings, "Outcome": Outcome}
    given = {"routes": (SLACK,), "saved_state": None, "detections": [detection(0)], "heard_at": NOON, "now": NOON}
    scope: dict[str, Any] = names | given
    exec(readme.split("```python\n")[1].split("```")[0], scope)
    assert reasons(scope["outcome"]) == [Reason.FIRST]
