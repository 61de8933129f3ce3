"""Two tiers of clusters over one stream of vectors: wordings (near-equal texts) inside narratives (one story).

Arithmetic is exact: vectors are rounded to whole multiples of 1/4096, sums are whole numbers, and a dot product of them
is exact in double precision. So neither the order of summation, nor the size of a batch, nor a restart can show.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Generic, TypeVar

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.average_link import average_link
from detectors.narratives.background import Background
from detectors.narratives.lexical import DIMENSIONS
from detectors.narratives.packing import packed, unpacked

GRID = 4096.0
"""Steps per 1.0 in a component."""
_MAY_BE_ALIKE = 0.7
STANDS_STILL_AT = 2048
"""Members from which a centre does not move any more: its arithmetic would not be exact, and it hardly moves anyway."""
WHOLE_BELOW = STANDS_STILL_AT // 2
"""Members up to which a narrative's sum is that of its wordings' sums: it never stood still, and was never halved."""

Matrix = NDArray[np.float64]
"""Whole numbers: components in steps of 1/4096."""


Vector = NDArray[np.float64]
"""Likewise."""


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


AnyCluster = TypeVar("AnyCluster", bound=Cluster)


class Thresholds(Struct, frozen=True, kw_only=True):
    """Cosines; see `Space` for their use."""

    same_narrative: float = 0.28
    same_wording: float = 0.50
    wording_outranks: float = 0.10
    """How much closer than `same_wording` a wording must be to decide the narrative."""
    cut: float = 0.19
    """The average link below which a narrative falls apart."""
    age_penalty: float = 0.04
    age_scale: float = 2000.0
    """Mentions taken in since a narrative's newest."""


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


AnyWording = TypeVar("AnyWording", bound=Wording)
AnyNarrative = TypeVar("AnyNarrative", bound=Cluster)


class Space(Generic[AnyWording, AnyNarrative]):
    """The wordings and narratives whose vectors may be compared: those of one model, or of letters alone.

    The last `lexical.DIMENSIONS` components are a text's letters, and few of them are not zero.
    """

    def __init__(
        self,
        dimensions: int,
        thresholds: Thresholds,
        wordings: Sequence[AnyWording] = (),
        narratives: Sequence[AnyNarrative] = (),
        background: Background | None = None,
    ) -> None:
        self.dimensions = dimensions
        self.thresholds = thresholds
        self.background = background or Background(max(0, dimensions - DIMENSIONS))
        self._mean = self.background.mean
        self.wordings: Tier[AnyWording] = Tier.saved(dimensions, wordings, self.background)
        self.narratives: Tier[AnyNarrative] = Tier.saved(dimensions, narratives, self.background)
        row_of = self.narratives.row_of
        self.homes = np.array([row_of[wording.narrative] for wording in self.wordings.clusters], dtype=np.intp)
        """Each wording's narrative, as a row."""

    def keep(self, wordings: Container[str]) -> None:
        """Forgets all other wordings, and follows the background. All was written back; `renew` must come next."""
        rows = [row for row, wording in enumerate(self.wordings.clusters) if wording.id in wordings]
        self.wordings, self.homes = self.wordings.kept(rows, self._mean), self.homes[rows]
        self._mean = self.background.mean

    def renew(self, narratives: Iterable[AnyNarrative]) -> None:
        """Takes these narratives, which the wordings name: each becomes the sum of its wordings, one at least."""
        moved = set()
        for wording, home in zip(self.wordings.clusters, self.homes, strict=True):
            if wording.narrative != self.narratives.clusters[home].id:
                moved |= {wording.narrative, self.narratives.clusters[home].id}
        ordered = sorted(narratives, key=lambda narrative: narrative.number)
        row_of = {narrative.id: row for row, narrative in enumerate(ordered)}
        self.homes = np.array([row_of[wording.narrative] for wording in self.wordings.clusters], dtype=np.intp)
        before = [narrative.weight for narrative in ordered]
        self.narratives = self._united(ordered)
        self.narratives.changed = {
            row
            for row, (narrative, weight) in enumerate(zip(ordered, before, strict=True))
            if narrative.id in moved or narrative.weight != weight or weight >= WHOLE_BELOW
        }  # of all others the sums are what they were, and saved

    def _united(self, narratives: Sequence[AnyNarrative]) -> Tier[AnyNarrative]:
        """Gives each narrative the vectors of its wordings, whose `homes` are known."""
        wordings, mean = self.wordings, self.background.mean
        _, oldest = np.unique(self.homes, return_index=True)
        dense, lexical = wordings.dense[oldest], wordings.lexical[:, oldest]
        for further in np.delete(np.arange(len(wordings)), oldest):
            dense[self.homes[further]] += wordings.dense[further]
            lexical[:, self.homes[further]] += wordings.lexical[:, further]
        for narrative in narratives:
            narrative.weight = narrative.last_taken = 0
        for wording, home in zip(wordings.clusters, self.homes, strict=True):
            narratives[home].weight += wording.weight
            narratives[home].last_taken = max(narratives[home].last_taken, wording.last_taken)
        for row, narrative in enumerate(narratives):
            while narrative.weight > STANDS_STILL_AT:
                whole = np.rint((dense[row] + narrative.weight * mean) / 2)
                narrative.weight //= 2
                dense[row], lexical[:, row] = whole - narrative.weight * mean, np.rint(lexical[:, row] / 2)
        return Tier(narratives, dense, lexical, self.background)

    def block(self, vectors: Matrix) -> "Block[AnyWording, AnyNarrative]":
        """Prepares a few vectors at once. Until the last of them is placed nothing else may change the space.

        The vectors are as they are, with nothing taken away.
        """
        return Block(self, vectors)

    def write_back(self) -> None:
        self.wordings.write_back()
        self.narratives.write_back()


