"""Known claims, what is said of them, and a stand-in for a model."""

import zlib

import numpy as np

from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.claims.matching import Part
from detectors.narratives.clustering.lexical import Frequencies, cleaned, words

SALE = "The census office sells our answers to insurance companies."
FINE = "Whoever does not answer the census pays a fine of 5000 euros."
DRONES = "Drones film every house while the census is counted."
UNRELATED = (
    "Traffic on the ring road was slow again because of the marathon this morning",
    "My neighbour paints wonderful pictures of ships and lighthouses every summer",
    "The census form has twelve pages and a very friendly hotline that answers questions",
)


def encoded(text: str) -> Vector:
    """A stand-in for a model: texts are as close as they share words."""
    rows = [np.random.default_rng(zlib.crc32(word.encode())).standard_normal(64) for word in words(cleaned(text))]
    total = np.sum([row for row, word in zip(rows, words(cleaned(text)), strict=True) if len(word) > 3], axis=0)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def claim(text: str, *also: str, encode: bool = True) -> KnownClaim:
    vectors = tuple(encoded(each).astype("<f2").tobytes() for each in (text, *also)) if encode else ()
    return KnownClaim(
        id=text[:12], claim=text, also=also, verdict="No evidence", checked_by="Checkers", answer="So it is not.",
        owner="press@census.example", vectors=vectors,
    )  # fmt: skip


def part(text: str, mentions: int = 5) -> Part:
    return Part(text=text, vector=encoded(text), mentions=mentions)


def heard() -> Frequencies:
    """A stream in which words of the subject are common."""
    frequencies = Frequencies()
    for number in range(300):
        frequencies.learn(words(cleaned(f"the census form {UNRELATED[number % 3]} {number}")))
    return frequencies


REPEATED = "I heard the census office sells all our answers to insurance companies, unbelievable"
