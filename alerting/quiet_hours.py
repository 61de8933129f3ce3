"""When a route must not be interrupted: windows of the local day, across midnight and the changes of the clock."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting.alert import Severity

MIDNIGHT_MINUTE = 24 * 60
EVERY_DAY = tuple(range(7))
_LONGEST = timedelta(days=8)
"""Windows that follow each other without a gap are told as one that ends by then."""


class QuietWindow(Struct, frozen=True, kw_only=True):
    """A part of certain days in which only what is severe enough interrupts."""

    start_minute: int
    """Of the local day, 0 to 1439; inclusive."""
    end_minute: int
    """Of the local day, 1 to 1440, exclusive; at or before the start it is that of the next day."""
    days: tuple[int, ...] = EVERY_DAY
    """On which it begins; Monday is 0."""
    at_least: Severity = Severity.CRITICAL
    """This and what is more severe interrupts all the same."""

    def __str__(self) -> str:
        return f"{_clock(self.start_minute)} to {_clock(self.end_minute)}"


class Quiet(Struct, frozen=True, kw_only=True):
    """The window in which a moment lies, and when it is over."""

    window: QuietWindow
    until: datetime
    """In UTC. Windows that follow without a gap are part of it."""


def quiet_at(windows: Sequence[QuietWindow], zone: ZoneInfo, severity: Severity, now: datetime) -> Quiet | None:
    """The window that keeps a severity from interrupting at a moment, if any."""
    holding = [window for window in windows if severity < window.at_least]
    found = _covering(holding, zone, now)
    if found is None:
        return None
    window, until = found
    while until < now + _LONGEST and (following := _covering(holding, zone, until)) is not None:
        until = following[1]
    return Quiet(window=window, until=until)


def _covering(windows: Iterable[QuietWindow], zone: ZoneInfo, now: datetime) -> tuple[QuietWindow, datetime] | None:
    """The first window in which the moment lies, with its end."""
    today = now.astimezone(zone).date()
    for window in windows:
        for day in (today - timedelta(days=1), today):
            if day.weekday() in window.days:
                start, end = _span(window, day, zone)
                if start <= now < end:
                    return window, end
    return None


def _span(window: QuietWindow, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The window that begins on a local day, in UTC.

    Where the clock is put back over an edge, the earlier moment is its start and the later one its end; a time that
    the clock leaps over is taken by the offset before the leap, as in RFC 5545, section 3.3.5.
    """
    goes_past_midnight = window.end_minute <= window.start_minute
    end_day = day + timedelta(days=1) if goes_past_midnight else day
    start = _instant(day, window.start_minute, zone, fold=0)
    ends = (_instant(end_day, window.end_minute, zone, fold=fold) for fold in (0, 1))
    return start, max(ends)


def _instant(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    if minute == MIDNIGHT_MINUTE:
        day, minute = day + timedelta(days=1), 0
    return datetime.combine(day, time(*divmod(minute, 60), fold=fold), zone).astimezone(UTC)


def _clock(minute: int) -> str:
    return "{:02}:{:02}".format(*divmod(minute, 60))
