"""Where a chart is cut into bins, and what stands along its sides."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import ceil, floor, log10, sqrt
from zoneinfo import ZoneInfo

from msgspec import Struct

from detectors.volume.bins import BIN_SECONDS, bin_of, start_of

MOST_BINS = 1500
WIDTH, HEIGHT = 10_000, 1_000
"""Of the box in which a chart is drawn."""

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_WIDTHS = (
    (2 * _DAY, 5 * _MINUTE, "5 minutes"),
    (60 * _DAY, _HOUR, "hour"),
    (365 * _DAY, 6 * _HOUR, "6 hours"),
    (1500 * _DAY, _DAY, "day"),
)
"""The longest span that is cut into bins of a width, and what the width is called."""
_AT_LEAST = 0.25
"""Mentions in a bin, on average: with fewer, a wider bin says more."""
_STEPS = (
    *(minutes * _MINUTE for minutes in (5, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 3, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 600)
_CLOCK = "%H:%M"
_ROOT_FROM = 12
"""An axis is linear unless its highest value is this many times what all but one in twenty stay below."""


class Span(Struct, frozen=True, kw_only=True):
    """What a chart shows: from bin `first` to before bin `end`."""

    first: int
    end: int

    @property
    def length(self) -> timedelta:
        return (self.end - self.first) * timedelta(seconds=BIN_SECONDS)

    @property
    def start(self) -> datetime:
        return start_of(self.first)

    @property
    def stop(self) -> datetime:
        return start_of(self.end)

    def part(self, at: datetime) -> float:
        """Where a moment lies, from 0 to 1."""
        return min(max((at.timestamp() / BIN_SECONDS - self.first) / (self.end - self.first), 0.0), 1.0)

    def holds(self, at: datetime) -> bool:
        return self.first <= bin_of(at) < self.end


class Tick(Struct, frozen=True, kw_only=True):
    """A mark on the time axis."""

    at: float
    """From 0, where the chart begins, to 1, where it ends."""
    text: str
    below: str
    """The date or year, where it is another than at the tick before."""


class Bins(Struct, frozen=True, kw_only=True):
    """How a span is cut."""

    edges: tuple[int, ...]
    """Numbers of bins of five minutes, rising; the last one is the end of the last bin."""
    name: str
    """Of one bin's width: `5 minutes`, `day`."""


class Scale(Struct, frozen=True, kw_only=True):
    """From a count to a height."""

    top: float
    is_root: bool
    """Whether heights grow with the square root, so that calm days can be seen beside a peak."""

    def height(self, value: float) -> float:
        """From 0 to 1."""
        part = min(max(value / self.top, 0.0), 1.0)
        return sqrt(part) if self.is_root else part

    def ticks(self) -> list[float]:
        """Counts that are worth a line, from above 0 to the top."""
        if self.is_root:
            return [self.top / 16, self.top / 4, self.top]
        step = _nice(self.top / 4)
        return [step * number for number in range(1, int(self.top / step + 1e-9) + 1)]


