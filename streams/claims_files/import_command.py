"""`groundswell claims import`: fact-checks as others publish them, made into a claims file of ours."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from msgspec import structs

from alerting.wording import counted
from detectors.known_claim import KnownClaim
from streams.claims_files.places import NoClaimsThere, files_of
from streams.claims_files.reading import ClaimsRead, load_claims, read_claims
from streams.claims_files.reading_row import MOST
from streams.claims_files.rows import Missing
from streams.claims_files.writing import as_yaml
from streams.encoding.languages import UNKNOWN, primary_code
from streams.settings.problem import ConfigError, Problem, quoted

STAND_INS = {"verdict": "--verdict TEXT", "checked_by": "--checked-by NAME"}
"""By the field that a row lacks."""


def _codes(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for tag in value:
        if primary_code(tag) == UNKNOWN:
            raise click.BadParameter(f"{quoted(tag, 20)} is no language; expected a code such as en, es or pt")
    return tuple(primary_code(tag) for tag in value)


@click.command("import")
@click.argument("sources", metavar="IN...", nargs=-1, required=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The YAML file to write.")
@click.option("--skip-bad", is_flag=True, help="Write what is right, and tell of each row that is left out.")
@click.option("--verdict", metavar="TEXT", help="Of claims without one.")
@click.option("--checked-by", metavar="NAME", help="Who checked the claims that do not say.")
@click.option("--owner", metavar="NAME", help="Who may be asked about claims that have no owner.")
@click.option(
    "--language", "languages", metavar="CODE", multiple=True, callback=_codes, help="Of claims that do not say."
)
@click.option("--update", is_flag=True, help="Keep the claims of OUT, and for those in both its answers and wordings.")
@click.option("--force", is_flag=True, help="Write over OUT, whatever is in it.")
def command(
    sources: tuple[str, ...],
    out: Path,
    skip_bad: bool,
    verdict: str | None,
    checked_by: str | None,
    owner: str | None,
    languages: tuple[str, ...],
    update: bool,
    force: bool,
) -> None:
    """Make a claims file of IN: files or folders of YAML, JSON, JSON lines or CSV.

    JSON may be schema.org's ClaimReview, or an answer of Google's Fact Check Tools. A claim without an id gets one made
    of its words and its link, the same each time. One without a language gets that of its text. Where a row is wrong,
    nothing is written, and all that is wrong is listed.
    """
    if out.suffix.lower() not in (".yaml", ".yml"):
        raise click.UsageError(f"--out is {quoted(str(out))}; expected a name that ends .yaml")
    if out.exists() and not (update or force):
        raise click.ClickException(f"{out} is there already: --update adds to it, --force writes over it")
    missing = Missing(
        verdict=verdict, checked_by=checked_by, owner=owner, languages=languages, identifies=not languages
    )
    paths = _paths(sources)
    read = read_claims(paths, missing)
    _tell(read, skip_bad)
    earlier = _earlier(out) if update and out.exists() else ()
    claims = _united(earlier, read.claims)
    _write(out, as_yaml(claims, list(_remarks(paths, read, missing))))
    changed = f", {len(claims) - len(earlier):,} of them new" if earlier else ""
    click.echo(f"{counted(len(claims), 'claim')} in {out}{changed}. Name it in a config under claims.")


def _paths(sources: Sequence[str]) -> list[Path]:
    paths: list[Path] = []
    try:
        for source in sources:
            paths += files_of(source, Path())
    except NoClaimsThere as error:
        raise click.ClickException(str(error).replace("relative to this file", "from where you are")) from None
    if not paths:
        raise click.ClickException("there is no claims file in it; expected some")
    return paths


def _tell(read: ClaimsRead, skip_bad: bool) -> None:
    """Raises where nothing is to be written."""
    if not read.problems:
        if not read.claims:
            raise click.ClickException("there is no claim in it; nothing was written")
        return
    click.echo(str(ConfigError(read.problems)), err=True)
    told = counted(len(read.problems), "problem")
    if read.unread:
        raise click.ClickException(f"{told}; a file could not be read at all, so nothing was written")
    if not skip_bad:
        options = "".join(f"; {each}" for each in _stand_ins(read.problems))
        raise click.ClickException(f"{told}, so nothing was written; {_good(len(read.claims))}{options}")
    if not read.claims:
        raise click.ClickException(f"{told}; no claim is right, so nothing was written")
    click.echo(f"{told}; {counted(read.bad_rows, 'row')} left out.", err=True)


def _stand_ins(problems: Iterable[Problem]) -> Iterable[str]:
    """Options that say what rows do not."""
    lacking = {field for problem in problems for field in STAND_INS if f'the key "{field}" is missing' in problem.text}
    return [f"{option} says it of all that have none" for field, option in STAND_INS.items() if field in lacking]


def _good(claims: int) -> str:
    if not claims:
        return "no claim is right"
    return f"--skip-bad writes the {f'{claims:,} that are' if claims > 1 else 'one that is'} right"


def _earlier(out: Path) -> tuple[KnownClaim, ...]:
    try:
        return load_claims(out)
    except ConfigError as error:
        raise click.ClickException(f"{error}\n{out} is not right itself, so nothing was written") from None


def _united(earlier: Sequence[KnownClaim], new: Sequence[KnownClaim]) -> list[KnownClaim]:
    """The new ones with what people added to the earlier ones, and the earlier ones that are not among them."""
    known = {claim.id: claim for claim in earlier}
    for claim in new:
        old = known.get(claim.id)
        known[claim.id] = claim if old is None else _kept(old, claim)
    return list(known.values())


def _kept(old: KnownClaim, new: KnownClaim) -> KnownClaim:
    return structs.replace(
        new,
        also=tuple(dict.fromkeys([*old.also, *new.also]))[:MOST],
        answer=old.answer or new.answer,
        owner=old.owner or new.owner,
        languages=tuple(dict.fromkeys([*old.languages, *new.languages]))[:MOST],
    )


def _remarks(paths: Sequence[Path], read: ClaimsRead, missing: Missing) -> Iterable[str]:
    names = ", ".join(path.name for path in paths[:10]) + (", …" if len(paths) > 10 else "")
    left_out = f"; {counted(read.bad_rows, 'row')} that had mistakes left out" if read.bad_rows else ""
    yield f"{counted(len(read.claims), 'claim')} imported from {names} by groundswell claims import{left_out}."
    given = {"verdict": missing.verdict, "checked_by": missing.checked_by, "owner": missing.owner}
    if told := ", ".join(f"{field} {quoted(value)}" for field, value in given.items() if value):
        yield f"Where a claim did not say: {told}."


def _write(out: Path, text: str) -> None:
    """As a whole or not at all: a worker may be reading the file that was there."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
