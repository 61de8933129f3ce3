"""A space: the wordings and narratives whose vectors may be compared, and how close is close enough."""

from collections.abc import Container, Iterable, Sequence
from typing import Generic

import numpy as np
from msgspec import Struct

from detectors.narratives.background import Background
from detectors.narratives.clusters import STANDS_STILL_AT, WHOLE_BELOW, AnyNarrative, AnyWording, Tier
from detectors.narratives.lexical import DIMENSIONS


class Thresholds(Struct, frozen=True, kw_only=True):
    """Cosines; `detectors/narratives/placing.py` says how they are used."""

    same_narrative: float = 0.28
    same_wording: float = 0.50
    wording_outranks: float = 0.10
    """How much closer than `same_wording` a wording must be to decide the narrative."""
    cut: float = 0.19
    """The average link below which a narrative falls apart."""
    age_penalty: float = 0.04
    age_scale: float = 2000.0
    """Mentions taken in since a narrative's newest."""


class Space(Generic[AnyWording, AnyNarrative]):
    """The wordings and narratives whose vectors may be compared: those of one model, or of letters alone.

    The last `lexical.DIMENSIONS` components are a text's letters, and few of them are not zero.
    """

    def __init__(
        self,
        dimensions: int,
        wordings: Sequence[AnyWording] = (),
        narratives: Sequence[AnyNarrative] = (),
        background: Background | None = None,
    ) -> None:
        self.dimensions = dimensions
        self.background = background or Background(max(0, dimensions - DIMENSIONS))
        self._mean = self.background.mean
        self.wordings: Tier[AnyWording] = Tier.saved(dimensions, wordings, self.background)
        self.narratives: Tier[AnyNarrative] = Tier.saved(dimensions, narratives, self.background)
        row_of = self.narratives.row_of
        self.homes = np.array([row_of[wording.narrative] for wording in self.wordings.clusters], dtype=np.intp)
        """Each wording's narrative, as a row."""

    def keep(self, wordings: Container[str]) -> None:
        """Forgets all other wordings, and follows the background. All was written back; `renew` must come next."""
        rows = [row for row, wording in enumerate(self.wordings.clusters) if wording.id in wordings]
        self.wordings, self.homes = self.wordings.kept(rows, self._mean), self.homes[rows]
        self._mean = self.background.mean

    def renew(self, narratives: Iterable[AnyNarrative]) -> None:
        """Takes these narratives, which the wordings name: each becomes the sum of its wordings, one at least."""
        moved = set()
        for wording, home in zip(self.wordings.clusters, self.homes, strict=True):
            if wording.narrative != self.narratives.clusters[home].id:
                moved |= {wording.narrative, self.narratives.clusters[home].id}
        ordered = sorted(narratives, key=lambda narrative: narrative.number)
        row_of = {narrative.id: row for row, narrative in enumerate(ordered)}
        self.homes = np.array([row_of[wording.narrative] for wording in self.wordings.clusters], dtype=np.intp)
        before = [narrative.weight for narrative in ordered]
        self.narratives = self._united(ordered)
        self.narratives.changed = {
            row
            for row, (narrative, weight) in enumerate(zip(ordered, before, strict=True))
            if narrative.id in moved or narrative.weight != weight or weight >= WHOLE_BELOW
        }  # of all others the sums are what they were, and saved

    def _united(self, narratives: Sequence[AnyNarrative]) -> Tier[AnyNarrative]:
        """Gives each narrative the vectors of its wordings, whose `homes` are known."""
        wordings, mean = self.wordings, self.background.mean
        _, oldest = np.unique(self.homes, return_index=True)
        dense, lexical = wordings.dense[oldest], wordings.lexical[:, oldest]
        for further in np.delete(np.arange(len(wordings)), oldest):
            dense[self.homes[further]] += wordings.dense[further]
            lexical[:, self.homes[further]] += wordings.lexical[:, further]
        for narrative in narratives:
            narrative.weight = narrative.last_taken = 0
        for wording, home in zip(wordings.clusters, self.homes, strict=True):
            narratives[home].weight += wording.weight
            narratives[home].last_taken = max(narratives[home].last_taken, wording.last_taken)
        for row, narrative in enumerate(narratives):
            while narrative.weight > STANDS_STILL_AT:
                whole = np.rint((dense[row] + narrative.weight * mean) / 2)
                narrative.weight //= 2
                dense[row], lexical[:, row] = whole - narrative.weight * mean, np.rint(lexical[:, row] / 2)
        return Tier(narratives, dense, lexical, self.background)

    def write_back(self) -> None:
        self.wordings.write_back()
        self.narratives.write_back()
