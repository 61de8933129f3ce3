"""Thresholds of a model for one language, drawn from texts and from pairs of which it is known whether they agree.

A verdict says whether the model is fit for the language at all: a model that is not gives vectors all the same, and
narratives would unite what has nothing to do with each other.
"""

import math

import numpy as np
from msgspec import Struct

from detectors.narratives.clustering.calibration import (
    FEWEST_DIRECTIONS,
    Calibration,
    Cosines,
    PairFigures,
    drawn_thresholds,
    measure,
)
from detectors.narratives.clustering.reference import REFERENCE
from detectors.narratives.state import Heard

FEWEST_PAIRS = 200
"""Of each kind; fewer say too little about one in twenty."""
FALSE_UNRELATED = 0.005
"""False matches among unrelated texts that are borne."""
FALSE_LOOKALIKES = 0.05
"""And among pairs that only look alike."""
LEAST_RECALL = 0.7
MOST_SHATTERED = 0.2
"""Share of a language's texts that the tokenizer may shatter."""


class Texts(Struct, frozen=True, kw_only=True):
    """What was found of one language in the recordings."""

    language: str
    mentions: int
    """All that are in it."""
    heard: tuple[Heard, ...]
    """Different texts, with vectors."""
    shattered: int = 0
    """Texts that the tokenizer shatters: they have no vector."""


class Drawn(Struct, frozen=True, kw_only=True):
    """What came of one language."""

    language: str
    texts: int
    calibration: Calibration | None = None
    """None where there is too little to draw it from."""
    unfit: str | None = None
    """Why it is not to be used, for a person."""


def draw(
    texts: Texts, model: str, *, same: Cosines, different: Cosines, fewest: int, reference: Calibration = REFERENCE
) -> Drawn:
    """The calibration of one language, and whether the model is fit for it.

    Args:
        texts: Of the language.
        model: As `Encoding.model`.
        same: Cosines of pairs that mean the same; may be empty.
        different: Cosines of pairs that look alike and do not; may be empty.
        fewest: Texts below which nothing is drawn.
        reference: Where the thresholds are known to hold.
    """
    count, shattered = len(texts.heard), texts.shattered
    drawn = Drawn(language=texts.language, texts=count)
    if shattered > MOST_SHATTERED * (shattered + count):
        share = shattered / (shattered + count)
        return _unfit(drawn, f"its tokenizer shatters {share:.0%} of the texts: it does not know the language")
    if count < fewest:
        return _unfit(drawn, f"{count:,} different texts are too few; {fewest:,} are needed")
    measured = measure(texts.heard)
    if measured.pairs < 1000:
        return _unfit(drawn, "nearly all of the texts share their words, or their author: nothing in them is unrelated")
    known = None
    if len(same) >= FEWEST_PAIRS and len(different) >= FEWEST_PAIRS:
        known = figures_of_pairs(same, different, measured.cosines)
    drawn = Drawn(
        language=texts.language,
        texts=count,
        calibration=Calibration(
            model=model,
            dimensions=len(texts.heard[0].vector) // 2,
            language=texts.language,
            texts=measured.texts,
            pairs=measured.pairs,
            dense=measured.dense,
            compared=measured.compared,
            directions=measured.directions,
            thresholds=drawn_thresholds(measured.compared, reference.compared),
            known=known,
        ),
    )
    if known is not None and known.recall < LEAST_RECALL:
        return _unfit(
            drawn,
            f"it finds {known.recall:.0%} of the pairs that mean the same where few others match "
            f"(cosine {known.claim:.2f}); {LEAST_RECALL:.0%} are needed",
        )
    if measured.directions < FEWEST_DIRECTIONS:
        return _unfit(
            drawn,
            f"its vectors of unrelated texts point into {measured.directions:.0f} directions only; "
            f"{FEWEST_DIRECTIONS:.0f} are needed to tell stories apart",
        )
    return drawn


def figures_of_pairs(same: Cosines, different: Cosines, unrelated: Cosines) -> PairFigures:
    """The claim threshold, and how good it is: the least cosine at which both kinds of false matches are few enough."""
    least = max(_least(unrelated, FALSE_UNRELATED), _least(different, FALSE_LOOKALIKES))
    claim = math.ceil(10_000 * least) / 10_000
    return PairFigures(
        same=len(same),
        different=len(different),
        claim=claim,
        recall=round(float(np.mean(same >= claim)), 4),
        false_matches=round(float(np.mean(different >= claim)), 4),
    )


def _least(cosines: Cosines, share: float) -> float:
    """The least cosine that at most `share` of them reach."""
    ordered = np.sort(cosines.astype(np.float64))
    return float(np.nextafter(ordered[len(ordered) - 1 - int(share * len(ordered))], 2.0))


def _unfit(drawn: Drawn, why: str) -> Drawn:
    return Drawn(language=drawn.language, texts=drawn.texts, calibration=drawn.calibration, unfit=why)
