"""A backtest told to a person on a terminal: each alert, and what came of it all in numbers. Fits 80 columns."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from alerting import wording
from alerting.alert import Alert, Notification, Severity
from streams.backtest.labels import Label
from streams.backtest.run import Report
from streams.backtest.summary import Judged, Spoken, Summary, summary

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

CONTROLS = {
    "null": "never alerts",
    "random": "as often as this config, at random moments (mean of 100 draws)",
    "z-score": "last hour 6 sd above the mean of 7 days of hours, then 12 h quiet",
    "spike ratio": "last hour 3 times the hour before (ElastAlert's rule spike)",
}
"""What each control does, by its name."""
_STYLES = {
    Severity.INFO: "blue",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
    Severity.LIFE_SAFETY: "bold red",
}
_NOTHING = "-"
_MOST_MONITORS = 12


def print_report(report: Report, labels: Sequence[Label] | None = None, console: "Console | None" = None) -> None:
    """The alerts by time, the sums, and the config beside its controls."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    for shown in _alerts(report.alerts):
        console.print(shown)
    for line in _sums(report):
        console.print(Text(line))
    if report.first is None:
        return
    figures = summary(report, labels)
    for table in (_detectors(figures.detectors), _comparison(figures)):
        console.print()
        console.print(table)
    for name, meaning in CONTROLS.items():
        console.print(Text(f"{name}: {meaning}", style="dim"))
    if figures.for_operations:
        alerts = wording.counted(figures.for_operations, "alert")
        console.print(Text(f"{alerts} for those who run the system left out of this table"))
    for line in _about_labels(figures, labels):
        console.print(Text(line))


def _alerts(alerts: Sequence[Alert]) -> Iterator["RenderableType"]:
    """A line of what is looked up, and below it what is read, so that both find room on narrow paper."""
    from rich.cells import cell_len, set_cell_size
    from rich.padding import Padding
    from rich.text import Text

    headings = ("start (UTC)", "severity", "lasted", "detector", "monitor")
    rows = [
        (
            f"{alert.starts_at:%Y-%m-%d %H:%M}",
            alert.severity.label,
            wording.duration(alert.last_at - alert.starts_at),
            wording.name(alert.detector),
            wording.name(alert.monitor),
        )
        for alert in alerts
    ]
    widths = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]

    def line(cells: Sequence[str], styles: Sequence[str]) -> Text:
        padded = [set_cell_size(cell, width + 2) for cell, width in zip(cells, widths, strict=True)]
        text = Text.assemble(*zip(padded, styles, strict=True))
        text.rstrip()
        return text

    if rows:
        yield line(headings, ["bold"] * len(headings))
    for alert, cells in zip(alerts, rows, strict=True):
        yield line(cells, ["", _STYLES[alert.severity], "", "", "bold"])
        yield Padding.indent(Text(wording.sentence(alert.evidence.summary)), 4)
        if (claim := alert.evidence.claim) is not None:
            yield Padding.indent(Text(wording.claim_in_short(claim), style="magenta"), 4)
        yield ""


def _sums(report: Report) -> Iterator[str]:
    span = (report.last - report.first) if report.first and report.last else timedelta(0)
    matched = ", ".join(f"{count:,} for {wording.name(monitor)}" for monitor, count in report.matches.items())
    yield f"{wording.counted(report.mentions, 'mention')} over {wording.duration(span)}; {matched or 'none'} matched"
    days = span / timedelta(days=1)
    per_day = f", {len(report.alerts) / days:.2g} a day" if days >= 1 else ""
    yield f"{wording.counted(len(report.alerts), 'alert')}{per_day}"
    yield from _told(report.notifications)
    if report.malformed:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.malformed.most_common())
        yield f"{wording.counted(report.malformed.total(), 'line')} not read: {reasons}"
    if report.clocks_ahead:
        yield f"{wording.counted(report.clocks_ahead, 'time')} in the future, not believed"
    if report.clocks_ahead * 2 > report.mentions:
        yield "Most of the recording lies in the future: what is said here of it means little. Are its years right?"
    if report.repeats or report.late or report.too_late:
        repeats = wording.counted(report.repeats, "repeat")
        yield f"{repeats}, {report.late:,} late, {report.too_late:,} too late to count"


def _told(notifications: Sequence[Notification]) -> Iterator[str]:
    """For each receiver how often it is told something, and why; `more` only edits what was told."""
    by_receiver: dict[str, list[Notification]] = defaultdict(list)
    for notification in notifications:
        by_receiver[notification.receiver].append(notification)
    for receiver, told in sorted(by_receiver.items()):
        stories = len({notification.story.id for notification in told})
        reasons = Counter(notification.reason.value for notification in told)
        why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
        yield f"{wording.counted(len(told), 'notification')} to {receiver}, of {_stories(stories)}: {why}"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


def _detectors(spoken: Sequence[Spoken]) -> "Table":
    table = _table("detector", "alerts", "a day", "first mention → alert", "time firing")
    for each in spoken:
        firing = f"{_duration(each.firing)} ({100 * each.firing_share:.1f} %)" if each.firing else _NOTHING
        table.add_row(
            wording.name(each.detector),
            f"{each.alerts:,}",
            _rate(each.a_day),
            _duration(each.first_mention_to_alert),
            firing,
        )
    return table


def _comparison(figures: Summary) -> "Table":
    """Each monitor of the config, all of them where there are several, and the controls below."""
    headings = ["who would have alerted", "alerts", "a day"]
    if figures.labels is not None:
        headings += ["precision", "recall", "label → alert"]
    table = _table(*headings)
    for each in _worth_a_line(figures.monitors):
        table.add_row(*_cells(each, f"this config, {wording.name(each.name)}", figures), style="bold")
    if figures.everything is not None:
        table.add_row(*_cells(figures.everything, "this config, all monitors", figures), style="bold")
    for each in figures.controls:
        table.add_row(*_cells(each, each.name, figures))
    return table


def _worth_a_line(monitors: Sequence[Judged]) -> Sequence[Judged]:
    """All of them, or of very many those that said something."""
    return monitors if len(monitors) <= _MOST_MONITORS else [each for each in monitors if each.alerts]


def _cells(judged: Judged, name: str, figures: Summary) -> list[str]:
    cells = [name, f"{judged.alerts:,.0f}", _rate(judged.a_day)]
    if figures.labels is not None:
        cells += [_share(judged.precision), _share(judged.recall), _duration(judged.delay)]
    return cells


def _table(*headings: str) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    return table


def _about_labels(figures: Summary, labels: Sequence[Label] | None) -> Iterator[str]:
    if labels is None or figures.labels is None:
        return
    yield f"{wording.counted(len(labels), 'label')}, held against {wording.counted(len(figures.monitors), 'monitor')}"
    if outside := figures.labels_outside:
        yield f"{wording.counted(outside, 'label')} outside of the recording, or of other monitors, left out"


def _rate(a_day: float | None) -> str:
    return _NOTHING if a_day is None else f"{a_day:.2f}"


def _share(share: float | None) -> str:
    return _NOTHING if share is None else f"{100 * share:.0f} %"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    whole = round(seconds)  # what is known at the last instant of a bin took the whole of it
    return wording.duration(timedelta(seconds=whole)) if whole >= 60 else f"{whole} s"
