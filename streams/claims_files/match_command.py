"""`groundswell claims match`: which known claims each post of a file may repeat, by the matcher that runs live."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from streams.progress import progress

if TYPE_CHECKING:
    from detectors.known_claim import KnownClaim
    from detectors.mention import Mention
    from detectors.narratives.claims.scale import Scale
    from streams.encoding.encoder import Encoder

_TOLD = 20
"""Claims of each post."""
_AT_ONCE = 256


@click.command("match")
@click.argument("claims", type=click.Path(path_type=Path, exists=True))
@click.argument("posts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--config", type=click.Path(path_type=Path), help="Whose encoder is used; the offline model without.")
@click.option("--id-field", metavar="NAME", help="Of a post: where it is not called as usual.")
@click.option("--text-field", metavar="NAME", help="The same of its text.")
def command(
    claims: Path, posts: Path, out: Path, config: Path | None, id_field: str | None, text_field: str | None
) -> None:
    """Write which claims of CLAIMS each post of POSTS may repeat, the likeliest first.

    CLAIMS is a claims file (.yaml, .json, .jsonl, .csv) or a folder of some. Of a claim only an id and its text are
    needed, and read under their usual names: `id`, `vclaim_id`; `claim`, `vclaim`, `claimReviewed`, `text`. POSTS holds
    a JSON object a line with an id, a text, and its language in `lang` if it is known. Without --id-field and
    --text-field, fields are looked for that are called as usual: `id`, `tweet_id`; `text`, `tweet`, `content`. Both
    files may be compressed (.gz).

    For each post, in the file's order, a line is written with its `id` and at most 20 `claims`, each with its `id` and
    the probability `p` that the post repeats it; ids are as they stand in the files. Where the first is below .5, most
    likely none of the list is repeated; from .9 on, alerts say that a narrative *matches*. With a model that nobody
    calibrated by posts and their claims (`groundswell calibrate --pairs`) it stays below that.

    Posts of fewer than eight words are matched here too, which alerts never do.
    """
    from streams.backtest.bad_input import BadInput
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError

    try:
        _match(claims, posts, out, config, id_field, text_field)
    except (ConfigError, EncoderUnavailable, BadInput, OSError) as error:
        raise click.ClickException(str(error)) from error


def _match(
    claims: Path, posts: Path, out: Path, config: Path | None, id_field: str | None, text_field: str | None
) -> None:
    from alerting.wording import counted
    from detectors.narratives.claims.scale import scales_of
    from streams.backtest.writing import refuse_to_overwrite, write_whole
    from streams.calibrating.stored import calibrations_of
    from streams.claims_files.reading import load_bare_claims
    from streams.encoding.encoder import open_encoder
    from streams.narratives.documents import common_language, documents, not_understood
    from streams.settings import config as settings
    from streams.settings.loading import load

    refuse_to_overwrite({"--out": out}, [claims, posts, *([config] if config else [])])
    encoding = settings.Encoder() if config is None else load(config).encoder
    listed = load_bare_claims(claims)
    language = common_language([claim.claim for claim in listed.claims])
    known = [
        structs.replace(claim, languages=(language,)) if language and not claim.languages else claim
        for claim in listed.claims
    ]
    given = documents(posts, id_field, text_field, timed=False)
    for note in given.notes:
        click.echo(note, err=True)
    encoder = open_encoder(encoding)
    scales = scales_of(calibrations_of(Path(encoding.cache).expanduser(), encoder.model, config or "CONFIG")) or {}
    ranked = _ranked(known, given.mentions, encoder, scales)
    lines = (
        {"id": name, "claims": [{"id": listed.given_ids[claim], "p": probability} for claim, probability in claims]}
        for name, claims in zip(given.ids, ranked, strict=True)
    )
    write_whole(out, "".join(f"{json.dumps(line)}\n" for line in lines))
    if unread := not_understood(encoder.stats):
        click.echo(unread, err=True)
    click.echo(f"wrote {out}: {counted(len(given.ids), 'post')} against {counted(len(known), 'claim')}", err=True)


def _ranked(
    known: Sequence["KnownClaim"], posts: Sequence["Mention"], encoder: "Encoder", scales: Mapping[str, "Scale"]
) -> list[list[tuple[str, float]]]:
    """For each post the ids of its claims, the likeliest first, with their probabilities."""
    import numpy as np

    from detectors.narratives.claims.matching import ClaimMatcher
    from detectors.narratives.claims.text import spoken, tags_apart, without_signature
    from detectors.narratives.clustering.calibration import space_of
    from detectors.narratives.clustering.lexical import Frequencies, words

    texts = [tags_apart(" ".join(without_signature(post.text))) for post in posts]
    frequencies = Frequencies()
    for number, text in enumerate(texts):
        frequencies.learn(words(spoken(text)))
        if number % 1000 == 0:
            frequencies.halve_if_full()
    matcher = ClaimMatcher(_encoded(known, encoder), scales)
    space = space_of(encoder.model, encoder.dimensions)
    told = []
    with progress("matching posts", len(posts)) as advance:
        for start in range(0, len(posts), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            encodings = encoder.encodings(texts[some], [post.lang for post in posts[some]])
            for text, encoding in zip(texts[some], encodings, strict=True):
                vector = None if encoding.vector is None else np.frombuffer(encoding.vector, "<f2").astype(np.float32)
                ranked = matcher.ranked(text, vector, frequencies, f"{space}|{encoding.language}")[:_TOLD]
                told.append([(claim.id, float(f"{probability:.6g}")) for claim, probability in ranked])
            advance(len(told))
    return told


def _encoded(known: Sequence["KnownClaim"], encoder: "Encoder") -> list["KnownClaim"]:
    from streams.encoding.claim_vectors import encode_claims

    encoded: list[KnownClaim] = []
    with progress("encoding claims", len(known)) as advance:
        for start in range(0, len(known), _AT_ONCE):
            encoded += encode_claims(known[start : start + _AT_ONCE], encoder)
            advance(len(encoded))
    return encoded
