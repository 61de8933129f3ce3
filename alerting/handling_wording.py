"""What people did about a story, what they thought of it, and what holds it back, in words.

Every string that leaves here is literal text (`plain_text.literal`).
"""

from datetime import datetime, tzinfo

from alerting.action import Handling, Mute
from alerting.alert import Hold, Notification, Story
from alerting.phrases import moment, name, sentence
from alerting.plain_text import cut

_REASON = 60
"""Code points of a reason, where several stand on one line."""


def doings(notification: Notification) -> str:
    """One line for what people did since: `Acknowledged by Ada. Muted by Ben until 12 Mar 14:00 UTC: planned.`."""
    handling, told = notification.story.handling, []
    if "acknowledged" in notification.news:
        told.append(f"Acknowledged by {name(handling.acknowledged_by or '')}.")
    if "assigned" in notification.news:
        told.append(f"{_assigned(handling)}.")
    if "muted" in notification.news and handling.mute is not None:
        told.append(_muted(handling.mute, notification.story.zone))
    if "unmuted" in notification.news:
        told.append("No longer muted.")
    if "judged" in notification.news and handling.verdicts:
        told.append(f"{_judged(handling)}.")
    return " ".join(told) or "Handled."


def handled_lines(story: Story, at: datetime) -> tuple[str, ...]:
    """What is known of it at stream time `at`, a line each: who saw it, who sees to it, until when it is muted, and
    what was thought of it."""
    handling, lines = story.handling, []
    if handling.acknowledged_by is not None:
        when = "" if handling.acknowledged_at is None else f", {moment(handling.acknowledged_at, story.zone)}"
        lines.append(f"Acknowledged by {name(handling.acknowledged_by)}{when}")
    if handling.assigned_to is not None:
        lines.append(_assigned(handling))
    if handling.mute is not None and handling.is_muted(at):
        lines.append(_muted(handling.mute, story.zone))
    if handling.verdicts:
        lines.append(_judged(handling))
    return tuple(lines)


def held_back(hold: Hold) -> str:
    """Why nobody is interrupted, and until when: that stands in the reason, where it is known."""
    return sentence(f"Nobody is interrupted: {hold.why}")


def _assigned(handling: Handling) -> str:
    by = f" by {name(handling.assigned_by)}" if handling.assigned_by not in (None, handling.assigned_to) else ""
    return f"Assigned to {name(handling.assigned_to or '')}{by}"


def _muted(mute: Mute, timezone: tzinfo) -> str:
    until = "until it is over" if mute.until is None else f"until {moment(mute.until, timezone)}"
    return sentence(f"Muted by {name(mute.by)} {until}: {mute.reason}".removesuffix(": "))


def _judged(handling: Handling) -> str:
    said = {"useful": handling.useful, "not useful": handling.not_useful}
    told = f"Judged {', '.join(f'{verdict} by {people}' for verdict, people in said.items() if people)}"
    reasons = dict.fromkeys(handling.reasons.values())
    return sentence(f"{told} ({'; '.join(cut(why, _REASON) for why in reasons)})" if reasons else told)
