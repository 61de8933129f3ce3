"""What narratives hand on to each other when they are united or fall apart."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from detectors.narratives import tally, waves
from detectors.narratives.gathering import narrative_id
from detectors.narratives.state import Narrative, NarrativeState, WordingState

_LATELY = timedelta(hours=6)


def hand_on(state: NarrativeState, groups: Sequence[tuple[str | None, Sequence[WordingState]]], now: datetime) -> None:
    """Makes each group of wordings a narrative: the one whose id it inherits, or one that parted from another.

    All wordings there are stand in the groups. A narrative of which none is left is forgotten.
    """
    members: dict[str, list[str]] = {}
    for wording in sorted(state.wordings.values(), key=lambda each: each.number):
        members.setdefault(wording.narrative, []).append(wording.id)
    usual = usual_of_wordings(state, now)
    ids = {inherited for inherited, _ in groups}
    gone = {name: state.narratives[name] for name in members if name not in ids}
    kept = [
        kept_on(state.narratives[name], members[name], group, gone) if name is not None else parted(state, group)
        for name, group in groups
    ]
    for narrative, (_, group) in zip(kept, groups, strict=True):
        narrative.usual = sum(usual[wording.id] for wording in group)
    state.narratives = {narrative.id: narrative for narrative in sorted(kept, key=lambda each: each.number)}


def usual_of_wordings(state: NarrativeState, now: datetime) -> dict[str, float]:
    """What is usual for each narrative, shared out among its wordings, so that splits and unions neither add nor lose.

    By what was said of each before the last `_LATELY`: a story that is new inside another has no usual of its own.
    """
    before = {
        wording.id: wording.tally.mentions - wording.tally.quarters.between(now - _LATELY, now)
        for wording in state.wordings.values()
    }
    total: dict[str, int] = {}
    for wording in state.wordings.values():
        total[wording.narrative] = total.get(wording.narrative, 0) + before[wording.id]
    mentions = {name: narrative.tally.mentions for name, narrative in state.narratives.items()}
    return {
        wording.id: state.narratives[wording.narrative].usual
        * (
            before[wording.id] / total[wording.narrative]
            if total[wording.narrative]
            else wording.tally.mentions / max(1, mentions[wording.narrative])
        )
        for wording in state.wordings.values()
    }


def kept_on(
    narrative: Narrative, before: Sequence[str], group: Sequence[WordingState], gone: dict[str, Narrative]
) -> Narrative:
    """A narrative with the wordings it has now; it takes over what it can from those that it has swallowed."""
    if [wording.id for wording in group] == before:
        return narrative
    narrative.tally = tally.united([wording.tally for wording in group])
    narrative.synchronous = waves.occasions(narrative, group)
    narrative.match_at = 0
    for name in sorted({wording.narrative for wording in group} & gone.keys()):
        _swallow(narrative, gone.pop(name))
    for wording in group:
        wording.narrative = narrative.id
    return narrative


def _swallow(narrative: Narrative, gone: Narrative) -> None:
    narrative.first = min(narrative.first, gone.first, key=lambda each: (each.at, each.mention_id))
    narrative.newest = max(narrative.newest, gone.newest, key=lambda each: (each.at, each.mention_id))
    narrative.widest = max(narrative.widest, gone.widest, key=lambda each: (each.followers or 0, each.mention_id))
    narrative.authors_before = tally.union(narrative.authors_before, gone.authors_before)
    narrative.authors_now = tally.union(narrative.authors_now, gone.authors_now)
    narrative.was_newborn |= gone.was_newborn
    if narrative.episode is None:
        narrative.episode = gone.episode  # so that what was told under the other id is not told again at once
    elif gone.episode is not None:
        narrative.episode.mentions += gone.episode.mentions
        narrative.episode.author_hashes = tally.union(narrative.episode.author_hashes, gone.episode.author_hashes)


def parted(state: NarrativeState, group: Sequence[WordingState]) -> Narrative:
    """A part that left its narrative."""
    state.number += 1
    samples = [wording.sample for wording in group]
    first = min(samples, key=lambda each: (each.at, each.mention_id))
    counts = tally.united([wording.tally for wording in group])
    narrative = Narrative(
        id=narrative_id(first.mention_id, state.number),
        number=state.number,
        space=group[0].space,
        tally=counts,
        authors_now=list(counts.author_hashes),
        first=first,
        newest=max(samples, key=lambda each: (each.at, each.mention_id)),
        widest=max(samples, key=lambda each: (each.followers or 0, each.mention_id)),
        was_newborn=True,
    )
    narrative.synchronous = waves.occasions(narrative, group)
    for wording in group:
        wording.narrative = narrative.id
    return narrative
