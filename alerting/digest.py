"""The digest of a route: what was held back from a receiver since the last one, in one message. Pure.

Every string that leaves here is literal text (`plain_text.literal`): a receiver escapes it for its own markup, no more.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting import wording
from alerting.alert import Gate, Notification, Severity, State, Turn
from alerting.precision import Precision
from detectors.mention import Moment

MOST_STORIES = 15
"""In one digest; the others are counted."""
MOST_JUDGED = 8
"""Lines about verdicts in one digest: those with the most."""
_ID = 8
"""Characters of a story's id: it has no message of which one could take it."""
_GATES = {
    Gate.MUTED: "muted",
    Gate.QUIET_HOURS: "quiet hours",
    Gate.PLANNED: "planned",
    Gate.INHIBITED: "part of something larger",
    Gate.BUDGET: "over the budget",
}


class HeldStory(Struct, frozen=True, kw_only=True):
    """One story of which nobody was called, as it stands now."""

    story: str
    """Its id."""
    monitor: str
    headline: str
    severity: Severity
    risk: int
    state: State
    mentions: int
    starts_at: Moment
    held_at: Moment
    gate: Gate
    why: str
    """Foreign."""
    turns: tuple[Turn, ...] = ()
    """Of a story that has a message here: what was not called out."""


class Digest(Struct, frozen=True, kw_only=True):
    """One message. The same digest always has the same id."""

    id: str
    route: str
    receiver: str
    at: Moment
    """The hour that was set for it."""
    timezone: str
    """An IANA name: the route's."""
    held: tuple[HeldStory, ...]
    """The most pressing first, at most `MOST_STORIES`."""
    left_out: int = 0
    """Further ones."""
    spent: str = ""
    """`7 of 10`, of the day's interruptions."""
    precision: tuple[Precision, ...] = ()


def digest_id(receiver: str, route: str, at: datetime) -> str:
    """16 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(("digest", receiver, route, f"{at.timestamp():.0f}")).encode()).hexdigest()[:16]


def due_at(hours: Sequence[time], timezone: tzinfo, now: datetime) -> datetime | None:
    """The newest moment at or before `now` for which a digest is set; None where none ever is.

    An hour that summer time skips is taken by the offset before it, as in quiet hours.
    """
    today = now.astimezone(timezone).date()
    days = (today, today - timedelta(days=1))
    # In UTC: of the same zone, Python compares what the clocks show.
    moments = (datetime.combine(day, hour, timezone).astimezone(UTC) for day in days for hour in hours)
    return max((moment for moment in moments if moment <= now), default=None)


def held_story(notification: Notification, held_at: datetime, turns: tuple[Turn, ...] = ()) -> HeldStory:
    """The line for a notification that is held back; `notification.hold` says why."""
    story, hold = notification.story, notification.hold
    assert hold is not None
    return HeldStory(
        story=story.id,
        monitor=story.monitor,
        headline=story.headline,
        severity=story.severity,
        risk=story.risk,
        state=story.state,
        mentions=max((alert.evidence.mentions for alert in story.alerts), default=0),
        starts_at=story.starts_at,
        held_at=held_at,
        gate=hold.gate,
        why=hold.why,
        turns=turns,
    )


def composed(
    held: Sequence[HeldStory],
    *,
    route: str,
    receiver: str,
    at: datetime,
    timezone: str,
    spent: str = "",
    left_out: int = 0,
    precision: Sequence[Precision] = (),
) -> Digest:
    """The digest of these stories: what still fires first, then by severity, risk and mentions.

    `left_out` counts those that were left out of one that was never told, and that this one is in place of.
    """
    ordered = sorted(held, key=lambda h: (h.state is State.RESOLVED, -h.severity, -h.risk, -h.mentions, h.story))
    most_judged = sorted(precision, key=lambda p: (-p.useful - p.not_useful, p.monitor, p.detector))[:MOST_JUDGED]
    return Digest(
        id=digest_id(receiver, route, at),
        route=route,
        receiver=receiver,
        at=at,
        timezone=timezone,
        held=tuple(ordered[:MOST_STORIES]),
        left_out=left_out + len(ordered[MOST_STORIES:]),
        spent=spent,
        precision=tuple(sorted(most_judged, key=lambda p: (p.monitor, p.detector))),
    )


def heading(digest: Digest) -> str:
    """`Digest of press, 22 Nov 09:00 CET: 3 stories called nobody`."""
    count = len(digest.held) + digest.left_out
    what = f"{_stories(count)} called nobody" if count else "nothing was held back"
    return f"Digest of {wording.name(digest.route)}, {wording.moment(digest.at, ZoneInfo(digest.timezone))}: {what}"


def story_line(held: HeldStory, timezone: str) -> str:
    """Severity, headline, how it stands, and the id by which `groundswell ack` and others know it."""
    zone = ZoneInfo(timezone)
    symbol = wording.OVER if held.state is State.RESOLVED else wording.SYMBOLS[held.severity]
    stands = "over by now" if held.state is State.RESOLVED else "still going on"
    head = f"{symbol} {wording.severity_word(held.severity)}: {wording.sentence(held.headline)}"
    told = f"{stands} since {wording.moment(held.starts_at, zone)}"
    risk = f", risk {held.risk}" if held.risk else ""
    return f"{head} · {told}{risk} · story {wording.name(held.story[:_ID])}"


def why_line(held: HeldStory, timezone: str) -> str:
    """`Held 22 Nov 02:10 CET, quiet hours: until 07:00`."""
    at = wording.moment(held.held_at, ZoneInfo(timezone))
    return wording.sentence(f"Held {at}, {_GATES[held.gate]}: {held.why}")


def turn_lines(held: HeldStory, timezone: str) -> list[str]:
    """What its thread was not told yet."""
    return [f"{wording.moment(turn.at, ZoneInfo(timezone))}: {wording.sentence(turn.line)}" for turn in held.turns[-3:]]


def foot_lines(digest: Digest) -> list[str]:
    """What was left out, what is spent, and how useful people found what they were told."""
    lines = []
    if digest.left_out:
        lines.append(f"And {_stories(digest.left_out)} more: groundswell inbox lists all that are open.")
    if digest.spent:
        lines.append(f"Interruptions of the day: {digest.spent} spent.")
    return lines + [precision_line(each) for each in digest.precision]


def precision_line(precision: Precision) -> str:
    """`census, volume_spike: 8 of 10 judged useful (80 %; between 49 % and 94 %)`: the interval holds with 95 %."""
    low, high = precision.interval
    count = precision.useful + precision.not_useful
    of = ", ".join(wording.name(part) for part in (precision.monitor, precision.detector) if part)
    told = f"{of}: {precision.useful} of {count} judged useful"
    return f"{told} ({100 * precision.share:.0f} %; between {100 * low:.0f} % and {100 * high:.0f} %)"


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count:,} stories"


def as_text(digest: Digest) -> str:
    """All of it as plain text, for receivers without markup."""
    lines = [heading(digest)]
    for held in digest.held:
        lines += ["", story_line(held, digest.timezone), f"  {why_line(held, digest.timezone)}"]
        lines += [f"  {line}" for line in turn_lines(held, digest.timezone)]
    foot = foot_lines(digest)
    return "\n".join(lines + ([""] if foot else []) + foot)
