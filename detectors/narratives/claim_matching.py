"""Which known claim a narrative repeats, with a calibrated probability and an honest "none on the list".

A logistic regression over the best candidate's closeness. Its weights were fitted by
`tests/benchmarks/fit_claim_matching.py` on the posts and fact-checks of CheckThat! 2022 task 2A, each post with its
claim on the list and with it removed, on lists of 5, 20, 200 and all 14,231 claims, half of the short ones made of the
nearest claims there are: an organisation's list is short and about one thing. On the half that was not fitted, what is
told from .9 on was right in 97 % (all claims) to 99 % (short lists), and found 46 % to 67 %.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.detection import MatchedClaim
from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.lexical import Frequencies, cleaned, numbers, word_count, words

CERTAIN = 0.9
POSSIBLE = 0.5
ENOUGH_WORDS = 8
"""Shorter texts say too little to be matched alone."""
CERTAIN_SHARE = 0.2
"""Of the mentions looked at: what must repeat the claim before the whole narrative is said to."""
_CANDIDATES = 12
_NOBODY = 0.25
"""The closeness of a runner-up where the list has no second claim: that of an unrelated one."""

FEATURES = ("cosine to the claim", "cosine to its other wordings", "own words shared", "margin", "numbers", "length")
WEIGHTS = (5.869, -0.970, 3.606, 20.325, 0.292, 0.160)
INTERCEPT = -5.967


class Part(Struct, frozen=True, kw_only=True):
    """Some of a narrative's mentions, of near-equal wording."""

    text: str
    """Cleaned; one of them."""
    vector: Vector | None
    """Their common direction in the model's space, unit length."""
    mentions: int


class Candidate(Struct, frozen=True, kw_only=True):
    """A claim that a text may repeat."""

    row: int
    """Of the claim in the list."""
    features: tuple[float, ...]
    """As in `FEATURES`."""
    cosine: float
    """To the claim or another of its wordings, the greater."""
    shared_words: tuple[str, ...]
    """The rarest first."""
    shared_numbers: tuple[str, ...]

    @property
    def probability(self) -> float:
        """That the text repeats the claim."""
        z = INTERCEPT + sum(weight * feature for weight, feature in zip(WEIGHTS, self.features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, z))))


class _Vectors(Struct, frozen=True):
    claims: NDArray[np.intp]
    """Whose they are: a row of the list each."""
    vectors: NDArray[np.float32]


