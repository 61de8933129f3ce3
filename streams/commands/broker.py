"""`groundswell broker`: a Kafka on this machine, started, stopped and looked at."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from streams.kafka import broker
from streams.kafka.server import BrokerError, last_error, log_file

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=broker.DEFAULT_DATA,
    show_default=True,
    help="The folder of its data, its log and its address.",
)


@click.group()
def command() -> None:
    """A Kafka on this machine, for trying out: no Docker and no installed Java is needed.

    It listens on this machine only. Who has a Kafka names it in the config (kafka.bootstrap) and does not need this.
    """


@command.command()
@_data
def start(data: Path) -> None:
    """Start it in the background, and wait until it answers."""
    with _told():
        if running := broker.status(data):
            click.echo(f"Kafka runs already at {running.bootstrap} (process {running.pid}).")
            return
        with _progress() as progress:
            running = broker.start(data, progress=progress)
    click.echo(f"Kafka runs at {running.bootstrap} (process {running.pid}); its data are in {data}.")


@command.command()
@_data
def stop(data: Path) -> None:
    """Stop it. Its data and its address are kept."""
    with _told():
        click.echo("Kafka has stopped." if broker.stop(data) else f"No Kafka of {data} was running.")


@command.command()
@_data
def status(data: Path) -> None:
    """Say whether it runs, and where. The exit code is 0 if it does, else 1."""
    with _told():
        running = broker.status(data)
    if running is None:
        click.echo(f"No Kafka of {data} runs. Start it with `groundswell broker start`.")
        if error := last_error(data):
            click.echo(f"The last error in its log, {log_file(data)}: {error}")
        sys.exit(1)
    click.echo(f"Kafka runs at {running.bootstrap} (process {running.pid}); its log is {log_file(data)}.")


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokerError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """One line that changes on a terminal, else a line for each step."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: click.echo(f"  {text}", err=True)
        return
    with console.status("looking for Kafka") as line:
        yield lambda text: line.update(text)
