"""Why somebody was told of a story, or was not: the verdict, and a record of it from which it can be had again."""

import hashlib
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alerting.alert import Gate, Hold, Reason, Story
from alerting.gates import Gates, closed_gate
from alerting.reasons import Timing, Told, hold_on, reason_to_notify, unspoken_turn
from detectors.mention import Moment

NOBODY = ""
"""In place of the receiver where no route wants the story."""


class Verdict(Struct, frozen=True, kw_only=True):
    """Whether somebody is told of a story now, and whether that may interrupt."""

    reason: Reason | None
    """None: nothing is told."""
    hold: Hold | None = None
    """Why the telling must not interrupt."""
    unspoken: Reason | None = None
    """A turn of which nothing is even written, as `gate` is closed."""
    gate: Hold | None = None
    """The gate that is closed now."""


class Decision(Struct, frozen=True, kw_only=True):
    """A verdict with all that it rests on: a record of the audit topic `decisions`, written as JSON.

    There is one for each telling, held or not, and one each time that another gate begins to keep somebody from
    hearing anything. A silence in which nothing would be told anyway has none.
    """

    id: str
    monitor: str
    story: Story
    receiver: str
    """`NOBODY` where no route wants the story."""
    route: str
    """Its name; empty where there is none."""
    told: Told | None
    """What the receiver knew before."""
    timing: Timing
    gates: Gates
    at: Moment
    """When it was decided, on the monitor's clock of event time."""
    verdict: Verdict

    @property
    def held_by(self) -> Gate | None:
        """The gate for which this interrupted nobody, be it written or not."""
        if self.verdict.unspoken is not None and self.verdict.gate is not None:
            return self.verdict.gate.gate
        return None if self.verdict.hold is None else self.verdict.hold.gate


def verdict(story: Story, told: Told | None, timing: Timing, gates: Gates, now: datetime) -> Verdict:
    """Whether somebody who was told `told` before should hear of the story now."""
    gate = closed_gate(story, gates, now)
    reason = reason_to_notify(story, told, timing, now, gate)
    if reason is not None:
        return Verdict(reason=reason, hold=hold_on(reason, told, gate), gate=gate)
    unspoken = None if gate is None else unspoken_turn(story, told, timing, now)
    return Verdict(reason=None, unspoken=unspoken, gate=gate)


def is_same(one: Verdict, other: Verdict) -> bool:
    """Whether they decide alike: the words in which a gate says why may be those of another version."""
    return _wordless(one) == _wordless(other)


def _wordless(found: Verdict) -> Verdict:
    hold, gate = (None if each is None else replace(each, why="") for each in (found.hold, found.gate))
    return replace(found, hold=hold, gate=gate)


def recompute(decision: Decision) -> Verdict:
    """The verdict by the same inputs: the same (`is_same`), unless the rules or the time zones changed since."""
    if decision.receiver == NOBODY:
        return Verdict(reason=None)
    return verdict(decision.story, decision.told, decision.timing, decision.gates, decision.at)


def decision_id(story: Story, receiver: str, told: Told | None, now: datetime, found: Verdict) -> str:
    """16 hexadecimal digits: the same decision always has the same id."""
    named = (found.reason or found.unspoken or "", "" if found.gate is None else found.gate.gate.value)
    parts = (story.id, receiver, str(0 if told is None else told.count), now.isoformat(), *named)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
