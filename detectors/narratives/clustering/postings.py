"""Which wordings hold a term, and how much of it: so that a text meets only those that share a word with it."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Terms = Mapping[int, int]
"""Weights of terms by their hashes, in steps of 1/4096."""


class Shared(Struct, frozen=True):
    """Products of texts with rows, term by term: a text's product with a row is the sum of all with both."""

    texts: NDArray[np.int64]
    rows: NDArray[np.int32]
    products: NDArray[np.float64]
    """Whole numbers, in steps of 1/4096²."""


class Postings:
    """An inverted index. Weights are whole numbers, so that no order of summation shows."""

    def __init__(self) -> None:
        self._holders: dict[int, tuple[array[int], array[int]]] = {}
        """Of each term: rows, and their weights."""
        self._places: dict[int, dict[int, int]] = {}
        """Of each row: where in `_holders` each of its terms stands."""

    def __getitem__(self, row: int) -> tuple[list[int], list[int]]:
        """Its terms, and the weight of each."""
        places = self._places.get(row, {})
        return list(places), [self._holders[code][1][place] for code, place in places.items()]

    def add(self, row: int, terms: Terms) -> None:
        """Adds the terms of a text to those of a row."""
        places = self._places.setdefault(row, {})
        for code, weight in terms.items():
            place = places.get(code)
            if place is not None:
                self._holders[code][1][place] += weight
                continue
            holder = self._holders.get(code)
            if holder is None:
                holder = self._holders[code] = (array("i"), array("i"))
            places[code] = len(holder[0])
            holder[0].append(row)
            holder[1].append(weight)

    def remove(self, row: int) -> None:
        """Forgets a row: where it stood in a term's list, the last of the list is put."""
        for code, place in self._places.pop(row, {}).items():
            rows, weights = self._holders[code]
            last, weight = rows.pop(), weights.pop()
            if not rows:
                del self._holders[code]
            elif last != row:
                rows[place], weights[place] = last, weight
                self._places[last][code] = place

    def among(self, rows: Sequence[int]) -> NDArray[np.float64]:
        """As `products_among`, of rows."""
        return products_among([dict(zip(*self[row], strict=True)) for row in rows])

    def product(self, row: int, terms: Terms) -> int:
        """Of a text with a row, in steps of 1/4096²."""
        places = self._places.get(row, {})
        held = ((code, weight) for code, weight in terms.items() if code in places)
        return sum(weight * self._holders[code][1][places[code]] for code, weight in held)

    def shared(self, texts: Sequence[Terms]) -> Shared:
        """Each text's products with the rows that share terms with it."""
        rows: list[array[int]] = []
        weights: list[array[int]] = []
        factors: list[int] = []
        numbers: list[int] = []
        for number, terms in enumerate(texts):
            for code, factor in terms.items():
                holder = self._holders.get(code)
                if holder is not None:
                    rows.append(holder[0])
                    weights.append(holder[1])
                    factors.append(factor)
                    numbers.append(number)
        lengths = [len(each) for each in rows]
        products = np.frombuffer(b"".join(weights), np.int32).astype(np.float64)
        products *= np.repeat(np.array(factors, np.float64), lengths)
        of_texts = np.repeat(np.array(numbers, np.int64), lengths)
        return Shared(of_texts, np.frombuffer(b"".join(rows), np.int32), products)


def products_among(terms: Sequence[Terms], some: Sequence[int] | None = None) -> NDArray[np.float64]:
    """The product of each with each, in steps of 1/4096²; but with itself only of what it shares with others.

    Of `some` alone with each where it is given.
    """
    often = Counter(chain.from_iterable(terms))
    places = {code: place for place, code in enumerate(code for code, holders in often.items() if holders > 1)}
    weights = np.zeros((len(terms), len(places)))
    for row, each in zip(weights, terms, strict=True):
        shared = [code for code in each if code in places]
        row[[places[code] for code in shared]] = [each[code] for code in shared]
    products: NDArray[np.float64] = (weights if some is None else weights[some]) @ weights.T
    return products
