"""The life of one alert: begun by a detection, carried on by further ones, ended by quiet.

A firing is a run of detections of one fingerprint with gaps shorter than `resolve_after`. Everything here goes by the
event times of the detections and never by when they were looked at, so that the same detections give the same alerts
however they were batched.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

from msgspec import Struct
from msgspec.structs import replace

from alerting.alert import Alert, State, Successor, fingerprint
from alerting.severity import severity_of
from detectors.detection import Detection, Effect, detection_id
from detectors.mention import Moment

STAY = frozenset({Effect.COORDINATED, Effect.KNOWN_CLAIM, Effect.WIDE_REACH, Effect.HARM, Effect.OFFICIALS})
"""Effects that an alert keeps while it fires: who carried it, and what it repeats, was so though it is no longer. What
the crowd makes of it (denying, asking) is that of the newest finding."""
SEEN_AT_MOST = 64
"""Detections of one firing whose ids are kept, to know repeats. An older repeat would only be counted once more."""


class Firing(Struct, frozen=True, kw_only=True):
    """An alert, and what it takes to carry it on: one row of the dispatcher's state, kept until it cannot reopen."""

    alert: Alert
    story: str
    first_at: Moment
    """Event time of its first detection."""
    seen: tuple[str, ...]
    """Ids of its newest detections."""

    @property
    def is_firing(self) -> bool:
        return self.alert.state is State.FIRING


class Place(Enum):
    """Where a detection belongs, given what is remembered of its fingerprint."""

    REPEATED = auto()
    """It was taken in before."""
    OUTDATED = auto()
    """It is older than the firing that is remembered, and no part of it."""
    SAME_FIRING = auto()
    AGAIN = auto()
    """A new firing, soon enough after the end of the last one to be told as its return."""
    NEW = auto()


def place_of(detection: Detection, known: Firing | None, resolve_after: timedelta, reopen_within: timedelta) -> Place:
    """Where a detection belongs; `known` is what is remembered of its fingerprint."""
    if known is None:
        return Place.NEW
    if detection_id(known.alert.monitor, detection) in known.seen:
        return Place.REPEATED
    if detection.at <= known.first_at - resolve_after:
        return Place.OUTDATED
    if detection.at < known.alert.last_at + resolve_after:
        return Place.SAME_FIRING
    return Place.AGAIN if detection.at < ends_at(known, resolve_after) + reopen_within else Place.NEW


def begin(monitor: str, detection: Detection, story: str) -> Firing:
    """The first detection of a firing."""
    alert = Alert(
        fingerprint=fingerprint(monitor, detection.detector, detection.subject),
        monitor=monitor,
        detector=detection.detector,
        subject=detection.subject,
        kind=detection.kind,
        state=State.FIRING,
        severity=severity_of(detection),
        score=detection.score,
        level=detection.level,
        effects=detection.effects,
        starts_at=detection.starts_at,
        last_at=detection.at,
        evidence=detection.evidence,
    )
    return Firing(alert=alert, story=story, first_at=detection.at, seen=(detection_id(monitor, detection),))


def carry_on(firing: Firing, detection: Detection) -> Firing:
    """A further detection of the same firing, in whatever order they come.

    One that is newer than all others fires an alert again that was ended already: it was not over yet.
    """
    alert = firing.alert
    if (detection.at, detection.level) >= (alert.last_at, alert.level):
        alert = replace(
            alert,
            kind=detection.kind,
            score=detection.score,
            level=detection.level,
            effects=_effects(detection.effects, staying=alert.effects),
            evidence=detection.evidence,
        )
    else:
        alert = replace(alert, effects=_effects(alert.effects, staying=detection.effects))
    if detection.at > alert.last_at:
        alert = replace(alert, last_at=detection.at, state=State.FIRING, resolved_at=None, successor=None)
    first_at, starts_at = min((firing.first_at, alert.starts_at), (detection.at, detection.starts_at))
    alert = replace(
        alert,
        severity=max(alert.severity, severity_of(detection)),
        starts_at=starts_at,
        detections=alert.detections + 1,
    )
    seen = (*firing.seen, detection_id(alert.monitor, detection))[-SEEN_AT_MOST:]
    return replace(firing, alert=alert, first_at=first_at, seen=seen)


def fires_again(known: Firing | None, detection: Detection) -> bool:
    """Whether an alert that ended turns out to go on."""
    return known is not None and not known.is_firing and detection.at > known.alert.last_at


def formers_of(detection: Detection, monitor: str, alerts: Mapping[str, Firing]) -> list[Firing]:
    """The alerts that fire of subjects that are part of this one now, the most severe first."""
    prints = (fingerprint(monitor, detection.detector, each) for each in detection.formerly)
    own = fingerprint(monitor, detection.detector, detection.subject)
    firing = [alerts[each] for each in prints if each in alerts and each != own and alerts[each].is_firing]
    return sorted(firing, key=lambda each: (-each.alert.severity, each.first_at, each.alert.fingerprint))


def _effects(newest: Sequence[Effect], staying: Sequence[Effect]) -> tuple[Effect, ...]:
    """In one order, whichever came first."""
    known = {*newest, *STAY.intersection(staying)}
    return tuple(effect for effect in Effect if effect in known)


def ends_at(firing: Firing, resolve_after: timedelta) -> datetime:
    """When it ended, or will end if nothing more is found."""
    return firing.alert.resolved_at or firing.alert.last_at + resolve_after


def end(firing: Firing, at: datetime, successor: Successor | None = None) -> Firing:
    """The firing, ended at that moment; with the story in which it goes on, if it does."""
    return replace(firing, alert=replace(firing.alert, state=State.RESOLVED, resolved_at=at, successor=successor))
