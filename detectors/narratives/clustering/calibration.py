"""How alike unrelated texts are to a model, language by language, and the thresholds that follow from it.

A cosine says nothing by itself: to one model two unrelated texts have .05, to another .75, and English ones .1 where
Korean ones have .6. So thresholds belong to a model and a language. Those of `Thresholds` were found on English streams
whose true stories are known; for another model or language each is put where its distribution of unrelated pairs has
what the English one has at the reference. Tried out on News with spoiled forms of the English model, B³ F1 at arrival,
fixed thresholds against these: 24 dimensions .41 / .59, much noise .59 / .75, sixteen loud directions .62 / .70.

What is unrelated: two texts at random that share hardly any word. Texts at random alone will not do, for how many of
them tell the same story differs from stream to stream (the 99th percentile of English streams is .21 to .39 with, and
.17 to .28 without those).
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zlib import crc32

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import Matrix
from detectors.narratives.clustering.lexical import DIMENSIONS, Frequencies, cleaned, words
from detectors.narratives.clustering.space import Thresholds
from detectors.narratives.clustering.texts import read, vectors_of
from detectors.narratives.state import Heard

FEWEST_DIRECTIONS = 30.0
"""Below it a model tells too little apart. English streams have 50 to 140, Korean and Arabic to the English model 18
and 25. With 24 dimensions English stories fall into each other (B³ F1 .59, not .81)."""
MOST_WORDS = 60
"""Of a text, when it is asked whether two share words."""
_SHARED = 0.15
"""Of their words (cosine of the sets), from which two texts are related."""
_PAIRS = 100_000
_AT_ONCE = 5_000
_TEXTS_A_DAY = 250

Cosines = NDArray[np.float64]
Words = tuple[int, ...]
"""Hashes of a text's distinct words, in order."""


class Spread(Struct, frozen=True, kw_only=True):
    """How cosines of unrelated texts are distributed."""

    median: float
    p99: float
    p995: float

    @classmethod
    def of(cls, cosines: Cosines) -> "Spread":
        median, p99, p995 = (round(float(value), 4) for value in np.quantile(cosines, (0.5, 0.99, 0.995)))
        return cls(median=median, p99=p99, p995=p995)


class PairFigures(Struct, frozen=True, kw_only=True):
    """What pairs said of which is known whether they mean the same. Cosines of the vectors as they are."""

    same: int
    different: int
    """How many pairs of each there were."""
    claim: float
    """The least cosine with few false matches, both of unrelated texts and of pairs that only look alike."""
    recall: float
    """Share of the pairs that mean the same and have as much."""
    false_matches: float
    """Share of those that do not."""


class ClaimFigures(Struct, frozen=True, kw_only=True):
    """What posts said of which is known whether they repeat a claim: see `claims/scale.py`."""

    posts: int
    """Different ones that repeat a claim."""
    slope: float
    intercept: float
    matched: float
    """Share of them that were told as certain, with their claim."""
    right: float
    """Share of what was told as certain that is so, where half of the posts repeat none of the claims."""


class Calibration(Struct, frozen=True, kw_only=True):
    """What is known of one model in one language."""

    model: str
    """As `Encoding.model`."""
    dimensions: int
    language: str
    """As `Encoding.language`."""
    texts: int
    """Different ones from which it was drawn."""
    pairs: int
    """Of them, unrelated."""
    dense: Spread
    """Of the vectors as they are."""
    compared: Spread
    """As narratives compare them: with the words beside them, and without what all texts have in common."""
    directions: float
    """Into how many independent ones the vectors point, once what they have in common is taken away."""
    thresholds: Thresholds = Thresholds()
    """Those of the reference where nothing else is written."""
    known: PairFigures | None = None
    claims: ClaimFigures | None = None
    forced: bool = False
    """Whether somebody wants it used although the model is not fit for the language."""

    @property
    def key(self) -> str:
        return f"{space_of(self.model, self.dimensions)}|{self.language}"


def space_of(model: str, dimensions: int) -> str:
    """The space in which vectors of a model are compared."""
    return f"{model}/{dimensions}"


def thresholds_by_space(calibrations: Sequence[Calibration]) -> Mapping[str, Thresholds]:
    """By `space|language`."""
    return {calibration.key: calibration.thresholds for calibration in calibrations}


def words_of(text: str) -> Words:
    """Of any script; see `lexical.words`."""
    found = words(cleaned(text))[:MOST_WORDS]
    return tuple(crc32(word.encode("utf-8", "replace")) for word in found)


