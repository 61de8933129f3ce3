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
        _check(loaded, route, receiver)
        made: set[str] = set()
        digests = list(_digests(loaded, datetime.now(UTC), with_told, made))
    except (ConfigError, AccessError) as error:
        raise click.ClickException(str(error)) from None
    chosen = [d for d in digests if route in (None, d.route) and receiver in (None, d.receiver)]
    if not chosen:
        raise click.ClickException(
            "nobody there has digests: only receivers of type slack and email call people, and are told in a digest "
            "what did not call them; the others are told everything at once"
        )
    for number, digest in enumerate(chosen):
        click.echo("\n" if number else "", nl=False)
        waits = _NOT_TOLD if digest.id in made else ""
        click.echo(f"{digest.receiver} · {waits}{for_terminal(as_text(digest))}")


_NOT_TOLD = "made and not told yet (see groundswell_receiver_refused) · "


def _check(config: Config, route: str | None, receiver: str | None) -> None:
    """Raises `UsageError` for a name that is none."""
    from streams.settings.problem import did_you_mean
    from streams.stages.allowance import allowances

    known = {"route": list(allowances(config)), "receiver": [each.name for each in config.receivers]}
    for what, said in (("route", route), ("receiver", receiver)):
        if said is not None and said not in known[what]:
            raise click.UsageError(f"no {what} is called {said!r}{did_you_mean(said, known[what])}")


def _digests(config: Config, now: datetime, with_told: bool, made: set[str]) -> Iterator[Digest]:
    """Of each receiver of each route the one that waits to be told, whose id goes into `made`, and the next."""
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
            row = rows.routes.get(allowance.route)
            if row is not None and row.digest is not None:
                made.add(row.digest.id)
                yield row.digest
            desk = Desk(receiver, True, known, rows.routes)
            held = desk.held(allowance, rows.entries, with_told=with_told)
            yield desk.compose(allowance, now, held, rows.entries)
