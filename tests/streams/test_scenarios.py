"""The scenarios of the examples hold, and the words in which they are written mean what they say."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, pvariance
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from alerting.alert import Severity
from detectors.detection import Effect
from streams.backtest.run import Report
from streams.commands.test import command
from streams.reading import read_mention
from streams.scenarios.expecting import Told, failures, told
from streams.scenarios.mentions import recording
from streams.scenarios.moments import Calendar
from streams.scenarios.run import run
from streams.scenarios.scenario import Expectation, Talk
from streams.scenarios.scenario_file import Ready, load_scenarios
from streams.settings.loading import ConfigError
from tests.building import alert, claim, evidence, time

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
FILES = sorted(EXAMPLES.glob("*.test.yaml"))
SCENARIOS = [ready for file in FILES for ready in load_scenarios(file)]
README = (EXAMPLES / "README.md").read_text()

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=BERLIN)
HEAD = """monitors:
  - {name: city, query: city hall, timezone: Europe/Berlin, detectors: {volume_spike: {}}}
scenarios:
  - name: a test
    days: %s
    mentions:
%s
    expect:
      - {no_alert: any}
"""

Said = list[dict[str, Any]]
Written = Callable[..., Said]


# The examples


@pytest.mark.parametrize("ready", SCENARIOS, ids=lambda ready: f"{Path(ready.file).name}: {ready.scenario.name}")
def test_an_example(ready: Ready) -> None:
    result = run(ready)
    instead = [f"{ready.calendar.say(each.known_at)} {each.alert.evidence.summary}" for each in result.known]
    assert [(failure.line, failure.expected) for failure in result.failures] == [], instead


def test_the_readme_shows_a_scenario_that_can_be_run(tmp_path: Path) -> None:
    (shown,) = re.findall(r"<!-- scenario -->\n```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "shown.test.yaml"
    path.write_text(shown.replace("config: census.yaml", f"config: {EXAMPLES / 'census.yaml'}"))
    assert [ready.scenario.name for ready in load_scenarios(path)] == ["a rumour triples the talk for three hours"]


def test_the_readme_tells_of_every_word() -> None:
    words = set(re.findall(r"`(\w+)", README))
    written = {field.encode_name for cls in (Talk, Expectation) for field in _fields(cls)}
    written |= {field.encode_name for talk in _fields(Talk) for field in _fields(_of_talk(talk.name))}
    assert written - words == set()


def _fields(cls: Any) -> Sequence[Any]:
    from msgspec import structs

    return structs.fields(cls)


def _of_talk(name: str) -> Any:
    from streams.scenarios import scenario

    return getattr(scenario, "".join(word.capitalize() for word in name.split("_")))


# What people write


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The mentions of some items of `mentions`, in the order in which they come, without the heartbeats."""

    def mentions(*items: str, days: int = 10, seed: int = 1) -> Said:
        return [each for each in _lines(tmp_path, items, days, seed) if not each.get("synthetic")]

    return mentions


def _lines(folder: Path, items: Sequence[str], days: int, seed: int = 1) -> Said:
    path = folder / "a.test.yaml"
    path.write_text(HEAD % (days, "\n".join(f"      - {item}" for item in items)))
    (ready,) = load_scenarios(path)
    return [json.loads(line) for line in recording(ready.scenario, ready.calendar, ready.texts, seed)]


def moment(said: dict[str, Any], key: str = "at") -> datetime:
    return datetime.fromisoformat(said[key]).astimezone(BERLIN)


def on(day: int, clock: str = "00:00") -> datetime:
    hour, minute = clock.split(":")
    return MIDNIGHT + timedelta(days=day - 1, hours=int(hour), minutes=int(minute))


def between(said: Said, start: datetime, end: datetime, key: str = "at") -> Said:
    return [each for each in said if start <= moment(each, key) < end]


