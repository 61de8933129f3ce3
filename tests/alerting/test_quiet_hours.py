"""Windows of the local day, in real time zones: what is quiet is what the clock on the wall says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.alert import Severity
from alerting.quiet_hours import QuietWindow, quiet_at

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietWindow(start_minute=22 * 60, end_minute=7 * 60)
WEEKEND = QuietWindow(start_minute=0, end_minute=24 * 60, days=(5, 6))
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]


def utc(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=UTC)


def until(
    when: datetime, *windows: QuietWindow, zone: ZoneInfo = BERLIN, severity: Severity = Severity.WARNING
) -> datetime | None:
    quiet = quiet_at(windows or (NIGHT,), zone, severity, when)
    return None if quiet is None else quiet.until


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T20:59:59", None),
        ("2026-11-24T21:00", "2026-11-25T06:00"),
        ("2026-11-25T05:59:59", "2026-11-25T06:00"),
        ("2026-11-25T06:00", None),
        ("2026-07-01T20:00", "2026-07-02T05:00"),  # summer time
    ],
)
def test_a_night_reaches_across_midnight_and_begins_sharp(now: str, expected: str | None) -> None:
    assert until(utc(now)) == (None if expected is None else utc(expected))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-28T23:00", "2026-03-29T05:00"),  # an hour is leapt over: the night is 8 hours long
        ("2026-10-24T20:00", "2026-10-25T06:00"),  # an hour comes twice: it is 10 hours long
    ],
)
def test_it_ends_by_the_clock_on_the_wall_where_that_is_changed(now: str, expected: str) -> None:
    assert until(utc(now)) == utc(expected)


def test_an_edge_that_comes_twice_is_the_later_one_at_the_end_and_the_earlier_one_at_the_start() -> None:
    ends = QuietWindow(start_minute=22 * 60, end_minute=2 * 60 + 30)
    assert until(utc("2026-10-24T21:00"), ends) == utc("2026-10-25T01:30")
    assert until(utc("2026-10-25T00:45"), ends) == utc("2026-10-25T01:30")
    starts = QuietWindow(start_minute=2 * 60 + 30, end_minute=5 * 60)
    assert until(utc("2026-10-25T00:30"), starts) == utc("2026-10-25T04:00")


def test_an_edge_that_is_leapt_over_is_taken_by_the_offset_before_it() -> None:
    ends = QuietWindow(start_minute=22 * 60, end_minute=2 * 60 + 30)
    assert until(utc("2026-03-29T00:00"), ends) == utc("2026-03-29T01:30")


def test_what_is_severe_enough_is_told_all_the_same() -> None:
    night = utc("2026-11-24T23:00")
    assert until(night, severity=Severity.CRITICAL) is None
    assert until(night, severity=Severity.WARNING) is not None


def test_the_day_is_the_one_on_which_a_window_begins() -> None:
    friday = QuietWindow(start_minute=22 * 60, end_minute=7 * 60, days=(4,))
    assert until(utc("2026-11-28T03:00"), friday) == utc("2026-11-28T06:00")  # the night to Saturday
    assert until(utc("2026-11-27T03:00"), friday) is None
    assert until(utc("2026-11-28T22:00"), friday) is None


def test_windows_that_follow_each_other_are_one() -> None:
    assert until(utc("2026-11-28T12:00"), WEEKEND, NIGHT) == utc("2026-11-29T23:00") + timedelta(hours=7)


def test_windows_without_an_end_are_told_with_one() -> None:
    always = QuietWindow(start_minute=0, end_minute=24 * 60)
    ends = until(utc("2026-11-28T12:00"), always)
    assert ends is not None
    assert utc("2026-12-06T00:00") < ends < utc("2026-12-09T00:00")


@st.composite
def windows(draw: st.DrawFn) -> QuietWindow:
    start = draw(st.integers(0, 1439))
    end = draw(st.integers(1, 1440).filter(lambda minute: minute != start))
    days = draw(st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True))
    return QuietWindow(start_minute=start, end_minute=end, days=tuple(sorted(days)))


moments = st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: utc("2020-01-01") + timedelta(minutes=minutes))


@given(windows(), st.sampled_from(ZONES), moments)
def test_away_from_changes_of_the_clock_it_is_quiet_as_the_clock_on_the_wall_says(
    window: QuietWindow, name: str, now: datetime
) -> None:
    zone = ZoneInfo(name)
    offsets = {(now + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-49, 50, 7)}
    if len(offsets) > 1:
        return
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    today, yesterday = local.weekday() in window.days, (local.weekday() - 1) % 7 in window.days
    if window.end_minute > window.start_minute:
        expected = today and window.start_minute <= minute < window.end_minute
    else:
        expected = (today and minute >= window.start_minute) or (yesterday and minute < window.end_minute)
    assert (quiet_at([window], zone, Severity.INFO, now) is not None) == expected


@given(st.lists(windows(), min_size=1, max_size=3), st.sampled_from(ZONES), moments)
def test_it_is_quiet_until_it_says_and_not_longer(found: list[QuietWindow], name: str, now: datetime) -> None:
    zone = ZoneInfo(name)
    quiet = quiet_at(found, zone, Severity.INFO, now)
    if quiet is None:
        return
    assert now < quiet.until <= now + timedelta(days=11)
    inside = now
    while inside < quiet.until:
        assert quiet_at(found, zone, Severity.INFO, inside) is not None
        inside += timedelta(hours=3)
    if quiet.until < now + timedelta(days=8):
        assert quiet_at(found, zone, Severity.INFO, quiet.until) is None


@given(st.sampled_from(ZONES), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_every_night_is_quiet_and_every_noon_is_not(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    noon = datetime.combine(day, datetime.min.time(), zone).replace(hour=12)
    night = noon.replace(hour=23)
    for local, expected in ((noon, False), (night, True)):
        if local.astimezone(UTC).astimezone(zone).replace(fold=0) == local:  # that day was not leapt over
            assert (quiet_at([NIGHT], zone, Severity.INFO, local.astimezone(UTC)) is not None) == expected
