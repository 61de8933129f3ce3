"""Which alerts are told together, and as what.

The rule: a story tells of at most one subject, and holds at most one alert of each detector. So what is about the
monitor as a whole (a rise in mentions) and one narrative that fire at the same time are one story, "a rise, and what is
told in it"; a further narrative opens its own, unless it repeats the same known claim: whoever has the answer to one
has it to both. Findings for those who run the system stand alone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from alerting.action import Action, Handling, begun_anew, handled
from alerting.alert import Alert, Severity, State, Story, fingerprint
from alerting.phrases import duration
from alerting.plain_text import cut, literal
from alerting.reasons import Told
from alerting.risk import risk_of
from alerting.severity import severity_of
from detectors.detection import Detection, Effect, Evidence, Exemplar
from detectors.mention import Moment
from detectors.rendering import counted

HEADLINE_CHARACTERS = 150
_QUOTED_CHARACTERS = 64
_SHORTEST = timedelta(minutes=1)
_LIKELY = 0.75
"""The probability from which a headline gives the claim that is possibly meant in place of what people say."""
_IN_WORDS = {
    Effect.BEING_DEBUNKED: "Being debunked",
    Effect.BEING_QUESTIONED: "Being questioned",
    Effect.COORDINATED: "Coordinated posting",
}
"""What a headline says of effects, the first that fits."""
ACTED_AT_MOST = 64
"""Actions on a story whose ids are kept, to know repeats. An older repeat would be done once more."""


class StoryState(Struct, frozen=True, kw_only=True):
    """What is kept of a story beside its alerts: one row of the dispatcher's state."""

    id: str
    state: State
    severity: Severity
    """The highest since it began, or came back: it does not fall because one of its alerts ends."""
    heard_at: Moment
    """Arrival of the newest mention behind it."""
    told: dict[str, Told] = field(default_factory=dict)
    """By receiver."""
    kept_silent: dict[str, str] = field(default_factory=dict)
    """By receiver what was last recorded of why they hear nothing: it is recorded once, and not at every step."""
    handling: Handling = Handling()
    acted: tuple[str, ...] = ()
    """Ids of the newest actions on it."""


def story_id(fingerprint: str, first_at: datetime) -> str:
    """Named after the alert that founds it and that alert's first detection: 16 hexadecimal digits.

    Not after the start of the episode: one that goes on after a long pause would give two stories the same id.
    """
    return hashlib.sha256(f"{fingerprint}\x1f{first_at.astimezone(UTC).isoformat()}".encode()).hexdigest()[:16]


def founded(monitor: str, detection: Detection, heard_at: datetime) -> StoryState:
    """A new story, before the alert that founds it is put into it."""
    return StoryState(
        id=story_id(fingerprint(monitor, detection.detector, detection.subject), detection.at),
        state=State.RESOLVED,
        severity=severity_of(detection),
        heard_at=heard_at,
    )


def can_join(detection: Detection, alerts: Sequence[Alert]) -> bool:
    """Whether a new finding belongs to the story that these alerts make."""
    if Effect.OPERATIONS in detection.effects or any(Effect.OPERATIONS in alert.effects for alert in alerts):
        return False
    alerts = [alert for alert in alerts if alert.successor is None]  # others go on in one of these, or elsewhere
    claim = _certain_claim(detection.evidence)
    claims = {_certain_claim(alert.evidence) for alert in alerts if alert.subject} - {None}
    if detection.subject and claim is not None and claims:
        return claim in claims
    if any(alert.detector == detection.detector for alert in alerts):
        return False
    subjects = {alert.subject for alert in alerts} - {""}
    return detection.subject == "" or subjects <= {detection.subject}


def story_to_join(detection: Detection, stories: Sequence[Story]) -> Story | None:
    """The most pressing open one that a new finding belongs to."""
    fitting = [each for each in stories if each.state is State.FIRING and can_join(detection, each.alerts)]
    return min(
        fitting,
        key=lambda each: (-each.severity, -max(alert.evidence.mentions for alert in each.alerts), each.id),
        default=None,
    )


def _certain_claim(evidence: Evidence) -> str | None:
    return evidence.claim.id if evidence.claim is not None and evidence.claim.certain else None


