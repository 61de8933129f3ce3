"""How close a text is to each of the claims that may be meant: the numbers that the calibration weighs."""

import math
from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.mention import Vector
from detectors.narratives.claims.common_words import COMMON, PRIOR
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.scale import FITTED, Scale
from detectors.narratives.claims.text import amounts, letter_runs, years
from detectors.narratives.clustering.lexical import Frequencies, words

Array = NDArray[np.float64]

CLOSENESS = (
    "cosine to the claim",
    "cosine to its other wordings",
    "share of the claim's words",
    "share of another wording's words",
    "share of the text's words",
    "amounts shared",
    "amounts missing",
    "years",
    "length of the text",
    "length of the claim",
)
_RAREST = 12
"""Words of a text by which shares of it are measured: a long text says more than its claim."""
_LEAST = 4.0
"""Their weight at least: that a text of one word stands in a claim as a whole says little."""

_FEW_CLAIMS = 5
"""Claims up to which a list says little of how common a word is."""
_FEW = 8
"""Distinct words: of shorter texts too few were seen to say that being short speaks for them."""


class Query(Struct, frozen=True):
    """A text as it is compared."""

    words: frozenset[str]
    runs_of: dict[str, tuple[str, ...]]
    """The runs of letters of each word."""
    runs: frozenset[str]
    amounts: frozenset[str]
    years: frozenset[str]
    vector: Vector | None
    scale: Scale
    subject: Vector | None
    """What all texts have in common that are heard where it was heard; None where that is nothing, or not known."""


def query(spoken_text: str, vector: Vector | None, scale: Scale = FITTED, subject: Vector | None = None) -> Query:
    """Of a text that went through `spoken`; `scale` is that of the vector's model in the text's language."""
    said = frozenset(words(spoken_text))
    runs_of = {word: letter_runs(word) for word in sorted(said)}
    runs = frozenset(run for each in runs_of.values() for run in each)
    return Query(said, runs_of, runs, amounts(spoken_text), years(spoken_text), vector, scale, subject)


class Found(Struct, frozen=True):
    """Claims that may be meant."""

    rows: NDArray[np.intp]
    """Of the list."""
    to_claim: NDArray[np.float32]
    """Cosines, as those of the model to which the weights were fitted, and less what a shared subject gives them."""
    to_others: NDArray[np.float32]
    """To the closest of a claim's other wordings; to itself where it has none."""
    cosines: NDArray[np.float32]
    """The greater of both, as it is."""


class Rarity:
    """How rare words are in what was heard, on the list and in English together, in [0, 1]; for one narrative.

    A short list counts for as many texts as English does: a word that stands in most of its claims is what all of them,
    and all that is heard, are about. Of posts on the subject of five claims that repeat none of them, .06 then match
    one possibly, not .10, and where a monitor has heard little yet .03, not .08 (CheckThat! 2022).
    """

    def __init__(self, index: ClaimIndex, frequencies: Frequencies) -> None:
        self._index = index
        self._frequencies = frequencies
        self._listed = max(len(index.claims), PRIOR)
        self._most = frequencies.texts + self._listed + PRIOR + 2
        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        found = self._known.get(word)
        if found is None:
            # The inverse of `Frequencies.rarity`: in how many texts it was.
            heard_in = (self._frequencies.texts + 2) ** (1.0 - self._frequencies.rarity(word)) - 1
            seen_in = heard_in + self._seen_on_list(word) + COMMON.get(word, 0)
            found = self._known[word] = max(0.0, math.log(self._most / (seen_in + 1)) / math.log(self._most))
        return found

    def _seen_on_list(self, word: str) -> float:
        """In how many claims, were the list long: one claim says nothing of others, two of two say a little."""
        claims = self._index.claims_with.get(word, 0)
        others = max(0, claims - 1) * self._listed / (len(self._index.claims) + _FEW_CLAIMS)
        return min(1, claims) + others


