"""A mute for some hours holds so long, whatever becomes of its story meanwhile; one of a story ends with it."""

from datetime import timedelta
from typing import Any

import pytest

from alerting.action import LONGEST_MUTE, Action, ActionKind, Handling, Person, handled
from alerting.alert import Gate, Reason
from alerting.dispatcher import Dispatcher
from alerting.outcome import Outcome
from detectors.detection import Effect
from tests.alerting.gated_monitor import CRITICAL, HOUR, NOON, dispatcher, found, hear, moment, said


def mute(monitor: Dispatcher, length: timedelta | None) -> Outcome:
    return monitor.act(muting(length, story=monitor.stories[0].id))


def muting(length: timedelta | None, **changes: Any) -> Action:
    known: dict[str, Any] = {"id": "a", "monitor": "census", "story": "s", "at": NOON}
    return Action(kind=ActionKind.MUTE, by=Person(id="u", name="Ada"), length=length, **(known | changes))


def came_back(length: timedelta | None) -> tuple[Dispatcher, Outcome]:
    """Told, muted, over after two hours, and back after three."""
    monitor = dispatcher(resolve_after=2 * HOUR)
    hear(monitor, found("12:00"))
    mute(monitor, length)
    monitor.advance(moment("14:30"))
    return monitor, hear(monitor, found("15:00"))


def test_a_story_that_comes_back_within_its_mute_calls_nobody() -> None:
    monitor, outcome = came_back(8 * HOUR)
    assert said(outcome.notifications) == [(Reason.REOPENED, Gate.MUTED)]
    for hour in range(16, 20):
        assert said(hear(monitor, found(f"{hour}:00")).notifications) == []
    assert said(monitor.advance(moment("20:00")).notifications) == [(Reason.REOPENED, None)]


def test_one_that_comes_back_after_it_calls() -> None:
    assert said(came_back(2 * HOUR)[1].notifications) == [(Reason.REOPENED, None)]


def test_a_mute_of_the_story_ends_with_it() -> None:
    assert said(came_back(None)[1].notifications) == [(Reason.REOPENED, None)]


def test_danger_to_life_passes_a_mute_that_outlived_the_story() -> None:
    monitor, _ = came_back(8 * HOUR)
    outcome = hear(monitor, found("15:10", CRITICAL, level=5, effects=(Effect.HARM,)))
    assert said(outcome.notifications) == [(Reason.REOPENED, None)]


@pytest.mark.parametrize("length", [timedelta.max, 400_000 * timedelta(days=9), LONGEST_MUTE])
def test_a_mute_without_measure_ends_within_the_calendar(length: timedelta) -> None:
    muted = handled(Handling(), muting(length), NOON).mute
    assert muted is not None
    assert muted.until == NOON + LONGEST_MUTE
