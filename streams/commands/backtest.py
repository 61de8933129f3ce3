"""`groundswell backtest`: what a config would have said about a recording."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from alerting import wording
from alerting.alert import Alert, Notification, Severity
from streams.backtest.run import Backtest, Report

if TYPE_CHECKING:
    from rich.console import RenderableType


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One alert a line, for machines.")
def command(config: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Say which alerts CONFIG would have given for the mentions in FILES (JSON lines, also gzipped; in order of time).

    The pipelines are those of the live workers, and no Kafka is needed.
    """
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError
    from streams.stages.starting import backtest_of

    try:
        backtest = backtest_of(config)
        report = _run(backtest, files)
    except (ConfigError, EncoderUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _print_json(report)
    else:
        print_report(report)


def _run(backtest: Backtest, files: tuple[Path, ...]) -> Report:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from streams.ingesting import Recording

    recordings = [Recording(file) for file in files]

    def lines() -> Iterator[bytes]:
        for recording in recordings:
            yield from recording

    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=sum(recording.lines or 0 for recording in recordings))
        return backtest.run(lines(), lambda count: bar.update(task, completed=count))


def _print_json(report: Report) -> None:
    import msgspec

    for alert in report.alerts:
        click.echo(msgspec.json.encode(alert))


def print_report(report: Report) -> None:
    """For people: each alert, and what came of it all in numbers."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for shown in _alerts(report.alerts):
        console.print(shown)
    for line in _summary(report):
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


_STYLES = {
    Severity.INFO: "blue",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "red",
    Severity.LIFE_SAFETY: "bold red",
}


def _summary(report: Report) -> Iterator[str]:
    span = (report.last - report.first) if report.first and report.last else timedelta(0)
    matched = ", ".join(f"{count:,} for {monitor}" for monitor, count in report.matches.items())
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
