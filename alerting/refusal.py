"""A receiver that takes nothing any more, as a story that the others are told: once, and when it is over. Pure.

Somebody relies on being told there, and does not know that nothing comes.
"""

import hashlib

from msgspec import Struct

from alerting.alert import Alert, Notification, Reason, Severity, State, Story, fingerprint, notification_id
from alerting.wording import REFUSED, counted, name
from detectors.detection import Effect, Evidence
from detectors.mention import Moment

MONITOR = "groundswell"
"""In place of a monitor's name: it is about groundswell itself."""
DETECTOR = "outbox"
"""In place of a detector's name."""


class Refusal(Struct, kw_only=True):
    """That a receiver takes nothing, and how far the others know."""

    since: Moment
    why: str
    """As a sentence, with the remedy."""
    waiting: int = 0
    """Stories that waited for it when it began."""
    is_told: bool = False
    over_at: Moment | None = None
    """When it took something again, or was taken out of the config."""
    is_removed: bool = False
    """Whether it ended so: the config does not have it any more."""


def told_to(refusal: Refusal, refused: str, receiver: str, organisation: str, timezone: str = "UTC") -> Notification:
    """What `receiver` is told of the receiver `refused`: that it takes nothing, or, later, that this is over."""
    story = _story(refusal, refused, organisation, timezone)
    reason = Reason.FIRST if refusal.over_at is None else Reason.RESOLVED
    at = refusal.over_at or refusal.since
    told = 0 if reason is Reason.FIRST else 1
    return Notification(
        id=notification_id(story, receiver, reason, told),
        receiver=receiver,
        story=story,
        reason=reason,
        at=at,
        heard_at=at,
    )


def _story(refusal: Refusal, refused: str, organisation: str, timezone: str) -> Story:
    state = State.FIRING if refusal.over_at is None else State.RESOLVED
    at = refusal.over_at or refusal.since
    print_ = fingerprint(MONITOR, DETECTOR, refused)
    alert = Alert(
        fingerprint=print_,
        monitor=MONITOR,
        detector=DETECTOR,
        subject=refused,
        kind=REFUSED,
        state=state,
        severity=Severity.CRITICAL,
        score=0.8,
        level=1,
        effects=(Effect.OPERATIONS,),
        starts_at=refusal.since,
        last_at=at,
        resolved_at=refusal.over_at,
        evidence=_evidence(refusal, refused),
    )
    return Story(
        id=hashlib.sha256(f"{print_}\x1f{refusal.since.isoformat()}".encode()).hexdigest()[:16],
        monitor=MONITOR,
        organisation=organisation,
        owner=None,
        headline=f"The receiver {name(refused)} refuses what groundswell sends, so nobody is told there",
        state=state,
        severity=Severity.CRITICAL,
        starts_at=refusal.since,
        updated_at=at,
        alerts=(alert,),
        timezone=timezone,
    )


def _evidence(refusal: Refusal, refused: str) -> Evidence:
    if refusal.is_removed:
        return _evidence_of_removal(refusal, refused)
    waits = f"{counted(refusal.waiting, 'message')} waited for it" if refusal.waiting else "Nothing waited for it"
    return Evidence(
        summary=f"{refusal.why} {waits} then, and nothing is lost: all of it is told as soon as it works again.",
        mentions=0,
        since=refusal.since,
        counterfactual=f"It is over as soon as the receiver {name(refused)} takes a message again.",
    )


def _evidence_of_removal(refusal: Refusal, refused: str) -> Evidence:
    return Evidence(
        summary=(
            f"The config does not have the receiver {name(refused)} any more. What waits for it is kept, and told if "
            "the config names it again."
        ),
        mentions=0,
        since=refusal.since,
        counterfactual=f"The receiver {name(refused)} is not told anything now.",
    )
