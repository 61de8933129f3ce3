"""A timeline as one line of text: for terminals, plain mail, and where a picture of it is not shown. Pure."""

from collections.abc import Sequence
from datetime import tzinfo

from alerting import wording
from detectors.detection import Point

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(points: Sequence[Point]) -> str:
    """One bar for each bin, from nothing to the highest; empty where there is nothing."""
    highest = max((point.observed for point in points), default=0.0)
    if highest <= 0:
        return ""
    return "".join(_BARS[round(max(point.observed, 0.0) / highest * (len(_BARS) - 1))] for point in points)


def span(points: Sequence[Point], zone: tzinfo) -> str:
    """From when to when it goes, by this clock."""
    first, until = (point.at.astimezone(zone) for point in (points[0], points[-1]))
    return f"{first:%H:%M} to {until:%H:%M} {wording.zone_name(until)}"


def newest(points: Sequence[Point]) -> str:
    """What the last bin has, and what is usual there."""
    last = points[-1]
    usual = "" if last.expected is None else f", usual {wording.number(last.expected)}"
    return f"{wording.number(last.observed)}{usual}"