class ClaimMatcher:
    """Matches texts against a list of claims. The vectors of texts and claims must be of one model."""

    def __init__(self, claims: Sequence[KnownClaim]) -> None:
        self._claims = claims
        self._wordings = [[frozenset(words(cleaned(text))) for text in _texts(claim)] for claim in claims]
        self._numbers = [numbers(cleaned(" ".join(_texts(claim)[:2]))) for claim in claims]
        with_word: dict[str, list[int]] = {}
        for row, wordings in enumerate(self._wordings):
            for word in sorted(frozenset().union(*wordings)):
                with_word.setdefault(word, []).append(row)
        self._with_word = {word: np.array(rows, dtype=np.intp) for word, rows in with_word.items()}
        self._vectors: dict[int, tuple[_Vectors, _Vectors]] = {}

    def match(self, parts: Sequence[Part], frequencies: Frequencies) -> MatchedClaim | None:
        """The claim that most of a narrative repeats, None below `POSSIBLE`; one that is certain goes first.

        Texts of fewer than `ENOUGH_WORDS` words count only together, and only where there are several.
        """
        if not self._claims:
            return None
        long = [part for part in parts if word_count(part.text) >= ENOUGH_WORDS]
        candidates = [(part.mentions, self.best(part, frequencies)) for part in long or _joined(parts)]
        found = [(mentions, best) for mentions, best in candidates if best and best.probability >= POSSIBLE]
        if not found:
            return None
        heard = sum(mentions for mentions, _ in candidates)
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

    def best(self, part: Part, frequencies: Frequencies, among: NDArray[np.intp] | None = None) -> Candidate | None:
        """The closest claim, of those in the rows `among`; None where nothing is shared with any."""
        to_claim, to_others = self._cosines(part.vector)
        close = np.maximum(to_claim, to_others)
        rarity = {word: frequencies.rarity(word) for word in words(part.text)}
        shared = self._shared(rarity)
        rough = 0.7 * close + 0.3 * shared
        rows = np.arange(len(rough)) if among is None else among
        rows = rows[np.argsort(-rough[rows], kind="stable")[:_CANDIDATES]]
        contained = {int(row): self._contained(int(row), rarity, frequencies) for row in rows}
        ranked = sorted(((0.7 * float(close[row]) + 0.3 * contained[row], -row) for row in contained), reverse=True)
        score, row = ranked[0][0], -ranked[0][1]
        if score <= 0:
            return None
        runner_up = max(_NOBODY, ranked[1][0] if len(ranked) > 1 else 0.0)
        theirs, own = self._numbers[row], numbers(part.text)
        common = frozenset().union(*self._wordings[row]) & rarity.keys()
        return Candidate(
            row=row,
            features=(
                float(to_claim[row]),
                float(to_others[row]),
                float(shared[row]),
                max(-0.3, min(0.3, score - runner_up)),
                float(max(-3, min(3, len(own & theirs) - len(theirs - own)))),
                math.log(1 + len(rarity)),
            ),
            cosine=float(close[row]),
            shared_words=tuple(sorted(common, key=lambda word: (-rarity[word], word))),
            shared_numbers=tuple(sorted(own & theirs)),
        )

    def _shared(self, rarity: Mapping[str, float]) -> NDArray[np.float64]:
        """For each claim the share of the text's twelve rarest words' weight that words of the claim have."""
        weight = np.zeros(len(self._claims))
        for word, weighs in rarity.items():
            if word in self._with_word:
                weight[self._with_word[word]] += weighs
        return weight / (sum(sorted(rarity.values(), reverse=True)[:12]) + 1e-6)

    def _contained(self, row: int, rarity: Mapping[str, float], frequencies: Frequencies) -> float:
        """The share of a claim's words that stand in the text, by rarity; of its wordings the best."""
        best = 0.0
        for wording in self._wordings[row]:
            there = sum(rarity[word] for word in sorted(wording & rarity.keys()))
            if there:
                missing = sum(frequencies.rarity(word) for word in sorted(wording - rarity.keys()))
                best = max(best, there / (there + missing))
        return best

    def _cosines(self, vector: Vector | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """To each claim, and to the closest of its other wordings (its own where it has no others)."""
        if vector is None:
            nothing = np.zeros(len(self._claims), np.float32)
            return nothing, nothing
        if len(vector) not in self._vectors:
            self._vectors[len(vector)] = self._of_dimensions(len(vector))
        own, others = self._vectors[len(vector)]
        to_others = np.full(len(self._claims), -1.0, np.float32)
        np.maximum.at(to_others, others.claims, others.vectors @ vector)
        to_claim = np.zeros(len(self._claims), np.float32)
        to_claim[own.claims] = own.vectors @ vector
        return to_claim, np.where(to_others < 0, to_claim, to_others)

    def _of_dimensions(self, dimensions: int) -> tuple[_Vectors, _Vectors]:
        """The claims' vectors and those of their other wordings; a claim that the model does not cover has none."""
        size = 2 * dimensions
        own = [(row, claim.vectors[0]) for row, claim in enumerate(self._claims) if claim.vectors]
        others = [(row, vector) for row, claim in enumerate(self._claims) for vector in claim.vectors[1:]]
        first, second = (
            _Vectors(
                np.array([row for row, vector in pairs if len(vector) == size], dtype=np.intp),
                np.frombuffer(b"".join(vector for _, vector in pairs if len(vector) == size), "<f2")
                .astype(np.float32)
                .reshape(-1, dimensions),
            )
            for pairs in (own, others)
        )
        return first, second

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


def _texts(claim: KnownClaim) -> list[str]:
    return [text for text in (claim.claim, claim.title, *claim.also) if text]


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Short texts taken together, where they are several."""
    if len(parts) < 3:
        return []
    vectors = [part.vector * part.mentions for part in parts if part.vector is not None]
    total = np.sum(vectors, axis=0) if vectors else None
    text = " ".join(part.text for part in parts[:5])
    if word_count(text) < ENOUGH_WORDS:
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
