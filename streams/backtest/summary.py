"""A backtest in numbers: how often each detector spoke, how soon and how long, and what simple rules would have said.

A machine reads it as it is (`--json`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

import numpy as np
from msgspec import Struct

from alerting.alert import Alert
from detectors.volume.bins import bin_of, start_of
from streams.backtest import controls
from streams.backtest.judging import Said, Verdict, judged, labels_of, together
from streams.backtest.known import Known
from streams.backtest.labels import Label
from streams.backtest.run import Report

DRAWS = 100
"""Of the random control: one alone is luck."""


class Spoken(Struct, frozen=True, kw_only=True):
    """What one detector said, over all monitors that have it."""

    detector: str
    alerts: int
    a_day: float | None
    """None where the recording is shorter than a day."""
    first_mention_to_alert: float | None
    """Median seconds from the first mention of what was told to the alert, of those that did not come back; None where
    there was none."""
    firing: float
    """Seconds in which an alert of it fired, each monitor's by itself."""
    firing_share: float
    """Of the recording, and of its monitors."""


class Judged(Struct, frozen=True, kw_only=True):
    """One line of the comparison: ours for one monitor, or for all, or a control's."""

    name: str
    alerts: float
    """A mean over draws for the control `random`."""
    a_day: float | None
    precision: float | None
    """This and the next two: None without labels, or where there is nothing to tell it of."""
    recall: float | None
    delay: float | None
    """Median seconds from the beginning of a window to the first alert in it."""


class Summary(Struct, frozen=True, kw_only=True):
    """All figures of a report."""

    mentions: int
    matched: Mapping[str, int]
    """By monitor."""
    first: datetime | None
    last: datetime | None
    days: float
    alerts: int
    """For those who answer the public; each return of one is counted."""
    alerts_a_day: float | None
    came_back: int
    """Those of `alerts` that only fire again, in an episode that was told before."""
    for_operations: int
    """Alerts for those who run the system: in `detectors`, and nowhere else."""
    notifications: Mapping[str, int]
    """By receiver."""
    detectors: tuple[Spoken, ...]
    monitors: tuple[Judged, ...]
    """What this config said, one line a monitor."""
    everything: Judged | None
    """All monitors together; None where there is one."""
    controls: tuple[Judged, ...]
    """Over all monitors: `null`, `random`, `z-score`, `spike ratio`; see `streams/backtest/controls.py`."""
    labels: int | None
    """How many windows the alerts were held against, once for each monitor; None where no labels were given."""
    labels_outside: int
    """Labels that lie outside of the recording, or are for no monitor of it."""


def summary(report: Report, labels: Sequence[Label] | None = None) -> Summary:
    """The figures. `labels` None is not the same as none: then nothing is said of precision and recall."""
    span = report.last - report.first if report.first and report.last else timedelta(0)
    days = span / timedelta(days=1)
    public = in_public(report.known)
    by_monitor = {monitor: _verdict_of(monitor, public, report, labels or ()) for monitor in report.matches}
    return Summary(
        mentions=report.mentions,
        matched=dict(report.matches),
        first=report.first,
        last=report.last,
        days=days,
        alerts=len(public),
        alerts_a_day=_a_day(len(public), days),
        came_back=sum(each.came_back_at is not None for each in public),
        for_operations=len(report.known) - len(public),
        notifications=dict(Counter(told.receiver for told in report.notifications)),
        detectors=tuple(_spoken(report, span)),
        monitors=tuple(_line(monitor, verdict, days) for monitor, verdict in by_monitor.items()),
        everything=_line("all", together(by_monitor.values()), days) if len(by_monitor) > 1 else None,
        controls=tuple(
            _line(name, verdict, days, DRAWS if name == "random" else 1)
            for name, verdict in _controls(report, labels or (), by_monitor).items()
        ),
        labels=None if labels is None else sum(verdict.windows for verdict in by_monitor.values()),
        labels_outside=sum(
            not any(_labels(monitor, report, [label]) for monitor in report.matches) for label in labels or ()
        ),
    )


def in_public(known: Iterable[Known]) -> list[Known]:
    """Those for the people who answer the public."""
    return [each for each in known if not each.is_for_operations]


