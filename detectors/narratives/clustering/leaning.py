"""How a text's vector leans towards what it is like, before it is placed.

A short text says only a part of its story, and another part than the next one. So to each embedding those of the
nearest wordings before it are added: texts of one story become more alike, and a story is less often told in pieces
(diffusion, as in Donoser & Bischof 2013, in one direction only: into what comes later). A text that is like few others
leans little, so that a new story is not drawn into an old one. The words are left as they are.

Measured on News and News-T (`tests/benchmarks/bench_narrative.py`): without it stories fall into more pieces, and more
of what is told is of two stories.
"""

import numpy as np
from numpy.typing import NDArray

from detectors.narratives.clustering.packing import Vector

MOST = 8
"""Wordings that a text leans towards: the nearest."""
_ENOUGH = 2.0
"""The sum of those cosines from which a text leans as much as it can: then the others weigh as much as it does."""
_AGE_PENALTY = 0.03
_AGE_SCALE = 500.0
"""Mentions taken in since a wording's newest."""


def aged(cosines: Vector, ages: Vector) -> Vector:
    """Cosines of a text to wordings, less what their ages (in mentions taken in) make them count less."""
    likeness: Vector = cosines - _AGE_PENALTY * np.log1p(ages / _AGE_SCALE)
    return likeness


def leant(dense: Vector, others: NDArray[np.floating], likeness: Vector) -> Vector:
    """The dense part of a text's vector, as long as before, leaning towards others.

    Sums are taken one row after the other, so that the result is the same wherever the rows come from.

    Args:
        dense: Shape (d,), in steps of 1/4096, and so is what is given back.
        others: The dense sums of wordings, shape (k, d), k <= `MOST`, in an order that the stream alone decides.
        likeness: Of the text to each, > 0, as `aged` gives it.
    """
    length = float((dense * dense).sum()) ** 0.5
    sums = others.astype(np.float64)
    lengths = np.sqrt((sums * sums).sum(axis=1))
    weights = likeness / (max(_ENOUGH, float(likeness.sum())) * np.maximum(1.0, lengths))
    moved: Vector = dense / max(1.0, length) + (weights[:, None] * sums).sum(axis=0)
    moved *= length / max(1e-9, float((moved * moved).sum()) ** 0.5)
    np.rint(moved, out=moved)
    return moved
