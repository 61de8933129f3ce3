"""Where the texts of a batch belong: which wording and which narrative of their space each joins.

All narratives are searched in single precision and roughly, for those that can be close enough at all; of these few the
cosines are found exactly, and of the wordings of the closest ones. So what a text costs hardly depends on how many
wordings there are.
"""

from collections.abc import Sequence
from typing import Generic

import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.clusters import (
    GRID,
    STANDS_STILL_AT,
    STEPS,
    AnyNarrative,
    AnyWording,
    Matrix,
    oldest,
)
from detectors.narratives.clustering.comparing import Compared, Directed, near
from detectors.narratives.clustering.packing import Vector
from detectors.narratives.clustering.postings import Numbers, Sought
from detectors.narratives.clustering.space import Space, Thresholds

_CLOSEST = 4
"""Narratives whose wordings are compared with a text."""


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
        directions, self._alone = (
            np.rint(centred * (steps * background.root / self._lengths)[:, None]).astype(np.float32)
            for steps in (GRID, STEPS)
        )
        sought = Sought(terms)
        self._shared_among = sought.among()
        texts = Directed(directions, self._lengths, space.terms.hits(sought))
        self._narratives = Compared(space.narratives, space.homes, texts, len(terms))
        self._wordings = Compared(space.wordings, np.arange(space.wordings.end), texts, len(terms))
        self._find_near(texts)
        self._moved = np.zeros(len(terms), np.int64)
        self._moved_lines = np.zeros(len(terms), np.int64)
        self._moves = 0
        self._has_moved = np.zeros(len(self._narratives.line_of), bool)

    def place(self, index: int, taken: int) -> Place:
        """Where text `index` belongs, when `taken` mentions were taken in before it."""
        closest, cosines = self._closest(index)
        if not len(closest):
            return Place(None, None, [])
        rows = self._members(closest)
        narrative = self._nearest_narrative(index, closest, cosines, taken)
        to_wordings = self._wordings.cosines_of(rows, index)
        wording, narrative = self._nearest_wording(index, rows, to_wordings, narrative)
        links = cosines * self._space.narratives.sizes(closest)
        near = closest[links >= self._thresholds[index].cut].tolist()
        return Place(wording, narrative, [home for home in near if home != narrative])

    def join(self, index: int, wording: int, narrative: int) -> None:
        """Adds text `index` to a wording and its narrative, both of which are open."""
        space = self._space
        if space.wordings.weights[wording] >= STANDS_STILL_AT:
            return
        line, home_line = self._wordings.line(wording), self._narratives.line(narrative)
        own = self._term_squares[index]
        squares = (
            2 * self._wordings.shared(line, index) + own,
            2 * self._narratives.shared(home_line, index) + own,
        )
        is_alone = not space.wordings.weights[wording]
        pointing = (self._alone[index], self._lengths[index]) if is_alone else None
        space.join(wording, self._dense[index], self._terms[index], squares, pointing)
        if not self._has_moved[narrative]:
            self._has_moved[narrative] = True
            self._moved[self._moves], self._moved_lines[self._moves] = narrative, home_line
            self._moves += 1
        later = slice(index + 1, None)
        more = self._shared_among[index, later]
        same = self._wordings.follow(wording, line, later, more)
        self._narratives.follow(narrative, home_line, later, more, same if space.is_single(narrative) else None)

    def _find_near(self, texts: Directed) -> None:
        """For each text the narratives near enough for anything, the closest first."""
        space, floors = self._space, np.array([_floor(each) for each in self._thresholds])
        numbers, rows, cosines = near(space.narratives, space.narratives.end, space.homes, texts, floors)
        order = np.lexsort((space.narratives.numbers[rows], -cosines, numbers))
        self._near, self._near_cosines = rows[order], cosines[order]
        self._near_ends = ends = np.searchsorted(numbers, np.arange(len(floors) + 1))
        is_closest = np.arange(len(rows)) - np.repeat(ends[:-1], np.diff(ends)) < _CLOSEST
        closest = np.unique(self._near[is_closest])
        self._narratives.compare(closest)
        self._wordings.compare(self._members(closest))

    def _members(self, homes: Numbers) -> Numbers:
        members = self._space.members
        return np.frombuffer(b"".join([members[home] for home in homes.tolist()]), np.int64)

    def _closest(self, index: int) -> tuple[Numbers, Vector]:
        """The narratives that a text is closest to, and near enough for anything, and their cosines; closest first."""
        own = slice(self._near_ends[index], self._near_ends[index + 1])
        rows, cosines = self._near[own], self._near_cosines[own]
        if not self._moves:
            return rows[:_CLOSEST], cosines[:_CLOSEST]
        still = (~self._has_moved[rows]).nonzero()[0][:_CLOSEST]
        rows, cosines = rows[still], cosines[still]
        to_moved = self._narratives.cosines[self._moved_lines[: self._moves], index]
        near_moved = (to_moved >= _floor(self._thresholds[index])).nonzero()[0]
        if not len(near_moved):
            return rows, cosines
        rows = np.concatenate([rows, self._moved[near_moved]])
        cosines = np.concatenate([cosines, to_moved[near_moved]])
        order = np.lexsort((self._space.narratives.numbers[rows], -cosines))[:_CLOSEST]
        return rows[order], cosines[order]

    def _nearest_narrative(self, index: int, rows: Numbers, cosines: Vector, taken: int) -> int | None:
        tier, thresholds = self._space.narratives, self._thresholds[index]
        if cosines[0] < thresholds.same_narrative:  # age makes none closer
            return None
        ages = (taken - tier.last_taken[rows]) / thresholds.age_scale
        aged_cosines = cosines - thresholds.age_penalty * np.log1p(ages)
        best = oldest(aged_cosines, tier.numbers[rows])
        return int(rows[best]) if aged_cosines[best] >= thresholds.same_narrative else None

    def _nearest_wording(
        self, index: int, rows: Numbers, cosines: Vector, narrative: int | None
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


def _floor(thresholds: Thresholds) -> float:
    """The cosine below which a narrative is of no interest: neither to join nor to be united."""
    return min(thresholds.cut, thresholds.same_narrative)
