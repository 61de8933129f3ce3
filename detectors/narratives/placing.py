"""Where the vectors of a batch belong: which wording and which narrative of their space each joins."""

from collections.abc import Sequence
from typing import Generic

import numpy as np
from msgspec import Struct

from detectors.narratives.clusters import (
    STANDS_STILL_AT,
    WHOLE_BELOW,
    AnyCluster,
    AnyNarrative,
    AnyWording,
    Matrix,
    Tier,
)
from detectors.narratives.space import Space, Thresholds

_MAY_BE_ALIKE = 0.7


class Place(Struct, frozen=True):
    """Where a vector belongs; None where nothing is close enough."""

    wording: int | None
    narrative: int | None
    cosine: float
    """To the wording it joins, the background left in; 0 without one."""


class Block(Generic[AnyWording, AnyNarrative]):
    """A few vectors that are placed one after the other, with all dot products taken at once.

    Until the last of them is placed nothing else may change the space.

    When a vector joins a cluster, the products of the later vectors with that cluster grow by their products with the
    vector: `later · (sum + vector) = later · sum + later · vector`, exactly.
    """

    def __init__(
        self, space: Space[AnyWording, AnyNarrative], vectors: Matrix, thresholds: Sequence[Thresholds]
    ) -> None:
        """Of vectors as they are, with nothing taken away, and the thresholds of each."""
        self._space = space
        self._thresholds = thresholds
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
        tier, thresholds = self._space.narratives, self._thresholds[index]
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
        tier, thresholds = self._space.wordings, self._thresholds[index]
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
