"""Bins of five minutes, numbered from 1970."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

BIN_SECONDS = 300
BINS_PER_HOUR = 12
BINS_PER_DAY = 24 * BINS_PER_HOUR
BINS_PER_WEEK = 7 * BINS_PER_DAY

_EPOCH = datetime.fromtimestamp(0, UTC)
_BIN = timedelta(seconds=BIN_SECONDS)


class Binned(Protocol):
    """What a detector remembers that counts in bins and closes them in order."""

    @property
    def next_bin(self) -> int | None:
        """The first open bin; None before anything was closed."""

    @property
    def open(self) -> Mapping[int, object]:
        """What was heard in bins that are not closed."""


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


def ended(state: Callable[[], Binned], watermark: datetime) -> Iterator[int]:
    """Each open bin that ends by the watermark, in order; it is to be closed before the next is asked for.

    Closing may put another state in the place of `state()`.
    """
    open_from = bin_of(watermark)
    while (number := _first_open(state())) is not None and number < open_from:
        yield number


def _first_open(state: Binned) -> int | None:
    return min(state.open, default=None) if state.next_bin is None else state.next_bin


END_OF_CALENDAR = bin_of(datetime(9000, 1, 1, tzinfo=UTC))
"""Bins before it, from 0, can be told in every time zone."""
