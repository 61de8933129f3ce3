"""A backtest told to a person on a terminal: each alert, and what came of it all in numbers. Fits 80 columns."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from alerting import wording
from alerting.alert import Notification, Reason, Severity
from streams.backtest.known import Known
from streams.backtest.labels import Label
from streams.backtest.run import Report
from streams.backtest.summary import Judged, Spoken, Summary, summary

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

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
_REASONS = {
    Reason.FIRST: "first",
    Reason.ESCALATED: "escalated",
    Reason.CHANGED: "changed",
    Reason.REOPENED: "reopened",
    Reason.SPREAD: "spread",
    Reason.DOUBLED: "doubled",
    Reason.RESOLVED: "resolved",
    Reason.REMINDER: "reminders",
    Reason.MORE: "only edit the numbers",
}
"""In the order in which they matter."""
_NOTHING = "-"
_INDENT = 4
_MOST_MONITORS = 12


def print_report(report: Report, labels: Sequence[Label] | None = None, console: "Console | None" = None) -> None:
    """The alerts by time, the sums, and the config beside its controls."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    figures = summary(report, labels)
    for line in _alerts(report, console):
        console.print(line)
    for sentence in _sums(report, figures):
        console.print(Text(sentence))
    if report.first is None:
        return
    for table in (_detectors(figures.detectors), _comparison(figures)):
        console.print()
        console.print(table)
    for name, meaning in CONTROLS.items():
        console.print(Text(f"{name}: {meaning}", style="dim"))
    if figures.for_operations:
        alerts = wording.counted(figures.for_operations, "alert")
        console.print(Text(f"{alerts} for those who run the system left out of this table"))
    for sentence in _about_labels(figures, labels):
        console.print(Text(sentence))


def _alerts(report: Report, console: "Console") -> Iterator["Text"]:
    """A line of what is looked up, and below it what is read, so that both find room on narrow paper."""
    from rich.cells import cell_len, set_cell_size
    from rich.text import Text

    headings = ["start (UTC)", "severity", "lasted", "detector", "monitor"]
    rows = [_looked_up(each) for each in report.known]
    widths = [max(map(cell_len, column)) + 2 for column in zip(headings, *rows, strict=True)]
    has_room = sum(widths) - 2 <= console.width
    shown = len(headings) if len(report.matches) != 1 and has_room else len(headings) - 1
    is_named = len(report.matches) > 1 and not has_room

    def line(cells: Sequence[str], styles: Sequence[str]) -> Text:
        padded = [set_cell_size(cell, width) for cell, width in zip(cells, widths, strict=True)]
        text = Text.assemble(*zip(padded[:shown], styles[:shown], strict=True))
        text.rstrip()
        return text

    if rows:
        yield line(headings, ["bold"] * len(headings))
    apart = [False, True] if any(each.is_for_operations for each in report.known) else [False]
    for for_operations in apart:
        if for_operations:
            yield Text("For those who run the system", style="bold")
        for each, cells in zip(report.known, rows, strict=True):
            if each.is_for_operations is for_operations:
                yield line(cells, ["", _STYLES[each.alert.severity], "", "", "bold"])
                yield from _read(each, console, is_named=is_named)
                yield Text("")


def _looked_up(known: Known) -> tuple[str, ...]:
    alert = known.alert
    return (
        f"{known.began_at:%Y-%m-%d %H:%M}",
        alert.severity.label,
        wording.duration(alert.last_at - known.began_at),
        wording.name(alert.detector),
        wording.name(alert.monitor),
    )


def _read(known: Known, console: "Console", *, is_named: bool) -> Iterator["Text"]:
    from rich.text import Text

    alert = known.alert
    whose = f"{wording.name(alert.monitor)}: " if is_named else ""
    again = f"Again, after {alert.starts_at:%Y-%m-%d %H:%M}: " if known.came_back_at else ""
    sentences = [Text.assemble((whose, "bold"), again, wording.sentence(alert.evidence.summary))]
    if alert.evidence.claim is not None:
        sentences.append(Text(wording.claim_in_short(alert.evidence.claim), style="magenta"))
    for sentence in sentences:
        for line in sentence.wrap(console, max(console.width - _INDENT, _INDENT)):
            line.rstrip()
            line.pad_left(_INDENT)
            yield line


