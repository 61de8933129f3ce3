"""Where a chart points at alerts, and what of it is worth a second chart, closer up."""

from collections.abc import Sequence

from msgspec import Struct

from alerting import wording
from alerting.alert import Alert, Severity
from detectors.volume.bins import BINS_PER_HOUR, bin_of
from streams.backtest.axes import WIDTH, Span

_WIDE = 0.075
"""Of the width of a phone, what a mark takes."""

Numbered = tuple[int, Alert]
"""An alert with its number on the page."""


class Mark(Struct, frozen=True, kw_only=True):
    """Where alerts begin, above the plot."""

    percent: float
    x: int
    lane: int
    """From 0, the one nearest to the plot."""
    text: str
    """A number, or how many alerts share the mark."""
    target: int
    """The number of the alert to go to: the most severe."""
    severity: Severity
    spoken: str


def marks_of(alerts: Sequence[Numbered], span: Span, lanes: int) -> list[Mark]:
    """Each in the lowest lane with room for it on a phone; without room it shares the mark that stands nearest."""
    shared: list[list[Numbered]] = []
    lane_of: list[int] = []
    ends: list[tuple[float, int]] = []
    for each in alerts:
        at = span.part(each[1].starts_at)
        free = next((lane for lane, (end, _) in enumerate(ends) if end <= at), None)
        if free is None and len(ends) < lanes:
            ends.append((0.0, 0))
            free = len(ends) - 1
        if free is None:
            _, mark = max(ends)
            shared[mark].append(each)
            continue
        ends[free] = (at + _WIDE, len(shared))
        shared.append([each])
        lane_of.append(free)
    return [_mark(together, span, lane) for together, lane in zip(shared, lane_of, strict=True)]


def _mark(together: Sequence[Numbered], span: Span, lane: int) -> Mark:
    number, worst = max(together, key=lambda each: (each[1].severity, each[1].score, -each[0]))
    at = span.part(together[0][1].starts_at)
    severity = wording.severity_word(worst.severity).lower()
    if len(together) == 1:
        text, spoken = str(number), f"Alert {number}, {severity}"
    else:
        text, spoken = f"{len(together)}×", f"{len(together)} alerts, the most severe is alert {number}, {severity}"
    return Mark(
        percent=round(100 * at, 2),
        x=round(WIDTH * at),
        lane=lane,
        text=text,
        target=number,
        severity=worst.severity,
        spoken=spoken,
    )


def closeups(alerts: Sequence[Numbered], span: Span, most: int) -> list[Span]:
    """Where to look more closely: around the most severe alerts, those close to each other together, in order of time.

    None where that would show little more than the whole does.
    """
    length = span.end - span.first
    apart = max(3 * BINS_PER_HOUR, round(0.03 * length))
    groups: list[list[Alert]] = []
    for _, alert in alerts:
        if groups and bin_of(alert.starts_at) - max(bin_of(each.last_at) for each in groups[-1]) <= apart:
            groups[-1].append(alert)
        else:
            groups.append([alert])
    windows = [(max((each.severity, each.score) for each in group), _around(group, span)) for group in groups]
    worth = [(worst, window) for worst, window in windows if window.end - window.first <= 0.35 * length]
    worth = sorted(worth, key=lambda each: each[0], reverse=True)[:most]
    return sorted((window for _, window in worth), key=lambda window: window.first)


def _around(group: Sequence[Alert], span: Span) -> Span:
    start, end = bin_of(group[0].starts_at), max(bin_of(each.last_at) for each in group) + 1
    before = max(3 * BINS_PER_HOUR, (end - start) // 2)
    after = max(BINS_PER_HOUR, (end - start) // 4)
    hour = BINS_PER_HOUR
    first = max((start - before) // hour * hour, span.first)
    return Span(first=first, end=min(-(-(end + after) // hour) * hour, span.end))
