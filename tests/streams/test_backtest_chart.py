"""The charts of a backtest: the numbers that they draw, their bins and ticks, and where they point at alerts."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Alert, Severity
from detectors.volume.bins import bin_of, start_of
from streams.backtest.axes import HEIGHT, MOST_BINS, WIDTH, Span, cut, scale, time_ticks
from streams.backtest.chart import Chart, chart
from streams.backtest.labels import Label
from streams.backtest.marks import closeups
from streams.backtest.series import Series
from tests.building import alert, time

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia"]


def span(start: str, length: timedelta) -> Span:
    first = bin_of(time(start))
    return Span(first=first, end=first + length // timedelta(minutes=5))


def drawn(series: Series, over: Span, *alerts: Alert, labels: tuple[Label, ...] = (), lanes: int = 4) -> Chart:
    numbered = list(enumerate(alerts, 1))
    made = chart(series, over, numbered, list(enumerate(labels, 1)), learnt_at=over.first, lanes=lanes)
    assert made is not None
    return made


def steps(path: str) -> list[tuple[int, int]]:
    """The height and the end of each step of a path, as drawn."""
    return [(int(y), int(x)) for y, x in re.findall(r"V(\d+)H(\d+)", path)]


def test_steps_are_as_high_as_the_counts() -> None:
    over = span("10:00", timedelta(minutes=20))
    counted = Series()
    counted.mentions.update({over.first: 5, over.first + 1: 10, over.first + 3: 10})
    made = drawn(counted, over)
    assert steps(made.counts) == [(500, 2500), (0, 5000), (HEIGHT, 7500), (0, WIDTH)]
    assert made.peak == "Highest: 10 in 5 minutes, Mon 1 Apr 10:05"


def test_what_lies_outside_is_not_counted() -> None:
    over = span("10:00", timedelta(minutes=20))
    counted = Series()
    counted.mentions.update({over.first - 1: 900, over.first: 2, over.end: 900, 10**9: 5})
    assert drawn(counted, over).peak.startswith("Highest: 2 in")


def test_what_is_usual_in_an_hour_is_spread_over_its_bins_and_left_out_where_nobody_knew() -> None:
    over = span("10:00", timedelta(hours=2))
    counted = Series(usual={over.first + 12: 24.0})
    counted.mentions[over.first] = 4
    made = drawn(counted, over)
    assert made.usual == f"M5000 {HEIGHT // 2}H{WIDTH}"


def test_in_wide_bins_what_is_usual_grows_with_them() -> None:
    over = span("2030-01-01T00:00:00", timedelta(days=100))
    counted = Series(usual=dict.fromkeys(range(over.first, over.end, 12), 2.0))
    counted.mentions[over.first + 72] = 240
    made = drawn(counted, over)
    assert made.unit == "6 hours"
    assert made.peak == "Highest: 240 in 6 hours, Tue 1 Jan 06:00, where 12 would be usual"


def test_few_mentions_are_shown_in_wide_bins() -> None:
    over = span("2030-01-01T00:00:00", timedelta(days=20))
    counted = Series()
    counted.mentions.update(dict.fromkeys(range(over.first, over.end, 1440), 10))
    assert drawn(counted, over).unit == "6 hours"
    counted.mentions.update(dict.fromkeys(range(over.first, over.end, 1440), 30))
    assert drawn(counted, over).unit == "hour"


def test_nothing_said_makes_no_chart() -> None:
    assert chart(Series(), span("10:00", timedelta(hours=2)), [], [], learnt_at=0, lanes=1) is None


@given(
    st.datetimes(datetime(1970, 1, 3), datetime(2060, 1, 1)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(1, 40 * 365 * 288),
    st.sampled_from(ZONES),
    st.sampled_from([1, 100, 10**9]),
)
def test_bins_cover_the_span_and_are_never_too_many(begin: datetime, length: int, zone: str, mentions: int) -> None:
    first = bin_of(begin.replace(tzinfo=ZoneInfo(zone)))
    over = Span(first=first, end=first + length)
    edges = cut(over, ZoneInfo(zone), mentions).edges
    assert list(edges) == sorted(set(edges))
    assert edges[0] <= over.first < edges[1]
    assert edges[-2] < over.end <= edges[-1]
    assert len(edges) - 1 <= MOST_BINS


def test_days_are_those_of_the_place() -> None:
    over = span("2030-03-01T23:00:00", timedelta(days=400))
    edges = cut(over, BERLIN, 10_000).edges
    lengths = {end - start for start, end in pairwise(edges)}
    assert lengths == {276, 288, 300}


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=300).filter(any))
def test_an_axis_holds_its_highest_value_and_keeps_the_order(values: list[int]) -> None:
    made = scale(values)
    assert max(values) <= made.top * (1 + 1e-9)
    assert made.top <= 16 * max(values)
    ranked = sorted(values)
    heights = [made.height(value) for value in ranked]
    assert heights == sorted(heights)
    ticks = made.ticks()
    assert 1 <= len(ticks) <= 8
    assert ticks == sorted(ticks)
    assert ticks[-1] <= made.top * (1 + 1e-9)


def test_calm_days_can_be_seen_beside_a_peak() -> None:
    assert not scale([10] * 100 + [90]).is_root
    made = scale([10] * 100 + [1000])
    assert made.is_root
    assert made.height(10) >= 0.07


@given(
    st.datetimes(datetime(1970, 1, 3), datetime(2060, 1, 1)),  # noqa: DTZ001 - hypothesis adds the zone
    st.integers(1, 40 * 365 * 288),
    st.sampled_from(ZONES),
    st.sampled_from([5, 10]),
)
def test_ticks_are_few_and_in_order(begin: datetime, length: int, zone: str, most: int) -> None:
    first = bin_of(begin.replace(tzinfo=ZoneInfo(zone)))
    ticks = time_ticks(Span(first=first, end=first + length), ZoneInfo(zone), most)
    assert len(ticks) <= most + 1
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    assert all(0 <= tick.at < 1 for tick in ticks)


def test_ticks_are_read_off_the_clocks_of_the_place() -> None:
    over = Span(first=bin_of(time("2030-03-30T20:00:00")), end=bin_of(time("2030-03-31T20:00:00")))
    told = [
        (start_of(over.first) + tick.at * over.length, tick.text, tick.below) for tick in time_ticks(over, BERLIN, 5)
    ]
    assert [(f"{at:%H:%M}", text, below) for at, text, below in told] == [
        ("23:00", "00:00", "Sun 31 Mar"),
        ("04:00", "06:00", ""),  # the clocks went forward
        ("10:00", "12:00", ""),
        ("16:00", "18:00", ""),
    ]


def test_an_hour_that_the_clocks_leap_over_is_not_told() -> None:
    over = Span(first=bin_of(time("2030-03-31T00:00:00")), end=bin_of(time("2030-03-31T04:00:00")))
    ticks = time_ticks(over, BERLIN, 5)
    told = [(f"{start_of(over.first) + tick.at * over.length:%H:%M}", tick.text) for tick in ticks]
    assert told == [("00:00", "01:00"), ("01:00", "03:00"), ("02:00", "04:00"), ("03:00", "05:00")]


def test_marks_stand_above_each_other_and_then_share() -> None:
    over = span("10:00", timedelta(hours=10))
    near = [alert(starts_at=time(f"11:0{number}"), subject=str(number)) for number in range(5)]
    far = alert(starts_at=time("18:00"), severity=Severity.INFO)
    counted = Series()
    counted.mentions[over.first] = 1
    made = drawn(counted, over, *near, far, lanes=3)
    assert [(mark.text, mark.lane) for mark in made.marks] == [("1", 0), ("2", 1), ("3×", 2), ("6", 0)]
    assert made.marks[2].spoken == "3 alerts, the most severe is alert 3, critical"
    assert made.lanes == 3


def test_firing_is_shaded_once_in_the_worst_severity_and_only_where_it_is_seen() -> None:
    over = span("10:00", timedelta(hours=10))
    counted = Series()
    counted.mentions[over.first] = 1
    before = alert(starts_at=time("08:00"), last_at=time("09:00"))
    mild = alert(starts_at=time("11:00"), last_at=time("13:00"), severity=Severity.INFO)
    bad = alert(starts_at=time("12:00"), last_at=time("14:00"), severity=Severity.WARNING)
    (shade,) = drawn(counted, over, before, mild, bad).firing
    assert (shade.x, shade.width, shade.severity) == (1000, 3000, Severity.WARNING)


def test_a_window_without_length_can_still_be_seen() -> None:
    over = span("10:00", timedelta(hours=10))
    counted = Series()
    counted.mentions[over.first] = 1
    late = Label(start=time("19:59:59"), end=time("20:00"))
    (window,) = drawn(counted, over, labels=(late, Label(start=time("21:00"), end=time("22:00")))).labels
    assert window.width > 0
    assert window.x + window.width <= WIDTH


@pytest.mark.parametrize(("most", "expected"), [(1, ["10 12:00"]), (3, ["03 12:00", "10 12:00"])])
def test_a_closer_look_is_taken_at_the_most_severe(most: int, expected: list[str]) -> None:
    over = span("2030-03-01T00:00:00", timedelta(days=20))
    alerts = [
        alert(starts_at=time(f"2030-03-{day}T15:00:00"), last_at=time(f"2030-03-{day}T16:00:00"), severity=severity)
        for day, severity in (("03", Severity.INFO), ("10", Severity.CRITICAL))
    ]
    windows = closeups(list(enumerate(alerts, 1)), over, most)
    assert [f"{window.start:%d %H:%M}" for window in windows] == expected


def test_no_closer_look_is_taken_that_would_show_nearly_everything() -> None:
    over = span("10:00", timedelta(hours=8))
    assert closeups([(1, alert(starts_at=time("13:00"), last_at=time("14:00")))], over, 3) == []
