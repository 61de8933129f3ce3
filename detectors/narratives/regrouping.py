"""How narratives are kept in order: what is idle is forgotten, what belongs together united, and ids are handed on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.narratives.average_link import average_link
from detectors.narratives.clusters import AnyWording, Wording
from detectors.narratives.gathering import Gathering
from detectors.narratives.state import NarrativeState, WordingState
from detectors.narratives.succession import hand_on

_IDLE_MENTIONS = 3000
_IDLE_AT_LEAST = timedelta(hours=2)
_MOST_WORDINGS = 1000
"""Kept when wordings are regrouped; until the next time up to 1,000 more may open."""


def regroup(gathering: Gathering, now: datetime, forget_after: timedelta) -> None:
    """Forgets, unites and splits. A narrative whose wordings are all forgotten is forgotten with them."""
    state = gathering.state
    gathering.halve_frequencies()
    gathering.write_back()
    if not _forget(state, now, forget_after) and state.taken == state.regrouped_at:
        return
    state.regrouped_at = state.taken
    gathering.settle(now)
    groups = [
        group
        for name, space in gathering.spaces.items()
        for group in regrouped(space.wordings.clusters, space.wordings.means(), gathering.cuts(name))
    ]
    hand_on(state, groups, now)
    gathering.renew()


def regrouped(
    wordings: Sequence[AnyWording], means: NDArray[np.floating], cuts: NDArray[np.float64]
) -> list[tuple[str | None, list[AnyWording]]]:
    """Wordings of one space in groups by exact average link, each with the id of the narrative that it inherits.

    A group inherits the id of the narrative that brings it most vectors; an id goes to one group only, the greatest
    overlap first. None: a part that split off, and needs a new one. `means` are as of `Tier.means`, `cuts` cosines.
    """
    weights = np.array([wording.weight for wording in wordings], dtype=float)
    rows = average_link(means, weights, cuts)
    groups = [[wordings[row] for row in some] for some in rows]
    return list(zip(_inherited_ids(groups), groups, strict=True))


def _forget(state: NarrativeState, now: datetime, forget_after: timedelta) -> bool:
    """Drops idle wordings, and the longest idle where they are too many; those of one text first. True if any."""

    def is_idle(wording: WordingState) -> bool:
        idle = now - (wording.tally.last_at or now)
        return idle > forget_after or (idle > _IDLE_AT_LEAST and state.taken - wording.last_taken > _IDLE_MENTIONS)

    left = [wording for wording in state.wordings.values() if not is_idle(wording)]
    if len(left) > _MOST_WORDINGS:
        left.sort(key=lambda wording: (wording.tally.mentions > 1, wording.last_taken, wording.number), reverse=True)
        del left[_MOST_WORDINGS:]
    if len(left) == len(state.wordings):
        return False
    state.wordings = {wording.id: wording for wording in sorted(left, key=lambda each: each.number)}
    return True


def _inherited_ids(groups: Sequence[Sequence[Wording]]) -> list[str | None]:
    overlaps: dict[tuple[int, str], int] = {}
    for group, wordings in enumerate(groups):
        for wording in wordings:
            key = group, wording.narrative
            overlaps[key] = overlaps.get(key, 0) + wording.weight
    inherited: list[str | None] = [None] * len(groups)
    given: set[str] = set()
    for (group, narrative), _ in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if inherited[group] is None and narrative not in given:
            inherited[group] = narrative
            given.add(narrative)
    return inherited
