"""What people write under `mentions` is said as they mean it."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, pvariance
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.reading import read_mention
from streams.scenarios.mentions import recording
from streams.scenarios.run import run
from streams.scenarios.scenario_file import load_scenarios
from tests.streams.small_scenario import HEAD

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=BERLIN)


Said = list[dict[str, Any]]
Written = Callable[..., Said]


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