def _sums(report: Report, figures: Summary) -> Iterator[str]:
    span = (report.last - report.first) if report.first and report.last else timedelta(0)
    matched = ", ".join(f"{count:,} for {wording.name(monitor)}" for monitor, count in report.matches.items())
    yield f"{wording.counted(report.mentions, 'mention')} over {wording.duration(span)}; {matched or 'none'} matched"
    if report.mentions and not report.matches.total():
        yield "Nothing matched: groundswell match shows what a query hears"
    per_day = f", {rate(figures.alerts_a_day)} a day" if figures.alerts_a_day is not None else ""
    came_back = f" ({figures.came_back:,} of them again)" if figures.came_back else ""
    others = f"; {figures.for_operations:,} more for those who run the system" if figures.for_operations else ""
    yield f"{wording.counted(figures.alerts, 'alert')}{came_back}{per_day}{others}"
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
    """For each receiver how often it is told something, and why."""
    by_receiver: dict[str, list[Notification]] = defaultdict(list)
    for notification in notifications:
        by_receiver[notification.receiver].append(notification)
    for receiver, told in sorted(by_receiver.items()):
        stories = len({notification.story.id for notification in told})
        counts = Counter(notification.reason for notification in told)
        why = ", ".join(f"{counts[reason]:,} {words}" for reason, words in _REASONS.items() if counts[reason])
        yield f"{wording.counted(len(told), 'notification')} to {receiver}, of {_stories(stories)}: {why}{_held(told)}"


def _held(told: Sequence[Notification]) -> str:
    """How many of them call nobody, and by which gates."""
    gates = Counter(each.hold.gate.value.replace("_", " ") for each in told if each.hold is not None)
    if not gates:
        return ""
    return f"; {gates.total():,} of them held ({', '.join(f'{count:,} {gate}' for gate, count in gates.most_common())})"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


def _detectors(spoken: Sequence[Spoken]) -> "Table":
    return _table(
        ("detector", "alerts", "a day", "first mention\n→ alert", "time\nfiring", "share"),
        [
            (
                wording.name(each.detector),
                f"{each.alerts:,}",
                rate(each.a_day),
                _duration(each.first_mention_to_alert),
                _duration(each.firing) if each.firing else _NOTHING,
                f"{100 * each.firing_share:.1f} %" if each.firing else _NOTHING,
            )
            for each in spoken
        ],
    )


def _comparison(figures: Summary) -> "Table":
    """Each monitor of the config, all of them where there are several, and the controls below."""
    headings = ["who would have alerted", "alerts", "a day"]
    if figures.labels is not None:
        headings += ["precision", "recall", "label → alert"]
    ours = [
        _cells(each, f"this config, {wording.name(each.name)}", figures) for each in _worth_a_line(figures.monitors)
    ]
    if figures.everything is not None:
        ours.append(_cells(figures.everything, "this config, all monitors", figures))
    return _table(headings, [*ours, *(_cells(each, each.name, figures) for each in figures.controls)], bold=len(ours))


def _worth_a_line(monitors: Sequence[Judged]) -> Sequence[Judged]:
    """All of them, or of very many those that said something."""
    return monitors if len(monitors) <= _MOST_MONITORS else [each for each in monitors if each.alerts]


def _cells(judged: Judged, name: str, figures: Summary) -> list[str]:
    cells = [name, f"{judged.alerts:,.0f}", rate(judged.a_day)]
    if figures.labels is not None:
        cells += [_share(judged.precision), _share(judged.recall), _duration(judged.delay)]
    return cells


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], bold: int = 0) -> "Table":
    """The first `bold` rows are bold. Only names are folded: a number in two lines is another one."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", overflow="fold", no_wrap=number > 0)
    for number, row in enumerate(rows):
        table.add_row(*row, style="bold" if number < bold else None)
    return table


def _about_labels(figures: Summary, labels: Sequence[Label] | None) -> Iterator[str]:
    if labels is None or figures.labels is None:
        return
    yield f"{wording.counted(len(labels), 'label')}, held against {wording.counted(len(figures.monitors), 'monitor')}"
    if outside := figures.labels_outside:
        yield f"{wording.counted(outside, 'label')} outside of the recording, or of other monitors, left out"


def rate(a_day: float | None, nothing: str = _NOTHING) -> str:
    """Two digits of those that are small, as most are that one can live with."""
    if a_day is None:
        return nothing
    return f"{a_day:.2g}" if 0 < a_day < 0.1 else f"{a_day:.2f}"


def _share(share: float | None) -> str:
    return _NOTHING if share is None else f"{100 * share:.0f} %"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    whole = round(seconds)  # what is known at the last instant of a bin took the whole of it
    return wording.duration(timedelta(seconds=whole)) if whole >= 60 else f"{whole} s"
