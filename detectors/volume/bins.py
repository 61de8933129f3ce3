"""Bins of five minutes, numbered from 1970."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BIN_SECONDS = 300
BINS_PER_HOUR = 12
BINS_PER_DAY = 24 * BINS_PER_HOUR
BINS_PER_WEEK = 7 * BINS_PER_DAY

_EPOCH = datetime.fromtimestamp(0, UTC)
_BIN = timedelta(seconds=BIN_SECONDS)


def bin_of(moment: datetime) -> int:
    """The bin that a moment falls into."""
    return (moment - _EPOCH) // _BIN


def start_of(number: int) -> datetime:
    """When a bin begins, in UTC; that is also when the one before it ends."""
    return datetime.fromtimestamp(number * BIN_SECONDS, UTC)


def hour_of_week(number: int, timezone: ZoneInfo) -> int:
    """The hour in which a bin begins, from Monday midnight, 0 to 167, by the clocks of a place."""
    local = datetime.fromtimestamp(number * BIN_SECONDS, timezone)
    return local.weekday() * 24 + local.hour


END_OF_CALENDAR = bin_of(datetime(9000, 1, 1, tzinfo=UTC))
"""Bins before it, from 0, can be told in every time zone."""
