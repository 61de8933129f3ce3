"""Who hears of a story that moved to a route of others is called by the quiet hours of their own."""

import pytest

from alerting.alert import Gate, Reason, Severity
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.gates import Gates
from alerting.outcome import Outcome
from alerting.quiet_hours import QuietWindow
from alerting.routes import Route
from tests.alerting.gated_monitor import CRITICAL, HOUR, WARNING, found, hear, moment

NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60, at_least=Severity.LIFE_SAFETY)
CRISIS = Route(name="crisis", receivers=("crisis",), at_least=Severity.CRITICAL)
PRESS = Route(name="press", receivers=("press",), at_least=Severity.WARNING, quiet=(NIGHT,), timezone="Europe/Berlin")


def monitor() -> Dispatcher:
    settings = DispatcherSettings(
        monitor="census", organisation="Census Office", resolve_after=2 * HOUR, routes=(CRISIS, PRESS)
    )
    return Dispatcher(settings)


def told(outcome: Outcome) -> list[tuple[str, Reason, Gate | None]]:
    return [
        (each.receiver, each.reason, None if each.hold is None else each.hold.gate) for each in outcome.notifications
    ]


def test_a_story_that_rises_at_night_into_the_route_of_others_calls_only_them() -> None:
    ours = monitor()
    hear(ours, found("19:30"))
    outcome = hear(ours, found("21:00", CRITICAL, level=3))  # 23:00 in Berlin
    assert told(outcome) == [("crisis", Reason.FIRST, None), ("press", Reason.ESCALATED, Gate.QUIET_HOURS)]
    assert [each.gates.timezone for each in outcome.decisions] == ["UTC", "Europe/Berlin"]


def test_they_hear_of_it_when_their_own_quiet_hours_are_over() -> None:
    ours = monitor()
    hear(ours, found("19:30"))
    for hour in (21, 22, 23):
        hear(ours, found(f"{hour}:00", CRITICAL, level=hour - 18))
    for hour in (0, 1, 2, 3, 4):
        hear(ours, found(f"2 0{hour}:00", CRITICAL, level=hour + 6))
    outcome = ours.advance(moment("2 05:00"))  # 07:00 in Berlin
    assert told(outcome) == [("press", Reason.ESCALATED, None)]


@pytest.mark.parametrize("step_minutes", [1, 7, 60, 600])
def test_also_when_time_passes_in_long_steps(step_minutes: int) -> None:
    ours = Dispatcher(
        DispatcherSettings(monitor="census", organisation="C", resolve_after=24 * HOUR, routes=(CRISIS, PRESS))
    )
    hear(ours, found("19:30"))
    hear(ours, found("21:00", CRITICAL, level=3))
    outcome, now = Outcome(), moment("21:00")
    while now < moment("2 08:00"):
        now += step_minutes * HOUR / 60
        outcome += ours.advance(now)
    assert told(outcome) == [("press", Reason.ESCALATED, None)]
    assert [each.at for each in outcome.notifications] == [moment("2 05:00")]


def test_a_story_that_came_back_too_small_for_any_route_keeps_to_the_quiet_hours_of_those_who_knew_it() -> None:
    ours = monitor()
    hear(ours, found("16:00"))
    ours.advance(moment("19:00"))  # over
    outcome = hear(ours, found("21:00", 0.1))
    assert told(outcome) == [("press", Reason.REOPENED, Gate.QUIET_HOURS)]
    assert [each.gates for each in outcome.decisions] == [Gates(quiet=(NIGHT,), timezone="Europe/Berlin")]


def test_who_is_named_by_the_route_itself_keeps_to_its_hours() -> None:
    both = DispatcherSettings(
        monitor="census",
        organisation="Census Office",
        routes=(Route(name="crisis", receivers=("press",), at_least=Severity.CRITICAL), PRESS),
    )
    ours = Dispatcher(both)
    hear(ours, found("19:30", WARNING))
    assert told(hear(ours, found("21:00", CRITICAL, level=3))) == [("press", Reason.ESCALATED, None)]
