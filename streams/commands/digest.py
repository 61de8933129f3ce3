"""`groundswell digest`: what called nobody so far, as the next digest would tell it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from alerting.digest import Digest, as_text
from alerting.plain_text import for_terminal
from streams.settings.config import Config


@click.command("digest")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--route", help="Only of this one.")
@click.option("--receiver", help="Only of this one.")
@click.option("--all", "with_told", is_flag=True, help="Also what a digest has told already and is still remembered.")
def command(config: Path, route: str | None, receiver: str | None, with_told: bool) -> None:
    """Show what was held back from each receiver of CONFIG: what the next digests will tell.

    It only looks: nothing counts as told by it.
    """
    from streams.kafka.client import AccessError
    from streams.settings.loading import ConfigError, load

    try:
        loaded = load(config)
        digests = list(_digests(loaded, datetime.now(UTC), with_told))
    except (ConfigError, AccessError) as error:
        raise click.ClickException(str(error)) from None
    chosen = [d for d in digests if route in (None, d.route) and receiver in (None, d.receiver)]
    if not chosen:
        click.echo("No route with digests has that name, or that receiver.")
        raise SystemExit(1)
    for number, digest in enumerate(chosen):
        click.echo("\n" if number else "", nl=False)
        click.echo(f"{digest.receiver} · {for_terminal(as_text(digest))}")


def _digests(config: Config, now: datetime, with_told: bool) -> Iterator[Digest]:
    from streams.settings.attention import callable_receivers
    from streams.stages.allowance import allowances
    from streams.stages.desk import Desk
    from streams.stages.rows import Rows, read_rows
    from streams.stages.state_reading import saved_by_notify

    saved = saved_by_notify(config)
    people, known = callable_receivers(config), allowances(config)
    for allowance in known.values():
        for receiver in allowance.receivers:
            if receiver not in people:
                continue
            rows = read_rows(saved.get(receiver, {}), lambda name, why: None) if receiver in saved else Rows()
            desk = Desk(receiver, True, known, rows.routes)
            held = desk.held(allowance, rows.entries, with_told=with_told)
            yield desk.compose(allowance, now, held, rows.entries)
