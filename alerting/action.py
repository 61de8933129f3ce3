"""What people do about a story, and what is known of that: pure, and the same whatever button or command it came by.

An action reaches the story through the topic `monitored`, under its monitor's key: it is input like mentions are, in
one order with them, and replayed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from detectors.mention import Moment

LONGEST_MUTE = timedelta(days=366)
"""A longer one ends then: no story lives so long."""
LONGEST_REASON = 300
"""Characters of a reason that are kept."""
_LONGEST_NAME = 80
_MOST_VERDICTS = 100
_MOST_REASONS = 5


class ActionKind(StrEnum):
    """What a person can do."""

    ACKNOWLEDGE = "acknowledge"
    """I have seen it, and see to it."""
    ASSIGN = "assign"
    MUTE = "mute"
    UNMUTE = "unmute"
    USEFUL = "useful"
    """It was right to tell us."""
    NOT_USEFUL = "not_useful"


class Person(Struct, frozen=True, kw_only=True):
    """Who acted."""

    id: str
    """Where they are known, and as what: `slack:T012/U345`, `terminal:ada`. Foreign."""
    name: str
    """Foreign."""


class Action(Struct, frozen=True, kw_only=True, tag="action"):
    """One thing that one person did about one story. The same click always has the same id."""

    id: str
    monitor: str
    story: str
    """Its id."""
    kind: ActionKind
    by: Person
    at: Moment
    """When, by the clock of whoever took it in: shown to people, while all that is decided goes by stream time."""
    length: timedelta | None = None
    """Of a mute; None until the story is over."""
    reason: str = ""
    """In the person's words. Foreign."""
    assignee: str = ""
    """Whom it is assigned to: a name. Foreign."""


class Mute(Struct, frozen=True, kw_only=True):
    """Nobody is interrupted for a story; its message is still edited."""

    by: str
    """A name. Foreign."""
    until: Moment | None
    """In stream time; None until the story is over."""
    reason: str = ""
    """Foreign."""


class Handling(Struct, frozen=True, kw_only=True):
    """What people did about a story."""

    acknowledged_by: str | None = None
    """A name. Foreign."""
    acknowledged_at: Moment | None = None
    assigned_to: str | None = None
    """A name. Foreign."""
    assigned_by: str | None = None
    """A name. Foreign."""
    mute: Mute | None = None
    verdicts: Mapping[str, bool] = field(default_factory=dict)
    """Whether it was useful, by the id of the person who said so: the last word of each counts."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why it was not, by the same ids: the newest. Foreign."""

    @property
    def useful(self) -> int:
        return sum(self.verdicts.values())

    @property
    def not_useful(self) -> int:
        return len(self.verdicts) - self.useful

    def is_muted(self, now: datetime) -> bool:
        """Whether nobody is to be interrupted now, in stream time."""
        return self.mute is not None and (self.mute.until is None or now < self.mute.until)


def handled(handling: Handling, action: Action, now: datetime) -> Handling:
    """What is known after an action at stream time `now`; the same where it changes nothing.

    Who acknowledged first stays. Everything else is as the last person said.
    """
    name, reason = action.by.name[:_LONGEST_NAME], action.reason[:LONGEST_REASON]
    match action.kind:
        case ActionKind.ACKNOWLEDGE:
            if handling.acknowledged_by is not None:
                return handling
            return replace(handling, acknowledged_by=name, acknowledged_at=now)
        case ActionKind.ASSIGN:
            assignee = action.assignee[:_LONGEST_NAME] or name
            return replace(handling, assigned_to=assignee, assigned_by=name)
        case ActionKind.MUTE:
            until = None if action.length is None else now + min(action.length, LONGEST_MUTE)
            return replace(handling, mute=Mute(by=name, until=until, reason=reason))
        case ActionKind.UNMUTE:
            return replace(handling, mute=None)
        case ActionKind.USEFUL | ActionKind.NOT_USEFUL:
            known = {**handling.verdicts, action.by.id: action.kind is ActionKind.USEFUL}
            verdicts = dict(list(known.items())[-_MOST_VERDICTS:])
            # A second click without a reason does not take back the one that was given.
            given = reason or handling.reasons.get(action.by.id, "")
            others = {person: why for person, why in handling.reasons.items() if person != action.by.id}
            said = {action.by.id: given} if given and action.kind is ActionKind.NOT_USEFUL else {}
            return replace(handling, verdicts=verdicts, reasons=dict([*others.items(), *said.items()][-_MOST_REASONS:]))


def begun_anew(handling: Handling) -> Handling:
    """What still holds of a story that was over and came back: who sees to it, what people thought of it, and a mute
    that ends at a moment and not with the story.
    """
    mute = handling.mute if handling.mute is not None and handling.mute.until is not None else None
    return replace(handling, acknowledged_by=None, acknowledged_at=None, mute=mute)
