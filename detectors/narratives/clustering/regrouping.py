"""How narratives are kept in order: what is idle is forgotten, what belongs together united, and ids are handed on.

Only what has changed is looked at: a narrative that has grown by a quarter, together with those to which new members
of it were close. Of all others the links are what they were. So it can be done often, and costs what is new.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.narratives import earlier
from detectors.narratives.clustering.average_link import Links, average_link
from detectors.narratives.clustering.clusters import GRID, STEPS, AnyNarrative, AnyWording, Wording, in_order
from detectors.narratives.clustering.gathering import Gathering
from detectors.narratives.clustering.postings import products_among
from detectors.narratives.clustering.space import Space
from detectors.narratives.succession import hand_on

MOST_WORDINGS = 50_000
"""Kept when wordings are regrouped; until the next time a few more may open."""
_IDLE_MENTIONS = 3000
_IDLE_AT_LEAST = timedelta(hours=2)
_GROWN = 1.25
"""By how much a narrative must have grown to be looked at again."""
_LEARNS_EVERY = 1000
"""Mentions; a quiet monitor's background learns each hour."""

Cuts = NDArray[np.float64]
"""Of wordings, by row: the average link below which what they are in falls apart."""


def regroup(
    gathering: Gathering,
    now: datetime,
    forget_after: timedelta,
    most: int = MOST_WORDINGS,
    *,
    window: timedelta = timedelta(hours=6),
) -> None:
    """Forgets, unites and splits. A narrative whose wordings are all forgotten is forgotten with them.

    `window` is the one over which the detector counts mentions.
    """
    state = gathering.state
    gathering.halve_frequencies()
    _forget(gathering, now, forget_after, most)
    if state.taken == state.regrouped_at:
        return
    state.regrouped_at = state.taken
    taken, learned_at = state.learned_at
    if state.taken >= taken + _LEARNS_EVERY or learned_at is None or now >= learned_at + timedelta(hours=1):
        state.learned_at = state.taken, now
        gathering.learn(now)
    for name, space in sorted(gathering.spaces.items()):
        groups = list(regrouped(space, gathering.cuts(name)))
        if groups:
            hand_on(state, groups, now, window)
            gathering.follow(space, [wordings for _, wordings in groups])


def regrouped(space: Space[AnyWording, AnyNarrative], cuts: Cuts) -> Iterator[tuple[str | None, list[AnyWording]]]:
    """Wordings of narratives that fall apart or belong together, in groups, with the id of the narrative each inherits.

    A group inherits the id of the narrative that brings it most vectors; an id goes to one group only, the greatest
    overlap first. None: a part that split off, and needs a new one.
    """
    for homes in _neighbourhoods(space, cuts):
        rows = in_order([row for home in homes for row in space.members[home]], space.wordings.numbers)
        if len(rows) < 2:
            continue
        links = _links_of_wordings(space, rows, cuts[rows])
        parts = average_link(links, space.wordings.weights[rows])
        groups = [[rows[place] for place in part] for part in parts]
        if len(groups) == len(homes) and all(len({int(space.homes[row]) for row in group}) == 1 for group in groups):
            continue
        wordings = [[space.wordings.clusters[row] for row in group] for group in groups]
        yield from zip(_inherited_ids(wordings), wordings, strict=True)


def _forget(gathering: Gathering, now: datetime, forget_after: timedelta, most: int) -> None:
    """Drops idle wordings, and the longest idle where they are too many; those heard once first."""
    state, moment = gathering.state, now.timestamp()
    kept = 0
    for space in gathering.spaces.values():
        tier = space.wordings
        idle = moment - space.last_at[: tier.end]
        unheard = state.taken - tier.last_taken[: tier.end]
        is_idle = (idle > forget_after.total_seconds()) | (
            (idle > _IDLE_AT_LEAST.total_seconds()) & (unheard > _IDLE_MENTIONS)
        )
        rows = (is_idle & (tier.weights[: tier.end] > 0)).nonzero()[0].tolist()
        earlier.leave(state, gathering.forget(space, rows))
        space.recent.forget(moment - forget_after.total_seconds())
        kept += len(tier)
    if kept > most:
        _make_room(gathering, kept - most)


