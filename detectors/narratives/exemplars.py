"""The evidence of a narrative: its numbers in words, and the few mentions that show what is being said."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

from detectors import distinct
from detectors.detection import Evidence, Exemplar, Point, Share, Signal
from detectors.narratives.clusters import sums_of
from detectors.narratives.episodes import Kind
from detectors.narratives.state import LETTERS, Episode, Narrative, WordingState
from detectors.narratives.tally import QUARTER, Tally, quarter, quarter_start
from detectors.rendering import counted

_POINTS = 20
_KIND_IN_WORDS = {
    Kind.BEING_DEBUNKED: "A narrative that most who repeat it deny",
    Kind.KNOWN_CLAIM: "A narrative that matches a fact-checked claim",
    Kind.COORDINATED: "A narrative that is posted as if by arrangement",
    Kind.BEING_QUESTIONED: "A narrative that most who repeat it question",
    Kind.UNVERIFIED: "An unverified narrative",
}
Role = Literal["first", "typical", "widest reach", "newest", "most different"]


class Threshold(Struct, frozen=True):
    """What a narrative had to reach to be told."""

    mentions: int
    authors: int
    window: timedelta


def evidence(
    narrative: Narrative,
    episode: Episode,
    wordings: Sequence[WordingState],
    kind: Kind,
    now: datetime,
    least: Threshold,
) -> Evidence:
    """All that a person needs to judge the narrative at `now`. The wordings' sums must have been written back."""
    tally = narrative.tally
    return Evidence(
        summary=_summary(narrative, episode, kind, now, least),
        mentions=episode.mentions,
        usual=round(episode.usual, 1),
        authors=_authors(episode),
        since=episode.starts_at,
        timeline=_timeline(tally, episode, now, least.window),
        shares=_shares(tally),
        exemplars=exemplars(narrative, wordings),
        channels=tuple(tally.channels),
        languages=tuple(tally.languages),
        claim=narrative.claim,
        signals=_signals(narrative, episode, len(wordings)),
        counterfactual=(
            f"It would not have been told below {least.mentions} mentions in {_hours(least.window)},"
            f" or with fewer than {least.authors} authors."
        ),
        unknown=tuple(_unknown(narrative)),
    )


def exemplars(narrative: Narrative, wordings: Sequence[WordingState]) -> tuple[Exemplar, ...]:
    """At most five mentions, each once: first, typical, of widest reach, newest, most different."""
    typical = max(wordings, key=lambda wording: (wording.tally.mentions, -wording.number))
    chosen: list[tuple[Role, Exemplar]] = [
        ("first", narrative.first),
        ("typical", typical.sample),
        ("widest reach", narrative.widest),
        ("newest", narrative.newest),
        ("most different", _most_different(wordings).sample),
    ]
    shown: dict[str, Exemplar] = {}
    for role, one in chosen:
        shown.setdefault(one.mention_id, msgspec.structs.replace(one, role=role))
    return tuple(shown.values())


def _most_different(wordings: Sequence[WordingState]) -> WordingState:
    """The wording furthest from the narrative's centre; one that at least two mentions share, where there is any."""
    shared = [wording for wording in wordings if wording.tally.mentions > 1] or wordings
    sums = sums_of(shared)
    centre = sums.sum(axis=0)
    closeness = (sums @ centre) / np.linalg.norm(sums, axis=1)
    return shared[int(closeness.argmin())]


def _summary(narrative: Narrative, episode: Episode, kind: Kind, now: datetime, least: Threshold) -> str:
    usual = "it is new"
    if round(episode.usual):
        usual = f"up to {episode.usual:.0f} in {_hours(least.window)} are usual for it"
    by_letters = " (matched by letters only)" if narrative.space == LETTERS else ""
    possible = ""
    if narrative.claim is not None and kind is not Kind.KNOWN_CLAIM:
        possible = ", and " + ("matches" if narrative.claim.certain else "possibly matches") + " a fact-checked claim"
    return (
        f"{_KIND_IN_WORDS[kind]}{by_letters} came to {episode.mentions} mentions by "
        f"{_authors(episode)} authors in {_hours(now - episode.starts_at)}{possible}; {usual}."
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
    def greatest(counts: dict[str, int]) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]

    return (
        *(Share(dimension="channel", name=name, mentions=count) for name, count in greatest(tally.channels)),
        *(Share(dimension="language", name=name, mentions=count) for name, count in greatest(tally.languages)),
    )


def _signals(narrative: Narrative, episode: Episode, wordings: int) -> tuple[Signal, ...]:
    tally = narrative.tally
    authors, mentions = _authors(episode), max(1, episode.mentions)
    copies = tally.near_duplicates / max(1, tally.mentions)
    channels, languages = counted(len(tally.channels), "channel"), counted(len(tally.languages), "language")
    signals = [
        Signal(
            name="authors",
            value=min(1.0, authors / mentions),
            text=f"{counted(authors, 'author')} wrote {counted(mentions, 'mention')}",
        ),
        Signal(name="near-duplicates", value=copies, text=f"{100 * copies:.0f} % are near-copies of another"),
        Signal(
            name="spread",
            value=float(len(tally.channels)),
            text=f"{channels}, {languages}, {counted(wordings, 'wording')}",
        ),
    ]
    if tally.known_ages:
        new = tally.new_accounts / tally.known_ages
        signals.append(Signal(name="new accounts", value=new, text=f"{100 * new:.0f} % by accounts under 30 days old"))
    if narrative.synchronous:
        again = ", the same ones again each time" if narrative.synchronous > 1 else ""
        text = f"several accounts posted near-copies within a minute{again}: {counted(narrative.synchronous, 'time')}"
        signals.append(Signal(name="synchrony", value=float(narrative.synchronous), text=text))
    return tuple(signals)


def _unknown(narrative: Narrative) -> list[str]:
    unknown = ["Whether it is true: nothing here checks that."]
    if narrative.space == LETTERS:
        unknown.append("What it means: the texts have no vectors, so they are matched by letters only.")
    if narrative.tally.known_ages < narrative.tally.mentions / 2:
        unknown.append("How old most of the accounts are.")
    if narrative.tally.denying or narrative.tally.asking:
        unknown.append(
            f"What most who repeat it think: phrases of denial stand in {narrative.tally.denying}"
            f" and of doubt in {narrative.tally.asking} of {narrative.tally.mentions} mentions, and find only few."
        )
    return unknown


def _authors(episode: Episode) -> int:
    """Those of the window before an episode may be among them, but there are never more than mentions."""
    return min(episode.mentions, distinct.count([episode.author_hashes]))


def _hours(span: timedelta) -> str:
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 120:
        return counted(minutes, "minute")
    return counted(round(minutes / 60), "hour") if minutes < 48 * 60 else counted(round(minutes / 1440), "day")
