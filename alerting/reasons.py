"""Whether to speak: one pure function that answers with a named reason, or with None for silence."""

from datetime import datetime, timedelta

from msgspec import Struct

from alerting.action import Handling
from alerting.alert import Reason, Severity, State, Story
from detectors.mention import Moment

MORE_BY_PERCENT = 10
"""By how much an alert's mentions must have grown before the story is told again only for its numbers."""


_CHANGES = ("alert:", "claim:", "certain:")
_SPREADS = ("channel:", "language:")
_QUIET = frozenset({Reason.MORE, Reason.HANDLED})
"""Tellings that call nobody."""


class Timing(Struct, frozen=True, kw_only=True):
    """How often a receiver wants to hear of a story that goes on. Turns that matter never wait for it."""

    update_every: timedelta
    remind_every: timedelta | None = None


class Told(Struct, frozen=True, kw_only=True):
    """What a receiver knows of a story: what it was told last, and how often it was told anything."""

    count: int
    at: Moment
    """Of the last telling."""
    called_at: Moment
    """Of the last telling that was more than newer numbers: a reminder is due by it."""
    state: State
    severity: Severity
    facts: tuple[str, ...]
    """What it has been told of since the story began or came back; see `facts_of`."""
    mentions: dict[str, int]
    """By the fingerprint of the alert."""
    called_mentions: dict[str, int] = {}
    """Likewise, at `called_at`."""
    handling: Handling = Handling()


def reason_to_notify(story: Story, told: Told | None, timing: Timing, now: datetime) -> Reason | None:
    """Why this receiver should hear of the story now; None is silence.

    Args:
        story: As it is now.
        told: What the receiver knows of it; None where it has not heard of it yet.
        timing: Of the route that the story takes now.
        now: The monitor's clock, in event time.
    """
    if told is None:
        return Reason.FIRST if story.state is State.FIRING else None
    if story.state is State.RESOLVED:
        return Reason.RESOLVED if told.state is State.FIRING else None
    if told.state is State.RESOLVED:
        return Reason.REOPENED
    if story.severity > told.severity:
        return Reason.ESCALATED
    news = facts_of(story).difference(told.facts)
    if any(fact.startswith(_CHANGES) for fact in news):
        return Reason.CHANGED
    if story.handling != told.handling:
        return Reason.HANDLED
    # Before newer numbers, which it tells too: otherwise both would be due at one moment, one after the other.
    if timing.remind_every is not None and now >= told.called_at + timing.remind_every:
        return Reason.REMINDER
    if now < told.at + timing.update_every:
        return None
    if any(fact.startswith(_SPREADS) for fact in news):
        return Reason.SPREAD
    if _has_doubled(story, told):
        return Reason.DOUBLED
    return Reason.MORE if _has_grown(story, told) else None


def ask_again_at(story: Story, told: Told | None, timing: Timing) -> datetime | None:
    """When the passing of time alone brings a reason, if there is none now and nothing else happens."""
    if told is None or story.state is State.RESOLVED:
        return None
    moments = []
    if _has_grown(story, told) or not facts_of(story).issubset(told.facts):
        moments.append(told.at + timing.update_every)
    if timing.remind_every is not None:
        moments.append(told.called_at + timing.remind_every)
    return min(moments, default=None)


def told_now(story: Story, told: Told | None, reason: Reason, now: datetime) -> Told:
    """What the receiver knows after this telling."""
    facts = facts_of(story)
    if told is not None and reason is not Reason.REOPENED:
        # A fact that comes and goes is news only once: two kinds that alternate would else call people each time.
        facts |= set(told.facts)
    mentions = {alert.fingerprint: alert.evidence.mentions for alert in story.alerts}
    is_call = told is None or reason not in _QUIET
    return Told(
        count=1 if told is None else told.count + 1,
        at=now,
        called_at=now if told is None or is_call else told.called_at,
        state=story.state,
        severity=story.severity,
        facts=tuple(sorted(facts)),
        mentions=mentions,
        called_mentions=mentions if told is None or is_call else told.called_mentions,
        handling=story.handling,
    )


def facts_of(story: Story) -> frozenset[str]:
    """The facts of which each is a turn worth telling: which alerts fire, of what kind, which claims they match, and
    what channels and languages they reached.

    A claim that is certain has two facts, so that certainty is news, and its loss is not. Channels are foreign.
    """
    facts = set()
    for alert in story.alerts:
        if alert.state is not State.FIRING:
            continue
        facts.add(f"alert:{alert.fingerprint}:{alert.kind}")
        if (claim := alert.evidence.claim) is not None:
            facts.add(f"claim:{claim.id}")
            if claim.certain:
                facts.add(f"certain:{claim.id}")
        facts.update(f"channel:{channel}" for channel in alert.evidence.channels)
        facts.update(f"language:{language}" for language in alert.evidence.languages if language != "und")
    return frozenset(facts)


def news_for(story: Story, told: Told | None) -> tuple[str, ...]:
    """What somebody was not told of yet: facts, and what people did; nothing where it is the first that they hear."""
    if told is None:
        return ()
    return (*sorted(facts_of(story).difference(told.facts)), *_doings(told.handling, story.handling))


def _doings(before: Handling, after: Handling) -> list[str]:
    """In words of a closed list what people did since."""
    done = []
    if after.acknowledged_at is not None and after.acknowledged_at != before.acknowledged_at:
        done.append("acknowledged")
    if after.assigned_to != before.assigned_to:
        done.append("assigned")
    if after.mute != before.mute:
        done.append("unmuted" if after.mute is None else "muted")
    if after.verdicts != before.verdicts:
        done.append("judged")
    return done


def _has_doubled(story: Story, told: Told) -> bool:
    """Whether any of its alerts is about twice the mentions of which they were called."""
    return any(
        alert.evidence.mentions >= 2 * told.called_mentions.get(alert.fingerprint, alert.evidence.mentions)
        for alert in story.alerts
        if alert.state is State.FIRING and alert.evidence.mentions
    )


def _has_grown(story: Story, told: Told) -> bool:
    """Whether any of its alerts is about clearly more mentions than was told."""
    for alert in story.alerts:
        mentions, before = alert.evidence.mentions, told.mentions.get(alert.fingerprint, 0)
        if mentions > before and (mentions - before) * 100 >= before * MORE_BY_PERCENT:
            return True
    return False
