"""Pairs of texts of which somebody knows whether they mean the same: a file of JSON lines, or a CSV file.

Two texts, or a post and a known claim: a post says more than the claim that it repeats, and other things beside it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.calibration import Cosines
from streams.backtest.bad_input import BadInput
from streams.claims_files.csv_rows import delimiter_of
from streams.encoding.languages import UNKNOWN, identify, primary_code
from streams.encoding.text_cleaning import cleaned

if TYPE_CHECKING:
    from streams.encoding.encoder import Encoder

_EXPECTED = 'expected "a" and "b", or "post" and "claim", with "same" (true or false), and "language" where you know it'
_COLUMNS = frozenset({"a", "b", "post", "claim", "same", "language", "lang"})
_YES, _NO = {"true", "1", "yes"}, {"false", "0", "no"}


class Pair(Struct, frozen=True):
    """Two texts of one language."""

    a: str
    b: str
    same: bool
    language: str
    """ISO 639, `und` where it can be told neither by the file nor by the texts; of a post and a claim, the post's."""
    of_claim: bool = False
    """Whether `a` is a post, `b` a known claim, and `same` says that the one repeats the other."""


def read_pairs(path: Path) -> list[Pair]:
    """All of them. Raises `BadInput` with the line, and `OSError`."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(path, None, "is no text in UTF-8") from error
    rows = _json_lines(path, text) if text.lstrip().startswith("{") else _csv(path, text)
    pairs = [_pair(path, number, row) for number, row in rows]
    if not pairs:
        raise BadInput(path, None, f"holds no pair: {_EXPECTED}")
    return pairs


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, msgspec.json.decode(line, type=dict[str, Any])
            except (msgspec.DecodeError, RecursionError) as error:
                raise BadInput(path, number, f"is no JSON object: {_EXPECTED}") from error


def _csv(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, _COLUMNS), strict=True)
    try:
        for row in reader:
            yield reader.line_num, {(name or "").strip().casefold(): cell for name, cell in row.items()}
    except csv.Error as error:
        raise BadInput(path, reader.line_num, f"is no CSV: {error}") from error


def _pair(path: Path, number: int, row: Mapping[str, Any]) -> Pair:
    of_claim = bool(row.get("post") or row.get("claim"))
    a, b = (row.get("post"), row.get("claim")) if of_claim else (row.get("a"), row.get("b"))
    same = _truth(row.get("same"))
    if not isinstance(a, str) or not isinstance(b, str) or not a.strip() or not b.strip() or same is None:
        raise BadInput(path, number, f"is no pair: {_EXPECTED}")
    given = row.get("language") or row.get("lang")
    if isinstance(given, str) and (language := primary_code(given)) != UNKNOWN:
        return Pair(a, b, same, language, of_claim)
    return Pair(a, b, same, identify(cleaned(a if of_claim else f"{a} {b}"), None), of_claim)


def _truth(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _YES else False if word in _NO else None


def cosines(pairs: Sequence[Pair], encoder: "Encoder", language: str, *, same: bool) -> Cosines:
    """Of texts of a language that mean the same, or do not; encoded whether the model covers it or not."""
    chosen = [pair for pair in pairs if pair.language == language and pair.same is same and not pair.of_claim]
    if not chosen:
        return np.zeros(0)
    one, other = encoder.encode_texts([pair.a for pair in chosen]), encoder.encode_texts([pair.b for pair in chosen])
    return np.asarray(np.einsum("ij,ij->i", one, other), dtype=np.float64)
