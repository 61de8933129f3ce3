"""The last texts of a space as they are: later ones lean towards them (`leaning.py`).

Whether a text is still kept when another comes goes by their numbers alone, and not by when rows are freed.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import GRID, STEPS, Matrix, Narrow
from detectors.narratives.clustering.comparing import Directed, near
from detectors.narratives.clustering.packing import Vector, packed, unpacked
from detectors.narratives.clustering.postings import Postings, Sought, Terms

KEPT = 3000
AT_ONCE = 64
"""Texts that may come together."""
_ROWS = KEPT + AT_ONCE
_EVERY = np.arange(_ROWS)


class RecentText(Struct, kw_only=True, frozen=True):
    """A text as the state keeps it."""

    space: str
    number: int
    """How many were kept in its space before it."""
    text: str
    """Hash of what it says."""
    taken: int
    """The number of its mention, in the order in which mentions were taken in."""
    at: float
    """Seconds since 1970."""
    vector: bytes
    """As it is; see `packing`."""


class Arrivals(Struct, frozen=True):
    """Texts of a space that come one after the other."""

    dense: Matrix
    """Their vectors as they are."""
    terms: Sequence[Terms]
    texts: Sequence[str]
    """Hashes of what they say."""
    taken: Sequence[int]
    at: Sequence[float]

    def part(self, first: int, end: int) -> "Arrivals":
        some = slice(first, end)
        return Arrivals(self.dense[some], self.terms[some], self.texts[some], self.taken[some], self.at[some])


class Recent:
    """The last `KEPT` different texts of a space, as rows of matrices; a row that is free has the number -1."""

    def __init__(self, dense: int, background: Background, texts: Iterable[RecentText] = ()) -> None:
        """`dense` components; `texts` come back in any order."""
        self._background = background
        self.numbers = np.full(_ROWS, -1)
        self.taken = np.zeros(_ROWS)
        self.terms: list[Terms] = [{}] * _ROWS
        self.dense = np.zeros((_ROWS, dense), np.int16)
        self.directions: Narrow = np.zeros((_ROWS, dense), np.float32)
        self.lengths = np.ones(_ROWS)
        self._term_squares = np.zeros(_ROWS)
        self._holders = Postings()
        self._texts: dict[int, RecentText] = {}
        self._row_of: dict[str, int] = {}
        self._changed: set[int] = set()
        self._count = self._end = 0  # all rows from `_end` on were never used
        for text in sorted(texts, key=lambda each: each.number):
            total = unpacked(text.vector)
            self._load(text, total.dense, dict(zip(total.codes, total.weights, strict=True)))
            self._count = text.number + 1
        self.turn()

    def add(self, space: str, arrivals: Arrivals) -> NDArray[np.int64]:
        """Keeps those of at most `AT_ONCE` texts that say what no other does; the number from which on each of them is
        newer than the texts that came before it: it sees the `KEPT` before that one."""
        numbers = np.zeros(len(arrivals.texts), np.int64)
        rows = []
        for index, text in enumerate(arrivals.texts):
            numbers[index] = self._count
            known = self._row_of.get(text)
            if known is not None and self.numbers[known] >= self._count - KEPT:
                continue
            dense, terms = arrivals.dense[index], arrivals.terms[index]
            kept = RecentText(
                space=space,
                number=self._count,
                text=text,
                taken=arrivals.taken[index],
                at=arrivals.at[index],
                vector=packed(dense, terms, terms.values(), 1),
            )
            rows.append(self._load(kept, dense, terms))
            self._changed.add(rows[-1])
            self._count += 1
        self._point(rows)
        return numbers

    def near(self, arrivals: Arrivals, least: Vector) -> tuple[NDArray[np.int64], NDArray[np.int64], Vector]:
        """Pairs of a text and a row whose cosine, as all clusters are compared, is at least what each text asks for.

        Texts ascend.
        """
        squares = np.array([_square(terms) for terms in arrivals.terms])
        texts = Directed(*self._pointed(arrivals.dense, squares, GRID), self._holders.hits(Sought(arrivals.terms)))
        return near(self, self._end, _EVERY[: self._end], texts, least)

    def forget(self, before: float) -> None:
        """Drops texts that are older, oldest first, as far as there is none between them that is not."""
        for row in np.argsort(self.numbers, kind="stable").tolist():
            if self.numbers[row] < 0:
                continue
            if self._texts[row].at >= before:
                return
            self._free(row)
            self._changed.add(row)
        self._count = 0

    def turn(self) -> None:
        """Follows the background."""
        self._point(sorted(self._texts))

    def changes(self) -> dict[int, RecentText | None]:
        """What stands in the rows that have changed since this was last asked."""
        changed = {row: self._texts.get(row) for row in sorted(self._changed)}
        self._changed.clear()
        return changed

    def _load(self, text: RecentText, dense: Vector, terms: Terms) -> int:
        row = text.number % _ROWS
        self._end = max(self._end, row + 1)
        if row in self._texts:
            self._free(row)
        self._texts[row], self._row_of[text.text] = text, row
        self.numbers[row], self.taken[row] = text.number, text.taken
        self.dense[row], self.terms[row], self._term_squares[row] = dense, terms, _square(terms)
        self._holders.add(row, terms)
        return row

    def _free(self, row: int) -> None:
        text = self._texts.pop(row)
        if self._row_of.get(text.text) == row:
            del self._row_of[text.text]
        self.numbers[row], self.terms[row] = -1, {}
        self._holders.remove(row)

    def _point(self, rows: list[int]) -> None:
        dense = self.dense[rows].astype(np.float64)
        self.directions[rows], self.lengths[rows] = self._pointed(dense, self._term_squares[rows], STEPS)

    def _pointed(self, dense: Matrix, term_squares: Vector, steps: float) -> tuple[Narrow, Vector]:
        """Directions without the background, in so many steps, and the lengths of the vectors."""
        centred = dense - self._background.mean
        squares = self._background.stretch * np.einsum("ij,ij->i", centred, centred) + term_squares
        lengths = np.sqrt(np.maximum(1.0, squares))
        centred *= (steps * self._background.root / lengths)[:, None]
        return np.rint(centred).astype(np.float32), lengths


def _square(terms: Terms) -> float:
    return float(sum(weight * weight for weight in terms.values()))
