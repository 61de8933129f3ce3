"""What clustering sees of a mention: its words or letters, and the vector that they and its embedding make."""

import zlib
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from detectors.narratives.clusters import Matrix, on_grid
from detectors.narratives.lexical import (
    DIMENSIONS,
    Frequencies,
    cleaned,
    letter_count,
    letter_triples,
    text_hash,
    words,
)
from detectors.narratives.state import LETTERS, Heard

LEXICAL_WEIGHT = 0.4
_OPENING_WORDS = 8
_OPENING_TRIPLES = 30
_LEAST_TRIPLES = 8
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
    slots: dict[int, float]
    """Hashed TF-IDF, unit length; empty where there are no words."""


def read(heard: Heard, of_words: Frequencies, of_triples: Frequencies) -> Text:
    """What a mention says; without terms where it is too short.

    The frequencies learn it before they weigh it: those of words where it has a vector, else those of letter triples.
    """
    clean = cleaned(heard.text)
    if len(clean) < 4 * _LEAST_LETTERS and letter_count(clean) < _LEAST_LETTERS:
        return Text(heard, clean, (heard.space, text_hash(clean)), [], 0, {})
    if heard.space == LETTERS:
        triples = letter_triples(clean)
        codes, counts = of_triples.learn(triples) if len(triples) >= _LEAST_TRIPLES else [], of_triples
    else:
        codes, counts = of_words.learn(words(clean)), of_words
    opening = zlib.crc32(repr(codes[: _OPENING_TRIPLES if heard.space == LETTERS else _OPENING_WORDS]).encode())
    return Text(heard, clean, (heard.space, text_hash(clean)), codes, opening, counts.weights(codes))


def vectors_of(texts: Sequence[Text], dimensions: int) -> Matrix:
    """Rows `[√.6 · embedding, √.4 · TF-IDF]`: a dot product is .6 dense + .4 lexical. Of letters TF-IDF alone."""
    dense = dimensions - DIMENSIONS
    rows = np.zeros((len(texts), dimensions))
    if dense:
        embeddings = np.frombuffer(b"".join(text.heard.vector for text in texts), "<f2").reshape(-1, dense)
        rows[:, :dense] = np.sqrt(1 - LEXICAL_WEIGHT) * embeddings.astype(np.float64)
    weight = np.sqrt(LEXICAL_WEIGHT) if dense else 1.0
    for row, text in zip(rows, texts, strict=True):
        row[[dense + slot for slot in text.slots]] = [weight * value for value in text.slots.values()]
    return on_grid(np.nan_to_num(rows, posinf=0.0, neginf=0.0))
