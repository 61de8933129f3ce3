"""Which known claim a narrative repeats, with a calibrated probability and an honest "none on the list".

In three steps: the best 30 claims by meaning and letters (`index.py`); how close each is, in ten numbers, weighed
together into one score (`closeness.py`); and how likely the best one is right, from its closeness and by how much it is
ahead of the next. `tests/benchmarks/fit_claim_matching.py` fitted the weights; `scale.py` makes them fit other models.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.detection import MatchedClaim
from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.claims.closeness import Array, Query, Rarity, candidates, closeness, query
from detectors.narratives.claims.index import ClaimIndex, index_of
from detectors.narratives.claims.scale import FITTED, UNKNOWN, Scale
from detectors.narratives.claims.text import spoken
from detectors.narratives.claims.weights import BY_LETTERS, BY_MEANING, Weights
from detectors.narratives.clustering.lexical import Frequencies, cleaned, word_count

CERTAIN = 0.9
POSSIBLE = 0.5
ENOUGH_WORDS = 8
"""Shorter texts say too little to be matched alone."""
_UNSURE_AT_MOST = 0.89
"""The probability, below `CERTAIN`, where there are no vectors, as that fit has seen one language only, or nobody knows
how alike texts are to the model that repeat a claim."""
CERTAIN_SHARE = 0.2
"""Of the mentions looked at: what must repeat the claim before the whole narrative is said to."""
_TELLING = 0.4
"""Rarity of words that tell a reader something: of English ones "not" has .39, "they" .51."""
CANDIDATES = 30
BEHIND = (1, 2, 4, 9)
"""Places behind the best whose distance is looked at."""


class Part(Struct, frozen=True, kw_only=True):
    """Some of a narrative's mentions, of near-equal wording."""

    text: str
    """As it was written; one of them."""
    vector: Vector | None
    """Their common direction in the model's space, unit length."""
    mentions: int
    key: str = ""
    """Of the vector, `space|language`."""


class Candidate(Struct, frozen=True, kw_only=True):
    """A claim that a text may repeat."""

    row: int
    """Of the claim in the list."""
    probability: float
    """That the text repeats it."""
    cosine: float
    """To the claim or another of its wordings, the greater."""
    shared_words: tuple[str, ...] = ()
    """The rarest first; not those that stand everywhere, as "the" does, or what the monitor is about."""
    shared_numbers: tuple[str, ...] = ()


class ClaimMatcher:
    """Matches texts against a list of claims. The vectors of texts and claims must be of one model.

    `scales` are those of the model's languages, by `space|language`; without, all is read as the weights were fitted.
    """

    def __init__(self, claims: Sequence[KnownClaim], scales: Mapping[str, Scale] | None = None) -> None:
        self._claims = claims
        self._index = index_of(tuple(claims))
        self._scales = scales

    def match(
        self, parts: Sequence[Part], frequencies: Frequencies, subject: Vector | None = None
    ) -> MatchedClaim | None:
        """The claim that most of a narrative repeats, None below `POSSIBLE`; one that is certain goes first.

        Texts of fewer than `ENOUGH_WORDS` words count only together, and only where there are several. `subject` is
        what all texts of the monitor have in common, as a part of a unit vector of the model.
        """
        if not self._claims:
            return None
        rarity = Rarity(self._index, frequencies)
        long = [part for part in parts if _word_count(part.text) >= ENOUGH_WORDS]
        likeliest = [(part.mentions, self._best(part, rarity, subject)) for part in long or _joined(parts)]
        found = [(mentions, best) for mentions, best in likeliest if best and best.probability >= POSSIBLE]
        if not found:
            return None
        heard = sum(mentions for mentions, _ in likeliest)
        claims: list[tuple[bool, float, int, Candidate]] = []
        for row in sorted({each.row for _, each in found}):
            repeating = [(mentions, each) for mentions, each in found if each.row == row]
            best = max((each for _, each in repeating), key=lambda each: each.probability)
            share = sum(mentions for mentions, _ in repeating) / heard
            certain = best.probability >= CERTAIN and share >= CERTAIN_SHARE and bool(long)
            told_by = sum(mentions * each.probability for mentions, each in repeating)
            claims.append((certain, told_by, -row, best))
        certain, _, _, best = max(claims, key=lambda each: each[:3])
        return self._told(best, certain=certain)

    def ranked(
        self, text: str, vector: Vector | None, frequencies: Frequencies, key: str = ""
    ) -> list[tuple[KnownClaim, float]]:
        """The claims that one text may repeat, the likeliest first, each with the probability that it does.

        However short the text is: the probability says how little that tells. `key` is as in `Part`.
        """
        asked = query(spoken(text), vector, self._scale(key))
        likely = rank(asked, self._index, Rarity(self._index, frequencies))
        return [(self._claims[row], probability) for row, probability, _ in likely]

    def _best(self, part: Part, rarity: Rarity, subject: Vector | None) -> Candidate | None:
        """The likeliest claim; None where nothing is shared with any."""
        asked = query(spoken(part.text), part.vector, self._scale(part.key), subject)
        likely = rank(asked, self._index, rarity)
        if not likely:
            return None
        row, probability, cosine = likely[0]
        listed = self._index.listed[row]
        shared = sorted(asked.words & listed.words, key=lambda word: (-rarity(word), word))
        return Candidate(
            row=row,
            probability=probability,
            cosine=cosine,
            shared_words=tuple(word for word in shared if rarity(word) >= _TELLING),
            shared_numbers=tuple(sorted((asked.amounts | asked.years) & (listed.amounts | listed.years))),
        )

    def _scale(self, key: str) -> Scale:
        return FITTED if self._scales is None else self._scales.get(key, UNKNOWN)

    def _told(self, best: Candidate, *, certain: bool) -> MatchedClaim:
        claim = self._claims[best.row]
        return MatchedClaim(
            id=claim.id,
            claim=claim.claim,
            verdict=claim.verdict,
            checked_by=claim.checked_by,
            checked_on=claim.checked_on,
            url=claim.url,
            probability=round(best.probability, 3),
            certain=certain,
            why=tuple(_reasons(best)),
            answer=claim.answer,
            owner=claim.owner,
        )


