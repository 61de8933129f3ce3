from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Severity
from alerting.budget import Asked, Spent, ask, limit_for
from tests.building import time

UTC = ZoneInfo("UTC")
INFO, WARNING, CRITICAL, LIFE_SAFETY = Severity


def asked(spent: int, severity: Severity, a_day: int | None = 10) -> Asked:
    return ask(
        Spent(day=time("12:00").date(), interruptions=spent),
        severity,
        time("12:00"),
        interrupts_a_day=a_day,
        timezone=UTC,
    )


@pytest.mark.parametrize(
    ("severity", "granted"),
    [(INFO, 3), (WARNING, 7), (CRITICAL, 10), (LIFE_SAFETY, 1000)],
    ids=lambda value: str(value),
)
def test_what_is_less_severe_leaves_a_share_for_what_is_more(severity: Severity, granted: int) -> None:
    assert [asked(spent, severity).is_granted for spent in (granted - 1, granted)] == [True, severity is LIFE_SAFETY]


def test_the_answer_says_which_of_how_many_it_is() -> None:
    assert asked(2, WARNING).told == "3 of 10 today"


def test_the_refusal_says_what_is_spent_and_for_whom_the_rest_is_kept() -> None:
    assert asked(7, WARNING).told == (
        "7 of 10 interruptions of the day are spent, and what is left is kept for critical stories."
    )
    assert asked(10, CRITICAL).told == "10 of 10 interruptions of the day are spent."


def test_life_safety_spends_nothing_and_is_always_granted() -> None:
    found = asked(10, LIFE_SAFETY)
    assert (found.is_granted, found.spent.interruptions, found.told) == (True, 10, "")


def test_without_a_limit_everything_is_granted() -> None:
    assert asked(5000, INFO, None).is_granted


def test_a_day_begins_at_midnight_of_the_routes_clock() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    at = time("14:59")  # 23:59 there
    before = ask(None, CRITICAL, at, interrupts_a_day=1, timezone=tokyo).spent
    assert not ask(before, CRITICAL, at, interrupts_a_day=1, timezone=tokyo).is_granted
    assert ask(before, CRITICAL, at + timedelta(minutes=1), interrupts_a_day=1, timezone=tokyo).is_granted


def test_a_clock_that_steps_back_does_not_give_a_new_day() -> None:
    today = ask(None, CRITICAL, time("00:01"), interrupts_a_day=1, timezone=UTC).spent
    late = ask(today, CRITICAL, time("00:01") - timedelta(minutes=5), interrupts_a_day=1, timezone=UTC)
    assert (late.is_granted, late.spent) == (False, today)


@given(st.lists(st.sampled_from(list(Severity))), st.integers(0, 40))
def test_a_day_never_has_more_than_its_budget_and_each_severity_no_more_than_its_share(
    severities: list[Severity], a_day: int
) -> None:
    spent, granted = None, dict.fromkeys(Severity, 0)
    for severity in severities:
        found = ask(spent, severity, time("12:00"), interrupts_a_day=a_day, timezone=UTC)
        spent, granted[severity] = found.spent, granted[severity] + found.is_granted
    assert granted[LIFE_SAFETY] == severities.count(LIFE_SAFETY)
    assert granted[INFO] <= limit_for(INFO, a_day)
    assert granted[INFO] + granted[WARNING] <= max(limit_for(WARNING, a_day), granted[INFO])
    assert granted[INFO] + granted[WARNING] + granted[CRITICAL] <= a_day
