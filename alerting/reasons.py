"""Whether to speak: one pure function that answers with a named reason, or with None for silence.

What a closed gate holds back is written (a message that is there is edited, the rest waits for the digest), and told
when the gate opens. So what a receiver knows has two layers where something was held: what was written, and beneath it
what they had been told before.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alerting.action import Handling
from alerting.alert import QUIET, Alert, Gate, Hold, Reason, Severity, State, Story
from detectors.mention import Moment

MORE_BY_PERCENT = 10
"""By how much an alert's mentions must have grown before the story is told again only for its numbers."""

_CHANGES = ("alert:", "claim:", "certain:")
_SPREADS = ("channel:", "language:")
_PACED = QUIET | {Reason.REMINDER, Reason.SPREAD, Reason.DOUBLED}


class Timing(Struct, frozen=True, kw_only=True):
    """How often a receiver wants to hear of a story that goes on. Turns that matter never wait for it."""

    update_every: timedelta
    remind_every: timedelta | None = None


class Held(Struct, frozen=True, kw_only=True):
    """What was written since, and told to nobody."""

    hold: Hold
    """The newest that held something back."""
    before: "Told | None"
    """What they had been told when it began; None where they had been told nothing."""


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
    held: Held | None = None
    """Set while something of this was written and not told."""


def reason_to_notify(
    story: Story, told: Told | None, timing: Timing, now: datetime, gate: Hold | None = None
) -> Reason | None:
    """Why this receiver should hear of the story now; None is silence. Whether it may interrupt says `hold_on`.

    Args:
        story: As it is now.
        told: What the receiver knows of it; None where it has not heard of it yet.
        timing: Of the route that the story takes now.
        now: The monitor's clock, in event time.
        gate: The gate that is closed now, if one is.
    """
    if gate is None:
        owed = _reason(story, told.held.before, timing, now) if told is not None and told.held is not None else None
        return owed if owed is not None and owed not in QUIET else _reason(story, told, timing, now)
    if _is_kept_silent(told, gate):
        return None
    return _reason(story, told, _without_reminders(timing), now)


def unspoken_turn(story: Story, told: Told | None, timing: Timing, now: datetime) -> Reason | None:
    """The turn that a closed gate keeps from being written at all; one that waits for the clock is none."""
    reason = _reason(story, told, timing, now)
    return None if reason in _PACED else reason


def hold_on(reason: Reason, told: Told | None, gate: Hold | None) -> Hold | None:
    """What keeps a telling from interrupting; None where it may, or calls nobody anyway.

    Args:
        reason: Of the telling.
        told: What the receiver knows, before it.
        gate: The gate that is closed now, if one is.
    """
    held = None if told is None else told.held
    if reason is Reason.RESOLVED:
        # Whoever was told that it fires is told that it is over, at any hour; others read it.
        never_told_it_fires = held is not None and (held.before is None or held.before.state is State.RESOLVED)
        return held.hold if held is not None and never_told_it_fires else None
    return gate if reason not in QUIET or _knows_nothing(told) else None


def layer_of(told: Told | None, reason: Reason, hold: Hold | None) -> Told | None:
    """What the receiver knew of which a telling is the news: what was written, or what they were told before that."""
    if told is None or told.held is None or hold is not None or reason in QUIET:
        return told
    return told.held.before


def _reason(story: Story, told: Told | None, timing: Timing, now: datetime) -> Reason | None:
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


def ask_again_at(story: Story, told: Told | None, timing: Timing, gate: Hold | None = None) -> datetime | None:
    """When the passing of time alone brings a reason, if there is none now and nothing else happens."""
    if story.state is State.RESOLVED:
        return None
    if gate is not None:
        layers = [] if _is_kept_silent(told, gate) else [told]
        moments, timing = [gate.until], _without_reminders(timing)
    else:
        layers, moments = [told, None if told is None or told.held is None else told.held.before], []
    moments += [_ask_again_at(story, layer, timing) for layer in layers if layer is not None]
    return min((moment for moment in moments if moment is not None), default=None)