def cut(span: Span, timezone: ZoneInfo, mentions: int) -> Bins:
    """Cut a span into at most `MOST_BINS` bins.

    Those of six hours and more follow the clocks of the place: a day there may have 23 or 25 hours.

    Args:
        span: What to cut.
        timezone: Of the place.
        mentions: How many there are to show: few ones are shown in wide bins.
    """
    width, name = _width(span.length, mentions)
    if width <= _HOUR:
        step = width // timedelta(seconds=BIN_SECONDS)
        return Bins(edges=tuple(range(span.first // step * step, span.end + step, step)), name=name)
    edges: list[int] = []
    for local in _steps(_midnight(span, timezone), width):
        edges.append(bin_of(local.replace(tzinfo=timezone)))
        if edges[-1] >= span.end:
            break
    begins = max(number for number, edge in enumerate(edges) if edge <= span.first)
    return Bins(edges=tuple(sorted(set(edges[begins:]))), name=name)


def scale(values: Sequence[float]) -> Scale:
    """For counts of which at least one is above 0."""
    ranked = sorted(values)
    highest = ranked[-1]
    usually = ranked[int(0.95 * (len(ranked) - 1))]
    is_root = highest > max(_ROOT_FROM * usually, 40)
    if is_root:
        top = 16 * _nice(highest / 16, upwards=True)
    else:
        step = _nice(max(highest, 1) / 4)
        top = step * ceil(max(highest, 1) / step - 1e-9)
    return Scale(top=top, is_root=is_root)


def time_ticks(span: Span, timezone: ZoneInfo, most: int) -> list[Tick]:
    """At round times by the clocks of the place; at most `most`, where that can be."""
    begin = start_of(span.first).astimezone(timezone)
    step = next((step for step in _STEPS if span.length / step < most), None)
    if step is None:
        months = next((each for each in _MONTHS if span.length / (30 * _DAY * each) < most), _MONTHS[-1])
        moments, form, below = _by_months(begin, months), ("%Y" if months >= 12 else "%b"), "%Y"
    elif step >= _DAY:
        moments, form, below = _steps(_floor_day(begin, step.days), step), "%-d %b", "%Y"
    else:
        moments, form, below = _steps(_midnight(span, timezone), step), _CLOCK, "%a %-d %b"
    return list(_told(moments, span, timezone, form, below))


def _width(length: timedelta, mentions: int) -> tuple[timedelta, str]:
    for longest, width, name in _WIDTHS:
        is_dense = mentions * (width / length) >= _AT_LEAST or width == _DAY
        if length <= longest and (is_dense or length <= 24 * width):
            return width, name
    weeks = ceil(length / (MOST_BINS - 2) / (7 * _DAY))
    return 7 * _DAY * weeks, "week" if weeks == 1 else f"{weeks} weeks"


def _told(moments: Iterator[datetime], span: Span, timezone: ZoneInfo, form: str, below: str) -> Iterator[Tick]:
    before = ""
    for local in moments:
        at = local.replace(tzinfo=timezone)
        number = at.timestamp() / BIN_SECONDS
        if number >= span.end:
            return
        is_leapt_over = form == _CLOCK and at.astimezone(UTC).astimezone(timezone).replace(tzinfo=None) != local
        if number >= span.first and not is_leapt_over:
            under = f"{local:{below}}"
            is_new = under != before and form != below
            yield Tick(
                at=(number - span.first) / (span.end - span.first),
                text=f"{local:{form}}",
                below=under if is_new else "",
            )
            before = under


def _steps(local: datetime, step: timedelta) -> Iterator[datetime]:
    """Local times without a zone."""
    while True:
        yield local
        local += step


def _by_months(begin: datetime, months: int) -> Iterator[datetime]:
    number = (begin.year * 12 + begin.month - 1) // months * months
    while True:
        yield datetime(number // 12, number % 12 + 1, 1)  # noqa: DTZ001 - a local time, as in _steps
        number += months


def _midnight(span: Span, timezone: ZoneInfo) -> datetime:
    """Where the first day of it begins."""
    local = start_of(span.first).astimezone(timezone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)


def _floor_day(begin: datetime, days: int) -> datetime:
    """A midnight at or before `begin`: for weeks a Monday, and for the rest always the same days."""
    midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return midnight - timedelta(days=(midnight.toordinal() - 1) % days)


def _nice(value: float, *, upwards: bool = False) -> float:
    """A number like 1, 2 or 5 near `value`, not below 1; with `upwards` not below `value` either."""
    if value <= 1:
        return 1.0
    power = 10.0 ** floor(log10(value))
    steps = [power * digit for digit in (1, 2, 2.5, 5, 10) if power > 1 or digit != 2.5]
    if upwards:
        return next(step for step in steps if step >= value * (1 - 1e-9))
    bounds = [sqrt(low * high) for low, high in pairwise(steps)]
    return next((step for step, bound in zip(steps, bounds, strict=False) if value < bound), steps[-1])
