from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alerting.alert import Gate, Hold, Reason, Severity, State, Turn
from alerting.digest import MOST_JUDGED, MOST_STORIES, HeldStory, as_text, composed, due_at, held_story
from alerting.precision import Precision, wilson
from tests.building import alert, evidence, notification, time

UTC = ZoneInfo("UTC")
HOURS = (clock_time(9), clock_time(17))


def held(number: int = 1, why: str = "7 of 10 are spent.", **changes: Any) -> HeldStory:
    hold = Hold(gate=Gate.BUDGET, why=why)
    told = structs.replace(notification(id=f"s{number}", **changes), hold=hold)
    return held_story(told, time("12:05"))


def text(*stories: HeldStory, **changes: Any) -> str:
    known: dict[str, Any] = {"route": "press", "receiver": "comms", "at": time("17:00"), "timezone": "Europe/Berlin"}
    return as_text(composed(stories, **(known | changes)))


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("09:00", "09:00"),
        ("16:59", "09:00"),
        ("17:00", "17:00"),
        ("2030-04-02T08:59", "17:00"),
    ],
)
def test_a_digest_is_due_at_its_hours(now: str, due: str) -> None:
    assert due_at(HOURS, UTC, time(now)) == time(due)


def test_hours_are_those_of_the_routes_clock() -> None:
    assert due_at(HOURS, ZoneInfo("Asia/Tokyo"), time("00:30")) == time("00:00")


def test_an_hour_that_summer_time_skips_still_comes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = due_at((clock_time(2, 30),), berlin, time("2030-03-31T02:00"))
    assert found is not None
    assert found.astimezone(UTC) == time("2030-03-31T01:30")


def test_without_hours_nothing_is_ever_due() -> None:
    assert due_at((), UTC, time("12:00")) is None


def test_the_most_pressing_stands_first_and_what_is_over_last() -> None:
    told = composed(
        [
            held(1, severity=Severity.LIFE_SAFETY, state=State.RESOLVED),
            held(2, severity=Severity.WARNING),
            held(3, severity=Severity.CRITICAL),
            held(4, severity=Severity.WARNING, risk=40),
        ],
        route="press",
        receiver="comms",
        at=time("17:00"),
        timezone="UTC",
    )
    assert [each.story for each in told.held] == ["s3", "s4", "s2", "s1"]


def test_it_says_what_was_held_why_and_what_became_of_it() -> None:
    said = text(
        held(1),
        held(2, state=State.RESOLVED),
        spent="7 of 10",
        precision=[Precision(detector="d", useful=8, not_useful=2)],
    )
    assert "Digest of press, 01 Apr 19:00 CEST: 2 stories called nobody" in said
    assert "🔴 Critical: Census Office: nine times the usual mentions" in said
    assert "still going on since 01 Apr 13:50 CEST" in said
    assert "· story s1" in said
    assert "✅ Critical: " in said
    assert "over by now" in said
    assert "Held 01 Apr 14:05 CEST, over the budget: 7 of 10 are spent." in said
    assert "Interruptions of the day: 7 of 10 spent." in said
    assert "d: 8 of 10 judged useful (80 %; between 49 % and 94 %)" in said


def test_a_number_that_the_headline_says_is_not_said_again() -> None:
    said = text(structs.replace(held(1), headline="252 mentions in 5 minutes", story="476ab38413ee108b"))
    assert "252 mentions in 5 minutes · still going on since 01 Apr 13:50 CEST" in said
    assert "· story 476ab384\n" in said


def test_an_empty_one_says_so() -> None:
    assert "nothing was held back" in text()


def test_more_than_fit_are_counted() -> None:
    said = text(*(held(number) for number in range(MOST_STORIES + 3)))
    assert "And 3 stories more: groundswell inbox lists all that are open." in said


def test_what_its_thread_was_not_told_stands_below() -> None:
    turn = Turn(id="n", reason=Reason.ESCALATED, at=time("12:05"), line="Escalated to critical: 300 mentions now")
    assert "01 Apr 14:05 CEST: Escalated to critical" in text(structs.replace(held(), turns=(turn,)))


def test_foreign_text_in_a_reason_cannot_act() -> None:
    said = text(held(why="quiet\u202e <!channel>\x1b[31m\nnew line"))
    assert not {"\u202e", "\x1b"} & set(said)
    assert "new line" in said.splitlines()[3]


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"),
    [(0, 0, 0.0, 1.0), (8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_the_interval_is_wilsons(successes: int, count: int, low: float, high: float) -> None:
    assert wilson(successes, count) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(useful: int, not_useful: int) -> None:
    found = Precision(detector="d", useful=useful, not_useful=not_useful)
    low, high = found.interval
    assert 0 <= low <= high <= 1
    assert low <= found.share <= high + 1e-12 or not useful + not_useful


def test_mentions_are_those_of_the_largest_alert() -> None:
    both = (alert(evidence=evidence(mentions=10)), alert(detector="narrative", evidence=evidence(mentions=40)))
    assert held(1, alerts=both).mentions == 40


def test_verdicts_do_not_push_stories_out_those_with_the_most_are_shown() -> None:
    judged = [Precision(monitor=f"m{number:02}", detector="d", useful=number, not_useful=1) for number in range(20)]
    made = composed([], route="r", receiver="c", at=time("09:00"), timezone="UTC", precision=judged)
    assert [each.monitor for each in made.precision] == [f"m{number}" for number in range(20 - MOST_JUDGED, 20)]
