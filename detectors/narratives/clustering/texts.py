"""What clustering sees of a mention: its words or letters, and the vector that they and its embedding make."""

import zlib
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.clusters import GRID, Matrix, on_grid
from detectors.narratives.clustering.lexical import (
    DIMENSIONS,
    Frequencies,
    cleaned,
    letter_count,
    letter_terms,
    slot_of,
    text_hash,
    words,
)
from detectors.narratives.state import LETTERS, Heard

LEXICAL_WEIGHT = 0.4
_OPENING_WORDS = 8
_OPENING_TERMS = 30
_DENSE = (1 - LEXICAL_WEIGHT) ** 0.5
_COMMON = 0.1
"""Share of a monitor's texts from which a word is left out where a model knows what the others say."""
_LEAST_LETTERS = 9
"""Shorter texts ("oh my god") are close to each other whatever they are about."""


class Text(Struct, frozen=True):
    """A mention as clustering sees it."""

    heard: Heard
    clean: str
    key: tuple[str, str]
    """Space and hash: the same for the same text."""
    codes: list[int]
    """Its terms' hashes."""
    opening: int
    """Hash of its first words."""
    terms: dict[int, int]
    """Weights of its terms by their hashes, in steps of 1/4096: the lexical part of its vector."""


def read(heard: Heard, of_words: Frequencies, of_letters: Frequencies) -> Text:
    """What a mention says; without terms where it is too short.

    The frequencies learn it before they weigh it: those of words where it has a vector, else those of letters.
    """
    clean = cleaned(heard.text)
    if len(clean) < 4 * _LEAST_LETTERS and letter_count(clean) < _LEAST_LETTERS:
        return Text(heard, clean, (heard.space, text_hash(clean)), [], 0, {})
    if heard.space == LETTERS:
        codes, counts, share, common = of_letters.learn(letter_terms(clean)), of_letters, 1.0, 1.0
    else:
        codes, counts, share, common = of_words.learn(words(clean)), of_words, LEXICAL_WEIGHT, _COMMON
    opening = zlib.crc32(repr(codes[: _OPENING_TERMS if heard.space == LETTERS else _OPENING_WORDS]).encode())
    steps = GRID * share**0.5
    terms = {code: round(steps * weight) for code, weight in counts.weights(codes, common).items()}
    return Text(heard, clean, (heard.space, text_hash(clean)), codes, opening, terms)


def embeddings_of(texts: Sequence[Text], dimensions: int) -> Matrix:
    """The dense parts of texts' vectors: √.6 of the embedding, so that a product is .6 dense + .4 lexical."""
    if not dimensions:
        return np.zeros((len(texts), 0))
    rows = np.frombuffer(b"".join(text.heard.vector for text in texts), "<f2").reshape(-1, dimensions)
    # A vector that holds what is no number, or is absurdly long, is as good as none.
    return on_grid(np.clip(np.nan_to_num(rows.astype(np.float64), posinf=0.0, neginf=0.0), -1.0, 1.0) * _DENSE)


def vectors_of(texts: Sequence[Text], dimensions: int) -> Matrix:
    """The dense parts, and the terms beside them hashed to `DIMENSIONS`: for those who compare all with all."""
    rows = np.zeros((len(texts), dimensions))
    rows[:, : dimensions - DIMENSIONS] = embeddings_of(texts, dimensions - DIMENSIONS)
    for row, text in zip(rows, texts, strict=True):
        for code, weight in text.terms.items():
            slot, sign = slot_of(code)
            row[slot - DIMENSIONS] += sign * weight
    return rows
