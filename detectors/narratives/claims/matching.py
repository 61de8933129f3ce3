"""Which known claim a narrative repeats, with a calibrated probability and an honest "none on the list".

In three steps: the best 30 claims by meaning and letters (`claim_index`); how close each is, in ten numbers, weighed
together into one score (`claim_closeness`); and how likely the best one is right, from its closeness and by how much
it is ahead of the next. `tests/benchmarks/fit_claim_matching.py` fitted the weights.
"""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from detectors.detection import MatchedClaim
from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.claims.closeness import Array, Query, Rarity, candidates, closeness, query
from detectors.narratives.claims.index import ClaimIndex, index_of
from detectors.narratives.claims.text import spoken
from detectors.narratives.claims.weights import BY_LETTERS, BY_MEANING, Calibration
from detectors.narratives.clustering.lexical import Frequencies, cleaned, word_count

CERTAIN = 0.9
POSSIBLE = 0.5
ENOUGH_WORDS = 8
"""Shorter texts say too little to be matched alone."""
_BY_LETTERS_AT_MOST = 0.89
"""What is told where there are no vectors: below `CERTAIN`, as that fit has seen one language only."""
CERTAIN_SHARE = 0.2
"""Of the mentions looked at: what must repeat the claim before the whole narrative is said to."""
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


class Candidate(Struct, frozen=True, kw_only=True):
    """A claim that a text may repeat."""

    row: int
    """Of the claim in the list."""
    probability: float
    """That the text repeats it."""
    cosine: float
    """To the claim or another of its wordings, the greater."""
    shared_words: tuple[str, ...] = ()
    """The rarest first."""
    shared_numbers: tuple[str, ...] = ()


class ClaimMatcher:
    """Matches texts against a list of claims. The vectors of texts and claims must be of one model."""

    def __init__(self, claims: Sequence[KnownClaim]) -> None:
        self._claims = claims
        self._index = index_of(tuple(claims))

    def match(self, parts: Sequence[Part], frequencies: Frequencies) -> MatchedClaim | None:
        """The claim that most of a narrative repeats, None below `POSSIBLE`; one that is certain goes first.

        Texts of fewer than `ENOUGH_WORDS` words count only together, and only where there are several.
        """
        if not self._claims:
            return None
        rarity = Rarity(self._index, frequencies)
        long = [part for part in parts if _word_count(part.text) >= ENOUGH_WORDS]
        likeliest = [(part.mentions, self._best(part, rarity)) for part in long or _joined(parts)]
        found = [(mentions, best) for mentions, best in likeliest if best and best.probability >= POSSIBLE]
        if not found:
            return None
        heard = sum(mentions for mentions, _ in likeliest)
        claims: list[tuple[bool, float, int, Candidate]] = []
        for row in sorted({each.row for _, each in found}):
            repeating = [(mentions, each) for mentions, each in found if each.row == row]
            best = max((each for _, each in repeating), key=lambda each: each.probability)
            share = sum(mentions for mentions, _ in repeating) / heard
            # By letters alone nothing is certain: that fit has seen English only, and is for all other languages.
            certain = best.probability >= CERTAIN and share >= CERTAIN_SHARE and bool(long) and best.cosine > 0
            told_by = sum(mentions * each.probability for mentions, each in repeating)
            claims.append((certain, told_by, -row, best))
        certain, _, _, best = max(claims, key=lambda each: each[:3])
        return self._told(best, certain=certain)

    def ranked(self, text: str, vector: Vector | None, frequencies: Frequencies) -> list[tuple[KnownClaim, float]]:
        """The claims that one text may repeat, the likeliest first, each with the probability that it does.

        However short the text is: the probability says how little that tells.
        """
        asked = query(spoken(text), vector)
        likely = rank(asked, self._index, Rarity(self._index, frequencies))
        return [(self._claims[row], probability) for row, probability, _ in likely]

    def _best(self, part: Part, rarity: Rarity) -> Candidate | None:
        """The likeliest claim; None where nothing is shared with any."""
        asked = query(spoken(part.text), part.vector)
        likely = rank(asked, self._index, rarity)
        if not likely:
            return None
        row, probability, cosine = likely[0]
        listed = self._index.listed[row]
        return Candidate(
            row=row,
            probability=probability,
            cosine=cosine,
            shared_words=tuple(sorted(asked.words & listed.words, key=lambda word: (-rarity(word), word))),
            shared_numbers=tuple(sorted((asked.amounts | asked.years) & (listed.amounts | listed.years))),
        )

    def _told(self, best: Candidate, *, certain: bool) -> MatchedClaim:
        claim = self._claims[best.row]
        return MatchedClaim(
            id=claim.id,
            claim=claim.claim,
            verdict=claim.verdict,
            checked_by=claim.checked_by,
            checked_on=claim.checked_on,
            url=claim.url,
            probability=round(best.probability if best.cosine > 0 else min(best.probability, _BY_LETTERS_AT_MOST), 3),
            certain=certain,
            why=tuple(_reasons(best)),
            answer=claim.answer,
            owner=claim.owner,
        )


def rank(asked: Query, index: ClaimIndex, rarity: Rarity) -> list[tuple[int, float, float]]:
    """Row, probability and cosine of the claims that may be meant; the likeliest first."""
    found = candidates(asked, index, CANDIDATES)
    if not len(found.rows):
        return []
    weights = BY_LETTERS if asked.vector is None else BY_MEANING
    close = closeness(asked, index, found, rarity)
    scores = close @ np.array(weights.closeness)
    order = np.argsort(-scores, kind="stable")
    probabilities = _spread(certainty(close[order], scores[order], weights, len(index.claims)), scores[order], weights)
    return [
        (int(found.rows[place]), probability, float(max(found.to_claim[place], found.to_others[place])))
        for place, probability in zip(order, probabilities, strict=True)
    ]


def certainty(close: Array, scores: Array, weights: Calibration, listed: int) -> float:
    """The probability that the first of the ranked is right, on a list of so many."""
    z = float(evidence(close, scores, weights.unrelated, listed) @ np.array(weights.evidence)) + weights.intercept
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, z))))


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


def _spread(first: float, scores: Array, weights: Calibration) -> list[float]:
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
    vector = None if total is None else (total / np.linalg.norm(total)).astype(np.float32)
    return [Part(text=text, vector=vector, mentions=sum(part.mentions for part in parts))]


def _reasons(best: Candidate) -> Iterable[str]:
    """Words that the claim itself holds, and numbers: nothing that only others wrote."""
    if best.cosine > 0:
        yield f"close in meaning (cosine {best.cosine:.2f})"
    if best.shared_words:
        yield "shares the words " + ", ".join(best.shared_words[:5])
    if best.shared_numbers:
        yield "shares the numbers " + ", ".join(best.shared_numbers[:5])
