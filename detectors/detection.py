"""What a detector found, and the evidence that a person needs to believe it.

Text that others wrote stands only in the fields marked *foreign*; every other string is ours and holds none of it. No
sentence tells a time of day: moments stand in fields, and whoever shows them knows by whose clock they are read.
"""

import hashlib
from datetime import date
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from detectors.mention import Moment


class Effect(StrEnum):
    """What makes a finding weigh more, or less, than its score alone."""

    KNOWN_CLAIM = "known_claim"
    """Matches a fact-checked claim."""
    COORDINATED = "coordinated"
    """Few accounts make most of it, or they post the same text together."""
    BEING_DEBUNKED = "being_debunked"
    """Most of those who speak deny it."""
    BEING_QUESTIONED = "being_questioned"
    """Most of those who speak ask whether it is so."""
    WIDE_REACH = "wide_reach"
    """Accounts with many followers, or several channels or languages, carry it."""
    HARM = "harm"
    """Many of those who speak use words that the organisation has named as a danger to people."""
    OFFICIALS = "officials"
    """Many of them name officials or regulators that the organisation has listed."""
    OPERATIONS = "operations"
    """For those who run the system, not for those who answer the public."""


class Audience(StrEnum):
    """Who is to hear of a finding."""

    PUBLIC = "public"
    """Those who answer the public."""
    OPERATIONS = "operations"
    """Those who run the system."""


Role = Literal["first", "typical", "widest reach", "newest", "most different"]
"""Why a mention is shown."""
Dimension = Literal["channel", "language", "term", "link", "author"]
"""By what mentions are parted."""


class Exemplar(Struct, frozen=True, kw_only=True):
    """A mention shown as evidence. All but `role`, `at` and `followers` is foreign."""

    role: Role
    mention_id: str
    at: Moment
    channel: str
    text: str
    """At most 600 characters."""
    language: str = "und"
    handle: str | None = None
    url: str | None = None
    followers: int | None = None


class Point(Struct, frozen=True, kw_only=True):
    """One bin of a timeline."""

    at: Moment
    """Its start."""
    observed: float
    expected: float | None = None


class Share(Struct, frozen=True, kw_only=True):
    """One part of what was heard, against its usual part."""

    dimension: Dimension
    name: str
    """Foreign."""
    mentions: int
    usual: float | None = None
    """How many would be expected in the same time; None where nothing is known yet."""


class Signal(Struct, frozen=True, kw_only=True):
    """One of the few measures that tell a crowd from a chorus."""

    name: Literal["authors", "near-duplicates", "new accounts", "synchrony", "spread"]
    value: float
    usual: float | None = None
    text: str
    """The measure in words, for example "6 accounts wrote 82 % of it"."""


class MatchedClaim(Struct, frozen=True, kw_only=True):
    """A fact-checked claim that the mentions repeat, with the organisation's approved answer."""

    id: str
    claim: str
    verdict: str
    checked_by: str
    checked_on: date | None = None
    url: str | None = None
    probability: float
    """That it is this claim, in [0, 1]."""
    certain: bool
    """True is told as *matches*, False as *possibly matches*."""
    why: tuple[str, ...] = ()
    answer: str | None = None
    owner: str | None = None


class EarlierLife(Struct, frozen=True, kw_only=True):
    """A subject that was heard of before, was over, and came back under another id."""

    subject: str
    first_at: Moment
    last_at: Moment
    mentions: int
    likeness: float
    """How alike what was said then is to what is said now, in [0, 1]."""


class Turn(Struct, frozen=True, kw_only=True):
    """Something that happened to a subject itself: it took another one in, or parted from one."""

    at: Moment
    text: str
    """As a sentence, with the numbers; holds no foreign text."""


class Evidence(Struct, frozen=True, kw_only=True):
    """Why a person should believe a detection, bounded in size (under 32 kB as MessagePack)."""

    summary: str
    """One sentence with the numbers, as a person would say it."""
    mentions: int
    """How many mentions this is about, so far."""
    usual: float | None = None
    """How many would be usual in the same time."""
    authors: int | None = None
    since: Moment
    """When what is told began."""
    timeline: tuple[Point, ...] = ()
    """At most 20, oldest first."""
    shares: tuple[Share, ...] = ()
    shares_of: int | None = None
    """Of how many mentions `shares` are parts, where it is not all: only the newest are remembered in detail."""
    exemplars: tuple[Exemplar, ...] = ()
    """At most five."""
    channels: tuple[str, ...] = ()
    """Foreign; reached so far, at most 20."""
    languages: tuple[str, ...] = ()
    by_letters: int = 0
    """Of `mentions`, how many were compared by their letters alone, since the model does not cover them."""
    marks: dict[str, int] = {}
    """Of the mentions that were looked at, how many bear each mark of `detectors/marks.py`."""
    claim: MatchedClaim | None = None
    earlier: EarlierLife | None = None
    turns: tuple[Turn, ...] = ()
    """The newest, oldest first, at most five."""
    signals: tuple[Signal, ...] = ()
    counterfactual: str
    """What would have kept it quiet, as a sentence: "It would have stayed quiet below 61 mentions in 5 minutes."."""
    unknown: tuple[str, ...] = ()
    """What is not known and a reader might assume, each as a sentence."""


class Detection(Struct, frozen=True, kw_only=True):
    """One detector's finding about one subject of one monitor.

    An episode (`subject`, `starts_at`) gives one detection for each level it reaches, and may give further ones while
    it lasts, each with a later `at`. The alert of which they are part stays firing as long as they come.
    """

    detector: str
    subject: str = ""
    """What within the monitor it is about: empty for the monitor as a whole, else for example a narrative's id."""
    kind: str
    """The detector's own word for it, from a closed list: it may be a metric label."""
    starts_at: Moment
    """When the episode began; the same for all its detections."""
    at: Moment
    """Event time of the finding; never later than the watermark or the moment it was peeked at."""
    level: int
    """How far beyond usual, in the detector's fixed steps, from 1; rises within an episode."""
    score: float
    """How pressing, in [0, 1], comparable between detectors: see `alerting/severity.py`."""
    effects: tuple[Effect, ...] = ()
    formerly: tuple[str, ...] = ()
    """Subjects that were told of before and are part of this one now: their alerts go on in its alert, and nothing is
    found about them any more. At most 20."""
    parted_from: str | None = None
    """The subject that this one was a part of until they were told apart."""
    evidence: Evidence


def detection_id(monitor: str, detection: Detection) -> str:
    """The same finding has the same id, however often it is made: 16 hexadecimal digits."""
    parts = (
        monitor,
        detection.detector,
        detection.subject,
        detection.kind,
        detection.starts_at.isoformat(),
        detection.at.isoformat(),
        str(detection.level),
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