def by_five_minutes(said: Said) -> list[int]:
    counts = Counter(int(moment(each).timestamp() // 300) for each in said)
    first = int(MIDNIGHT.timestamp() // 300)
    return [counts[number] for number in range(first, first + 10 * 288)]


def test_calm_talk_is_poisson(written: Written) -> None:
    counts = by_five_minutes(written("calm: {per_hour: 60}"))
    assert mean(counts) == pytest.approx(5, rel=0.03)
    assert pvariance(counts) == pytest.approx(5, rel=0.1)


def test_clumped_talk_has_the_variance_that_is_asked_for(written: Written) -> None:
    counts = by_five_minutes(written("calm: {per_hour: 60, variance: 4}"))
    assert mean(counts) == pytest.approx(5, rel=0.05)
    assert pvariance(counts) == pytest.approx(20, rel=0.15)


def test_few_a_day(written: Written) -> None:
    assert len(written("calm: {per_day: 30}", days=100)) == pytest.approx(3000, rel=0.05)


def test_calm_talk_begins_and_ends_when_it_should(written: Written) -> None:
    said = written("calm: {per_hour: 60, at: day 3 06:00, for: 1d}")
    assert on(3, "06:00") <= moment(said[0]) < on(3, "06:30")
    assert on(4, "05:30") <= moment(said[-1]) < on(4, "06:00")


def test_seasons_follow_the_local_clock_on_both_sides_of_its_change(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    items = "      - seasonal: {per_hour: 300, nights: 0.1, weekends: 0.5}"
    path.write_text((HEAD % (14, items)).replace("days: 14", "days: 14\n    starts: 2026-03-23"))
    (ready,) = load_scenarios(path)
    said = [json.loads(line) for line in recording(ready.scenario, ready.calendar, ready.texts, 1)]
    changes = datetime(2026, 3, 29, tzinfo=BERLIN)
    moments = [moment(each) for each in said if not each.get("synthetic")]
    for side in ([at for at in moments if at < changes], [at for at in moments if at >= changes]):
        weekdays = [at for at in side if at.weekday() < 5]
        days = len({at.date() for at in weekdays})
        hours = Counter(at.hour for at in weekdays)
        assert hours[4] / days == pytest.approx(30, rel=0.15)
        assert hours[16] / days == pytest.approx(570, rel=0.05)
        assert len(weekdays) / days / 24 == pytest.approx(300, rel=0.02)
    saturdays = [at for at in moments if at.weekday() == 5]
    assert len(saturdays) / 2 / 24 == pytest.approx(150, rel=0.05)


def test_a_burst_multiplies_the_usual(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "burst: {at: day 5 14:00, for: 3h, times: 3}")
    assert len(between(said, on(5, "14:00"), on(5, "17:00"))) == pytest.approx(5400, rel=0.05)
    assert len(between(said, on(5, "11:00"), on(5, "14:00"))) == pytest.approx(1800, rel=0.08)


def test_a_burst_may_begin_and_end_within_a_minute(written: Written) -> None:
    said = written("calm: {per_hour: 6000, at: day 5 12:00, for: 3h}", "burst: {at: day 5 14:00, for: 90s, times: 11}")
    assert len(between(said, on(5, "14:00"), on(5, "14:02"))) == pytest.approx(200 + 1500, rel=0.1)


def test_a_lull_is_a_burst_below_one(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "burst: {at: day 5, for: 1d, times: 0.25}")
    assert len(between(said, on(5), on(6))) == pytest.approx(24 * 150, rel=0.05)


def test_a_counted_burst_is_beside_the_usual_and_every_account_speaks(written: Written) -> None:
    said = written("burst: {at: day 5 14:00, for: 30m, mentions: 90, accounts: 30}")
    assert len(between(said, on(5, "14:00"), on(5, "14:30"))) == len(said) == 90
    assert set(Counter(each["author"]["id"] for each in said).values()) == {3}


def test_a_ramp_grows_evenly(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "ramp: {at: day 5 08:00, for: 10h, times: 5}")
    hours = [len(between(said, on(5, f"{hour}:00"), on(5, f"{hour + 1}:00"))) for hour in (7, 8, 12, 17, 18)]
    assert hours == [pytest.approx(expected, rel=0.12) for expected in (600, 720, 1680, 2880, 600)]


def test_a_level_shift_lasts(written: Written) -> None:
    said = written("calm: {per_hour: 60}", "level_shift: {at: day 5, times: 3}")
    assert len(between(said, on(1), on(5))) == pytest.approx(96 * 60, rel=0.05)
    assert len(between(said, on(5), on(11))) == pytest.approx(144 * 180, rel=0.05)


def test_a_bot_wave_is_one_text_by_a_few_new_accounts(written: Written) -> None:
    said = written("bot_wave: {at: day 5 14:00, for: 30m, mentions: 90}")
    assert len({each["text"] for each in said}) == 1
    assert len({each["author"]["id"] for each in said}) == 6
    assert {moment(each).date() - datetime.fromisoformat(each["author"]["created_at"]).date() for each in said} == {
        timedelta(days=3)
    }


def test_a_crowd_says_it_in_many_ways_and_voices(written: Written) -> None:
    said = written("burst: {at: day 5 14:00, for: 30m, mentions: 200}")
    assert len({each["text"] for each in said}) > 8
    assert len({each["author"]["id"] for each in said}) > 190


def test_an_outage_loses_what_is_said(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "outage: {at: day 5 14:00, for: 3h}")
    assert between(said, on(5, "14:00"), on(5, "17:00"), "arrived_at") == []
    assert len(between(said, on(5, "14:00"), on(5, "17:00"))) <= 5  # on their way when it ended


def test_an_outage_of_one_channel_leaves_the_others(written: Written) -> None:
    said = written(
        "calm: {per_hour: 60}", "calm: {per_hour: 60, channel: news}", "outage: {at: day 5, for: 1d, channel: news}"
    )
    assert {each["channel"] for each in between(said, on(5, "01:00"), on(5, "23:00"))} == {"bluesky"}
    assert {each["channel"] for each in between(said, on(6, "01:00"), on(7))} == {"bluesky", "news"}


def test_a_backlog_comes_at_once_and_in_order(written: Written) -> None:
    calm, outage = "calm: {per_hour: 600, at: day 5, for: 1d}", "outage: {at: day 5 14:00, for: 3h, backlog: true}"
    said, without = written(calm, outage), written(calm)
    assert len(said) == len(without)
    missed = between(said, on(5, "14:00"), on(5, "16:59"))
    assert len(missed) > 1500
    assert {moment(each, "arrived_at").replace(second=0, microsecond=0) for each in missed} == {on(5, "17:00")}
    assert [each["id"] for each in missed] == [each["id"] for each in between(without, on(5, "14:00"), on(5, "16:59"))]


def test_late_mentions_come_later_than_they_were_said(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "late: {at: day 5 14:00, for: 3h, by: 20m, share: 0.3}")
    within = between(said, on(5, "14:00"), on(5, "17:00"))
    late = [each for each in within if moment(each, "arrived_at") - moment(each) > timedelta(minutes=20)]
    assert len(late) / len(within) == pytest.approx(0.3, abs=0.04)
    on_time = [each for each in said if each not in late]
    assert max(moment(each, "arrived_at") - moment(each) for each in on_time) < timedelta(seconds=5)


def test_a_clock_that_runs_ahead_is_known_by_the_arrival(written: Written) -> None:
    said = written("calm: {per_hour: 600, at: day 5, for: 1d}", "clock_ahead: {at: day 5, for: 1d, by: 3h, share: 0.1}")
    ahead = [each for each in said if moment(each) > moment(each, "arrived_at")]
    assert len(ahead) == pytest.approx(24 * 60, rel=0.1)
    far_from_now = datetime(2040, 1, 1, tzinfo=UTC)
    read = [read_mention(json.dumps(each).encode(), far_from_now) for each in ahead]
    assert {getattr(each, "clock_ahead", None) for each in read} == {True}


def test_what_is_written_out_is_said_as_it_stands(written: Written) -> None:
    (said,) = written(
        "said: {at: day 2 09:15, text: The city hall is closed, account: ada, channel: news, followers: 7, lang: en, "
        "links: ['https://news.example.org/1'], late_by: 1h}"
    )
    assert (said["text"], said["channel"], said["lang"]) == ("The city hall is closed", "news", "en")
    assert (said["author"]["id"], said["author"]["followers"]) == ("ada", 7)
    assert said["links"] == ["https://news.example.org/1"]
    assert moment(said) == on(2, "09:15")
    assert timedelta(hours=1) < moment(said, "arrived_at") - moment(said) < timedelta(hours=1, seconds=5)


def test_a_heartbeat_a_minute_moves_time_while_nothing_is_said(tmp_path: Path) -> None:
    lines = _lines(tmp_path, ["said: {at: day 1 12:00, text: city hall}"], 1)
    beats = [moment(each) for each in lines if each.get("synthetic")]
    assert beats == [MIDNIGHT + timedelta(minutes=minute) for minute in range(1441)]
    came = [moment(each, "arrived_at") for each in lines]
    assert came == sorted(came)


def test_every_mention_is_heard_and_has_an_id_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text(HEAD % (2, "      - calm: {per_hour: 60}\n      - bot_wave: {at: day 2, for: 1h, mentions: 50}"))
    (ready,) = load_scenarios(path)
    lines = [json.loads(line) for line in recording(ready.scenario, ready.calendar, ready.texts, 1)]
    said = [each for each in lines if not each.get("synthetic")]
    assert len({each["id"] for each in lines}) == len(lines)
    assert run(ready).mentions == len(said)


def test_the_same_seed_says_the_same_and_another_one_something_else(written: Written) -> None:
    items = "calm: {per_hour: 20}", "burst: {at: day 5, for: 1h, times: 3}"
    assert written(*items) == written(*items)
    assert written(*items) != written(*items, seed=2)


def test_one_more_item_changes_nothing_of_what_the_others_say(written: Written) -> None:
    times = {each["at"] for each in written("calm: {per_hour: 20}")}
    more = written("calm: {per_hour: 20}", "burst: {at: day 5, for: 1h, times: 3}")
    assert times <= {each["at"] for each in more}


# What is expected


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
        ({"lasts": timedelta(hours=3)}, "over after 2 h 0 min"),
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
    assert missed(expected, known(severity=Severity.INFO), known("14:00")) == ["only info", "1 h 0 min too late"]


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


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments], env={"COLUMNS": "90"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.test.yaml"
    passes = HEAD % (1, "      - calm: {per_hour: 6}")  # a day on which it only learns
    fails = passes.split("scenarios:\n")[1].replace("a test", "one that fails").replace("{no_alert: any}", "alert: any")
    path.write_text(passes + fails)
    return path


def test_it_is_all_right(file: Path) -> None:
    done = called(file, "--only", "A TEST")
    assert done.exit_code == 0
    assert "✓ a test" in done.stdout
    assert "1 scenario: 1 passed" in done.stdout


def test_what_fails_is_told_with_its_line_and_how_to_see_more(file: Path) -> None:
    done = called(file)
    assert done.exit_code == 1
    assert "✗ one that fails" in done.stdout
    assert f"{file}:15" in done.stdout
    assert "expected  an alert" in done.stdout
    assert "no such alert came, nor any other" in done.stdout
    assert f'groundswell test {file} --only "one that fails" --show' in done.stdout
    assert "2 scenarios: 1 passed, 1 failed" in done.stdout


def test_a_file_that_cannot_be_used_is_another_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "a.test.yaml"
    path.write_text("scenarios: []")
    done = called(path, tmp_path / "b.test.yaml")
    assert done.exit_code == 2
    assert f"{path}:1: " in done.stderr
    assert "b.test.yaml: there is no such file" in done.stderr
    assert "2 problems; nothing was run." in done.stderr


def test_words_that_no_name_has_are_told(file: Path) -> None:
    done = called(file, "--only", "zebra")
    assert done.exit_code == 2
    assert "one that fails" in done.stderr


def test_machines_read_a_line_a_scenario(file: Path) -> None:
    done = called(file, "--json", "--seeds", "2")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["scenario"], each["seed"], each["passed"]) for each in told] == [
        ("a test", 1, True), ("a test", 2, True), ("one that fails", 1, False), ("one that fails", 2, False),
    ]  # fmt: skip
    assert told[2]["failures"] == [{"line": 15, "expected": "an alert", "found": "no such alert came"}]


def test_several_seeds_show_whether_it_was_luck(file: Path) -> None:
    assert "0 of 2 seeds passed" in called(file, "--seeds", "2", "--only", "fails").stdout


def test_the_mentions_can_be_saved_for_a_backtest(file: Path, tmp_path: Path) -> None:
    called(file, "--save", tmp_path / "saved", "--only", "a test")
    (saved,) = (tmp_path / "saved").iterdir()
    assert saved.name == "a-test.jsonl"
    read = [read_mention(line, datetime(2040, 1, 1, tzinfo=UTC)) for line in saved.read_bytes().splitlines()]
    assert sum(not getattr(each, "synthetic", True) for each in read) > 100