def regrouped(
    wordings: Sequence[AnyWording], means: NDArray[np.floating], cut: float
) -> list[tuple[str | None, list[AnyWording]]]:
    """Wordings of one space in groups by exact average link, each with the id of the narrative that it inherits.

    A group inherits the id of the narrative that brings it most vectors; an id goes to one group only, the greatest
    overlap first. None: a part that split off, and needs a new one. `means` are as of `Tier.means`.
    """
    weights = np.array([wording.weight for wording in wordings], dtype=float)
    rows = average_link(means, weights, cut)
    groups = [[wordings[row] for row in some] for some in rows]
    return list(zip(_inherited_ids(groups), groups, strict=True))


def _inherited_ids(groups: Sequence[Sequence[Wording]]) -> list[str | None]:
    overlaps: dict[tuple[int, str], int] = {}
    for group, wordings in enumerate(groups):
        for wording in wordings:
            key = group, wording.narrative
            overlaps[key] = overlaps.get(key, 0) + wording.weight
    inherited: list[str | None] = [None] * len(groups)
    given: set[str] = set()
    for (group, narrative), _ in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if inherited[group] is None and narrative not in given:
            inherited[group] = narrative
            given.add(narrative)
    return inherited


class Place(Struct, frozen=True):
    """Where a vector belongs; None where nothing is close enough."""

    wording: int | None
    narrative: int | None
    cosine: float
    """To the wording it joins, the background left in; 0 without one."""


