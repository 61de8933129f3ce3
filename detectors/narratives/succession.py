"""What narratives hand on to each other when they are united or fall apart, so that alerts can follow."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from detectors import distinct
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

Group = Sequence[WordingState]


def hand_on(
    state: NarrativeState, groups: Sequence[tuple[str | None, Group]], now: datetime, window: timedelta
) -> None:
    """Makes each group of wordings a narrative: the one whose id it inherits, or one that parted from another.

    Of each narrative of which a wording stands in the groups, all do. One that was told and is a part of another now is
    handed to the group that has most of it; the other takes its episode over or unites it with its own, and is due to
    be told, so that the alert follows. `window` is the one over which mentions are counted.
    """
    wordings = sorted((wording for _, group in groups for wording in group), key=lambda each: each.number)
    members: dict[str, list[WordingState]] = {}
    for wording in wordings:
        members.setdefault(wording.narrative, []).append(wording)
    before = {name: state.narratives[name] for name in members}
    spoke = {name: (narrative.authors_before, narrative.authors_now) for name, narrative in before.items()}
    usual = usual_of_wordings(wordings, before, now - window)
    swallowed = _swallowed(before, groups)
    kept = []
    for number, (name, group) in enumerate(groups):
        gone = swallowed.get(number, [])
        homes = sorted({wording.narrative for wording in group})
        if name is not None and homes == [name] and len(group) == len(members[name]):
            narrative = before[name]
        else:
            told = {each.id for each in gone if each.episode is not None}
            narrative = (
                _parted(state, group, now, window)
                if name is None
                else _regrouped(before[name], members[name], group, told)
            )
            narrative.authors_before, narrative.authors_now = (
                tally.among(distinct.united(lists), narrative.tally.author_hashes)
                for lists in zip(*(spoke[home] for home in homes), strict=True)
            )
        for each in gone:
            _lose(each, members[each.id], group)
            _swallow(state, narrative, each, now)
        narrative.usual = sum(usual[wording.id] for wording in group)
        kept.append(narrative)
    for name in before.keys() - {narrative.id for narrative in kept}:
        del state.narratives[name]
    state.narratives |= {narrative.id: narrative for narrative in kept}


def usual_of_wordings(wordings: Group, narratives: Mapping[str, Narrative], lately: datetime) -> dict[str, float]:
    """What is usual for each narrative, shared out among its wordings, so that splits and unions neither add nor lose.

    By what was said of each before `lately`: a story that is new inside another has no usual of its own.
    """
    before = {wording.id: wording.tally.mentions - wording.tally.quarters.since(lately) for wording in wordings}
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
    before: Mapping[str, Narrative], groups: Sequence[tuple[str | None, Group]]
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


def _regrouped(narrative: Narrative, members: Group, group: Group, told: Collection[str]) -> Narrative:
    """A narrative with other wordings than its `members` before; those of narratives that were `told` come with their
    episodes."""
    if narrative.episode is not None:
        come = [wording for wording in group if wording.narrative not in (narrative.id, *told)]
        episode = narrative.episode
        episode.mentions += _within(come, episode)
        hashes = [wording.tally.author_hashes for wording in come]
        episode.author_hashes = distinct.united([episode.author_hashes, *hashes])
    narrative.tally = tally.united([wording.tally for wording in group])
    narrative.synchronous = waves.occasions(narrative, group)
    narrative.replies, narrative.answering = _replies_to(group), sum(wording.answering for wording in group)
    narrative.match_at = 0
    _lose(narrative, members, group)
    for wording in group:
        wording.narrative = narrative.id
    return narrative


def _lose(narrative: Narrative, members: Group, group: Group) -> None:
    """Takes out of what is told of a narrative what those of its members say that are not in the group."""
    stay = {wording.id for wording in group}
    left = [wording for wording in members if wording.id not in stay]
    if not left:
        return
    counts, samples = tally.united([wording.tally for wording in group]), [wording.sample for wording in group]
    beyond = tally.united([wording.tally for wording in left])
    if narrative.episode is not None:
        episode = narrative.episode
        episode.mentions = max(1, episode.mentions - _within(left, episode))
        episode.author_hashes = tally.among(episode.author_hashes, counts.author_hashes)
    if counts.first_at and beyond.first_at and beyond.first_at <= narrative.first.at < counts.first_at:
        narrative.first = min(samples, key=lambda each: (each.at, each.mention_id))
    if counts.last_at and narrative.newest.at > counts.last_at:
        narrative.newest = max(samples, key=lambda each: (each.at, each.mention_id))
    if counts.most_followers < (narrative.widest.followers or 0) <= beyond.most_followers:
        narrative.widest = max(samples, key=lambda each: (each.followers or 0, each.mention_id))


def _within(group: Group, episode: Episode) -> int:
    """Mentions since an episode began, as far back as quarters of an hour are counted."""
    return sum(
        counts.mentions
        if counts.first_at is not None and counts.first_at >= episode.starts_at
        else counts.quarters.since(episode.starts_at)
        for counts in (wording.tally for wording in group)
    )


def _replies_to(group: Group) -> Replies:
    total = Replies()
    for wording in group:
        total.unite(wording.replies)
    return total


def _swallow(state: NarrativeState, narrative: Narrative, gone: Narrative, now: datetime) -> None:
    """Hands all that a narrative was, beside its wordings, to the one that it is a part of now."""
    narrative.first = min(narrative.first, gone.first, key=lambda each: (each.at, each.mention_id))
    narrative.newest = max(narrative.newest, gone.newest, key=lambda each: (each.at, each.mention_id))
    narrative.widest = max(narrative.widest, gone.widest, key=lambda each: (each.followers or 0, each.mention_id))
    narrative.was_newborn |= gone.was_newborn
    waves.unite(narrative, gone)
    narrative.earlier = narrative.earlier or gone.earlier
    state.pasts.pop(gone.id, None)
    if gone.episode is None:
        return
    narrative.formerly = list(dict.fromkeys([*narrative.formerly, *gone.formerly, gone.id]))[-MOST_FORMER:]
    if narrative.id not in state.due:
        state.due.append(narrative.id)
    _turn(narrative, now, f"Took in a narrative of {counted(gone.episode.mentions, 'mention')} that was told before.")
    narrative.episode = gone.episode if narrative.episode is None else _united(narrative.episode, gone.episode)


def _united(episode: Episode, gone: Episode) -> Episode:
    """One episode of two, with the beginning and the level of the first; what was told of either is told."""
    episode.mentions += gone.mentions
    episode.author_hashes = distinct.united([episode.author_hashes, gone.author_hashes])
    episode.kinds = list(dict.fromkeys([*episode.kinds, *gone.kinds]))
    episode.claims = list(dict.fromkeys([*episode.claims, *gone.claims]))
    episode.channels = list(dict.fromkeys([*episode.channels, *gone.channels]))
    episode.languages = list(dict.fromkeys([*episode.languages, *gone.languages]))
    return episode


def _parted(state: NarrativeState, group: Group, now: datetime, window: timedelta) -> Narrative:
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
        narrative.told_within = counts.quarters.since(now - window)
        if counts.mentions >= _WORTH_A_WORD:
            parted = counted(counts.mentions, "mention")
            _turn(parent, now, f"{parted} of it say something else: they are a story of their own now.")
        told = counted(parent.episode.mentions, "mention")
        _turn(narrative, now, f"Parted from a narrative of {told} that was told before.")
    return narrative


def _turn(narrative: Narrative, now: datetime, text: str) -> None:
    narrative.turns = [*narrative.turns, Turn(at=now, text=text)][-_MOST_TURNS:]
