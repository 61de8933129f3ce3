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

from detectors.narratives.clusters import (
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
from detectors.narratives.packing import Vector
from detectors.narratives.postings import Terms
from detectors.narratives.space import Space, Thresholds

_MAY_BE_ALIKE = 0.7
_CLOSEST = 8
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
    cosine: float
    """To the wording it joins, the background left in; 0 without one."""
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
        """Of the vectors of texts as they are, with nothing taken away, and the thresholds of each."""
        self._space = space
        self._dense, self._terms, self._thresholds = dense, terms, thresholds
        background = space.background
        centred = dense - background.mean
        self._term_squares = np.array([float(sum(w * w for w in each.values())) for each in terms])
        squares = background.stretch * np.einsum("ij,ij->i", centred, centred) + self._term_squares
        self._lengths = np.sqrt(np.maximum(1.0, squares))
        factors = (GRID * background.root / self._lengths)[:, None]
        self._directions: Narrow = np.rint(centred * factors).astype(np.float32)
        self._shared_among = _products_among(terms)
        self._find_shared()
        self._near = self._roughly_near()
        self._moved: list[int] = []
        self._has_moved = np.zeros(space.narratives.end + len(terms), bool)

    def place(self, index: int, taken: int) -> Place:
        """Where text `index` belongs, when `taken` mentions were taken in before it."""
        rows, cosines = self._narratives_near(index)
        narrative = self._nearest_narrative(index, rows, cosines, taken)
        closest = rows[:_CLOSEST]
        wording, home, cosine = self._nearest_wording(index, closest, narrative)
        cut = self._thresholds[index].cut
        links = cosines[:_CLOSEST] * self._space.narratives.sizes(closest)
        near = [int(row) for row in closest[links >= cut][: _MOST_NEAR + 1] if row != home]
        return Place(wording, home, cosine, near[:_MOST_NEAR])

    def join(self, index: int, wording: int, narrative: int) -> None:
        """Adds text `index` to a wording and its narrative, both of which are open."""
        space = self._space
        space.background.hear(self._dense[index])
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
        shared, steps = self._shared, GRID * STEPS
        parts = shared.products * (steps / (self._lengths[shared.texts] * tier.lengths[self._homes]))
        _add(rough, shared.texts, self._homes, parts.astype(np.float32))
        least = np.array([(_floor(each) - _ROUGH) * steps for each in self._thresholds], np.float32)
        texts, rows = (rough >= least[:, None]).nonzero()
        return np.split(rows, np.searchsorted(texts, np.arange(1, len(self._terms))))

    def _narratives_near(self, index: int) -> tuple[Rows, Vector]:
        """The narratives that are near enough for anything, and the cosines to them; the closest first."""
        tier, rows = self._space.narratives, self._near[index]
        if self._moved:
            rows = np.concatenate([rows[~self._has_moved[rows]], np.array(self._moved)])
        if not len(rows):
            return rows, np.zeros(0)
        cosines = self._cosines(tier, index, rows, self._with_narratives)
        near = (cosines >= _floor(self._thresholds[index])).nonzero()[0]
        rows, cosines = rows[near], cosines[near]
        if len(rows) > 1:
            order = np.lexsort((tier.numbers[rows], -cosines))
            rows, cosines = rows[order], cosines[order]
        return rows, cosines

    def _nearest_narrative(self, index: int, rows: Rows, cosines: Vector, taken: int) -> int | None:
        thresholds = self._thresholds[index]
        if not len(rows) or cosines[0] < thresholds.same_narrative:
            return None
        tier = self._space.narratives
        aged = cosines
        if thresholds.age_penalty:
            ages = (taken - tier.last_taken[rows]) / thresholds.age_scale
            aged = cosines - thresholds.age_penalty * np.log1p(ages)
        best = oldest(aged, tier.numbers[rows])
        return int(rows[best]) if aged[best] >= thresholds.same_narrative else None

    def _nearest_wording(
        self, index: int, closest: Rows, narrative: int | None
    ) -> tuple[int | None, int | None, float]:
        """The wording that a text joins, its narrative, and the cosine to the wording."""
        space, thresholds = self._space, self._thresholds[index]
        if not len(closest):
            return None, narrative, 0.0
        rows = np.frombuffer(b"".join([space.members[home] for home in closest.tolist()]), np.int64)
        cosines = self._cosines(space.wordings, index, rows, self._with_wordings)
        numbers = space.wordings.numbers[rows]
        best = oldest(cosines, numbers)
        if cosines[best] < thresholds.same_wording:
            return None, narrative, 0.0
        home = int(space.homes[rows[best]])
        outranks = cosines[best] >= thresholds.same_wording + thresholds.wording_outranks
        if narrative is not None and home != narrative and not outranks:
            inside = np.where(space.homes[rows] == narrative, cosines, -1.0)
            best, home = oldest(inside, numbers), narrative
            if inside[best] < thresholds.same_wording:
                return None, narrative, 0.0
        row = int(rows[best])
        return row, home, self._likeness(index, row, float(cosines[best]))

    def _cosines(self, tier: Tier[AnyWording] | Tier[AnyNarrative], index: int, rows: Rows, shared: Matrix) -> Vector:
        """Exactly, however the rows are come by."""
        products: Vector = (tier.directions[rows] @ self._directions[index]).astype(np.float64)
        products *= _PRODUCT
        products += shared[index, rows] / (tier.lengths[rows] * self._lengths[index])
        return products

    def _likeness(self, index: int, row: int, seen_cosine: float) -> float:
        """The cosine of a text to a wording, both as they are: how alike texts are, and not how they differ.

        `seen_cosine` is the one against the background; where it is low, the other can not be high, and it is given.
        """
        tier = self._space.wordings
        if seen_cosine < _MAY_BE_ALIKE or not self._space.background.mean.any():
            return seen_cosine
        own, total = self._dense[index], tier.sums[row].astype(np.float64)
        product = float(own @ total) + self._with_wordings[index, row]
        square = (float(own @ own) + self._term_squares[index]) * (float(total @ total) + tier.term_squares[row])
        return float(product / max(1.0, square) ** 0.5)


def _floor(thresholds: Thresholds) -> float:
    """The cosine below which a narrative is of no interest: neither to join nor to be united."""
    return min(thresholds.cut, thresholds.same_narrative)


def _products_among(terms: Sequence[Terms]) -> Matrix:
    """Of texts with each other: those of their terms."""
    places: dict[int, int] = {}
    for each in terms:
        for code in each:
            places.setdefault(code, len(places))
    rows = np.zeros((len(terms), len(places)))
    for row, each in zip(rows, terms, strict=True):
        row[[places[code] for code in each]] = list(each.values())
    return rows @ rows.T


def _add(
    matrix: NDArray[np.floating], rows: NDArray[np.integer], columns: NDArray[np.integer], values: NDArray[np.floating]
) -> None:
    """Adds values at their places, several of which may be the same."""
    np.add.at(matrix.reshape(-1), rows * matrix.shape[1] + columns, values)
