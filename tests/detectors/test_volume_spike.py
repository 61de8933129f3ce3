import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.mention import Author, Mention
from detectors.snapshot import snapshot
from detectors.volume.surprise import Baseline
from detectors.volume_spike import VolumeSpike

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATENESS = timedelta(seconds=30)


def mention(at: datetime, number: int = 0, **fields: Any) -> Mention:
    return Mention(id=f"{at.timestamp()}-{number}", channel=fields.pop("channel", "news"), at=at, text="a", **fields)


def calm(hours: float, each_hour: int = 12, start: datetime = START) -> list[Mention]:
    """A steady trickle with some jitter."""
    dice = random.Random(7)
    return sorted(
        (mention(start + hours * HOUR * dice.random(), number) for number in range(int(hours * each_hour))),
        key=lambda each: each.at,
    )


def burst(begins: datetime, mentions: int, length: timedelta = 10 * MINUTE, **fields: Any) -> list[Mention]:
    return [
        mention(begins + length * number / mentions, number, author=Author(id=f"burst{number}"), **fields)
        for number in range(mentions)
    ]


def spike(**params: Any) -> VolumeSpike:
    return VolumeSpike(MonitorContext(lateness=LATENESS), VolumeSpike.Params(**params))


def tell(detector: VolumeSpike, mentions: Iterable[Mention], *, peeks: bool = True) -> list[Detection]:
    """All that it says while it hears the mentions, as a pipeline would tell them."""
    found: list[Detection] = []
    for each in mentions:
        detector.observe(each)
        found += detector.advance(each.at - LATENESS)
        found += detector.peek(each.at) if peeks else ()
    return found


def levels(found: Sequence[Detection]) -> list[int]:
    """The new levels of each episode, in order."""
    reached: dict[tuple[datetime, int], int] = {}
    for each in found:
        reached.setdefault((each.starts_at, each.level), each.level)
    return list(reached.values())


def test_a_calm_stream_is_silent_and_a_burst_is_told_before_its_bin_closes() -> None:
    detector = spike()
    assert tell(detector, calm(72)) == []
    begins = START + 72 * HOUR
    found = tell(detector, burst(begins, 30, 4 * MINUTE))
    assert levels(found)[:1] == [2]
    assert found[0].starts_at == found[0].at == begins
    assert detector.state.next_bin == begins.timestamp() // 300


def test_nothing_is_said_in_the_first_day() -> None:
    detector = spike(sensitivity="high")
    assert tell(detector, [*calm(20), *burst(START + 20 * HOUR, 500)]) == []


@pytest.mark.parametrize("minute", range(0, 12, 2))
def test_the_first_day_begins_with_the_first_mention(minute: int) -> None:
    first = START + 4 * MINUTE
    stream = [mention(first), *calm(23, start=first), *burst(first + 24 * HOUR + (minute - 6) * MINUTE, 200)]
    found = tell(spike(sensitivity="high"), stream)
    assert found
    assert min(each.at for each in found) >= first + 24 * HOUR


@pytest.mark.parametrize(("mentions", "speaks"), [(3, False), (7, False), (12, True)])
def test_a_monitor_with_three_mentions_a_day_speaks_at_twelve_but_not_at_three(mentions: int, speaks: bool) -> None:
    rare = [mention(START + day * 24 * HOUR + hour * HOUR) for day in range(10) for hour in (8, 13, 19)]
    found = tell(spike(), [*rare, *burst(START + 241 * HOUR, mentions)])
    assert bool(found) is speaks


def test_a_rise_is_one_episode_that_goes_on_bin_by_bin() -> None:
    found = tell(spike(), [*calm(72), *burst(START + 72 * HOUR, 400, HOUR), *calm(3, start=START + 73 * HOUR)])
    assert {each.starts_at for each in found} == {START + 72 * HOUR}
    assert levels(found) == sorted(levels(found))
    moments = [each.at for each in found]
    assert moments == sorted(moments)
    assert {START + 72 * HOUR + 5 * MINUTE * number for number in range(13)} <= set(moments)


