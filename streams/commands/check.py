"""`groundswell check`: what a config will do, in plain words, or all that is wrong with it."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from alerting.wording import counted
from streams.calibrating.readiness import readiness
from streams.settings.likely_mistakes import likely_mistakes
from streams.settings.loading import ConfigError, load_with_claims
from streams.settings.plan import Section, sections
from streams.settings.problem import MOST_SHOWN


@click.command("check")
@click.argument("config", type=click.Path(path_type=Path))
def command(config: Path) -> None:
    """Say what CONFIG will do, and warn of likely mistakes.

    Nothing is started and nobody is told. The exit code is 1 where the config cannot be used, or the workers would
    refuse to start on this machine, for want of its model or of the model's calibration.
    """
    try:
        loaded, claims_read = load_with_claims(config)
    except ConfigError as error:
        _show_problems(error)
        raise SystemExit(1) from None
    console = Console(highlight=False)
    for section in sections(loaded, claims_read.claims, config):
        _show(section, console)
    text = config.read_text("utf-8-sig")
    left_out = [f"left out: {problem}" for problem in claims_read.problems]
    ready = readiness(loaded, config)
    warnings = [*left_out[:MOST_SHOWN], *likely_mistakes(loaded, claims_read.claims, text), *ready.limits]
    _show_warnings(warnings, console)
    if ready.refusal is not None:
        _show_refusal(ready.refusal, console)
        raise SystemExit(1)
    remark = f" with {counted(len(warnings), 'warning')}" if warnings else ""
    first = "groundswell broker start, then " if loaded.kafka.bootstrap is None else ""
    start = f" Start it: {first}groundswell run {config}"
    console.print(Text.assemble((f"Ready{remark}.", "bold green"), start), soft_wrap=True)
    console.print(Text("This was only read: neither Kafka nor any receiver was asked.", style="dim"))


def _show_problems(error: ConfigError) -> None:
    """Not wrapped by us: an editor or a terminal that follows `file:line` needs it whole."""
    count = len(error.problems)
    click.echo(str(error), err=True)
    click.echo(f"{count} problem{'' if count == 1 else 's'}; nothing was started.", err=True)


def _show(section: Section, console: Console) -> None:
    console.print(Text(section.heading, style="bold"))
    if section.rows:
        width = max(len(word) for word, _ in section.rows)
        table = Table.grid(padding=(0, 2))
        table.add_column(min_width=min(width, 20), style="cyan", no_wrap=width <= 20)
        table.add_column(overflow="fold")
        for word, sentence in section.rows:
            table.add_row(Text(word), Text(sentence))
        console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _show_warnings(warnings: Sequence[str], console: Console) -> None:
    if not warnings:
        return
    console.print(Text("Warnings", style="bold yellow"))
    table = Table.grid(padding=(0, 1))
    for warning in warnings:
        table.add_row(Text("!", style="yellow"), Text(warning, overflow="fold"))
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print()


def _show_refusal(why: str, console: Console) -> None:
    """The config is right, and yet nothing would start."""
    console.print(Text("Not ready on this machine", style="bold red"))
    console.print(Padding(Text(why, overflow="fold"), (0, 0, 0, 2)))
    console.print()
    console.print("Nothing is wrong with the config, but `groundswell run` would refuse to start here.")
