"""The few mentions that show what is being said."""

from collections.abc import Sequence

import numpy as np
from msgspec import structs

from detectors.detection import Exemplar, Role
from detectors.narratives.clustering.clusters import Matrix, sums_of
from detectors.narratives.state import Narrative, WordingState


def exemplars(narrative: Narrative, wordings: Sequence[WordingState]) -> tuple[Exemplar, ...]:
    """At most five mentions, each once: first, typical, of widest reach where that is known, newest, most different.

    The wordings' sums must have been written back.
    """
    closeness = _closeness(wordings)
    by_closeness = [wordings[row] for row in np.argsort(-closeness, kind="stable")]
    nearest = [wording.sample for wording in by_closeness]
    # Those that at least two mentions say go before: others may be strays.
    furthest = [wording.sample for wording in by_closeness[::-1] if wording.tally.mentions > 1] + nearest[::-1]
    shown: dict[str, Exemplar] = {}

    def show(role: Role, candidates: Sequence[Exemplar]) -> None:
        one = next((each for each in candidates if each.mention_id not in shown), None)
        if one is not None:
            shown[one.mention_id] = structs.replace(one, role=role)

    show("first", [narrative.first])
    # Where the most typical one is shown already, the next: people see another way in which the same is said.
    show("typical", nearest)
    show("widest reach", [narrative.widest] if narrative.widest.followers else [])
    show("newest", [narrative.newest])
    show("most different", furthest)
    return tuple(shown.values())


def _closeness(wordings: Sequence[WordingState]) -> Matrix:
    """Of each wording to all mentions, by how many there are of each wording: the greatest is the medoid's."""
    sums = sums_of(wordings)
    directions = sums / np.maximum(1.0, np.linalg.norm(sums, axis=1))[:, None]
    centre = np.array([float(wording.tally.mentions) for wording in wordings]) @ directions
    return np.asarray(directions @ centre)