def candidates(asked: Query, index: ClaimIndex, most: int, without: frozenset[int] = frozenset()) -> Found:
    """The claims that may be meant, the likeliest first; `without` some rows."""
    own, others = index.cosines(asked.vector)
    to_claim, to_others = asked.scale.as_fitted(own), asked.scale.as_fitted(others)
    if asked.subject is not None:
        beyond = index.cosines(asked.vector, asked.subject)
        to_claim, to_others = _less_subject(to_claim, beyond[0]), _less_subject(to_others, beyond[1])
    by_letters = index.bm25(asked.runs)
    rough = 0.3 * (to_claim + to_others) + 0.4 * by_letters / max(1e-9, float(by_letters.max(initial=0.0)))
    rough[list(without)] = 0.0
    order = np.argsort(-rough, kind="stable")[:most]
    rows = order[rough[order] > 0]
    return Found(rows, to_claim[rows], to_others[rows], np.maximum(own, others)[rows])


def closeness(asked: Query, index: ClaimIndex, found: Found, rarity: Rarity) -> Array:
    """One row a candidate, as in `CLOSENESS`."""
    weights = {word: rarity(word) for word in asked.runs_of}
    rarest = max(_LEAST, sum(sorted(weights.values(), reverse=True)[:_RAREST]))
    there = dict.fromkeys(asked.words, 1.0)
    result = np.zeros((len(found.rows), len(CLOSENESS)))
    for number, row in enumerate(found.rows):
        listed = index.listed[row]
        shares = [_share(wording, asked.runs, there, index, rarity) for wording in listed.wordings]
        result[number] = (
            found.to_claim[number],
            found.to_others[number],
            shares[0],
            max(shares[1:], default=shares[0]),
            _of_text(asked, weights, listed.words, index) / rarest,
            min(3, len(asked.amounts & listed.amounts)),
            min(3, len(listed.amounts - asked.amounts)),
            _years(asked.years, listed.years),
            math.log(1 + max(_FEW, len(weights))),
            math.log(1 + len(listed.wordings[0])),
        )
    return result


def _less_subject(cosines: NDArray[np.float32], beyond: NDArray[np.float32]) -> NDArray[np.float32]:
    """Halfway to the cosines beyond the subject, where these are less.

    To the model all that is said of a census is close to a claim about the census. Halfway, the calibration error among
    posts on one subject is .015, not .031, and .056 of those that repeat none of five claims match one possibly, not
    .084 (`tests/benchmarks/claims_on_subject.py`); all the way, true matches are told as less sure than they are.
    """
    return ((cosines + np.minimum(cosines, beyond)) / 2).astype(np.float32)


def _share(
    wording: Sequence[str], heard: frozenset[str], there: dict[str, float], index: ClaimIndex, rarity: Rarity
) -> float:
    """How much of a wording the text has, by the rarity of words; of words that it has not, their letters count."""
    total, shared = 1e-6, 0.0
    for word in wording:
        if word not in there:
            there[word] = _part_of(index.runs[word], heard)
        weight = rarity(word)
        total += weight
        shared += weight * there[word]
    return shared / total


def _of_text(asked: Query, weights: dict[str, float], words: frozenset[str], index: ClaimIndex) -> float:
    """The weight of the text's words that the claim has, in letters."""
    theirs = frozenset().union(*(index.runs[word] for word in words))
    return sum(
        weight * (1.0 if word in words else _part_of(asked.runs_of[word], theirs)) for word, weight in weights.items()
    )


def _part_of(runs: Sequence[str], others: frozenset[str]) -> float:
    """Squared: few runs of letters are shared by chance."""
    return (len(others.intersection(runs)) / len(runs)) ** 2


def _years(said: frozenset[str], claimed: frozenset[str]) -> int:
    """More where the years are the same, less where they are others; 0 where the text names none."""
    return max(-2, min(2, len(said & claimed) - len(claimed - said))) if said else 0
