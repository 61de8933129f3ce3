"""Unit vectors that point near given axes, and who places them."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from detectors.narratives.clustering.clusters import Matrix, on_grid

DENSE = 16
START = datetime(2026, 3, 2, tzinfo=UTC)
Terms = dict[int, int]


def vectors(directions: Sequence[int], noise: float = 0.2, seed: int = 1) -> tuple[Matrix, list[Terms]]:
    """Unit vectors near the given axes, with a few terms each, on the grid."""
    dice = np.random.default_rng(seed)
    rows = np.zeros((len(directions), DENSE))
    rows[np.arange(len(directions)), list(directions)] = 1
    rows += noise * dice.standard_normal(rows.shape)
    terms = [{1000 + each: 1500, int(dice.integers(50)): 900} for each in directions]
    return on_grid(0.8 * rows / np.linalg.norm(rows, axis=1, keepdims=True)), terms
