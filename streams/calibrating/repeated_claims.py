"""How sure a match with a known claim is to a model: held against posts of which somebody knows what they repeat.

Each post is put to all claims that stand in the file, and to a few of them; and to both once more without the claims
that it repeats. What the matcher says of the likeliest claim there is held against what is known, and its log-odds are
stretched and moved until they fit (Platt 1999, with his targets).
"""

import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.claims.closeness import Rarity, query
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.matching import CERTAIN, probability_of, ranking
from detectors.narratives.claims.scale import Scale, scale_of
from detectors.narratives.claims.text import spoken
from detectors.narratives.clustering.calibration import Calibration, ClaimFigures
from detectors.narratives.clustering.lexical import Frequencies, words
from streams.calibrating.drawing import Drawn
from streams.calibrating.pairs import Pair

if TYPE_CHECKING:
    from streams.encoding.encoder import Encoder

FEWEST_POSTS = 100
"""That repeat a claim; fewer say too little about one in ten."""
_FEW = 20
"""Claims on the short list of a post: those that it repeats, and any others."""
_PRIOR = 4.0
"""How strongly the slope is held at 1, in posts: few posts, all of them clear, would make it endless."""
_STEPS = 50
_CLOSE = 1e-6


class KnownPost(Struct, frozen=True):
    """A post of which it is known what it repeats."""

    text: str
    vector: Vector
    repeats: frozenset[int]
    """Rows of the claims; none where it repeats none of those that it was compared with."""


class _Judged(Struct, frozen=True):
    """What the matcher says of a post and a list."""

    odds: float
    is_right: bool
    is_listed: bool
    """Whether a claim that it repeats is on the list."""


def with_claims(drawn: Drawn, pairs: Sequence[Pair], heard: Sequence[str], encoder: "Encoder") -> Drawn:
    """The same, with what the pairs say of matches; `heard` are texts of the language, with its common words."""
    if drawn.calibration is None:
        return drawn
    claims = _figures_of_pairs(pairs, drawn.calibration, heard, encoder)
    return structs.replace(drawn, calibration=structs.replace(drawn.calibration, claims=claims))


def _figures_of_pairs(
    pairs: Sequence[Pair], calibration: Calibration, heard: Sequence[str], encoder: "Encoder"
) -> ClaimFigures | None:
    """None where too few posts of the language repeat a claim."""
    chosen = [pair for pair in pairs if pair.of_claim and pair.language == calibration.language]
    if len({pair.a for pair in chosen if pair.same}) < FEWEST_POSTS:
        return None
    frequencies = Frequencies()
    for text in heard:
        frequencies.learn(words(spoken(text)))
    posts, claims = _known(chosen, encoder)
    return figures_of_posts(posts, claims, scale_of(calibration), frequencies)


def _known(pairs: Sequence[Pair], encoder: "Encoder") -> tuple[list[KnownPost], list[KnownClaim]]:
    """The different posts and claims of the pairs, encoded as they are when they are heard, and read from files."""
    row_of = {text: row for row, text in enumerate(dict.fromkeys(pair.b for pair in pairs))}
    vectors = encoder.encode_texts(list(row_of)).astype("<f2")
    claims = [
        KnownClaim(id=str(row), claim=text, verdict="?", checked_by="?", vectors=(vectors[row].tobytes(),))
        for text, row in row_of.items()
    ]
    by_post: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_post.setdefault(pair.a, []).append(pair)
    posts = [
        KnownPost(
            text=text,
            vector=vector,
            repeats=frozenset(row_of[pair.b] for pair in of_post if pair.same),
        )
        for (text, of_post), vector in zip(by_post.items(), encoder.encode_texts(list(by_post)), strict=True)
    ]
    return posts, claims


def figures_of_posts(
    posts: Sequence[KnownPost], claims: Sequence[KnownClaim], scale: Scale, frequencies: Frequencies
) -> ClaimFigures | None:
    """None where fewer than `FEWEST_POSTS` of the posts repeat a claim.

    Args:
        posts: Of one language, with vectors of the model.
        claims: All that are compared with, with vectors of the model.
        scale: The model's in the language; its slope and intercept do not matter.
        frequencies: Of the words that are heard in the language.
    """
    repeating = sum(bool(post.repeats) for post in posts)
    if repeating < FEWEST_POSTS:
        return None
    whole = ClaimIndex(claims)
    judged = [each for post in posts for each in _judged(post, claims, whole, scale, frequencies)]
    odds, right = np.array([each.odds for each in judged]), np.array([each.is_right for each in judged])
    slope, intercept = fitted(odds, right)
    certain = np.array([probability_of(slope * each + intercept) >= CERTAIN for each in odds.tolist()])
    listed = sum(each.is_listed for each in judged)
    return ClaimFigures(
        posts=repeating,
        slope=round(slope, 4),
        intercept=round(intercept, 4),
        matched=round(float((certain & right).sum()) / max(1, listed), 4),
        right=round(float(right[certain].mean()) if certain.any() else 1.0, 4),
    )


def fitted(odds: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    """The slope, 0 or more, and intercept that make log-odds fit what is right: the likeliest, by Newton's method."""
    positive, negative = float(right.sum()), float((~right).sum())
    target = np.where(right, (positive + 1) / (positive + 2), 1 / (negative + 2))
    design = np.column_stack([odds, np.ones(len(odds))])
    held, prior = np.array([1.0, 0.0]), np.diag([_PRIOR, 1e-6])

    def lost(weights: NDArray[np.float64]) -> float:
        said = design @ weights
        return float(
            (np.logaddexp(0.0, said) - target * said).sum() + 0.5 * (weights - held) @ prior @ (weights - held)
        )

    weights = held
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(design @ weights, -40, 40)))
        gradient = design.T @ (probability - target) + prior @ (weights - held)
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + prior
        step = np.linalg.solve(curvature, gradient)
        while lost(weights - step) > lost(weights) and float(np.abs(step).max()) > _CLOSE:
            step = step / 2  # too long: far from the best, the curve is flat
        weights = weights - step
    return max(0.0, float(weights[0])), float(weights[1])


def _judged(
    post: KnownPost, claims: Sequence[KnownClaim], whole: ClaimIndex, scale: Scale, frequencies: Frequencies
) -> Iterator[_Judged]:
    others = random.Random(post.text).sample(range(len(claims)), min(_FEW, len(claims)))
    few = sorted(post.repeats.union(others[: max(0, _FEW - len(post.repeats))]))
    for index, rows in ((whole, range(len(claims))), (ClaimIndex([claims[row] for row in few]), few)):
        asked, rarity = query(spoken(post.text), post.vector, scale), Rarity(index, frequencies)
        repeated = frozenset(place for place, row in enumerate(rows) if row in post.repeats)
        for without in (frozenset[int](), repeated) if repeated else (repeated,):
            found = ranking(asked, index, rarity, without) if len(without) < len(rows) else None
            if found is not None:
                is_listed = bool(repeated) and not without
                yield _Judged(found.odds, int(found.rows[0]) in repeated - without, is_listed)
