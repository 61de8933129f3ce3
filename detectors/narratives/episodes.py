"""When a narrative is told: how far it is above its own usual and that of new narratives, and what about it is new.

A narrative is told when it has enough distinct authors and, within a window, at least as many mentions as the greatest
of

- a least number, times the square root of how much louder than usual all else is that is said in its language;
- what new narratives of this monitor reach in their first window, but for as many as the false-alarm budget allows;
- its own usual (the most that it had in a window, slowly fading, and scaled up while all else is louder too) plus some
  standard deviations of a Poisson count;
- twice what was told of it already, as a part of another narrative;
- twice the least number, where most of it answers another narrative that is told: people see that story already.

One that matches a known claim for certain needs only the authors, and to be above its own usual.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from detectors import distinct
from detectors.detection import Effect
from detectors.marks import effects_of
from detectors.narratives.signals import Voices, spoken
from detectors.narratives.stance.of_talk import Talk, stance_of
from detectors.narratives.state import Episode, Narrative, Newborn
from detectors.narratives.tally import Tally

Sensitivity = Literal["low", "medium", "high"]
REMEMBERED = timedelta(days=14)
"""How long it is remembered how far a new narrative came."""
MOST_NEWBORNS = 64
_FLOOR_AT_MOST = 8.0
"""Times the least number: so that a few real stories do not make the monitor deaf to smaller ones."""


class Kind(StrEnum):
    """What is told about a narrative: the closed list of `Detection.kind`."""

    BEING_DEBUNKED = "being_debunked"
    KNOWN_CLAIM = "known_claim"
    COORDINATED = "coordinated"
    BEING_QUESTIONED = "being_questioned"
    UNVERIFIED = "unverified"


class Dial(Struct, frozen=True):
    """What a sensitivity stands for: the false alarms are what it may cost, and more than it does.

    On real texts at random times of the day, 27 days of 400 headlines a day and 27 of 500 posts a day in eight
    languages, `low` and `medium` told nothing, `high` told three stories (.06 a day). From 6 to 5 mentions and from 3.5
    to 3 deviations `high` tells real events (`bench/rumours`) up to 45 minutes earlier, with three more stories.
    """

    false_alarms_per_day: float
    least: float
    """Times the least number of mentions."""
    deviations: float


DIALS: dict[Sensitivity, Dial] = {
    "low": Dial(1 / 30, 2.0, 6.0),
    "medium": Dial(1 / 7, 1.0, 4.5),
    "high": Dial(1.0, 0.625, 3.0),
}


class Needed(Struct, frozen=True, kw_only=True):
    """How many mentions in a window a narrative needs to be told."""

    mentions: float
    because: str
    """As `Episode.because`."""
    louder: float = 1.0
    unmatched: float
    """How many without a known claim."""


def needed(narrative: Narrative, usual: float, floor: float, dial: Dial, authors: int, least: float) -> Needed:
    """What a narrative needs; `floor` is for new ones, `least` for all, both before the dial's factor of the latter."""
    asked = {
        "least": least * dial.least,
        "newborns": floor,
        "usual": usual + dial.deviations * math.sqrt(usual + 1) if usual else 0.0,
        "parted": 2.0 * narrative.told_within,
        "answers": 2.0 * least * dial.least if narrative.answering > narrative.tally.mentions / 2 else 0.0,
    }
    because = max(asked, key=lambda name: asked[name])
    if narrative.claim is not None and narrative.claim.certain:
        enough = max(authors, asked["usual"])
        if enough < asked[because]:
            return Needed(mentions=enough, because="claim", unmatched=asked[because])
    return Needed(mentions=asked[because], because=because, unmatched=asked[because])


def floor_of_new(newborns: Sequence[Newborn], began: datetime, now: datetime, dial: Dial, mentions: int) -> float:
    """More than new narratives usually reach: all but the few that the budget of false alarms allows for."""
    days = min((now - began) / timedelta(days=1), REMEMBERED / timedelta(days=1))
    allowed = int(days * dial.false_alarms_per_day)
    reached = sorted((each.mentions for each in newborns if each.at > now - REMEMBERED), reverse=True)
    if allowed >= len(reached):
        return 0.0
    return min(1.25 * reached[allowed], _FLOOR_AT_MOST * mentions)


def remembered(newborns: Sequence[Newborn], more: Newborn) -> list[Newborn]:
    """With one more; the greatest of the last days."""
    recent = [each for each in (*newborns, more) if each.at > more.at - REMEMBERED]
    return sorted(recent, key=lambda each: (-each.mentions, each.at))[:MOST_NEWBORNS]


