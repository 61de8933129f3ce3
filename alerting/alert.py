"""The lasting things of alerting: alerts, the stories they belong to, and how a story is told.

detection ──▶ alert (one fingerprint, firing or resolved) ──▶ story (one Slack message) ──▶ notification (one telling)
"""

import hashlib
from datetime import UTC, tzinfo
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from alerting.action import Handling
from detectors.detection import Audience, Effect, Evidence
from detectors.mention import Moment


class Severity(IntEnum):
    """How much it matters. Ordered; rises but never falls while an alert fires."""

    INFO = 1
    WARNING = 2
    CRITICAL = 3
    LIFE_SAFETY = 4

    @property
    def label(self) -> str:
        """As config, metrics and people write it: `life_safety`."""
        return self.name.lower()


class State(StrEnum):
    """Of an alert, and of a story: firing as long as one of its alerts fires."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Successor(Struct, frozen=True, kw_only=True):
    """Where an alert goes on whose subject became part of another."""

    subject: str
    """The one of which it is a part now."""
    story: str
    """The id of the story in which that is told; it may be the same."""
    headline: str


class Alert(Struct, frozen=True, kw_only=True):
    """One lasting finding. `fingerprint` with `starts_at` names one firing of it.

    `kind`, `score`, `level` and `evidence` are those of the newest detection, `severity` is the highest, and `effects`
    are those of the newest with those that stay (`alerting/firing.py`).
    """

    fingerprint: str
    monitor: str
    detector: str
    subject: str
    kind: str
    state: State
    severity: Severity
    score: float
    level: int
    effects: tuple[Effect, ...]
    starts_at: Moment
    """When the episode began, by its first detection."""
    last_at: Moment
    """Event time of the newest detection."""
    resolved_at: Moment | None = None
    successor: Successor | None = None
    """Set where it ended because its subject became part of another one."""
    detections: int = 1
    evidence: Evidence


class Story(Struct, frozen=True, kw_only=True):
    """All alerts of one monitor that belong together, as told to people."""

    id: str
    monitor: str
    organisation: str
    owner: str | None
    headline: str
    """What a person would say, in one line. Foreign: it may quote a claim or a mention."""
    state: State
    severity: Severity
    starts_at: Moment
    updated_at: Moment
    alerts: tuple[Alert, ...]
    """The most severe first."""
    handling: Handling = Handling()
    """What people did about it."""
    risk: int = 0
    """How pressing it is, from 0 to 100, comparable between stories: see `alerting/risk.py`."""
    timezone: str = "UTC"
    """By whose clock people are told times: the organisation's, an IANA name."""

    @property
    def zone(self) -> tzinfo:
        """UTC where this machine does not know it."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC

    @property
    def audience(self) -> Audience:
        """Whom it concerns: a finding for those who run the system shares its story with no other."""
        is_operations = any(Effect.OPERATIONS in alert.effects for alert in self.alerts)
        return Audience.OPERATIONS if is_operations else Audience.PUBLIC


class Reason(StrEnum):
    """Why a story is told now."""

    FIRST = "first"
    ESCALATED = "escalated"
    MORE = "more"
    """Its numbers moved: the message is edited, nobody is called."""
    CHANGED = "changed"
    """A claim was matched, or another alert joined."""
    SPREAD = "spread"
    """It reached a channel or a language that they had not been told of."""
    DOUBLED = "doubled"
    """It has twice the mentions of when they were last called."""
    HANDLED = "handled"
    """Somebody acknowledged, assigned, muted or judged it: everybody sees that, and nobody is called."""
    REMINDER = "reminder"
    RESOLVED = "resolved"
    REOPENED = "reopened"


QUIET = frozenset({Reason.MORE, Reason.HANDLED})
"""Those that only edit what is there, and call nobody."""


class Gate(StrEnum):
    """What may hold a telling back; see `alerting/gates.py`."""

    MUTED = "muted"
    QUIET_HOURS = "quiet_hours"
    PLANNED = "planned"
    INHIBITED = "inhibited"
    BUDGET = "budget"


class Hold(Struct, frozen=True, kw_only=True):
    """Why nobody is interrupted now."""

    gate: Gate
    why: str
    """As a sentence, with the numbers. Foreign: it may hold a person's reason."""
    until: Moment | None = None
    """When the gate opens by itself, if that is known."""


class Turn(Struct, frozen=True, kw_only=True):
    """One thing that changed, as it was to be said when it was decided."""

    id: str
    """Of the notification that was to say it."""
    reason: Reason
    at: Moment
    line: str
    """Literal text, one line (`alerting/wording.py`)."""


class Notification(Struct, frozen=True, kw_only=True, tag="notification"):
    """One telling of a story to one receiver. The same decision always has the same id."""

    id: str
    receiver: str
    story: Story
    reason: Reason
    at: Moment
    """When it was decided, on the monitor's clock of event time."""
    heard_at: Moment
    """Arrival of the newest mention behind it: what latency is measured from."""
    route: str = ""
    """The name of the route that it takes; empty where no route wants the story any more."""
    news: tuple[str, ...] = ()
    """The facts (`alerting/reasons.py`) that the receiver was not told of before. Foreign."""
    hold: Hold | None = None
    """Set where it must not interrupt: it edits what is there already, or else waits for the digest."""
    turns: tuple[Turn, ...] = ()
    """What is to be said in the thread, oldest first, set by the outbox where several tellings became one; where it is
    empty, `reason` alone says it (`alerting/merging.py`)."""
    budget: str = ""
    """What it spends of its route's interrupts, as `3 of 10 today`; empty where nothing is to be said of it."""


class Receipt(Struct, frozen=True, kw_only=True):
    """What a receiver gave back for a story: where its message is, so that it can be edited."""

    channel: str
    ts: str


def fingerprint(monitor: str, detector: str, subject: str) -> str:
    """What makes two detections the same alert: 16 hexadecimal digits."""
    return hashlib.sha256("\x1f".join((monitor, detector, subject)).encode()).hexdigest()[:16]


def notification_id(story: Story, receiver: str, reason: Reason, told: int) -> str:
    """The `told`-th telling of a story to a receiver: 16 hexadecimal digits."""
    parts = (story.id, receiver, reason.value, str(told))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
