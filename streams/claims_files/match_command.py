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
@click.option("--id-field", default="id", show_default=True, metavar="NAME", help="Of a post.")
@click.option("--text-field", default="text", show_default=True, metavar="NAME", help="Of a post.")
def command(claims: Path, posts: Path, out: Path, config: Path | None, id_field: str, text_field: str) -> None:
    """Write which claims of CLAIMS each post of POSTS may repeat, the likeliest first.

    CLAIMS is a claims file (.yaml, .json, .jsonl, .csv; only an id and the claim are needed), POSTS holds a JSON object
    a line with an id, a text, and its language in `lang` if it is known. For each post a line is written with its
    `id` and at most 20 `claims`, each with its `id` and the probability `p` that the post repeats it. Where the first
    is below .5, most likely none of the list is repeated; from .9 on, alerts say that a narrative *matches*. With a
    model that nobody calibrated by posts and their claims (`groundswell calibrate --pairs`) it stays below that.

    Posts of fewer than eight words are matched here too, which alerts never do.
    """
    from streams.backtest.bad_input import BadInput
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError

    try:
        _match(claims, posts, out, config, id_field, text_field)
    except (ConfigError, EncoderUnavailable, BadInput, OSError) as error:
        raise click.ClickException(str(error)) from error


def _match(claims: Path, posts: Path, out: Path, config: Path | None, id_field: str, text_field: str) -> None:
    from detectors.narratives.claims.scale import scales_of
    from streams.backtest.writing import refuse_to_overwrite, write_whole
    from streams.calibrating.stored import calibrations_of
    from streams.claims_files.reading import load_claims
    from streams.encoding.encoder import open_encoder
    from streams.ingesting import Recording
    from streams.narratives.documents import common_language, documents
    from streams.settings import config as settings
    from streams.settings.loading import load

    refuse_to_overwrite({"--out": out}, [claims, posts, *([config] if config else [])])
    encoding = settings.Encoder() if config is None else load(config).encoder
    known = load_claims(claims, lenient=True)
    given = list(documents(Recording(posts), posts, id_field, text_field, timed=False))
    if all(post.lang is None for post in given) and (language := common_language(given)):
        click.echo(f"taken to be in one language: {language}", err=True)
        given = [structs.replace(post, lang=language) for post in given]
    encoder = open_encoder(encoding)
    scales = scales_of(calibrations_of(Path(encoding.cache).expanduser(), encoder.model, config or "CONFIG")) or {}
    write_whole(out, "".join(f"{line}\n" for line in _lines(known, given, encoder, scales)))
    click.echo(f"wrote {out}: {len(given):,} posts against {len(known):,} claims", err=True)


def _lines(
    known: Sequence["KnownClaim"], posts: Sequence["Mention"], encoder: "Encoder", scales: Mapping[str, "Scale"]
) -> list[str]:
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
    lines = []
    with progress("matching posts", len(posts)) as advance:
        for start in range(0, len(posts), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            encodings = encoder.encodings(texts[some], [post.lang for post in posts[some]])
            for post, text, encoding in zip(posts[some], texts[some], encodings, strict=True):
                vector = None if encoding.vector is None else np.frombuffer(encoding.vector, "<f2").astype(np.float32)
                ranked = matcher.ranked(text, vector, frequencies, f"{space}|{encoding.language}")[:_TOLD]
                told = [{"id": claim.id, "p": float(f"{probability:.6g}")} for claim, probability in ranked]
                lines.append(json.dumps({"id": post.id, "claims": told}))
            advance(len(lines))
    return lines


def _encoded(known: Sequence["KnownClaim"], encoder: "Encoder") -> list["KnownClaim"]:
    from streams.encoding.claim_vectors import encode_claims

    encoded: list[KnownClaim] = []
    with progress("encoding claims", len(known)) as advance:
        for start in range(0, len(known), _AT_ONCE):
            encoded += encode_claims(known[start : start + _AT_ONCE], encoder)
            advance(len(encoded))
    return encoded