def are_related(one: Words, other: Words) -> bool:
    """Whether two texts share words, and so may well tell the same story."""
    return len(set(one) & set(other)) > _SHARED * math.sqrt(len(one) * len(other))


class Measured(Struct, frozen=True, kw_only=True):
    """Unrelated pairs of texts of one language."""

    texts: int
    pairs: int
    dense: Spread
    compared: Spread
    directions: float
    cosines: Cosines
    """Of the vectors as they are, a pair each."""


def measure(heard: Sequence[Heard]) -> Measured:
    """Unrelated pairs among texts of one space and language, at least two of them different. The same each time."""
    different = list({each.text: each for each in heard}.values())
    dimensions = len(different[0].vector) // 2
    vectors = _embeddings(different, dimensions)
    one, other = _unrelated(different)
    compared = _compared(different, dimensions)
    centred = _unit(compared[:, :dimensions])
    dense = _cosines(vectors, one, other)
    return Measured(
        texts=len(different),
        pairs=len(one),
        dense=Spread.of(dense),
        compared=Spread.of(_cosines(compared, one, other)),
        directions=round(1.0 / max(1e-6, float(np.var(_cosines(centred, one, other)))), 1),
        cosines=dense,
    )


def drawn_thresholds(compared: Spread, reference: Spread) -> Thresholds:
    """The reference's thresholds, moved to where `compared` has what the reference has there.

    Three points are known of both: the median and the 99th percentile of unrelated texts, and 1, the cosine of equal
    ones. What lies between is put in proportion.
    """
    ours = (-1.0, compared.median, compared.p99, 1.0)
    theirs = (-1.0, reference.median, reference.p99, 1.0)
    known = Thresholds()

    def level(cosine: float) -> float:
        return float(np.interp(cosine, theirs, ours))

    below = level(known.same_narrative) - level(known.same_narrative - known.age_penalty)
    return Thresholds(
        same_narrative=round(level(known.same_narrative), 3),
        same_wording=round(level(known.same_wording), 3),
        decides=round(level(known.decides), 3),
        decides_alone=round(level(known.decides_alone), 3),
        leans_from=round(level(known.leans_from), 3),
        cut=round(level(known.cut), 3),
        age_penalty=round(below, 4),
    )


def _embeddings(heard: Sequence[Heard], dimensions: int) -> Matrix:
    rows = np.frombuffer(b"".join(each.vector for each in heard), "<f2").reshape(-1, dimensions).astype(np.float64)
    rows = np.nan_to_num(rows, posinf=0.0, neginf=0.0)
    return _unit(rows)


def _unrelated(heard: Sequence[Heard]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of rows that share hardly any word, and are by different authors; of few texts all pairs are tried."""
    dice = np.random.default_rng(0)
    spoken = [words_of(each.text) for each in heard]
    one, other = dice.integers(0, len(heard), (2, _PAIRS))
    kept = [
        number
        for number, (a, b) in enumerate(zip(one.tolist(), other.tolist(), strict=True))
        if a != b and heard[a].author != heard[b].author and not are_related(spoken[a], spoken[b])
    ]
    return one[kept], other[kept]


def _compared(heard: Sequence[Heard], dimensions: int) -> Matrix:
    """The vectors as they are compared once a monitor knows its background."""
    of_words, of_triples = Frequencies(), Frequencies()
    rows = vectors_of([read(each, of_words, of_triples) for each in heard], dimensions + DIMENSIONS)
    background, day = Background(dimensions), datetime(2030, 1, 1, tzinfo=UTC)
    for number, row in enumerate(rows, start=1):
        background.hear(row[:dimensions])
        if number % _TEXTS_A_DAY == 0 or number == len(rows):
            day += timedelta(days=1)
            background.learn(day)
    rows[:, :dimensions] = (rows[:, :dimensions] - background.mean) * np.sqrt(background.stretch)
    return _unit(rows)


def _unit(rows: Matrix) -> Matrix:
    scaled: Matrix = rows / np.maximum(1e-9, np.linalg.norm(rows, axis=1))[:, None]
    return scaled


def _cosines(rows: Matrix, one: NDArray[np.intp], other: NDArray[np.intp]) -> Cosines:
    """Of pairs of unit rows; a few at a time, for the rows are long."""
    parts = [
        np.einsum("ij,ij->i", rows[one[start : start + _AT_ONCE]], rows[other[start : start + _AT_ONCE]])
        for start in range(0, len(one), _AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)
