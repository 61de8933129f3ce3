"""Where the texts of a batch belong: which wording and which narrative of their space each joins.

All narratives are searched in single precision and roughly, for those that can be close enough at all; of these few the
cosines are found exactly, and of the wordings of the closest ones. So what a text costs hardly depends on how many
wordings there are.
"""

from collections.abc import Sequence
from typing import Generic

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.clustering.clusters import (
    GRID,
    STANDS_STILL_AT,
    STEPS,
    AnyNarrative,
    AnyWording,
    Matrix,
    Narrow,
    Tier,
    oldest,
)
from detectors.narratives.clustering.packing import Vector
from detectors.narratives.clustering.postings import products_among
from detectors.narratives.clustering.space import Space, Thresholds

_CLOSEST = 4
"""Narratives whose wordings are compared with a text."""
_MOST_NEAR = 4
_ROUGH = 1e-4
"""More than single precision can miss a cosine by."""
_PRODUCT = 1.0 / (GRID * STEPS)

Rows = NDArray[np.int64]


class Place(Struct, frozen=True):
    """Where a text belongs; None where nothing is close enough."""

    wording: int | None
    narrative: int | None
    near: list[int]
    """Rows of other narratives that it might link with this one."""


class Block(Generic[AnyWording, AnyNarrative]):
    """A few texts that are placed one after the other, with most products taken at once.

    Until the last of them is placed nothing else may change the space.
    """

    def __init__(
        self,
        space: Space[AnyWording, AnyNarrative],
        dense: Matrix,
        terms: Sequence[dict[int, int]],
        thresholds: Sequence[Thresholds],
    ) -> None:
        """Of the vectors of texts, as they have leant, with no background taken away, and the thresholds of each."""
        self._space = space
        self._dense, self._terms, self._thresholds = dense, terms, thresholds
        background = space.background
        centred = dense - background.mean
        self._term_squares = np.array([float(sum(w * w for w in each.values())) for each in terms])
        squares = background.stretch * np.einsum("ij,ij->i", centred, centred) + self._term_squares
        self._lengths = np.sqrt(np.maximum(1.0, squares))
        factors = (GRID * background.root / self._lengths)[:, None]
        self._directions: Narrow = np.rint(centred * factors).astype(np.float32)
        self._shared_among = products_among(terms)
        self._find_shared()
        self._near = self._roughly_near()
        self._moved: list[int] = []
        self._has_moved = np.zeros(space.narratives.end + len(terms), bool)

    def place(self, index: int, taken: int) -> Place:
        """Where text `index` belongs, when `taken` mentions were taken in before it."""
        closest = self._closest(index)
        if not len(closest):
            return Place(None, None, [])
        space = self._space
        rows = np.frombuffer(b"".join([space.members[home] for home in closest.tolist()]), np.int64)
        directions = space.wordings.directions[rows]
        to_wordings = self._cosines(space.wordings, index, rows, directions)
        to_narratives = self._cosines(space.narratives, index, closest, space.narratives.directions[closest])
        narrative = self._nearest_narrative(index, closest, to_narratives, taken)
        wording, narrative = self._nearest_wording(index, rows, to_wordings, narrative)
        links = to_narratives * space.narratives.sizes(closest)
        near = closest[links >= self._thresholds[index].cut][: _MOST_NEAR + 1].tolist()
        return Place(wording, narrative, [home for home in near if home != narrative][:_MOST_NEAR])

    def join(self, index: int, wording: int, narrative: int) -> None:
        """Adds text `index` to a wording and its narrative, both of which are open."""
        space = self._space
        if not self._has_moved[narrative]:
            self._has_moved[narrative] = True
            self._moved.append(narrative)
        if space.wordings.weights[wording] >= STANDS_STILL_AT:
            return
        own = self._term_squares[index]
        squares = (
            2 * self._with_wordings[index, wording] + own,
            2 * self._with_narratives[index, narrative] + own,
        )
        space.join(wording, self._dense[index], self._terms[index], squares)
        later = self._shared_among[index, index:]
        self._with_wordings[index:, wording] += later
        self._with_narratives[index:, narrative] += later

    def _find_shared(self) -> None:
        """Each text's products with the terms of wordings and narratives, with room for those that will be opened."""
        space, count = self._space, len(self._terms)
        shared = space.terms.shared(self._terms)
        self._shared = shared
        self._with_wordings = np.zeros((count, space.wordings.end + count))
        self._with_narratives = np.zeros((count, space.narratives.end + count))
        self._homes = space.homes[shared.rows]
        _add(self._with_wordings, shared.texts, shared.rows, shared.products)
        _add(self._with_narratives, shared.texts, self._homes, shared.products)

    def _roughly_near(self) -> list[Rows]:
        """For each text the narratives that are near enough for anything, and perhaps a few more."""
        tier = self._space.narratives
        rough = self._directions @ tier.directions[: tier.end].T
        self._products = rough.copy()
        shared, steps = self._shared, GRID * STEPS
        parts = shared.products * (steps / (self._lengths[shared.texts] * tier.lengths[self._homes]))
        _add(rough, shared.texts, self._homes, parts.astype(np.float32))
        least = np.array([(_floor(each) - _ROUGH) * steps for each in self._thresholds], np.float32)
        texts, rows = (rough >= least[:, None]).nonzero()
        return np.split(rows, np.searchsorted(texts, np.arange(1, len(self._terms))))

    def _closest(self, index: int) -> Rows:
        """The narratives that a text is closest to, and near enough for anything; the closest first."""
        tier, rows = self._space.narratives, self._near[index]
        products = self._products[index, rows]
        if self._moved:
            still = ~self._has_moved[rows]
            moved = np.array(self._moved)
            rows = np.concatenate([rows[still], moved])
            products = np.concatenate([products[still], tier.directions[moved] @ self._directions[index]])
        cosines = products.astype(np.float64) * _PRODUCT
        cosines += self._with_narratives[index, rows] / (tier.lengths[rows] * self._lengths[index])
        near = (cosines >= _floor(self._thresholds[index])).nonzero()[0]
        rows = rows[near]
        closest: Rows = rows[np.lexsort((tier.numbers[rows], -cosines[near]))[:_CLOSEST]]
        return closest

    def _nearest_narrative(self, index: int, rows: Rows, cosines: Vector, taken: int) -> int | None:
        tier, thresholds = self._space.narratives, self._thresholds[index]
        ages = (taken - tier.last_taken[rows]) / thresholds.age_scale
        aged_cosines = cosines - thresholds.age_penalty * np.log1p(ages)
        best = oldest(aged_cosines, tier.numbers[rows])
        return int(rows[best]) if aged_cosines[best] >= thresholds.same_narrative else None

    def _nearest_wording(
        self, index: int, rows: Rows, cosines: Vector, narrative: int | None
    ) -> tuple[int | None, int | None]:
        """The wording that a text joins, and the narrative; the closest wording may decide it."""
        thresholds, numbers, homes = (
            self._thresholds[index],
            self._space.wordings.numbers[rows],
            self._space.homes[rows],
        )
        best = oldest(cosines, numbers)
        decides = thresholds.decides_alone if narrative is None else thresholds.decides
        if homes[best] != narrative and cosines[best] >= decides:
            narrative = int(homes[best])
        if narrative is None:
            return None, None
        if homes[best] != narrative:
            inside = np.where(homes == narrative, cosines, -1.0)
            best = oldest(inside, numbers)
        same = homes[best] == narrative and cosines[best] >= thresholds.same_wording
        return (int(rows[best]) if same else None), narrative

    def _cosines(
        self, tier: Tier[AnyWording] | Tier[AnyNarrative], index: int, rows: Rows, directions: Narrow
    ) -> Vector:
        """Exactly, however the rows are come by, whose `directions` are given."""
        shared = self._with_wordings if tier is self._space.wordings else self._with_narratives
        products: Vector = (directions @ self._directions[index]).astype(np.float64)
        products *= _PRODUCT
        products += shared[index, rows] / (tier.lengths[rows] * self._lengths[index])
        return products


def _floor(thresholds: Thresholds) -> float:
    """The cosine below which a narrative is of no interest: neither to join nor to be united."""
    return min(thresholds.cut, thresholds.same_narrative)


def _add(
    matrix: NDArray[np.floating], rows: NDArray[np.integer], columns: NDArray[np.integer], values: NDArray[np.floating]
) -> None:
    """Adds values at their places, several of which may be the same."""
    np.add.at(matrix.reshape(-1), rows * matrix.shape[1] + columns, values)
