"""`groundswell calibrate`: how alike texts must be to the model, language by language, to tell the same story."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from alerting.plain_text import literal
from alerting.wording import counted

if TYPE_CHECKING:
    from streams.calibrating.drawing import Drawn
    from streams.calibrating.pairs import Pair
    from streams.calibrating.stored import Entry
    from streams.encoding.encoder import Encoder

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("calibrate")
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("recordings", nargs=-1, required=True, type=_FILE)
@click.option("--pairs", "pairs_files", type=_FILE, metavar="FILE", multiple=True,
              help="Pairs of texts of which you know whether they mean the same; see above.")  # fmt: skip
@click.option("--language", "languages", multiple=True, metavar="CODE",
              help="Only this language. May be given several times.")  # fmt: skip
@click.option("--min-texts", default=2_000, show_default=True, type=click.IntRange(200),
              help="Different texts of a language below which nothing is drawn from them.")  # fmt: skip
@click.option("--force", is_flag=True, help="Store a calibration also where the model is not fit for the language.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write to this file, instead of beside the model.")  # fmt: skip
def command(
    config: Path,
    recordings: tuple[Path, ...],
    pairs_files: tuple[Path, ...],
    languages: tuple[str, ...],
    min_texts: int,
    force: bool,
    out: Path | None,
) -> None:
    """Draw the thresholds of the model in CONFIG from what RECORDINGS hold, for each language that it covers.

    RECORDINGS are mentions, as JSON lines (gzipped or not) or Parquet: best a few weeks of what your monitors hear. Two
    texts at random that share hardly any word have nothing to do with each other, and how alike such texts are to the
    model says how alike two must be to tell the same story. Run it once for each model, again when you change it, and
    when an alert says that it no longer tells texts apart. The workers read it when they start.

    \b
    --pairs: JSON lines, or CSV with these columns
        {"a": "Vaccines cause autism", "b": "Autism comes from vaccination", "same": true}
        {"a": "Vaccines cause autism", "b": "Vaccines do not cause measles", "same": false}
    With 200 of each, or more, in a language it is also found out whether the model is fit for it at all: at the
    threshold that few of the others reach it has to find 70 % of those that mean the same. Without, nobody knows.

    \b
    The same file, or another, may hold posts and known claims
        {"post": "so now the jabs give kids autism, thx", "claim": "Vaccines cause autism", "same": true}
        {"post": "my son got his shots today", "claim": "Vaccines cause autism", "same": false}
    With 100 different posts that repeat a claim, or more, in a language the probabilities of matches with known claims
    are made to fit the model. Only the offline model needs none in English; of others a match is else only possible,
    never certain. Give them each time: what is stored of a language is replaced as a whole.

    The exit code is 1 where nothing was stored, or not every --language that was asked for.
    """
    from streams.backtest.bad_input import BadInput
    from streams.calibrating import stored
    from streams.calibrating.pairs import read_pairs
    from streams.encoding.encoder import open_encoder
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError, load

    try:
        settings = load(config).encoder
        pairs = [pair for file in pairs_files for pair in read_pairs(file)]
        encoder = open_encoder(settings)
        path = out or stored.path_of(Path(settings.cache).expanduser(), encoder.model)
        before = stored.read(path.parent, encoder.model, config) if out is None else None
        wanted = _wanted(languages, encoder)
        drawn = _drawn(recordings, pairs, encoder, wanted, min_texts)
        usable = [each for each in drawn if each.calibration is not None and (each.unfit is None or force)]
        _show(drawn, encoder, force=force)
        if usable:
            stored.save(path, encoder.model, _entries(usable, recordings), before)
            click.echo(f"Stored {' '.join(each.language for each in usable)} in {path}")
    except (ConfigError, BadInput, EncoderUnavailable, OSError) as error:
        raise click.ClickException(str(error)) from error
    left = (wanted if languages else frozenset()) - {each.language for each in usable}
    if not usable or left:
        click.echo("Nothing was stored." if not usable else f"Not stored: {' '.join(sorted(left))}", err=True)
        raise SystemExit(1)


def _wanted(languages: Sequence[str], encoder: "Encoder") -> frozenset[str]:
    from streams.encoding.encoder import MANY_LANGUAGES
    from streams.encoding.languages import UNKNOWN, primary_code
    from streams.settings.problem import quoted

    if strange := [code for code in languages if primary_code(code) == UNKNOWN != code]:
        told = ", ".join(quoted(code, 20) for code in strange)
        raise click.UsageError(f"--language {told} is no language; expected a code such as en, es or pt")
    asked = frozenset(primary_code(code) for code in languages)
    if outside := sorted(asked - encoder.languages - {UNKNOWN}):
        raise click.UsageError(f"encoder.languages does not cover {' '.join(outside)}")
    unknown = frozenset({UNKNOWN} if len(encoder.languages) >= MANY_LANGUAGES else ())
    return asked or encoder.languages | unknown


def _drawn(
    recordings: Sequence[Path], pairs: "Sequence[Pair]", encoder: "Encoder", wanted: frozenset[str], min_texts: int
) -> "list[Drawn]":
    from streams.backtest.bad_input import BadInput
    from streams.backtest.recordings import Mentions, opened
    from streams.calibrating.drawing import draw
    from streams.calibrating.pairs import cosines
    from streams.calibrating.repeated_claims import with_claims
    from streams.calibrating.sampling import MOST_TEXTS, count, encoded, sample
    from streams.progress import progress

    files = opened(recordings)
    if not isinstance(files, Mentions):
        raise BadInput(recordings[0], None, "holds counts, which say nothing of texts")
    most = max(MOST_TEXTS, min_texts)
    with progress("reading", files.size) as advance:
        samples, unreadable = sample(files, wanted, most, lambda: advance(files.bytes_read))
    if unreadable:
        click.echo(f"{counted(unreadable, 'line')} could not be read as mentions", err=True)
    with progress("encoding", count(samples.values())) as advance:
        found = encoded(samples, encoder, advance)
    drawn = []
    for texts in found:
        if texts.language in wanted:
            same, different = (cosines(pairs, encoder, texts.language, same=each) for each in (True, False))
            thresholds = draw(texts, encoder.model, same=same, different=different, fewest=min_texts)
            drawn.append(with_claims(thresholds, pairs, [each.text for each in texts.heard], encoder))
    return drawn


def _show(drawn: "Sequence[Drawn]", encoder: "Encoder", *, force: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(encoder.model, style="bold"))
    if not drawn:
        console.print("  No text is in a language that it covers.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("language", "texts", "unrelated", "99 %", "story", "wording", "claim", "found"):
        table.add_column(heading, justify="left" if heading == "language" else "right")
    table.add_column("")
    for each in drawn:
        verdict = "refused" if each.unfit is not None else ""
        table.add_row(Text(each.language, style="cyan"), f"{each.texts:,}", *_figures(each), verdict)
    console.print(table)
    for each in drawn:
        for remark in _remarks(each, force):
            console.print(f"{each.language}: {remark}")
    console.print(
        "Cosines. unrelated and 99 %: of texts that have nothing to do with each other, half and nearly all are below. "
        "story, wording: from which texts are taken together. claim: from which few pairs match by mistake, and found "
        "how many of those do that mean the same.",
        style="dim",
    )


def _figures(drawn: "Drawn") -> list[str]:
    known = drawn.calibration
    if known is None:
        return [""] * 6
    pairs = known.known
    found = ["", ""] if pairs is None else [f"{pairs.claim:.2f}", f"{pairs.recall:.0%}"]
    thresholds = known.thresholds
    cosines = (known.dense.median, known.dense.p99, thresholds.same_narrative, thresholds.same_wording)
    return [*(f"{cosine:.2f}" for cosine in cosines), *found]


def _remarks(drawn: "Drawn", force: bool) -> Iterator[str]:
    from detectors.narratives.claims.scale import scale_of
    from streams.calibrating.repeated_claims import FEWEST_POSTS

    known = drawn.calibration
    if drawn.unfit is not None:
        used = "used all the same" if force and known is not None else "not used"
        yield f"{used}: {drawn.unfit}"
    elif known is not None and known.known is None:
        yield "whether the model is fit for it is not known without 200 pairs of each kind (--pairs)"
    if known is not None and (claims := known.claims) is not None:
        yield (
            f"of {claims.posts:,} posts that repeat a known claim {claims.matched:.0%} match it for certain; "
            f"{claims.right:.0%} of what matches for certain is right"
        )
    elif known is not None and not scale_of(known).is_known:
        yield (
            "a match with a known claim is only ever possible, for nobody knows how alike a post and its claim are to "
            f"the model (--pairs with {FEWEST_POSTS} posts and their claims)"
        )


def _entries(usable: "Sequence[Drawn]", recordings: Sequence[Path]) -> "dict[str, Entry]":
    from streams.calibrating.stored import Entry

    now, names = datetime.now(UTC), tuple(literal(path.name) for path in recordings)
    return {
        each.language: Entry(
            calibration=structs.replace(each.calibration, forced=each.unfit is not None), drawn_at=now, recordings=names
        )
        for each in usable
        if each.calibration is not None
    }
