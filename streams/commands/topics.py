"""`groundswell topics`: creates the topics that are missing, and checks those that exist."""

import sys
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from streams.kafka import topics
from streams.kafka.client import AccessError, access, admin
from streams.kafka.topics import Difference, Topic, TopicError
from streams.settings.config import Kafka

WRONG_SHAPE = 1
NO_KAFKA = 2


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only check; create nothing.")
@click.option(
    "--wait",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for Kafka to answer.",
)
def command(config: Path, dry_run: bool, wait: int) -> None:
    """Create the topics that CONFIG needs, and check those that exist.

    A topic that exists is never changed. The exit code is 0 when all are as they must be, 1 when one is missing, is not
    as it must be or could not be created, and 2 when Kafka cannot be reached.
    """
    from streams.settings.loading import ConfigError, load

    try:
        kafka = load(config).kafka
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    sys.exit(see_to(kafka, patience=timedelta(seconds=wait), dry_run=dry_run))


def see_to(kafka: Kafka, *, patience: timedelta, dry_run: bool = False) -> int:
    """Create, check and show the topics. Gives the exit code."""
    needed = topics.required(kafka)
    try:
        there = access(kafka)
        click.echo(f"asking Kafka at {there.bootstrap}, for up to {patience.total_seconds():.0f} s", err=True)
        with admin(there, patience=patience) as client:
            absent = topics.missing(client, needed) if dry_run else topics.create_missing(client, needed)
            wrong = topics.differences(client, needed)
    except AccessError as error:
        click.echo(f"Error: {error}", err=True)
        return NO_KAFKA
    except TopicError as error:
        click.echo(f"Error: {error}", err=True)
        return WRONG_SHAPE
    _show(needed, absent, wrong, dry_run)
    return WRONG_SHAPE if wrong or (dry_run and absent) else 0


def _show(needed: tuple[Topic, ...], absent: list[Topic], wrong: list[Difference], dry_run: bool) -> None:
    table = Table("topic", "partitions", "keeps", "state", "what it is for", box=None, pad_edge=False)
    faulty = {difference.topic for difference in wrong}
    for topic in needed:
        if topic in absent:
            state = "[yellow]missing[/]" if dry_run else "[green]created[/]"
        else:
            state = "[red]wrong[/]" if topic.name in faulty else "ok"
        table.add_row(topic.name, str(topic.partitions), topic.policy, state, topic.purpose)
    Console().print(table)
    for difference in wrong:
        click.echo(f"Error: {difference}", err=True)
