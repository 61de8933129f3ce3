"""Clusters of vectors, and a tier of them as rows of matrices.

There are two tiers over one stream of vectors: wordings (near-equal texts) inside narratives (one story). Arithmetic is
exact, though most of it is done in single precision: a vector is rounded to whole multiples of 1/4096, a cluster's
direction to 1/2048, so that no partial sum of their product comes to 2^24, from where on single precision rounds. So
neither the order of summation, nor the size of a batch, nor a restart can show.
"""

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from msgspec import Struct, field
from numpy.typing import DTypeLike, NDArray

from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.lexical import DIMENSIONS, slot_of
from detectors.narratives.clustering.packing import Vector, unpacked

GRID = 4096.0
"""Steps per 1.0 in a component of a vector."""
STEPS = 2048.0
"""Steps per 1.0 in a component of a cluster's direction."""
STANDS_STILL_AT = 2048
"""Members from which a wording's centre does not move any more: it would not fit, and it hardly moves anyway."""

_INEXACT_FROM = 16_000
"""Members from which a sum of squares is no longer exact, so that its order shows."""
_AT_ONCE = 4096
_FIRST_ROWS = 64

Matrix = NDArray[np.float64]
"""Whole numbers: components in steps of 1/4096."""
Narrow = NDArray[np.float32]
"""Whole numbers small enough that products of rows are exact."""


class Cluster(Struct, kw_only=True):
    """What both tiers remember of a cluster. `number` orders clusters by age."""

    id: str
    number: int
    space: str
    """Only vectors of one space are compared."""
    weight: int = 0
    """How many vectors are in it; repeated texts are not added again."""
    last_taken: int = 0
    """The number of the newest member, in the order in which mentions were taken in."""


class Wording(Cluster, kw_only=True):
    """Texts of near-equal wording, as far as clustering knows them."""

    narrative: str
    sum: bytes = b""
    """Of the members' vectors; see `packing`."""
    language: str = ""
    """Of its first text: its thresholds hold."""


class NarrativeCluster(Cluster, kw_only=True):
    """A narrative, as far as clustering knows it: it is the sum of its wordings."""

    looked_at: int = 0
    """Its weight when it was last asked whether it falls apart or belongs to another."""
    near: list[int] = field(default_factory=list)
    """Numbers of narratives to which members since then were as close as if they might belong together."""


AnyCluster = TypeVar("AnyCluster", bound=Cluster)
AnyWording = TypeVar("AnyWording", bound=Wording)
AnyNarrative = TypeVar("AnyNarrative", bound=NarrativeCluster)