def told_now(story: Story, told: Told | None, reason: Reason, now: datetime, hold: Hold | None = None) -> Told:
    """What the receiver knows after this telling, which `hold` may have kept from interrupting."""
    after = _after(story, layer_of(told, reason, hold), reason, now)
    held = None if told is None else told.held
    if hold is not None:
        held = Held(hold=hold, before=told if held is None else held.before)
    elif reason not in QUIET:
        held = None
    elif held is not None and held.before is not None:
        # What people did is never held, and so never owed.
        held = replace(held, before=replace(held.before, handling=story.handling))
    return replace(after, count=1 if told is None else told.count + 1, held=held)


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
        facts.update(_places(alert))
    return frozenset(facts)


def _places(alert: Alert) -> Iterator[str]:
    """The channels and languages that it reached. Of a rise, those that make it: in others the usual talk goes on."""
    evidence = alert.evidence
    if alert.subject or not evidence.shares:
        yield from (f"channel:{channel}" for channel in evidence.channels)
        yield from (f"language:{language}" for language in evidence.languages if language != "und")
    else:
        places = (share for share in evidence.shares if share.dimension in ("channel", "language"))
        yield from (f"{share.dimension}:{share.name}" for share in places if share.name != "und")


def news_for(story: Story, told: Told | None) -> tuple[str, ...]:
    """What somebody was not told of yet: facts, and what people did; nothing where it is the first that they hear."""
    if told is None:
        return ()
    return (*sorted(facts_of(story).difference(told.facts)), *_doings(told.handling, story.handling))


def _knows_nothing(told: Told | None) -> bool:
    """Whether they were never told of the story, though something may wait for them in a digest."""
    return told is None or (told.held is not None and told.held.before is None)


def _is_kept_silent(told: Told | None, gate: Hold) -> bool:
    """Whether not even a digest should tell of it: who mutes something wants to read nothing of it either."""
    return gate.gate is Gate.MUTED and _knows_nothing(told)


def _without_reminders(timing: Timing) -> Timing:
    # A reminder that calls nobody reminds nobody.
    return replace(timing, remind_every=None)


def _ask_again_at(story: Story, told: Told, timing: Timing) -> datetime | None:
    moments = []
    if _has_grown(story, told) or not facts_of(story).issubset(told.facts):
        moments.append(told.at + timing.update_every)
    if timing.remind_every is not None:
        moments.append(told.called_at + timing.remind_every)
    return min(moments, default=None)


def _after(story: Story, told: Told | None, reason: Reason, now: datetime) -> Told:
    """All but the layers."""
    facts = facts_of(story)
    if told is not None and reason is not Reason.REOPENED:
        # A fact that comes and goes is news only once: two kinds that alternate would else call people each time.
        facts |= set(told.facts)
    mentions = {alert.fingerprint: alert.evidence.mentions for alert in story.alerts}
    is_call = told is None or reason not in QUIET
    return Told(
        count=1,
        at=now,
        called_at=now if told is None or is_call else told.called_at,
        state=story.state,
        severity=story.severity,
        facts=tuple(sorted(facts)),
        mentions=mentions,
        called_mentions=mentions if told is None or is_call else told.called_mentions,
        handling=story.handling,
    )


def _doings(before: Handling, after: Handling) -> list[str]:
    """In words of a closed list what people did since."""
    done = []
    if after.acknowledged_at is not None and after.acknowledged_at != before.acknowledged_at:
        done.append("acknowledged")
    if after.assigned_to != before.assigned_to:
        done.append("assigned")
    if after.mute != before.mute:
        done.append("unmuted" if after.mute is None else "muted")
    if (after.verdicts, after.reasons) != (before.verdicts, before.reasons):
        done.append("judged")
    return done


def _has_doubled(story: Story, told: Told) -> bool:
    """Whether the largest of its alerts is about twice what the largest was of which they were called.

    Not each alert for itself: a rise and the narrative in it would double one after the other, by the same mentions.
    """
    now = max((alert.evidence.mentions for alert in story.alerts if alert.state is State.FIRING), default=0)
    return 0 < 2 * max(told.called_mentions.values(), default=0) <= now


def _has_grown(story: Story, told: Told) -> bool:
    """Whether any of its alerts is about clearly more mentions than was told."""
    for alert in story.alerts:
        mentions, before = alert.evidence.mentions, told.mentions.get(alert.fingerprint, 0)
        if mentions > before and (mentions - before) * 100 >= before * MORE_BY_PERCENT:
            return True
    return False
