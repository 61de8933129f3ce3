"""Which terms rows hold, and how much of each: the products of all rows with a few texts at once.

A row's terms stand in a dictionary, which is cheap to change, and beside it in one long list of all rows' terms, which
is cheap to search: whoever asks for products brings the list up to date first. What the list holds of rows that have
changed since weighs nothing, until half of the list is so and it is written anew.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Terms = Mapping[int, int]
"""Weights of terms by their hashes, in steps of 1/4096."""
Matrix = NDArray[np.float64]
"""Whole numbers, in steps of 1/4096²: no order of summation shows."""
Numbers = NDArray[np.int64]

_SLOT = 14
"""Bits by which a term's hash is shifted to its slot in a table of 2^18."""
_SLOTS = 1 << (32 - _SLOT)
_FEW = 512
"""Terms in the list from which on it is worth being written anew."""
_BY_PAIRS = 4
"""Texts up to which each two are multiplied by themselves."""
_DENSE_FROM = 0.05
"""Pairs of a text and a line that share a term, against all lines, from which on a matrix product costs less."""


class Sought:
    """Texts of which the products with rows are asked for."""

    def __init__(self, texts: Sequence[Terms]) -> None:
        codes, self._weights, of_texts = _listed(texts)
        order = np.argsort(codes, kind="stable")
        codes, self._weights, self._texts = codes[order], self._weights[order], of_texts[order]
        first = np.ones(len(codes), bool)
        np.not_equal(codes[1:], codes[:-1], out=first[1:])
        self._starts = first.nonzero()[0]
        self._counts = np.diff(self._starts, append=len(codes))
        self._terms = np.repeat(np.arange(len(self._starts)), self._counts)
        self._codes = np.append(codes[self._starts].astype(np.int64), 1 << 32)
        """Each once, ascending; the last is none, and greater than all."""
        self.count = len(texts)

    def among(self, some: Sequence[int] | None = None) -> Matrix:
        """The product of each text, or of some, with each; but with itself only of what it shares with others."""
        shared = self._rows(self._counts > 1, self._weights)
        products: Matrix = (shared if some is None else shared[:, some]).T @ shared
        return products

    def found(self, codes: NDArray[np.uint32], slots: Numbers) -> tuple[Numbers, Numbers]:
        """Where in a list of terms, given as hashes and slots, any of these stands, and which it is."""
        is_wanted, first_of_slot = np.zeros(_SLOTS, bool), np.zeros(_SLOTS, np.int64)
        own = self._codes[:-1] >> _SLOT
        is_wanted[own] = True
        first_of_slot[own[::-1]] = np.arange(len(own))[::-1]
        places = np.flatnonzero(is_wanted.take(slots))
        terms, wanted = first_of_slot.take(slots.take(places)), codes.take(places)
        wrong = np.flatnonzero(self._codes.take(terms) != wanted)
        behind = wrong
        while len(behind):  # several terms share a slot
            behind = behind[self._codes[terms[behind]] < wanted[behind]]
            terms[behind] += 1
        if len(wrong):
            right = np.ones(len(places), bool)
            right[wrong] = self._codes[terms[wrong]] == wanted[wrong]
            places, terms = places[right], terms[right]
        return places, terms

    def products(
        self,
        lines: Numbers,
        terms: Numbers,
        weights: NDArray[np.number],
        count: int,
        scales: NDArray[np.float64] | None,
    ) -> NDArray[Any]:
        """The sums over terms, as found, of `count` lines with the texts: shape (count, texts).

        Exactly; or, where the texts' `scales` are given, times these and in single precision. Terms that are shared by
        many texts and lines are multiplied as a matrix, the others pair by pair.
        """
        precision = np.float64 if scales is None else np.float32
        of_texts = self._weights if scales is None else self._weights * scales[self._texts]
        dense = np.bincount(terms, minlength=len(self._counts)) * self._counts > _DENSE_FROM * count
        products = np.zeros((count, self.count), precision)
        if dense.any():
            columns = np.cumsum(dense) - 1
            width, is_dense = int(columns[-1]) + 1, dense.take(terms)
            some = np.flatnonzero(is_dense)
            places = lines.take(some) * width + columns.take(terms.take(some))
            held = np.bincount(places, weights.take(some), count * width).reshape(count, width)
            np.matmul(held.astype(precision), self._rows(dense, of_texts).astype(precision), out=products)
            rest = np.flatnonzero(~is_dense)
            lines, terms, weights = lines.take(rest), terms.take(rest), weights.take(rest)
        if len(lines):
            counts = self._counts.take(terms)
            pairs = _ranges(self._starts.take(terms), counts)
            places = np.repeat(lines * self.count, counts) + self._texts.take(pairs)
            values = np.repeat(weights, counts) * of_texts.take(pairs)
            np.add.at(products.reshape(-1), places, values.astype(precision))
        return products

    def _rows(self, some: NDArray[np.bool_], weights: NDArray[np.float64]) -> Matrix:
        """Of some terms these weights in each text."""
        places = np.cumsum(some) - 1
        rows = np.zeros((int(places[-1]) + 1 if len(places) else 0, self.count))
        own = some[self._terms]
        rows[places[self._terms[own]], self._texts[own]] = weights[own]
        return rows