class Ranking(Struct, frozen=True):
    """The claims that may be meant, the likeliest first."""

    rows: NDArray[np.intp]
    """Of the list."""
    cosines: NDArray[np.float32]
    scores: Array
    odds: float
    """Log-odds that the first is right, as of the model to which the weights were fitted."""


def ranking(asked: Query, index: ClaimIndex, rarity: Rarity, without: frozenset[int] = frozenset()) -> Ranking | None:
    """None where nothing is shared with any claim; `without` some rows, as if they were not on the list."""
    found = candidates(asked, index, CANDIDATES, without)
    if not len(found.rows):
        return None
    weights = _weights(asked)
    close = closeness(asked, index, found, rarity)
    scores = close @ np.array(weights.closeness)
    order = np.argsort(-scores, kind="stable")
    odds = log_odds(close[order], scores[order], weights, len(index.claims) - len(without))
    return Ranking(found.rows[order], found.cosines[order], scores[order], odds)


def rank(asked: Query, index: ClaimIndex, rarity: Rarity) -> list[tuple[int, float, float]]:
    """Row, probability and cosine of the claims that may be meant; the likeliest first."""
    found = ranking(asked, index, rarity)
    if found is None:
        return []
    scale = FITTED if asked.vector is None else asked.scale
    first = probability_of(scale.slope * found.odds + scale.intercept)
    if not scale.is_known or found.cosines[0] <= 0:
        first = min(first, _UNSURE_AT_MOST)
    probabilities = _spread(first, found.scores, _weights(asked))
    return list(zip(found.rows.tolist(), probabilities, found.cosines.tolist(), strict=True))


def _weights(asked: Query) -> Weights:
    return BY_LETTERS if asked.vector is None else BY_MEANING


def log_odds(close: Array, scores: Array, weights: Weights, listed: int) -> float:
    """That the first of the ranked is right, on a list of so many."""
    return float(evidence(close, scores, weights.unrelated, listed) @ np.array(weights.evidence)) + weights.intercept


def probability_of(odds: float) -> float:
    """Of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, odds))))


def evidence(close: Array, scores: Array, unrelated: float, listed: int) -> Array:
    """What speaks for the first of the ranked: its closeness and score, and by how much it is ahead.

    Places behind the last claim of a short list are taken by ones that are `unrelated`, as good as on a longer list.
    The longer the list, the likelier is something close by chance: so some of it counts by the list's length, too.
    """
    behind = [max(unrelated, float(scores[place])) if place < len(scores) else unrelated for place in BEHIND]
    ahead = [scores[0] - each for each in behind]
    first = close[0]
    magnitude = math.log10(max(2, listed))
    by_length = (1.0, scores[0], ahead[0], ahead[1], first[4], first[0] + first[1])
    return np.array((*first, scores[0], *ahead, *(magnitude * each for each in by_length)))


def _spread(first: float, scores: Array, weights: Weights) -> list[float]:
    """Probabilities of all: what the first leaves is shared by the others, as far as one of them is right at all."""
    others = np.exp(scores[1:] - scores[0])
    left = weights.second_best * (1.0 - first) / max(1e-9, float(others.sum()))
    return [first, *(min(first, float(share) * left) for share in others)]


def _word_count(text: str) -> int:
    return word_count(cleaned(text))


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Short texts taken together, where they are several."""
    if len(parts) < 3:
        return []
    vectors = [part.vector * part.mentions for part in parts if part.vector is not None]
    total = np.sum(vectors, axis=0) if vectors else None
    text = " ".join(part.text for part in parts[:5])
    if _word_count(text) < ENOUGH_WORDS:
        return []
    vector = None if total is None else (total / max(1e-9, float(np.linalg.norm(total)))).astype(np.float32)
    key = next((part.key for part in parts if part.vector is not None), "")
    return [Part(text=text, vector=vector, mentions=sum(part.mentions for part in parts), key=key)]


def _reasons(best: Candidate) -> Iterable[str]:
    """Words that the claim itself holds, and numbers: nothing that only others wrote."""
    if best.cosine > 0:
        yield f"close in meaning (cosine {best.cosine:.2f})"
    if best.shared_words:
        yield "shares the words " + ", ".join(best.shared_words[:5])
    if best.shared_numbers:
        yield "shares the numbers " + ", ".join(best.shared_numbers[:5])
