"""Alerts held against the windows in which something really happened."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from streams.backtest.labels import Label


class Said(Struct, frozen=True):
    """One alert, whoever gave it."""

    starts_at: datetime
    """When what it tells of began: by this it lies in a window or not."""
    known_at: datetime
    """When a person could know of it."""


class Verdict(Struct, frozen=True, kw_only=True):
    """How well some alerts met the labels of one monitor, or those of several monitors together."""

    alerts: int = 0
    held: int = 0
    """Alerts of monitors that have windows: of the others' nobody said what really happened."""
    in_windows: int = 0
    windows: int = 0
    found: int = 0
    """Windows with an alert."""
    delays: tuple[timedelta, ...] = ()
    """Of each window that was found: from its start until the first alert in it was known."""

    @property
    def precision(self) -> float | None:
        """Share of the alerts that lie in a window; None where there are none to tell it of."""
        return self.in_windows / self.held if self.held else None

    @property
    def recall(self) -> float | None:
        """Share of the windows that have an alert; None where there are none."""
        return self.found / self.windows if self.windows else None

    @property
    def delay(self) -> timedelta | None:
        """The median of `delays`."""
        return timedelta(seconds=median(each.total_seconds() for each in self.delays)) if self.delays else None


def judged(alerts: Sequence[Said], labels: Sequence[Label]) -> Verdict:
    """How well the alerts of one monitor meet its labels."""
    by_start = sorted(alerts, key=lambda alert: alert.starts_at)
    starts = [alert.starts_at for alert in by_start]
    inside = [(label, bisect_left(starts, label.start), bisect_left(starts, label.end)) for label in labels]
    found = [(label, by_start[first:end]) for label, first, end in inside if first < end]
    return Verdict(
        alerts=len(alerts),
        held=len(alerts) if labels else 0,
        in_windows=_covered((first, end) for _, first, end in inside),
        windows=len(labels),
        found=len(found),
        delays=tuple(min(alert.known_at for alert in those) - label.start for label, those in found),
    )


def _covered(ranges: Iterable[tuple[int, int]]) -> int:
    """How many places lie in at least one of the ranges, each from its first place to before its end."""
    covered, until = 0, 0
    for first, end in sorted(ranges):
        covered += max(end - max(first, until), 0)
        until = max(until, end)
    return covered


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Those of several monitors, or draws, as one."""
    known = list(verdicts)
    return Verdict(
        alerts=sum(each.alerts for each in known),
        held=sum(each.held for each in known),
        in_windows=sum(each.in_windows for each in known),
        windows=sum(each.windows for each in known),
        found=sum(each.found for each in known),
        delays=tuple(delay for each in known for delay in each.delays),
    )


def labels_of(monitor: str, labels: Iterable[Label], first: datetime, last: datetime) -> list[Label]:
    """The labels that hold for a monitor and lie at least partly in a recording."""
    return [label for label in labels if label.monitor in (None, monitor) and label.start <= last and label.end > first]