def waits(known: Iterable[Known]) -> list[timedelta]:
    """How long it took from the first mention of what was told to each alert; one that comes back is not the first."""
    return [max(each.known_at - _first_mention(each.alert), timedelta(0)) for each in known if not each.came_back_at]


def _first_mention(alert: Alert) -> datetime:
    """When what an alert tells of was first said, as far as its evidence shows it."""
    evidence = alert.evidence
    times = [exemplar.at for exemplar in evidence.exemplars if exemplar.role == "first"]
    return min(times, default=evidence.since)


def _spoken(report: Report, span: timedelta) -> Iterator[Spoken]:
    by_detector: dict[str, list[Known]] = defaultdict(list)
    for each in report.known:
        by_detector[each.alert.detector].append(each)
    having = Counter(name for names in report.detectors.values() for name in names)
    for detector in having:
        said = by_detector[detector]
        waited = [wait.total_seconds() for wait in waits(said)]
        firing = _firing(said, report.last)
        yield Spoken(
            detector=detector,
            alerts=len(said),
            a_day=_a_day(len(said), span / timedelta(days=1)),
            first_mention_to_alert=median(waited) if waited else None,
            firing=firing.total_seconds(),
            firing_share=firing / (span * having[detector]) if span else 0.0,
        )


def _firing(said: Iterable[Known], last: datetime | None) -> timedelta:
    """How long something fired: what fires at once in one monitor counts once; none after the recording's end."""
    by_monitor: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for each in said:
        end = each.alert.resolved_at or each.alert.last_at
        by_monitor[each.alert.monitor].append((each.known_at, min(end, last) if last else end))
    total = timedelta(0)
    for times in by_monitor.values():
        until: datetime | None = None
        for start, end in sorted(times):
            begins = max(start, until) if until else start
            total += max(end - begins, timedelta(0))
            until = max(until, end) if until else end
    return total


def _verdict_of(monitor: str, known: Iterable[Known], report: Report, labels: Sequence[Label]) -> Verdict:
    said = [Said(each.began_at, each.known_at) for each in known if each.alert.monitor == monitor]
    return judged(said, _labels(monitor, report, labels))


def _controls(report: Report, labels: Sequence[Label], ours: Mapping[str, Verdict]) -> Mapping[str, Verdict]:
    found: dict[str, list[Verdict]] = {"null": [], "random": [], "z-score": [], "spike ratio": []}
    for monitor, verdict in ours.items():
        first, counts = _counts(monitor, report)
        known = _labels(monitor, report, labels)
        runs = {
            "null": [controls.null(counts)],
            "random": [controls.at_random(counts, verdict.alerts, f"{monitor}/{draw}") for draw in range(DRAWS)],
            "z-score": [controls.z_score(counts)],
            "spike ratio": [controls.spike_ratio(counts)],
        }
        for name, places in runs.items():
            found[name] += [judged([_said(first + place) for place in each], known) for each in places]
    return {name: together(verdicts) for name, verdicts in found.items()}


def _counts(monitor: str, report: Report) -> tuple[int, controls.Counts]:
    """The number of the recording's first bin, and all counts from it on."""
    if report.first is None or report.last is None:
        return 0, ()
    first, last = bin_of(report.first), bin_of(report.last)
    counts = np.zeros(last - first + 1, dtype=np.int64)
    for number, mentions in report.series[monitor].mentions.items():
        if first <= number <= last:
            counts[number - first] = mentions
    return first, counts


def _said(number: int) -> Said:
    """Of a control: it knows of a bin when that is over."""
    return Said(start_of(number), start_of(number + 1))


def _labels(monitor: str, report: Report, labels: Sequence[Label]) -> list[Label]:
    return labels_of(monitor, labels, report.first, report.last) if report.first and report.last else []


def _line(name: str, verdict: Verdict, days: float, draws: int = 1) -> Judged:
    return Judged(
        name=name,
        alerts=verdict.alerts / draws,
        a_day=_a_day(verdict.alerts / draws, days),
        precision=verdict.precision,
        recall=verdict.recall,
        delay=verdict.delay.total_seconds() if verdict.delay is not None else None,
    )


def _a_day(alerts: float, days: float) -> float | None:
    return alerts / days if days >= 1 else None
