"""`groundswell claims list`: which claims a config knows, and how each can be recognised."""

from collections.abc import Collection
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from alerting.plain_text import cut
from alerting.wording import counted
from detectors.known_claim import KnownClaim
from streams.encoding.claim_vectors import stated_languages, texts_of
from streams.encoding.languages import identify
from streams.encoding.text_cleaning import cleaned
from streams.settings.loading import ConfigError, load_with_claims
from streams.settings.plan import covered_languages

CLAIM_SHOWN = 200
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
    shown = read.claims if every else read.claims[:SHOWN]
    console = Console(highlight=False)
    for claim in shown:
        console.print(Text(cut(claim.id, 60), style="bold"))
        for line in _lines(claim, ways[claim.id]):
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
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

    Between the two, of how many texts: `meaning, 5 of 8 texts`.
    """
    texts = zip(texts_of(claim), stated_languages(claim), strict=True)
    are_covered = [identify(cleaned(text), stated) in covered for text, stated in texts]
    if all(are_covered):
        return "meaning"
    if any(are_covered):
        return f"meaning, {sum(are_covered)} of {len(are_covered)} texts"
    return "letters"


def _lines(claim: KnownClaim, way: str) -> tuple[str, ...]:
    """Not a table: five columns leave a claim too little room on a terminal of 80."""
    owner = f", owner {cut(claim.owner, 60)}" if claim.owner else ""
    return (
        cut(claim.claim, CLAIM_SHOWN),
        f"{cut(claim.verdict, 60)}, by {cut(claim.checked_by, 60)}",
        f"{'no approved answer' if claim.answer is None else 'approved answer'}{owner}",
        f"in {' '.join(claim.languages)}, compared by {way}",
    )
