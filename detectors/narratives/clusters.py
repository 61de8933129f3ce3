"""Clusters of vectors: what is remembered of each, and a tier of them as rows of matrices.

There are two tiers over one stream of vectors: wordings (near-equal texts) inside narratives (one story). Arithmetic is
exact: vectors are rounded to whole multiples of 1/4096, sums are whole numbers, and a dot product of them is exact in
double precision. So neither the order of summation, nor the size of a batch, nor a restart can show.
"""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.background import Background
from detectors.narratives.packing import Vector, packed, unpacked

GRID = 4096.0
"""Steps per 1.0 in a component."""
STANDS_STILL_AT = 2048
"""Members from which a centre does not move any more: its arithmetic would not be exact, and it hardly moves anyway."""
WHOLE_BELOW = STANDS_STILL_AT // 2
"""Members up to which a narrative's sum is that of its wordings' sums: it never stood still, and was never halved."""

Matrix = NDArray[np.float64]
"""Whole numbers: components in steps of 1/4096."""


class Cluster(Struct, kw_only=True):
    """What both tiers remember of a cluster. `number` orders clusters by age."""

    id: str
    number: int
    space: str
    """Only vectors of one space are compared."""
    sum: bytes = b""
    """Of the members' vectors, packed; see `sums_of`."""
    weight: int = 0
    """How many vectors are in `sum`; repeated texts are not added again."""
    last_taken: int = 0
    """The number of the newest member, in the order in which mentions were taken in."""


class Wording(Cluster, kw_only=True):
    """Texts of near-equal wording, as far as clustering knows them."""

    narrative: str
    language: str = ""
    """Of its first text: its thresholds hold."""


AnyCluster = TypeVar("AnyCluster", bound=Cluster)
AnyWording = TypeVar("AnyWording", bound=Wording)
AnyNarrative = TypeVar("AnyNarrative", bound=Cluster)


class Tier(Generic[AnyCluster]):
    """Clusters as rows of matrices, in the order of their numbers: all derived from what the clusters hold.

    The clusters hold sums of vectors as they are; of those in the matrices the background was taken away.
    """

    def __init__(self, clusters: Sequence[AnyCluster], dense: Matrix, lexical: Matrix, background: Background) -> None:
        """Of clusters in the order of their numbers, and their sums: `dense` has a row each, `lexical` a column."""
        count = len(clusters)
        capacity = max(64, 3 * count // 2)
        self.background = background
        self.clusters = list(clusters)
        self.row_of = {cluster.id: row for row, cluster in enumerate(self.clusters)}
        self.split = dense.shape[1]
        self.dense = np.zeros((capacity, self.split))
        self.lexical = np.zeros((len(lexical), capacity))
        """One column per cluster: a text has few words, so that only few rows are needed."""
        self.squares = np.zeros(capacity)
        self.norms = np.ones(capacity)
        self.last_taken = np.zeros(capacity)
        self.weights = np.zeros(capacity)
        self.changed: set[int] = set()
        self.dense[:count], self.lexical[:, :count] = dense, lexical
        self.last_taken[:count] = [cluster.last_taken for cluster in self.clusters]
        self.weights[:count] = [cluster.weight for cluster in self.clusters]
        self.squares[:count] = background.stretch * np.einsum("ij,ij->i", dense, dense)
        self.squares[:count] += np.einsum("ij,ij->j", lexical, lexical)
        self.norms[:count] = np.sqrt(np.maximum(1.0, self.squares[:count]))

    @classmethod
    def saved(cls, dimensions: int, clusters: Iterable[AnyCluster], background: Background) -> "Tier[AnyCluster]":
        """Of clusters as they come back, in any order."""
        ordered = sorted(clusters, key=lambda cluster: cluster.number)
        sums = sums_of(ordered) if ordered else np.zeros((0, dimensions))
        weights = np.array([[cluster.weight] for cluster in ordered]).reshape(-1, 1)
        split = len(background.mean)
        return cls(ordered, sums[:, :split] - weights * background.mean, sums[:, split:].T, background)

    def kept(self, rows: Sequence[int], mean: Vector) -> "Tier[AnyCluster]":
        """Some of the clusters, and the background as it is now; before, `mean` was taken away."""
        moved = self.weights[rows, None] * (mean - self.background.mean)
        clusters = [self.clusters[row] for row in rows]
        return Tier(clusters, self.dense[rows] + moved, self.lexical[:, rows], self.background)

    def __len__(self) -> int:
        return len(self.clusters)

    def open(self, cluster: AnyCluster) -> int:
        """Adds an empty cluster, and gives its row."""
        row = len(self)
        if row == len(self.norms):
            self.dense = np.concatenate([self.dense, np.zeros_like(self.dense)])
            self.lexical = np.concatenate([self.lexical, np.zeros_like(self.lexical)], axis=1)
            self.squares = np.concatenate([self.squares, np.zeros_like(self.squares)])
            self.norms = np.concatenate([self.norms, np.ones_like(self.norms)])
            self.last_taken = np.concatenate([self.last_taken, np.zeros_like(self.last_taken)])
            self.weights = np.concatenate([self.weights, np.zeros_like(self.weights)])
        self.clusters.append(cluster)
        self.row_of[cluster.id] = row
        return row

    def touch(self, row: int, taken: int) -> None:
        """Notes that the `taken`-th mention fell into `row`."""
        self.clusters[row].last_taken = taken
        self.last_taken[row] = taken

    def means(self) -> NDArray[np.float32]:
        """Of the vectors as they are compared; products of rows are cosines."""
        count = len(self)
        steps = self.weights[:count, None] * GRID
        means = np.empty((count, self.split + len(self.lexical)), np.float32)
        means[:, : self.split] = self.dense[:count] * np.sqrt(self.background.stretch) / steps
        means[:, self.split :] = self.lexical[:, :count].T / steps
        return means

    def write_back(self) -> None:
        """Brings the sums into the clusters, which are what is saved."""
        for row in self.changed:
            weight = self.clusters[row].weight
            dense = self.dense[row] + weight * self.background.mean
            self.clusters[row].sum = packed(dense, self.lexical[:, row], weight)
        self.changed.clear()


def sums_of(clusters: Sequence[Cluster]) -> Matrix:
    """The sums of at least one cluster of a space, a row each: first the dense part, then that of letters."""
    return np.array([unpacked(each.sum) for each in clusters])


def on_grid(vectors: NDArray[np.floating]) -> Matrix:
    """Unit vectors, or parts of them, rounded to whole multiples of 1/4096."""
    return np.rint(np.asarray(vectors, dtype=np.float64) * GRID)
