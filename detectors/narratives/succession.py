"""What narratives hand on to each other when they are united or fall apart, so that alerts can follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from detectors.detection import Turn
from detectors.narratives import tally, waves
from detectors.narratives.clustering.gathering import narrative_id
from detectors.narratives.stance.replies import Replies
from detectors.narratives.state import Episode, Narrative, NarrativeState, WordingState
from detectors.rendering import counted

MOST_FORMER = 20
_MOST_TURNS = 5
_WORTH_A_WORD = 5
"""Mentions of a part that leaves."""
_LATELY = timedelta(hours=6)


def hand_on(state: NarrativeState, groups: Sequence[tuple[str | None, Sequence[WordingState]]], now: datetime) -> None:
    """Makes each group of wordings a narrative: the one whose id it inherits, or one that parted from another.

    Of each narrative of which a wording stands in the groups, all do. One that was told and is a part of another now is
    handed to the group that has most of it; the other takes its episode over or unites it with its own, and is due to
    be told, so that the alert follows.
    """
    wordings = sorted((wording for _, group in groups for wording in group), key=lambda each: each.number)
    members: dict[str, list[str]] = {}
    for wording in wordings:
        members.setdefault(wording.narrative, []).append(wording.id)
    before = {name: state.narratives[name] for name in members}
    usual = usual_of_wordings(wordings, before, now)
    swallowed = _swallowed(before, groups)
    kept = []
    for number, (name, group) in enumerate(groups):
        if name is None:
            narrative = _parted(state, group, now)
        elif [wording.id for wording in group] == members[name]:
            narrative = before[name]
        else:
            narrative = _regrouped(before[name], group)
        for gone in swallowed.get(number, ()):
            _swallow(state, narrative, gone, now)
        narrative.usual = sum(usual[wording.id] for wording in group)
        kept.append(narrative)
    for name in before.keys() - {narrative.id for narrative in kept}:
        del state.narratives[name]
    state.narratives |= {narrative.id: narrative for narrative in kept}


def usual_of_wordings(
    wordings: Sequence[WordingState], narratives: Mapping[str, Narrative], now: datetime
) -> dict[str, float]:
    """What is usual for each narrative, shared out among its wordings, so that splits and unions neither add nor lose.

    By what was said of each before the last `_LATELY`: a story that is new inside another has no usual of its own.
    """
    before = {
        wording.id: wording.tally.mentions - wording.tally.quarters.between(now - _LATELY, now) for wording in wordings
    }
    total: dict[str, int] = {}
    for wording in wordings:
        total[wording.narrative] = total.get(wording.narrative, 0) + before[wording.id]
    return {
        wording.id: narratives[wording.narrative].usual
        * (
            before[wording.id] / total[wording.narrative]
            if total[wording.narrative]
            else wording.tally.mentions / max(1, narratives[wording.narrative].tally.mentions)
        )
        for wording in wordings
    }


def _swallowed(
    before: Mapping[str, Narrative], groups: Sequence[tuple[str | None, Sequence[WordingState]]]
) -> dict[int, list[Narrative]]:
    """By group, the narratives whose id nobody inherits and of which it has most; those told for longest first."""
    inherited = {name for name, _ in groups}
    taken: dict[str, dict[int, int]] = {}
    for number, (_, group) in enumerate(groups):
        for wording in group:
            if wording.narrative not in inherited:
                parts = taken.setdefault(wording.narrative, {})
                parts[number] = parts.get(number, 0) + wording.tally.mentions
    swallowed: dict[int, list[Narrative]] = {}
    for name, parts in sorted(taken.items(), key=lambda item: _seniority(before[item[0]])):
        group_of_most = max(parts, key=lambda number: (parts[number], -number))
        swallowed.setdefault(group_of_most, []).append(before[name])
    return swallowed


def _seniority(narrative: Narrative) -> tuple[bool, float, str]:
    episode = narrative.episode
    return episode is None, episode.starts_at.timestamp() if episode else 0.0, narrative.id


def _regrouped(narrative: Narrative, group: Sequence[WordingState]) -> Narrative:
    """A narrative with other wordings than before."""
    narrative.tally = tally.united([wording.tally for wording in group])
    narrative.synchronous = waves.occasions(narrative, group)
    narrative.replies, narrative.answering = _replies_to(group), sum(wording.answering for wording in group)
    narrative.match_at = 0
    for wording in group:
        wording.narrative = narrative.id
    return narrative


def _replies_to(group: Sequence[WordingState]) -> Replies:
    total = Replies()
    for wording in group:
        total.unite(wording.replies)
    return total


def _swallow(state: NarrativeState, narrative: Narrative, gone: Narrative, now: datetime) -> None:
    """Hands all that a narrative was, beside its wordings, to the one that it is a part of now."""
    narrative.first = min(narrative.first, gone.first, key=lambda each: (each.at, each.mention_id))
    narrative.newest = max(narrative.newest, gone.newest, key=lambda each: (each.at, each.mention_id))
    narrative.widest = max(narrative.widest, gone.widest, key=lambda each: (each.followers or 0, each.mention_id))
    narrative.authors_before = tally.union(narrative.authors_before, gone.authors_before)
    narrative.authors_now = tally.union(narrative.authors_now, gone.authors_now)
    narrative.was_newborn |= gone.was_newborn
    waves.unite(narrative, gone)
    narrative.earlier = narrative.earlier or gone.earlier
    state.pasts.pop(gone.id, None)
    if gone.episode is None:
        return
    narrative.formerly = list(dict.fromkeys([*narrative.formerly, *gone.formerly, gone.id]))[-MOST_FORMER:]
    if narrative.id not in state.due:
        state.due.append(narrative.id)
    since = f"told of since {_told_since(gone.episode, now)}"
    _turn(narrative, now, f"Took in a narrative of {counted(gone.episode.mentions, 'mention')}, {since}.")
    narrative.episode = gone.episode if narrative.episode is None else _united(narrative.episode, gone.episode)


def _united(episode: Episode, gone: Episode) -> Episode:
    """One episode of two, with the beginning and the level of the first; what was told of either is told."""
    episode.mentions += gone.mentions
    episode.author_hashes = tally.union(episode.author_hashes, gone.author_hashes)
    episode.kinds = list(dict.fromkeys([*episode.kinds, *gone.kinds]))
    episode.claims = list(dict.fromkeys([*episode.claims, *gone.claims]))
    episode.channels = list(dict.fromkeys([*episode.channels, *gone.channels]))
    episode.languages = list(dict.fromkeys([*episode.languages, *gone.languages]))
    return episode


def _parted(state: NarrativeState, group: Sequence[WordingState], now: datetime) -> Narrative:
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
        replies=_replies_to(group),
        answering=sum(wording.answering for wording in group),
    )
    narrative.synchronous = waves.occasions(narrative, group)
    parts: dict[str, int] = {}
    for wording in group:
        parts[wording.narrative] = parts.get(wording.narrative, 0) + wording.tally.mentions
        wording.narrative = narrative.id
    parent = state.narratives[max(parts, key=lambda name: (parts[name], name))]
    if parent.episode is not None:
        narrative.parted_from = parent.id
        narrative.told_within = counts.quarters.between(now - _LATELY, now)
        if counts.mentions >= _WORTH_A_WORD:
            parted = counted(counts.mentions, "mention")
            _turn(parent, now, f"{parted} of it say something else: they are a story of their own now.")
        said = f"Parted from a narrative that was told of since {_told_since(parent.episode, now)}."
        _turn(narrative, now, said)
    return narrative


def _turn(narrative: Narrative, now: datetime, text: str) -> None:
    narrative.turns = [*narrative.turns, Turn(at=now, text=text)][-_MOST_TURNS:]


def _told_since(episode: Episode, now: datetime) -> str:
    """By the clock, and with the day where it is another one: `08:12 UTC`."""
    at = episode.starts_at
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at.day} {at:%B}, {at:%H:%M} UTC"
