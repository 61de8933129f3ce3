"""`groundswell backtest`: what a config would have said about a recording."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from alerting.alert import Severity
from streams.backtest import Backtest, Report


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="One alert a line, for machines.")
def command(config: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Say which alerts CONFIG would have given for the mentions in FILES (JSON lines, also gzipped; in order of time).

    The pipelines are those of the live workers, and no Kafka is needed.
    """
    from streams.loading import ConfigError
    from streams.sentence_model import EncoderUnavailable
    from streams.starting import backtest_of

    try:
        backtest = backtest_of(config)
    except (ConfigError, EncoderUnavailable) as error:
        raise click.ClickException(str(error)) from error
    report = _run(backtest, files)
    if as_json:
        _print_json(report)
    else:
        _print(report)


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


def _print(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("start (UTC)", "monitor", "severity", "detector", "lasted"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what")
    for alert in report.alerts:
        style = {Severity.INFO: "", Severity.WARNING: "yellow"}.get(alert.severity, "red")
        table.add_row(
            alert.starts_at.strftime("%Y-%m-%d %H:%M"),
            alert.monitor,
            Text(alert.severity.label, style=style),
            alert.detector,
            _duration((alert.last_at) - alert.starts_at),
            Text(alert.evidence.summary),
        )
    console = Console()
    if report.alerts:
        console.print(table)
        console.print()
    for line in _summary(report):
        console.print(Text(line))


def _summary(report: Report) -> Iterator[str]:
    span = (report.last - report.first) if report.first and report.last else timedelta(0)
    days = max(span.total_seconds() / 86_400, 1e-9)
    matched = ", ".join(f"{count:,} for {monitor}" for monitor, count in report.matches.items())
    yield f"{report.mentions:,} mentions over {_duration(span)}; {matched or 'none'} matched"
    per_day = f", {len(report.alerts) / days:.2g} a day" if days >= 1 else ""
    told = len({(told.receiver, told.story.id) for told in report.notifications})
    yield f"{len(report.alerts)} alerts{per_day}; {told} stories told in {len(report.notifications)} notifications"
    if report.malformed:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in report.malformed.most_common())
        yield f"{report.malformed.total():,} lines were no mentions: {reasons}"
    if report.clocks_ahead:
        yield f"{report.clocks_ahead:,} mentions claim to be from the future; their times were not believed"
    if report.repeats or report.late or report.too_late:
        yield f"{report.repeats:,} repeats, {report.late:,} late, {report.too_late:,} too late to count"


def _duration(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"
