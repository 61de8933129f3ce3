"""Mistakes in a scenario file are told with their line, and texts are made up of the query."""

from pathlib import Path

import pytest

from streams.scenarios.run import run
from streams.scenarios.scenario_file import load_scenarios
from streams.settings.loading import ConfigError
from tests.streams.small_scenario import HEAD


def problems(text: str, folder: Path) -> list[tuple[int, str]]:
    path = folder / "a.test.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_scenarios(path)
    return [(problem.line, problem.text) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("brust: {at: day 2, for: 1h, times: 2}", 'unknown key "brust"; did you mean "burst"?'),
        ("burst: {at: day 2, for: 3 hours, times: 2}", 'did you mean "3h"?'),
        ("burst: {at: 14:00, for: 3h, times: 2}", "expected a time such as day 12 14:00"),
        ("burst: {at: day 12, for: 3h, times: 2}", '"at" is day 12; the scenario has only day 1 to day 10'),
        ("burst: {at: day 2, for: 3h}", 'expected either "times" or "mentions"'),
        ("burst: {at: day 2, for: 3h, times: 2}", "Nothing is usual here"),
        ("calm: {}", 'expected either "per_hour" or "per_day"'),
        ("calm: {per_hour: 100000}", "about 24,000,000 mentions in one scenario; expected at most 2,000,000"),
        ("calm: {per_hour: 6, text: the village}", '"the village" is not heard; expected a text that the monitor'),
        ("calm: {per_hour: 6, text: [city hall, the village]}", '"the village" is not heard'),
        ("calm: {per_hour: 6}\n        late: {at: day 2, for: 1h, by: 1h}", "found calm and late, expected one"),
    ],
)
def test_a_mistake_in_what_is_said_is_told_with_its_line(item: str, told: str, tmp_path: Path) -> None:
    usual = "" if "usual" in told or item.startswith("calm: {per_hour: 100") else "      - calm: {per_hour: 6}\n"
    ((line, text),) = problems(HEAD % (10, f"{usual}      - {item}"), tmp_path)
    assert told in text
    assert line in (6, 7, 8)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("{alert: volume_spik}", 'has no detector called "volume_spik"; did you mean "volume_spike"?'),
        ("{alert: other}", "expected one of volume_spike, any"),
        ("{alrt: any}", 'unknown key "alrt"; did you mean "alert"?'),
        ("{before: day 2}", 'an expectation begins with either "alert" or "no_alert"'),
        ("{alert: any, within: 30m}", '"within" and "of" belong together'),
        ("{alert: any, at_least: warn}", 'did you mean "warning"?'),
        ("{alert: any, with: coordinatd}", 'did you mean "coordinated"?'),
        ("{alert: any, after: day 3, before: day 2}", "it ends (day 2 00:00) before it begins (day 3 00:00)"),
        ("{alert: any, count: 2 to 1}", "expected the smaller number first"),
        ("{alert: any, count: some}", "words such as 1 to 2"),
        ("{no_alert: any, count: 1}", '"no_alert" always means none'),
        ("{alert: any, lasts: 0s}", '"lasts" is no time at all'),
        ("{alert: any, after: day 99}", '"after" is day 99; the scenario has only day 1 to day 10'),
    ],
)
def test_a_mistake_in_what_is_expected_is_told_with_its_line(expected: str, told: str, tmp_path: Path) -> None:
    text = (HEAD % (10, "      - calm: {per_hour: 6}")).replace("{no_alert: any}", expected)
    ((line, problem),) = problems(text, tmp_path)
    assert told in problem
    assert line == 9


def test_all_mistakes_are_told_at_once_by_line(tmp_path: Path) -> None:
    text = """config: nowhere.yaml
monitors:
  - {name: city, query: city OR, detectors: {volume_spik: {}}}
scenarios:
  - name: one
    monitor: village
    day: 3
    mentions: [calm: {per_hour: 6}]
    expect: [no_alert: any]
  - name: one
    days: 3
    only: [silence]
    mentions: [calm: {per_hour: 6}]
    expect: [no_alert: any]
"""
    found = problems(text, tmp_path)
    assert [line for line, _ in found] == [1, 3, 3, 6, 7, 10, 12]


def test_a_text_is_made_up_of_the_query_where_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    query = '(tax* OR duty) AND ("city hall" NEAR/3 mayor) AND NOT jobs'
    path.write_text((HEAD % (1, "      - calm: {per_hour: 60}")).replace("query: city hall", f"query: '{query}'"))
    (ready,) = load_scenarios(path)
    assert ready.texts[0] == "tax city hall mayor"
    assert run(ready).mentions > 1000


def test_a_query_for_a_channel_is_heard_there(tmp_path: Path) -> None:
    wanted = (HEAD % (1, "      - calm: {per_hour: 6, channel: news}")).replace("city hall,", '"channel:news city",')
    path = tmp_path / "a.test.yaml"
    path.write_text(wanted)
    assert run(load_scenarios(path)[0]).mentions > 50
    ((line, text),) = problems(wanted.replace(", channel: news", ""), tmp_path)
    assert (line, '"calm" needs the key "text"' in text) == (7, True)


# The command