class Tier(Generic[AnyCluster]):
    """Clusters as rows of matrices; a row that is free is all zeros.

    Sums are of vectors as they are; of the directions the background was taken away.
    """

    def __init__(self, dense: int, background: Background, sums: DTypeLike) -> None:
        """`dense` components; `sums` is a type that holds whole numbers as large as sums become."""
        self.background = background
        self.clusters: dict[int, AnyCluster] = {}
        self.row_of: dict[int, int] = {}
        """By number."""
        self.end = 0
        """All rows from here on are free."""
        self._free: list[int] = []
        self.sums = np.zeros((_FIRST_ROWS, dense), sums)
        self.directions: Narrow = np.zeros((_FIRST_ROWS, dense), np.float32)
        """The dense part of the clusters as unit vectors, in steps of 1/2048."""
        self.lengths = np.ones(_FIRST_ROWS)
        """Of the sums, with the background taken away, and the terms' part in it."""
        self.term_squares = np.zeros(_FIRST_ROWS)
        """The squared length of the terms' part."""
        self.weights = np.zeros(_FIRST_ROWS)
        self.numbers = np.zeros(_FIRST_ROWS, np.int64)
        self.last_taken = np.zeros(_FIRST_ROWS)

    def __len__(self) -> int:
        return len(self.clusters)

    def open(self, cluster: AnyCluster) -> int:
        """Adds an empty cluster, and gives its row."""
        if self._free:
            row = self._free.pop()
        else:
            row = self.end
            self.end += 1
            if row == len(self.lengths):
                self._grow()
        self.clusters[row] = cluster
        self.row_of[cluster.number] = row
        self.numbers[row] = cluster.number
        self.last_taken[row] = cluster.last_taken
        return row

    def close(self, row: int) -> None:
        """Forgets a cluster."""
        cluster = self.clusters.pop(row)
        del self.row_of[cluster.number]
        self._free.append(row)
        self.sums[row] = self.directions[row] = 0
        self.term_squares[row] = self.weights[row] = 0
        self.lengths[row] = 1.0

    def touch(self, row: int, taken: int) -> None:
        """Notes that the `taken`-th mention fell into `row`."""
        self.clusters[row].last_taken = taken
        self.last_taken[row] = taken

    def add(self, row: int, dense: Vector, term_squares: float, pointing: "tuple[Narrow, float] | None" = None) -> None:
        """Adds a member to a row's sum.

        Args:
            term_squares: By how much the square of the terms' part grows.
            pointing: Direction and length of that sum, where they are known already.
        """
        self.sums[row] += dense
        self.term_squares[row] += term_squares
        self.weights[row] += 1
        self.clusters[row].weight += 1
        if pointing is None:
            self.point(row)
        else:
            self.directions[row], self.lengths[row] = pointing

    def pointing(self, row: int) -> tuple[Narrow, float]:
        """Its direction and length."""
        return self.directions[row], float(self.lengths[row])

    def point(self, row: int) -> None:
        """Finds a row's direction and length anew: they follow from its sum and the background alone."""
        background = self.background
        dense = self.sums[row] - self.weights[row] * background.mean
        square = background.stretch * float(dense @ dense) + self.term_squares[row]
        self.lengths[row] = length = max(1.0, square) ** 0.5
        self.directions[row] = np.rint(dense * (STEPS * background.root / length))

    def point_all(self) -> None:
        """Likewise for all rows, to the same last bit."""
        background, many = self.background, self.weights >= _INEXACT_FROM
        for first in range(0, self.end, _AT_ONCE):
            part = slice(first, min(first + _AT_ONCE, self.end))
            dense = self.sums[part] - self.weights[part, None] * background.mean
            squares = background.stretch * np.einsum("ij,ij->i", dense, dense) + self.term_squares[part]
            self.lengths[part] = lengths = np.sqrt(np.maximum(1.0, squares))
            dense *= (STEPS * background.root / lengths)[:, None]
            np.rint(dense, out=dense)
            self.directions[part] = dense
        for row in many.nonzero()[0]:
            self.point(int(row))

    def sizes(self, rows: NDArray[np.integer] | list[int]) -> Vector:
        """How long the means of the members' unit vectors are, in [0, 1]: the product of two means is the average link.

        It is 1 where all say the same.
        """
        sizes: Vector = self.lengths[rows] / (GRID * self.weights[rows])
        return sizes

    def _grow(self) -> None:
        more = len(self.lengths) // 2
        for name in ("sums", "directions", "lengths", "term_squares", "weights", "numbers", "last_taken"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros((more, *old.shape[1:]), old.dtype)]))
        self.lengths[-more:] = 1.0


def sums_of(wordings: Sequence[Wording]) -> Matrix:
    """The sums of wordings of a space, a row each: the dense part, then the terms, hashed to `DIMENSIONS`.

    Terms that meet there add up.
    """
    sums = [unpacked(each.sum) for each in wordings]
    dense = len(sums[0].dense) if sums else 0
    rows = np.zeros((len(sums), dense + DIMENSIONS))
    for row, total in zip(rows, sums, strict=True):
        row[:dense] = total.dense
        for code, weight in zip(total.codes, total.weights, strict=True):
            row[dense + slot_of(code)[0]] += weight
    return rows


def on_grid(vectors: NDArray[np.floating]) -> Matrix:
    """Unit vectors, or parts of them, rounded to whole multiples of 1/4096."""
    return np.rint(np.asarray(vectors, dtype=np.float64) * GRID)


def oldest(scores: NDArray[np.floating], numbers: NDArray[np.int64]) -> int:
    """Where the greatest score stands; of equal ones the one with the least number."""
    best = int(scores.argmax())
    equal = (scores == scores[best]).nonzero()[0]
    return best if len(equal) == 1 else int(equal[numbers[equal].argmin()])


def in_order(rows: Sequence[int], numbers: NDArray[np.int64]) -> list[int]:
    """Rows by the age of what stands in them."""
    return sorted(rows, key=lambda row: int(numbers[row]))