def kind_of(narrative: Narrative, *, coordinated: bool) -> Kind:
    """What most who speak do with it goes before what it matches; doubt goes last."""
    said, claim = stance_of(talk_about(narrative)), narrative.claim
    if said is not None and said.kind == "being_debunked":
        return Kind.BEING_DEBUNKED
    if claim is not None and claim.certain:
        return Kind.KNOWN_CLAIM
    if coordinated:
        return Kind.COORDINATED
    return Kind.UNVERIFIED if said is None else Kind.BEING_QUESTIONED


def talk_about(narrative: Narrative) -> Talk:
    """What is said of it, and replied to it, as far as words tell."""
    tally, replies = narrative.tally, narrative.replies
    return Talk(
        mentions=tally.mentions,
        denying=tally.denying,
        asking=tally.asking,
        replies=replies.heard,
        replies_denying=replies.denying,
        replies_asking=replies.asking,
    )


def level_of(episode: Episode, crowd: float, mentions: int) -> int:
    """1 at `mentions` of its crowd beyond usual, and one more with each doubling: people count, not posts."""
    return 1 + int(math.log2(max(1.0, (crowd - episode.usual) / mentions)))


def effects(narrative: Narrative, kind: Kind, heard: Voices) -> tuple[Effect, ...]:
    """What makes it weigh more or less: by what it is, by who says it, and by the words that many use."""
    found = {
        Effect.KNOWN_CLAIM: narrative.claim is not None,
        Effect.COORDINATED: heard.is_coordinated,
        Effect.BEING_DEBUNKED: kind is Kind.BEING_DEBUNKED,
        Effect.BEING_QUESTIONED: kind is Kind.BEING_QUESTIONED,
        Effect.WIDE_REACH: heard.reaches_far,
    }
    of_words = effects_of(narrative.tally.marks, narrative.tally.mentions)
    return tuple(effect for effect, is_so in found.items() if is_so) + of_words


def begin(narrative: Narrative, now: datetime, recent: int, usual: float, least: Needed, window: timedelta) -> Episode:
    """An episode that is about to be told for the first time; it starts with its first mention within the window."""
    first = narrative.tally.first_at or now
    return Episode(
        starts_at=max(first, narrative.tally.quarters.first_since(now - window) or first),
        usual=usual,
        needed=least.mentions,
        because=least.because,
        louder=least.louder,
        unmatched=least.unmatched,
        mentions=recent,
        author_hashes=distinct.united([narrative.authors_before, narrative.authors_now]),
        told_at=now,
        level=0,
        doublings=0,
        kinds=[],
        claims=[],
        channels=[],
        languages=[],
    )


class News(Struct, frozen=True, kw_only=True):
    """What there is to tell of a narrative now."""

    level: int
    """By people; see `level_of`."""
    doublings: int
    """By mentions, from 1."""
    kind: Kind
    coordinated: bool
    claim: str | None
    """As in `Episode.claims`."""


def tell(episode: Episode, tally: Tally, news: News, *, now: datetime, is_due: bool = False) -> bool:
    """Whether something is new that people should hear; if so the episode notes it as told.

    New is: twice the people or the mentions, a match with a claim, another kind, that it is coordinated, a new channel
    or language (of two mentions or more), and what is due in any case.
    """
    is_first = not episode.kinds
    if not is_first and now <= episode.told_at:
        return False  # a further detection must be later; the next mention brings it
    channels, languages = (spoken(counts, 1 if is_first else 2) for counts in (tally.channels, tally.languages))
    kinds = [news.kind.value, *([Kind.COORDINATED.value] if news.coordinated else [])]
    claims = [] if news.claim is None else [news.claim]
    is_new = is_due or news.level > episode.level or news.doublings > episode.doublings
    for told, found in (
        (episode.kinds, kinds),
        (episode.claims, claims),
        (episode.channels, channels),
        (episode.languages, languages),
    ):
        is_new |= not set(found) <= set(told)
    if is_new:
        episode.told_at = now
        episode.level, episode.doublings = max(news.level, episode.level), max(news.doublings, episode.doublings)
        episode.kinds = list(dict.fromkeys([*episode.kinds, *kinds]))
        episode.claims = list(dict.fromkeys([*episode.claims, *claims]))
        episode.channels = list(dict.fromkeys([*episode.channels, *channels]))
        episode.languages = list(dict.fromkeys([*episode.languages, *languages]))
    return is_new
