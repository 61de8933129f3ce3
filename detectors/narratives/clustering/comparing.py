"""Texts that come together, compared with rows: roughly with all of them, exactly with those that may matter.

What a row is to a text is one product of their directions and one of their terms. Most products are taken for all texts
at once; whatever row changes afterwards is compared anew with the texts that are still to come.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.clusters import GRID, STEPS, Matrix, Narrow
from detectors.narratives.clustering.packing import Vector
from detectors.narratives.clustering.postings import Hits, Numbers

_ROUGH = 1e-4
"""More than single precision can miss a cosine by."""
_AT_ONCE = 1024
"""Rows that are compared at once: so that what is computed of them stays in the processor's cache."""
_PER_STEP = np.float64(GRID * STEPS)
"""Steps of a product per 1.0; of this type, so that what it divides becomes double precision."""


class Directed(Struct, frozen=True):
    """Texts as they are compared."""

    directions: Narrow
    """In steps of 1/4096."""
    lengths: Vector
    hits: Hits
    """What the rows hold of their terms."""


class Rows(Protocol):
    """Rows as they are compared."""

    @property
    def directions(self) -> Narrow:
        """In steps of 1/2048."""
        ...

    @property
    def lengths(self) -> Vector: ...


def near(rows: Rows, end: int, lines: Numbers, texts: Directed, least: Vector) -> tuple[Numbers, Numbers, Vector]:
    """Pairs of a text and a row whose cosine is at least what the text asks for; texts ascend, and rows within them.

    Args:
        rows: Of which the first `end` are looked at.
        lines: To which row belongs what the hits call a row.
        least: Of each text.
    """
    scales = 1.0 / rows.lengths[:end], _PER_STEP / texts.lengths
    rough = texts.hits.roughly(lines, scales)
    floors = ((least - _ROUGH) * _PER_STEP).astype(np.float32)
    places, products = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for first in range(0, end, _AT_ONCE):
        part = slice(first, min(first + _AT_ONCE, end))
        exact = rows.directions[part] @ texts.directions.T
        own = rough[part]
        own += exact
        some = np.flatnonzero(own >= floors)
        places.append(some + first * len(least))
        products.append(exact.reshape(-1)[some])
    found, numbers = np.divmod(np.concatenate(places), max(1, len(least)))
    cosines = np.concatenate(products) / _PER_STEP
    cosines += _shared(lines, end, texts, found, numbers) / (rows.lengths[found] * texts.lengths[numbers])
    is_near = np.flatnonzero(cosines >= least[numbers])
    is_near = is_near[np.argsort(numbers[is_near], kind="stable")]
    return numbers[is_near], found[is_near], cosines[is_near]


def _shared(lines: Numbers, end: int, texts: Directed, rows: Numbers, numbers: Numbers) -> Vector:
    """The products of the terms of pairs."""
    place_of = np.full(max(1, end), -1)  # where there is no row yet, lines say 0 all the same
    place_of[rows] = 0
    chosen = np.flatnonzero(place_of == 0)
    place_of[chosen] = np.arange(len(chosen))
    shared: Vector = texts.hits.products(place_of[lines], len(chosen))[place_of[rows], numbers]
    return shared


class Compared:
    """The cosines of texts with some rows, a line for each of these: exactly, as the rows are now.

    Args:
        lines: As of `near`.
        room: Rows that may be opened.
    """

    def __init__(self, rows: Rows, lines: Numbers, texts: Directed, room: int) -> None:
        self._rows, self._lines, self._texts = rows, lines, texts
        self.line_of = np.full(len(rows.lengths) + room, -1)
        """Where each row stands; -1: nowhere yet."""
        self._end = 0
        self._shared: Matrix = np.zeros((0, len(texts.lengths)))
        self.cosines: Matrix = np.zeros((0, len(texts.lengths)))

    def compare(self, rows: Numbers) -> None:
        """Adds rows that have not changed since the texts came."""
        lines = self._opened(rows)
        own = self.line_of - lines.start  # of lines before them below zero
        shared = self._shared[lines] = self._texts.hits.products(own[self._lines], len(rows))
        cosines = (self._rows.directions[rows] @ self._texts.directions.T) / _PER_STEP
        self.cosines[lines] = cosines + shared / (self._rows.lengths[rows, None] * self._texts.lengths)

    def cosines_of(self, rows: Numbers, text: int) -> Vector:
        """Of rows with a text; those that are not compared yet have not changed since the texts came."""
        lines = self.line_of[rows]
        if lines.min() < 0:
            self.compare(rows[lines < 0])
            lines = self.line_of[rows]
        cosines: Vector = self.cosines[lines, text]
        return cosines

    def line(self, row: int) -> int:
        """Where one stands; one that is not compared yet is new, and nothing is in it."""
        line = int(self.line_of[row])
        return self._opened([row]).start if line < 0 else line

    def shared(self, line: int, text: int) -> float:
        """The product of the terms."""
        return float(self._shared[line, text])

    def follow(self, row: int, line: int, later: slice, more: Vector, same: Vector | None = None) -> Vector:
        """Compares later texts with a row anew, of which the terms have more in common with them now.

        Args:
            same: The cosines, where they are known already.
        """
        shared, texts = self._shared[line, later], self._texts
        shared += more
        if same is None:
            same = (texts.directions[later] @ self._rows.directions[row]) / _PER_STEP
            same += shared / (self._rows.lengths[row] * texts.lengths[later])
        self.cosines[line, later] = same
        return same

    def _opened(self, rows: Sequence[int] | Numbers) -> slice:
        """Lines for rows, with nothing in them."""
        lines = slice(self._end, self._end + len(rows))
        self._end = lines.stop
        self.line_of[rows] = np.arange(lines.start, lines.stop)
        if lines.stop > len(self.cosines):
            count = len(self._texts.lengths)
            more = np.zeros((lines.stop + count - lines.start, count))
            self._shared = np.concatenate([self._shared[: lines.start], more])
            self.cosines = np.concatenate([self.cosines[: lines.start], more])
        return lines
