"""The evidence of a narrative: its numbers in words, and what would have kept it quiet."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from detectors.detection import Evidence, Point, Share
from detectors.narratives.episodes import Kind, talk_about
from detectors.narratives.exemplars import exemplars
from detectors.narratives.norms import Norms
from detectors.narratives.signals import Voices, signals
from detectors.narratives.state import Episode, Narrative, WordingState
from detectors.narratives.tally import QUARTER, Tally, quarter, quarter_start
from detectors.rendering import counted, spanned

_POINTS = 20
_KIND_IN_WORDS = {
    Kind.BEING_DEBUNKED: "a narrative that most who repeat it deny",
    Kind.KNOWN_CLAIM: "a narrative that matches a fact-checked claim",
    Kind.COORDINATED: "a narrative that is posted as if by arrangement",
    Kind.BEING_QUESTIONED: "a narrative that most who repeat it question",
    Kind.UNVERIFIED: "an unverified narrative",
}


class Terms(Struct, frozen=True, kw_only=True):
    """What a narrative must reach to be told, as far as it is the same for all."""

    mentions: int
    authors: int
    window: timedelta


def evidence(
    narrative: Narrative,
    episode: Episode,
    wordings: Sequence[WordingState],
    kind: Kind,
    heard: Voices,
    norms: Norms,
    now: datetime,
    terms: Terms,
) -> Evidence:
    """All that a person needs to judge the narrative at `now`. The wordings' sums must have been written back."""
    tally = narrative.tally
    return Evidence(
        summary=_summary(narrative, episode, kind, heard, now, terms.window),
        mentions=episode.mentions,
        usual=round(episode.usual, 1),
        authors=heard.authors,
        since=episode.starts_at,
        timeline=_timeline(tally, episode, now, terms.window),
        shares=_shares(tally),
        exemplars=exemplars(narrative, wordings),
        channels=tuple(tally.channels),
        languages=tuple(tally.languages),
        by_letters=min(episode.mentions, tally.by_letters),
        marks=dict(tally.marks),
        claim=narrative.claim,
        earlier=narrative.earlier,
        turns=tuple(narrative.turns),
        signals=signals(narrative, heard, norms, len(wordings)),
        counterfactual=_counterfactual(episode, terms),
        unknown=tuple(_unknown(narrative, norms)),
    )


def _summary(
    narrative: Narrative, episode: Episode, kind: Kind, heard: Voices, now: datetime, window: timedelta
) -> str:
    usual = "it is new"
    if round(episode.usual):
        usual = f"up to {episode.usual:.0f} in {spanned(window)} are usual for it"
    elif narrative.earlier is not None:
        first, then = spanned(now - narrative.earlier.first_at), counted(narrative.earlier.mentions, "mention")
        usual = f"it came back: heard of first {first} ago, {then} then"
    by_letters = " (matched by letters only)" if _is_by_letters(narrative) else ""
    possible = ""
    if narrative.claim is not None and kind is not Kind.KNOWN_CLAIM:
        possible = ", which " + ("matches" if narrative.claim.certain else "possibly matches") + " a fact-checked claim"
    return (
        f"{counted(episode.mentions, 'mention')} by {counted(heard.authors, 'author')} in "
        f"{spanned(now - episode.starts_at)}: {_KIND_IN_WORDS[kind]}{by_letters}{possible}; {usual}."
    )


def _timeline(tally: Tally, episode: Episode, now: datetime, window: timedelta) -> tuple[Point, ...]:
    """Bins of equal length, whole quarters of an hour, up to now."""
    kept = [number for number in tally.quarters.counts if number >= quarter(episode.starts_at)]
    start, end = min(kept, default=quarter(now)), quarter(now) + 1
    step = math.ceil((end - start) / _POINTS)
    expected = round(episode.usual * step / max(1, window // QUARTER), 2) if episode.usual else None
    return tuple(
        Point(
            at=quarter_start(first),
            observed=float(sum(tally.quarters.counts.get(number, 0) for number in range(first, first + step))),
            expected=expected,
        )
        for first in range(start, end, step)
    )


def _shares(tally: Tally) -> tuple[Share, ...]:
    def greatest(counts: dict[str, int], most: int = 5) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]

    shared = {link: count for link, count in tally.links.items() if count > 1}
    return (
        *(Share(dimension="channel", name=name, mentions=count) for name, count in greatest(tally.channels)),
        *(Share(dimension="language", name=name, mentions=count) for name, count in greatest(tally.languages)),
        *(Share(dimension="link", name=name, mentions=count) for name, count in greatest(shared, 3)),
    )


def _counterfactual(episode: Episode, terms: Terms) -> str:
    """What it needed when its episode began, and what asked for so much."""
    window, authors = spanned(terms.window), f"fewer than {counted(terms.authors, 'author')}"
    few = f"below {counted(math.ceil(episode.needed), 'mention')} in {window}"
    if episode.because == "claim":
        without = counted(math.ceil(episode.unmatched), "mention")
        if episode.needed <= terms.authors:
            return f"It would have stayed quiet with {authors}; without the match, below {without} in {window}."
        return f"It would have stayed quiet {few} or with {authors}; without the match, below {without}."
    return f"It would have stayed quiet {few}{_why(episode)}, or with {authors}."


def lacking(episode: Episode, terms: Terms) -> str:
    """The counterfactual of a narrative that nobody was told of: what it lacks."""
    mentions = counted(math.ceil(max(episode.needed, terms.authors)), "mention")
    authors = counted(terms.authors, "author")
    return (
        f"It would have been told from {mentions} in {spanned(terms.window)} on{_why(episode)}, by {authors} or more."
    )


def _why(episode: Episode) -> str:
    """What asked for so many mentions."""
    why = {
        "claim": "",
        "least": "",
        "newborns": ", a quarter more than all but a few new narratives came to here",
        "usual": f", well above the {episode.usual:.0f} that are usual for it",
        "parted": ", twice what was told of it already as a part of another narrative",
        "answers": ", twice what others need, as most of it answers another narrative that is told",
    }[episode.because]
    if episode.because == "least" and episode.louder > 1.05:
        why = f" ({math.ceil(episode.needed / episode.louder)} where all else in its language is no louder than usual)"
    return why


def _unknown(narrative: Narrative, norms: Norms) -> list[str]:
    tally = narrative.tally
    unknown = ["Whether it is true: nothing here checks that."]
    if tally.by_letters:
        some = "its texts" if _is_by_letters(narrative) else f"{counted(tally.by_letters, 'mention')} of it"
        unknown.append(f"What it means in full: {some} could be matched by letters only.")
    if tally.known_ages < tally.mentions / 2:
        unknown.append("How old most of the accounts are.")
    if norms.copies is None:
        unknown.append("What is usual here for who speaks and how: too little has been heard.")
    said = talk_about(narrative)
    if said.denying + said.asking + said.replies_denying + said.replies_asking:
        denying, asking = said.denying + said.replies_denying, said.asking + said.replies_asking
        unknown.append(
            f"What most who speak of it think: {denying:,} of {said.mentions + said.replies:,} deny it in words that we"
            f" know, {asking:,} ask whether it is so; others may do so too."
        )
    return unknown


def _is_by_letters(narrative: Narrative) -> bool:
    return narrative.tally.by_letters >= narrative.tally.mentions
