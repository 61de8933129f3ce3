"""`groundswell claims list`: which claims a config knows, and how each can be recognised."""

from collections.abc import Collection
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerting.plain_text import cut
from alerting.wording import counted
from detectors.known_claim import KnownClaim
from streams.encoding.claim_vectors import stated_languages, texts_of
from streams.encoding.languages import identify
from streams.encoding.text_cleaning import cleaned
from streams.settings.loading import ConfigError, load_with_claims
from streams.settings.plan import covered_languages

CLAIM_SHOWN = 70
"""Characters of a claim."""
SHOWN = 500
"""Claims, unless all are asked for."""


@click.command("list")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--all", "every", is_flag=True, help=f"Show more than {SHOWN} claims.")
def command(config: Path, every: bool) -> None:
    """Show the claims that CONFIG knows, and whether their texts are compared by meaning or only by letters.

    A text is compared by meaning where the encoder's model covers its language. The exit code is 1 where a claims file
    cannot be used.
    """
    try:
        loaded, read = load_with_claims(config)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    covered = covered_languages(loaded)
    ways = {claim.id: compared_by(claim, covered) for claim in read.claims}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("claim", "verdict", "in", "compared by", "answer"):
        table.add_column(heading, overflow="fold")
    shown = read.claims if every else read.claims[:SHOWN]
    for claim in shown:
        table.add_row(*map(Text, _row(claim, ways[claim.id])))
    console = Console(highlight=False)
    console.print(table)
    if len(shown) < len(read.claims):
        console.print(f"… and {len(read.claims) - len(shown):,} more (--all)")
    answered = sum(claim.answer is not None for claim in read.claims)
    letters = sum(way == "letters" for way in ways.values())
    told = f"{counted(len(read.claims), 'claim')}, {answered:,} with an approved answer, {letters:,} by letters only"
    console.print(Text(f"{told}."))
    if read.problems:
        click.echo(f"{ConfigError(read.problems)}\nLeft out: {counted(read.bad_rows, 'row')}.", err=True)


def compared_by(claim: KnownClaim, covered: Collection[str]) -> str:
    """`meaning` where the model covers the languages of all its texts, `letters` where it covers none of them.

    Between the two, of how many texts: `meaning, 5 of 8`.
    """
    texts = zip(texts_of(claim), stated_languages(claim), strict=True)
    are_covered = [identify(cleaned(text), stated) in covered for text, stated in texts]
    if all(are_covered):
        return "meaning"
    return f"meaning, {sum(are_covered)} of {len(are_covered)}" if any(are_covered) else "letters"


def _row(claim: KnownClaim, way: str) -> tuple[str, ...]:
    owner = f"\n{cut(claim.owner, 30)}" if claim.owner else ""
    return (
        f"{cut(claim.id, 60)}\n  {cut(claim.claim, CLAIM_SHOWN)}",
        f"{cut(claim.verdict, 30)}, {cut(claim.checked_by, 30)}",
        " ".join(claim.languages),
        way,
        f"{'no' if claim.answer is None else 'yes'}{owner}",
    )