def _make_room(gathering: Gathering, count: int) -> None:
    spaces = [space for _, space in sorted(gathering.spaces.items())]
    rows = [(space.wordings.weights[: space.wordings.end] > 0).nonzero()[0] for space in spaces]
    heard_again = np.concatenate([space.mentions[some] > 1 for space, some in zip(spaces, rows, strict=True)])
    last_taken = np.concatenate([space.wordings.last_taken[some] for space, some in zip(spaces, rows, strict=True)])
    numbers = np.concatenate([space.wordings.numbers[some] for space, some in zip(spaces, rows, strict=True)])
    of_space = np.repeat(np.arange(len(spaces)), [len(some) for some in rows])
    gone = np.lexsort((numbers, last_taken, heard_again))[:count]
    every = np.concatenate(rows)
    for number, space in enumerate(spaces):
        chosen = every[gone[of_space[gone] == number]].tolist()
        earlier.leave(gathering.state, gathering.forget(space, chosen))


def _neighbourhoods(space: Space[AnyWording, AnyNarrative], cuts: Cuts) -> list[list[int]]:
    """Narratives to look at, as rows, those together that may belong together."""
    tier = space.narratives
    looked: list[int] = []
    near: set[int] = set()
    doubled: set[int] = set()
    for home in in_order(list(space.grown), tier.numbers):
        narrative = tier.clusters[home]
        if narrative.weight >= _GROWN * narrative.looked_at or narrative.weight < narrative.looked_at:
            others = [tier.row_of[number] for number in narrative.near if number in tier.row_of]
            if _has_doubled(narrative) and len(space.members[home]) > 1:
                doubled.add(home)
            if others or home in doubled:
                looked.append(home)
                near.update(others)
            narrative.looked_at, narrative.near = narrative.weight, []
            space.grown.discard(home)
    homes = in_order(list(near.union(looked)), tier.numbers)
    if len(homes) < 2:
        return [[home] for home in homes]
    links = _links_of_narratives(space, looked, homes, cuts)
    group_of = {home: [home] for home in homes}
    for one, other in zip(*(links >= 0).nonzero(), strict=True):
        group, joins = group_of[looked[one]], group_of[homes[other]]
        if group is not joins:
            group += joins
            group_of.update(dict.fromkeys(joins, group))
    groups = {id(group_of[home]): group_of[home] for home in looked}
    return [group for group in groups.values() if len(group) > 1 or group[0] in doubled]


def _has_doubled(narrative: AnyNarrative) -> bool:
    """Whether it has passed a power of two, or lost something: then it is asked whether it falls apart."""
    return narrative.weight.bit_length() != narrative.looked_at.bit_length()


def _links_of_narratives(
    space: Space[AnyWording, AnyNarrative], looked: list[int], homes: list[int], cuts: Cuts
) -> Links:
    """The average link of each of some narratives with each of some, less that from which on they belong together."""
    tier = space.narratives
    links = (tier.directions[looked] @ tier.directions[homes].T).astype(np.float64)
    links *= tier.sizes(looked)[:, None] * tier.sizes(homes)
    links /= STEPS**2
    terms = products_among([space.terms_of(home) for home in homes], [homes.index(home) for home in looked])
    links += terms / (GRID**2 * tier.weights[looked][:, None] * tier.weights[homes])
    own = {home: _mean_cut(space, home, cuts) for home in {*looked, *homes}}
    links -= np.array([own[home] for home in looked])[:, None] / 2 + np.array([own[home] for home in homes]) / 2
    return links


def _mean_cut(space: Space[AnyWording, AnyNarrative], home: int, cuts: Cuts) -> float:
    rows = space.members[home]
    if len(rows) == 1:
        return float(cuts[rows[0]])
    weights = space.wordings.weights[rows]
    return float(cuts[rows] @ weights / weights.sum())


def _links_of_wordings(space: Space[AnyWording, AnyNarrative], rows: list[int], cuts: Cuts) -> Links:
    tier = space.wordings
    links = (tier.directions[rows] @ tier.directions[rows].T).astype(np.float64)
    sizes, weights = tier.sizes(rows), tier.weights[rows]
    links *= sizes[:, None] * sizes
    links /= STEPS**2
    links += space.terms.among(rows) / (GRID**2 * weights[:, None] * weights)
    links -= cuts[:, None] / 2 + cuts / 2
    return links


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