class Hits(Struct, frozen=True):
    """What the rows hold of the terms of some texts; of one row's term there may be several."""

    sought: Sought
    rows: Numbers
    terms: Numbers
    weights: NDArray[np.int32]

    def products(self, lines: Numbers, count: int) -> Matrix:
        """Of each line with each text, shape (count, texts); `lines` is that of each row, negative where none is."""
        own = lines.take(self.rows)
        wanted = np.flatnonzero(own >= 0)
        terms, weights = self.terms.take(wanted), self.weights.take(wanted)
        products: Matrix = self.sought.products(own.take(wanted), terms, weights, count, None)
        return products

    def roughly(self, lines: Numbers, scales: tuple[NDArray[np.float64], NDArray[np.float64]]) -> NDArray[np.float32]:
        """Likewise in single precision, times the scales of lines and texts; there are as many lines as scales."""
        own = lines.take(self.rows)
        weights = self.weights * scales[0].take(own)
        products: NDArray[np.float32] = self.sought.products(own, self.terms, weights, len(scales[0]), scales[1])
        return products


class Postings:
    """The terms of rows."""

    def __init__(self) -> None:
        self._terms: dict[int, dict[int, int]] = {}
        self._changed: set[int] = set()
        """Rows of which the list does not know."""
        self._codes, self._slots = np.zeros(_FEW, np.uint32), np.zeros(_FEW, np.int64)
        self._rows, self._weights = np.zeros(_FEW, np.int64), np.zeros(_FEW, np.int32)
        self._parts: dict[int, tuple[int, int]] = {}
        """Of each row where in the list its terms begin and end."""
        self._end = self._idle = 0

    def __getitem__(self, row: int) -> Terms:
        """Its terms."""
        return self._terms.get(row, {})

    def add(self, row: int, terms: Terms) -> None:
        """Adds the terms of a text to those of a row."""
        own = self._terms.get(row)
        if own is None:
            self._terms[row] = dict(terms)
        else:
            for code, weight in terms.items():
                own[code] = own.get(code, 0) + weight
        self._changed.add(row)

    def remove(self, row: int) -> None:
        """Forgets a row."""
        if self._terms.pop(row, None) is not None:
            self._changed.add(row)

    def among(self, rows: Sequence[int]) -> Matrix:
        """As `products_among`, of rows."""
        return products_among([self[row] for row in rows])

    def product(self, row: int, terms: Terms) -> int:
        """Of a text with a row, in steps of 1/4096²."""
        return _product(terms, self[row])

    def hits(self, sought: Sought) -> Hits:
        """What the rows share with texts."""
        self._bring_up_to_date()
        places, terms = sought.found(self._codes[: self._end], self._slots[: self._end])
        return Hits(sought, self._rows.take(places), terms, self._weights.take(places))

    def _bring_up_to_date(self) -> None:
        for row in self._changed:
            start, end = self._parts.pop(row, (0, 0))
            self._weights[start:end] = 0
            self._idle += end - start
        if self._idle > max(_FEW, self._end // 2):
            self._end = self._idle = 0
            self._changed = set(self._terms)
        rows = [row for row in self._changed if row in self._terms]
        self._changed.clear()
        if rows:
            self._append(rows)

    def _append(self, rows: list[int]) -> None:
        codes, weights, places = _listed([self._terms[row] for row in rows])
        start, self._end = self._end, self._end + len(codes)
        while self._end > len(self._codes):
            self._codes, self._slots = np.tile(self._codes, 2), np.tile(self._slots, 2)
            self._rows, self._weights = np.tile(self._rows, 2), np.tile(self._weights, 2)
        own = slice(start, self._end)
        self._codes[own], self._slots[own], self._weights[own] = codes, codes >> _SLOT, weights
        self._rows[own] = np.array(rows)[places]
        for row in rows:
            self._parts[row] = start, start + len(self._terms[row])
            start += len(self._terms[row])


def products_among(terms: Sequence[Terms], some: Sequence[int] | None = None) -> Matrix:
    """The product of each with each, in steps of 1/4096²; but with itself at most of what it shares with others.

    Of `some` alone with each where it is given.
    """
    if len(terms) > _BY_PAIRS or some is not None:
        return Sought(terms).among(some)
    products = np.zeros((len(terms), len(terms)))
    for one, other in combinations(range(len(terms)), 2):
        products[one, other] = products[other, one] = _product(terms[one], terms[other])
    return products


def _product(terms: Terms, others: Terms) -> int:
    return sum(weight * others[code] for code, weight in terms.items() if code in others)


def _listed(texts: Sequence[Terms]) -> tuple[NDArray[np.uint32], NDArray[np.float64], Numbers]:
    """The terms of texts one after the other: their hashes, their weights, and whose they are."""
    counts = [len(each) for each in texts]
    codes = np.fromiter(chain.from_iterable(texts), np.uint32, sum(counts))
    weights = np.fromiter(chain.from_iterable(each.values() for each in texts), np.float64, len(codes))
    return codes, weights, np.repeat(np.arange(len(counts)), counts)


def _ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each start on, so many of each."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