class Block(Generic[AnyWording, AnyNarrative]):
    """A few vectors that are placed one after the other, with all dot products taken at once.

    When a vector joins a cluster, the products of the later vectors with that cluster grow by their products with the
    vector: `later · (sum + vector) = later · sum + later · vector`, exactly.
    """

    def __init__(self, space: Space[AnyWording, AnyNarrative], vectors: Matrix) -> None:
        self._space = space
        split = space.wordings.split
        lexical = vectors[:, split:]
        self._vectors = vectors
        self._dense = vectors[:, :split] - space.background.mean
        self._stretched = space.background.stretch * self._dense
        self._gram = self._stretched @ self._dense.T + lexical @ lexical.T
        self._norms = np.sqrt(np.maximum(1.0, self._gram.diagonal()))
        rows, slots = lexical.nonzero()
        ends = np.searchsorted(rows, np.arange(1, len(vectors)))
        self._slots, self._weights = np.split(slots, ends), np.split(lexical[rows, slots], ends)
        self._to_wordings = self._products(space.wordings)
        self._to_narratives = self._products_with_narratives()

    def place(self, index: int, taken: int) -> Place:
        """Where vector `index` belongs, when `taken` mentions were taken in before it."""
        narrative = self._nearest_narrative(index, taken)
        return self._nearest_wording(index, narrative)

    def join(self, index: int, wording: int, narrative: int) -> None:
        """Adds vector `index` to a wording and to a narrative, both of which are open."""
        space = self._space
        space.background.hear(self._vectors[index, : space.wordings.split])
        if wording >= len(space.homes):
            space.homes = np.concatenate([space.homes, np.zeros(64 + len(space.homes), np.intp)])
        space.homes[wording] = narrative
        self._add(space.wordings, self._to_wordings, index, wording)
        self._add(space.narratives, self._to_narratives, index, narrative)

    def _products(self, tier: Tier[AnyCluster]) -> Matrix:
        """Of each vector with each cluster's sum, with room for those that will be opened."""
        count = len(tier)
        products = np.zeros((len(self._dense), count + len(self._dense)))
        np.matmul(self._stretched, tier.dense[:count].T, out=products[:, :count])
        for row, slots, weights in zip(products, self._slots, self._weights, strict=True):
            row[:count] += weights @ tier.lexical[slots, :count]
        return products

    def _products_with_narratives(self) -> Matrix:
        """Likewise. A narrative's sum is that of its wordings' sums, and so are the products with it."""
        tier, split = self._space.narratives, self._space.wordings.split
        count = len(tier)
        homes = self._space.homes[: len(self._space.wordings)]
        products = np.zeros((len(self._dense), count + len(self._dense)))
        for row, to_wordings in zip(products, self._to_wordings, strict=True):
            row[:count] = np.bincount(homes, to_wordings[: len(homes)], count)
        for large in np.flatnonzero(tier.weights[:count] >= WHOLE_BELOW):
            products[:, large] = self._stretched @ tier.dense[large]
            products[:, large] += self._vectors[:, split:] @ tier.lexical[:, large]
        return products

    def _nearest_narrative(self, index: int, taken: int) -> int | None:
        tier, thresholds = self._space.narratives, self._space.thresholds
        count = len(tier)
        if not count:
            return None
        cosines = self._to_narratives[index, :count] / (tier.norms[:count] * self._norms[index])
        near = (cosines >= thresholds.same_narrative).nonzero()[0]
        if not len(near):
            return None
        ages = (taken - tier.last_taken[near]) / thresholds.age_scale
        aged = cosines[near] - thresholds.age_penalty * np.log1p(ages)
        best = int(aged.argmax())
        return int(near[best]) if aged[best] >= thresholds.same_narrative else None

    def _nearest_wording(self, index: int, narrative: int | None) -> Place:
        tier, thresholds = self._space.wordings, self._space.thresholds
        count = len(tier)
        if not count:
            return Place(None, narrative, 0.0)
        cosines = self._to_wordings[index, :count] / (tier.norms[:count] * self._norms[index])
        best = int(cosines.argmax())
        if cosines[best] < thresholds.same_wording:
            return Place(None, narrative, 0.0)
        home = int(self._space.homes[best])
        outranks = cosines[best] >= thresholds.same_wording + thresholds.wording_outranks
        if narrative is None or home == narrative or outranks:
            return Place(best, home, self._likeness(index, best, float(cosines[best])))
        inside = np.where(self._space.homes[:count] == narrative, cosines, -1.0)
        best = int(inside.argmax())
        if inside[best] < thresholds.same_wording:
            return Place(None, narrative, 0.0)
        return Place(best, narrative, self._likeness(index, best, float(inside[best])))

    def _likeness(self, index: int, row: int, seen_cosine: float) -> float:
        """The cosine of a vector to a wording, both as they are: how alike texts are, and not how they differ.

        `seen_cosine` is the one against the background; where it is low, the other can not be high, and it is given.
        """
        if seen_cosine < _MAY_BE_ALIKE:
            return seen_cosine
        tier, background = self._space.wordings, self._space.background
        seen = tier.dense[row]
        dense = seen + tier.clusters[row].weight * background.mean
        square = tier.squares[row] - background.stretch * (seen @ seen) + dense @ dense
        vector = self._vectors[index]
        product = vector[: tier.split] @ dense + self._weights[index] @ tier.lexical[self._slots[index], row]
        return float(product / np.sqrt(max(1.0, square * (vector @ vector))))

    def _add(self, tier: Tier[AnyCluster], products: Matrix, index: int, row: int) -> None:
        if tier.clusters[row].weight >= STANDS_STILL_AT:
            return
        tier.squares[row] += 2 * products[index, row] + self._gram[index, index]
        tier.norms[row] = np.sqrt(max(1.0, tier.squares[row]))
        tier.dense[row] += self._dense[index]
        tier.lexical[self._slots[index], row] += self._weights[index]
        products[index:, row] += self._gram[index:, index]
        tier.clusters[row].weight += 1
        tier.weights[row] += 1
        tier.changed.add(row)


def sums_of(clusters: Sequence[Cluster]) -> Matrix:
    """The sums of at least one cluster of a space, a row each: first the dense part, then that of letters."""
    return np.array([unpacked(each.sum) for each in clusters])


def on_grid(vectors: NDArray[np.floating]) -> Matrix:
    """Unit vectors, or parts of them, rounded to whole multiples of 1/4096."""
    return np.rint(np.asarray(vectors, dtype=np.float64) * GRID)
