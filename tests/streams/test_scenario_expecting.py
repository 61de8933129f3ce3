"""What people write under `expect` holds where they mean it to, and is told in words where it does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerting.alert import Severity
from detectors.detection import Effect
from streams.backtest.run import Report
from streams.scenarios.expecting import Told, failures, told
from streams.scenarios.moments import Calendar
from streams.scenarios.run import run
from streams.scenarios.scenario import Expectation
from streams.scenarios.scenario_file import load_scenarios
from tests.building import alert, claim, evidence, time
from tests.streams.small_scenario import HEAD

CALENDAR = Calendar(datetime(2030, 4, 1, tzinfo=UTC).date(), 3, ZoneInfo("UTC"))


def known(at: str = "12:05", **changes: Any) -> Told:
    changes.setdefault("resolved_at", time(at) + timedelta(hours=2))
    one = alert(**changes)
    return Told(alert=one, known_at=time(at), changes=(one,))


def missed(expectation: Expectation, *alerts: Told) -> list[str]:
    """What is wrong with each alert; `[]` where all is as expected."""
    return [wrong for failure in failures([expectation], [7], alerts, CALENDAR) for _, wrong in failure.alerts]


@pytest.mark.parametrize(
    ("expected", "wrong"),
    [
        ({"within": timedelta(minutes=6), "of": "day 1 12:00"}, None),
        ({"within": timedelta(minutes=3), "of": "day 1 12:00"}, "2 min too late"),
        ({"after": "day 1 12:05"}, None),
        ({"after": "day 1 13:00"}, "55 min too early"),
        ({"before": "day 1 12:05"}, "less than a minute too late"),
        ({"at_least": "critical"}, None),
        ({"at_least": "life_safety"}, "only critical"),
        ({"at_most": "warning"}, "as severe as critical"),
        ({"effect": Effect.WIDE_REACH}, None),
        ({"effect": Effect.COORDINATED}, "not coordinated"),
        ({"no_effect": Effect.COORDINATED}, None),
        ({"no_effect": Effect.WIDE_REACH}, "wide_reach"),
        ({"claim": "census-sale"}, None),
        ({"claim": "census-pin"}, "matches the claim census-sale"),
        ({"says": "BELOW 61"}, None),
        ({"says": "insurers"}, "does not say so"),  # stands only in what is quoted
        ({"lasts": timedelta(hours=2)}, None),
        ({"lasts": timedelta(hours=3)}, "over after 2 h"),
    ],
)
def test_each_key_of_an_expectation(expected: dict[str, Any], wrong: str | None) -> None:
    found = known(evidence=evidence(claim=claim()))
    assert missed(Expectation(alert="volume_spike", **expected), found) == ([] if wrong is None else [wrong])
    if expected and wrong is None:
        assert failures([Expectation(no_alert="any", **expected)], [7], [found], CALENDAR) != []


def test_an_alert_of_another_detector_does_not_count() -> None:
    (failure,) = failures([Expectation(alert="narrative")], [7], [known()], CALENDAR)
    assert (failure.line, failure.found, failure.alerts) == (7, "no such alert came", ())
    assert missed(Expectation(alert="any"), known(detector="narrative")) == []


def test_all_must_hold_for_the_same_alert() -> None:
    expected = Expectation(alert="any", before="day 1 13:00", at_least="critical")
    assert missed(expected, known(severity=Severity.INFO), known("14:00")) == ["only info", "1 h too late"]


def test_the_nearest_miss_is_told_first() -> None:
    expected = Expectation(alert="any", before="day 1 12:00", at_least="life_safety")
    found = missed(expected, known(), known("11:00"))
    assert found == ["only critical", "5 min too late, only critical"]


@pytest.mark.parametrize(("count", "passes"), [(1, False), (2, True), ("1 to 2", True), ("3 to 4", False), (0, False)])
def test_alerts_are_counted(count: int | str, passes: bool) -> None:
    found = failures([Expectation(alert="any", count=count)], [7], [known(), known("18:00")], CALENDAR)
    assert (found == []) is passes


def test_other_alerts_are_those_that_nobody_asked_for() -> None:
    expected = [Expectation(alert="any", before="day 1 13:00"), Expectation(no_alert="other")]
    assert failures(expected, [7, 8], [known()], CALENDAR) == []
    (failure,) = failures(expected, [7, 8], [known(), known("18:00")], CALENDAR)
    assert (failure.line, failure.expected, len(failure.alerts)) == (8, "no other alert", 1)


def test_what_an_alert_said_early_counts_though_it_says_something_else_in_the_end() -> None:
    first = alert(effects=(Effect.COORDINATED,), evidence=evidence("Coordinated posting by 6 accounts."))
    last = alert(detections=4, effects=(), evidence=evidence("200 mentions in 3 hours."))
    report = Report(changes=[first, last], changed_at=[time("12:05"), time("12:30")])
    (found,) = told(report)
    assert (found.known_at, found.alert, found.effects) == (time("12:05"), last, [Effect.COORDINATED])
    assert missed(Expectation(alert="any", effect=Effect.COORDINATED, says="by 6 accounts"), found) == []


def test_the_end_of_a_scenario_is_no_silence(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    text = (HEAD % (9, "      - calm: {per_hour: 120}")).replace("volume_spike: {}", "silence: {}")
    path.write_text(text)
    assert run(load_scenarios(path)[0]).known == ()
    path.write_text(text.replace("120}", "120}\n      - outage: {at: day 9 22:00, for: 2h}"))
    assert [each.alert.detector for each in run(load_scenarios(path)[0]).known] == ["silence"]


def test_expectations_are_told_in_words() -> None:
    expected = Expectation(
        alert="volume_spike", within=timedelta(minutes=30), of="day 2 14:00", at_least="warning",
        effect=Effect.COORDINATED, says="accounts", lasts=timedelta(hours=1),
    )  # fmt: skip
    (failure,) = failures([expected], [7], [], CALENDAR)
    assert failure.expected == (
        "an alert of volume_spike within 30 minutes of day 2 14:00 of severity at least warning that is coordinated "
        'that says "accounts" that lasts at least 1 hour'
    )


# The file