def most_pressing_first(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The most severe first; among equals those that fire, then by score, then the oldest. What goes on in another
    alert comes last: its numbers are a part of what they are there.
    """
    return tuple(sorted(alerts, key=_place_in_story))


def _place_in_story(alert: Alert) -> tuple[bool, int, bool, float, datetime, str]:
    is_over = alert.state is State.RESOLVED
    return (
        alert.successor is not None,
        -alert.severity,
        is_over,
        -alert.score,
        alert.starts_at,
        alert.fingerprint,
    )


def updated(story: StoryState, alerts: Sequence[Alert]) -> StoryState:
    """The story after its alerts changed; `alerts` is not empty."""
    severities = [alert.severity for alert in alerts if alert.state is State.FIRING]
    if not severities:
        return replace(story, state=State.RESOLVED)
    if story.state is State.RESOLVED:
        return replace(story, state=State.FIRING, severity=max(severities), handling=begun_anew(story.handling))
    return replace(story, severity=max(story.severity, *severities))


def acted_on(story: StoryState, action: Action, now: datetime) -> StoryState:
    """The story after somebody did something about it; a repeated action changes nothing."""
    if action.id in story.acted:
        return story
    acted = (*story.acted, action.id)[-ACTED_AT_MOST:]
    return replace(story, handling=handled(story.handling, action, now), acted=acted)


def story_of(
    story: StoryState, alerts: Sequence[Alert], organisation: str, owner: str | None, timezone: str = "UTC"
) -> Story:
    """The story as people are told it; `alerts` is not empty, and `timezone` an IANA name."""
    ordered = most_pressing_first(alerts)
    return Story(
        id=story.id,
        monitor=ordered[0].monitor,
        organisation=organisation,
        owner=owner,
        headline=headline(ordered[0]),
        state=story.state,
        severity=story.severity,
        starts_at=min(alert.starts_at for alert in ordered),
        updated_at=max(alert.resolved_at or alert.last_at for alert in alerts),
        alerts=ordered,
        handling=story.handling,
        risk=risk_of(story.severity, ordered),
        timezone=timezone,
    )


def headline(alert: Alert) -> str:
    """What a person would say, in one line: the monitor, what is said or what happened, and how many say it."""
    evidence = alert.evidence
    if quoted := _what_is_said(alert):
        told = f"{alert.monitor}: {quoted} · {_how_many(alert)}"
    else:
        told = f"{alert.monitor}: {literal(evidence.summary)}"
    return cut(told, HEADLINE_CHARACTERS).removesuffix(".")


def _what_is_said(alert: Alert) -> str:
    """The claim that is likely to be repeated, else what a typical mention says; empty for what is about no one
    subject."""
    claim, typical = alert.evidence.claim, _typical(alert.evidence)
    how = next((words for effect, words in _IN_WORDS.items() if effect in alert.effects), "")
    if claim is not None and (claim.certain or claim.probability >= _LIKELY or typical is None):
        known = "Known claim" if claim.certain else "Possibly a known claim"
        return f"{f'{known}, {how.lower()}' if how else known}: {_quoted(claim.claim)}"
    if not alert.subject or typical is None or Effect.OPERATIONS in alert.effects:
        return ""
    return f"{how}: {_quoted(typical.text)}" if how else _quoted(typical.text)


def _typical(evidence: Evidence) -> Exemplar | None:
    by_role = {exemplar.role: exemplar for exemplar in reversed(evidence.exemplars) if literal(exemplar.text)}
    return by_role.get("typical") or next(iter(by_role.values()), None)


def _quoted(text: str) -> str:
    return f"“{cut(literal(text), _QUOTED_CHARACTERS)}”"


def _how_many(alert: Alert) -> str:
    """`256 mentions by 217 authors in 1 h 49 min`."""
    evidence = alert.evidence
    told = counted(evidence.mentions, "mention")
    if evidence.authors is not None:
        told += f" by {counted(evidence.authors, 'author')}"
    minutes = round((alert.last_at - evidence.since) / _SHORTEST)  # as the detectors round it in their sentence
    return f"{told} in {duration(max(minutes, 1) * _SHORTEST)}"
