"""`groundswell ingest`: sends mentions from a file, or from another program, to Kafka."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from detectors.rendering import counted
from streams.ingesting import LARGEST_LINE_BYTES, Recording, Sender, Sent


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="How many times as fast as it was said: 1 is real time. As fast as can be where absent.",
)
@click.option(
    "--rebase",
    type=click.Choice(("now",)),
    help="Move all times by the same amount, so that the newest mention is said at the moment at which it is sent.",
)
def command(config: Path, file: Path, speed: float | None, rebase: str | None) -> None:
    """Send mentions from FILE (JSON lines, also gzipped; - is standard input) to the Kafka of CONFIG.

    Lines are sent as they are: what is no mention becomes a dead letter with its reason. The exit code is 0 when Kafka
    has all of them.
    """
    from streams.kafka.client import AccessError
    from streams.settings.loading import ConfigError, load

    is_stream = str(file) == "-"
    if is_stream and (rebase or speed):
        raise click.UsageError("--speed and --rebase need to know all times beforehand: give a file, not -")
    try:
        settings = load(config)
        with ExitStack() as stack:
            recording = Recording(None if is_stream else file)
            sender = stack.enter_context(Sender.open(settings.kafka))
            sent = sender.send(
                recording, speed=speed, now=datetime.now(UTC) if rebase else None, progress=_progress(stack, recording)
            )
    except (ConfigError, AccessError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _say(sent)
    sys.exit(1 if sent.refused else 0)


def _progress(stack: ExitStack, recording: Recording) -> Callable[[int], None]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
    task = bar.add_task("sending", total=recording.lines)
    return lambda lines: bar.update(task, completed=lines)


def _say(sent: Sent) -> None:
    for line in sent.refused:
        click.echo(f"line {line:,}: more than {LARGEST_LINE_BYTES:,} bytes; it was not sent", err=True)
    lines, records = counted(sent.lines, "line"), counted(sent.records, "record")
    click.echo(f"sent {lines} in {records}, in {sent.seconds:.1f} s")