def test_a_short_rise_is_over_an_hour_later_though_long_windows_remember_it() -> None:
    begins, detector = START + 26 * HOUR, spike()
    steady = [mention(START + 5 * MINUTE * number, each) for number in range(26 * 12) for each in range(2)]
    found = tell(detector, [*steady, *burst(begins, 240)])
    found += detector.advance(begins + 6 * HOUR)
    assert begins + 10 * MINUTE <= found[-1].at <= begins + HOUR + 20 * MINUTE


def test_a_second_rise_is_a_new_episode_only_after_twelve_hours_of_calm() -> None:
    def starts(gap: int) -> int:
        second = START + (73 + gap) * HOUR
        stream = [*calm(72), *burst(START + 72 * HOUR, 200, HOUR), *calm(gap, start=START + 73 * HOUR)]
        return len({each.starts_at for each in tell(spike(), [*stream, *burst(second, 1500, HOUR)])})

    assert starts(6) == 1
    assert starts(20) == 2


def test_severity_never_falls_when_the_count_grows() -> None:
    baseline, dice = Baseline(), random.Random(3)
    for number in range(2000):
        baseline.learn(dice.randrange(12), number // 12 % 168)
    severities = [baseline.severity(count, 5) for count in range(500)]
    assert severities == sorted(severities)
    assert severities[0] < 1
    assert severities[-1] > 10


def test_a_late_mention_is_counted_where_it_belongs_and_gives_no_alert_of_its_own() -> None:
    detector = spike()
    tell(detector, calm(72))
    closed = START + 70 * HOUR
    windows = detector.state.baseline.windows
    totals = [window.total for window in windows]
    for number in range(40):
        detector.observe(mention(closed, number))
    grown = {window.bins: window.total - before for window, before in zip(windows, totals, strict=True)}
    assert grown == {1: 0, 3: 0, 12: 0, 36: 40, 72: 40, 144: 40}
    assert sum(detector.state.baseline.newest(26)) >= 40
    assert detector.advance(closed + 2 * HOUR) == []


def test_a_mention_from_more_than_twelve_hours_ago_changes_nothing() -> None:
    detector = spike()
    tell(detector, calm(72))
    before = snapshot(detector)
    detector.observe(mention(START + 59 * HOUR))
    assert snapshot(detector) == before


def test_hours_of_the_day_follow_the_clock_of_the_monitor() -> None:
    detector = VolumeSpike(MonitorContext(timezone=ZoneInfo("Asia/Kathmandu")), VolumeSpike.Params())
    tell(detector, [mention(START), mention(START + 10 * MINUTE)])
    assert [hour for hour, visits in enumerate(detector.state.baseline.season.visits) if visits] == [5]


def test_a_gap_of_years_is_learned_anew_in_bounded_time() -> None:
    old = mention(datetime(1970, 1, 1, tzinfo=UTC))
    detector = spike()
    assert tell(detector, [old, *calm(30)]) == []
    assert detector.state.baseline.closed < 31 * 12
    assert tell(detector, burst(START + 30 * HOUR, 60))


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_a_time_at_the_edge_of_the_calendar_is_ignored(year: int) -> None:
    detector = spike()
    detector.observe(mention(datetime(year, 12 if year > 1 else 1, 31, 23, 59, tzinfo=UTC)))
    assert detector.state.open == {}


def test_the_state_stays_small() -> None:
    detector = spike()
    long = "x" * 5000
    for each in calm(72, each_hour=120):
        texts = {"text": long, "url": long, "channel": f"{each.id}{long}", "lang": "en"}
        author = Author(id=each.id, handle=long, followers=hash(each.id) % 1000)
        detector.observe(msgspec.structs.replace(each, **texts, author=author))
        detector.advance(each.at - LATENESS)
    assert sum(map(len, snapshot(detector).values())) < 24_000


@pytest.mark.parametrize("each_hour", [2, 6, 40])
def test_after_an_outage_of_days_in_the_first_week_what_is_usual_again_is_no_rise(each_hour: int) -> None:
    down, up = START + 50 * HOUR, START + 146 * HOUR
    heard = [each for each in calm(292, each_hour) if not down <= each.at < up]
    assert tell(spike(), heard) == []
