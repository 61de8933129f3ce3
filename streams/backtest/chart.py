"""A chart of one monitor: how much was said, how much would have been usual, and where it alerted.

Shapes are drawn in a box of fixed size that the page stretches to the room it has; everything that is read (ticks,
numbers) is placed beside it by percentages, and so keeps its size on a phone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, islice, pairwise

from msgspec import Struct

from alerting import wording
from alerting.alert import Severity
from detectors.volume.bins import BIN_SECONDS, BINS_PER_HOUR, start_of
from streams.backtest.axes import HEIGHT, WIDTH, Bins, Scale, Span, Tick, cut, scale, time_ticks
from streams.backtest.labels import Label
from streams.backtest.marks import Mark, Numbered, marks_of
from streams.backtest.series import Series

NARROW_TICKS, WIDE_TICKS = 5, 10
MOST_LABELS = 60
_NARROWEST = 0.004
"""Of the width, so that what is shaded can be seen."""


class Shade(Struct, frozen=True, kw_only=True):
    """A stretch of time, in units of the box."""

    x: int
    width: int
    severity: Severity = Severity.INFO
    text: str = ""


class Height(Struct, frozen=True, kw_only=True):
    """A line across the plot."""

    percent: float
    """From below."""
    y: int
    text: str


class Chart(Struct, frozen=True, kw_only=True):
    """All that the page draws."""

    unit: str
    bins: int
    counts: str
    """An SVG path, closed."""
    usual: str
    """An SVG path of steps, with gaps where nobody knew."""
    learning: Shade | None
    firing: tuple[Shade, ...]
    labels: tuple[Shade, ...]
    marks: tuple[Mark, ...]
    lanes: int
    heights: tuple[Height, ...]
    is_root: bool
    narrow: tuple[Tick, ...]
    wide: tuple[Tick, ...]
    peak: str
    """The highest count in words: `Highest: 200 in 5 minutes, Sat 30 Mar 06:00, where 3 are usual`."""


def chart(
    series: Series,
    span: Span,
    alerts: Sequence[Numbered],
    labels: Sequence[tuple[int, Label]],
    *,
    learnt_at: int,
    lanes: int,
) -> Chart | None:
    """None where nothing was said in the span.

    Args:
        series: Of one monitor.
        span: What to show.
        alerts: Of this monitor, by start, each with its number; those that begin in the span get a mark.
        labels: Those that hold for this monitor, each with its number.
        learnt_at: The bin up to which it only learns.
        lanes: How many marks may stand above each other; what finds no room shares a mark.
    """
    mentions = sum(count for number, count in series.mentions.items() if span.first <= number < span.end)
    if not mentions:
        return None
    bins = cut(span, series.timezone, mentions)
    counts = _counts(series, span, bins)
    usual = _usual(series, span, bins)
    heights = scale([*counts, *(value for value in usual if value is not None)])
    marks = marks_of([each for each in alerts if span.holds(each[1].starts_at)], span, lanes)
    return Chart(
        unit=bins.name,
        bins=len(counts),
        counts=_area(counts, bins, span, heights),
        usual=_line(usual, bins, span, heights),
        learning=_learning(learnt_at, span),
        firing=tuple(_firing(alerts, span)),
        labels=tuple(islice(_windows(labels, span), MOST_LABELS)),
        marks=tuple(marks),
        lanes=1 + max((mark.lane for mark in marks), default=0),
        heights=tuple(_heights(heights)),
        is_root=heights.is_root,
        narrow=tuple(time_ticks(span, series.timezone, NARROW_TICKS)),
        wide=tuple(time_ticks(span, series.timezone, WIDE_TICKS)),
        peak=_peak(counts, usual, bins, series),
    )


def _counts(series: Series, span: Span, bins: Bins) -> list[int]:
    counts = [0] * (len(bins.edges) - 1)
    for number, mentions in series.mentions.items():
        if span.first <= number < span.end:
            counts[bisect_right(bins.edges, number) - 1] += mentions
    return counts


def _usual(series: Series, span: Span, bins: Bins) -> list[float | None]:
    """Of each bin; where an hour in it is not known, by those that are; None where less than half of it is known."""
    known = [0.0] * (len(bins.edges) - 1)
    covered = [0] * len(known)
    for hour, usual in series.usual.items():
        for number in range(max(hour, span.first), min(hour + BINS_PER_HOUR, span.end)):
            place = bisect_right(bins.edges, number) - 1
            known[place] += usual / BINS_PER_HOUR
            covered[place] += 1
    lengths = [min(end, span.end) - max(start, span.first) for start, end in pairwise(bins.edges)]
    return [
        value * length / part if part and 2 * part >= length else None
        for value, part, length in zip(known, covered, lengths, strict=True)
    ]


def _area(counts: Sequence[int], bins: Bins, span: Span, heights: Scale) -> str:
    """Steps from the ground and back; bins of equal height are one step."""
    path = [f"M0 {HEIGHT}"]
    place = 0
    for count, alike in groupby(counts):
        place += len(list(alike))
        path.append(f"V{_y(count, heights)}H{_x(bins.edges[place], span)}")
    return "".join([*path, f"V{HEIGHT}Z"])


def _line(usual: Sequence[float | None], bins: Bins, span: Span, heights: Scale) -> str:
    path: list[str] = []
    place, is_drawn = 0, False
    for y, alike in groupby(usual, lambda value: None if value is None else _y(value, heights)):
        start = _x(bins.edges[place], span)
        place += len(list(alike))
        if y is not None:
            path.append(f"V{y}" if is_drawn else f"M{start} {y}")
            path.append(f"H{_x(bins.edges[place], span)}")
        is_drawn = y is not None
    return "".join(path)


def learnt(series: Series, whole: Span) -> int:
    """The first bin at which the detectors may speak and somebody knew what is usual; the end where none is."""
    heard = min((number for number in series.mentions if whole.first <= number < whole.end), default=whole.end)
    speaks = heard + series.learns_for // timedelta(seconds=BIN_SECONDS)
    return min(max(min(series.usual, default=whole.end), speaks), whole.end)


def _learning(until: int, span: Span) -> Shade | None:
    return Shade(x=0, width=_x(until, span)) if until > span.first else None


def _firing(alerts: Iterable[Numbered], span: Span) -> Iterator[Shade]:
    """Where at least one alert fires, in the worst of their severities."""
    together: list[tuple[float, float, Severity]] = []
    for _, alert in alerts:
        if alert.starts_at >= span.stop or alert.last_at < span.start:
            continue
        start, end = _seen(span, alert.starts_at, alert.last_at)
        if together and start <= together[-1][1]:
            before = together.pop()
            together.append((before[0], max(before[1], end), max(before[2], alert.severity)))
        else:
            together.append((start, end, alert.severity))
    for start, end, severity in together:
        yield Shade(x=round(WIDTH * start), width=round(WIDTH * (end - start)), severity=severity)


def _windows(labels: Iterable[tuple[int, Label]], span: Span) -> Iterator[Shade]:
    for number, label in labels:
        if label.start < span.stop and label.end >= span.start:
            start, end = _seen(span, label.start, label.end)
            yield Shade(x=round(WIDTH * start), width=round(WIDTH * (end - start)), text=f"L{number}")


def _seen(span: Span, start: datetime, end: datetime) -> tuple[float, float]:
    """Both as parts of the span, far enough from each other to be seen."""
    left = min(span.part(start), 1 - _NARROWEST)
    return left, max(span.part(end), left + _NARROWEST)


def _heights(heights: Scale) -> Iterator[Height]:
    for value in heights.ticks():
        part = heights.height(value)
        yield Height(percent=round(100 * part, 2), y=_y(value, heights), text=wording.number(value))


def _peak(counts: Sequence[int], usual: Sequence[float | None], bins: Bins, series: Series) -> str:
    highest = max(range(len(counts)), key=lambda place: counts[place])
    at = start_of(bins.edges[highest]).astimezone(series.timezone)
    when = f"{at:%a %-d %b %H:%M}" if bins.edges[highest + 1] - bins.edges[highest] < 288 else f"{at:%a %-d %b %Y}"
    expected = usual[highest]
    beside = "" if expected is None else f", where {wording.number(expected)} would be usual"
    length = {"hour": "an hour", "day": "a day", "week": "a week"}.get(bins.name, bins.name)
    return f"Highest: {counts[highest]:,} in {length}, {when}{beside}"


def _x(number: int, span: Span) -> int:
    part = (number - span.first) / (span.end - span.first)
    return round(WIDTH * min(max(part, 0.0), 1.0))


def _y(value: float, heights: Scale) -> int:
    return round(HEIGHT * (1 - heights.height(value)))
