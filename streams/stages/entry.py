"""What is known of one story at one receiver: a row of the state of `notify`."""

from datetime import date, datetime, timedelta

from msgspec import Struct, structs

from alerting.alert import Hold, Notification, Receipt, State, Turn
from alerting.merging import bounded, merged, turns_of
from detectors.mention import Moment

REMEMBER_IDS = 100
"""Notifications of a story whose ids are kept, to know repeats."""
REMEMBER_RESOLVED = timedelta(days=7)
"""How long, in event time, the message of a resolved story can still be edited."""
REMEMBER_FIRING = timedelta(days=90)
"""How long one is kept of which nothing comes any more, not even its end: its monitor was taken out of the config."""


class Entry(Struct, kw_only=True):
    """One story at one receiver."""

    known: list[str] = []
    """Ids of the notifications taken in, told or replaced by newer ones."""
    waiting: Notification | None = None
    waits_since: Moment | None = None
    """When the oldest was decided that is part of `waiting`."""
    receipt: Receipt | None = None
    is_told: bool = False
    """Whether the receiver ever had it, be it without a receipt."""
    newest: Moment | None = None
    is_resolved: bool = False
    held: Notification | None = None
    """The newest state, with the reason why nobody was called, while there is something that they were not called for.
    """
    held_at: Moment | None = None
    """Since when."""
    listed: str = ""
    """The id of the digest that told it; empty again when there is news."""
    kept: tuple[Turn, ...] = ()
    """What is to be said in its thread with the next turn that may call."""
    budget: str = ""
    """What its newest interruption was: `3 of 10 today` ..."""
    budget_day: date | None = None
    """... and the day that is meant, by the route's clock."""
    monitor: str = ""
    """Whose story it is; empty where that was saved by a version that did not note it."""
    detectors: tuple[str, ...] = ()
    """That found it."""
    useful: int = 0
    not_useful: int = 0
    is_lost: bool = False
    """What was saved of it could not be read: the receiver may have it all the same."""

    @property
    def may_be_there(self) -> bool:
        """Whether the receiver may have it without our knowing where: then it is asked before it is told anew."""
        return self.is_lost or (self.waiting is not None and self.receipt is None)

    @property
    def has_message(self) -> bool:
        """Whether the receiver has it, or is about to."""
        return self.is_told or self.receipt is not None or self.waiting is not None

    def is_repeat(self, notification: Notification) -> bool:
        return notification.id in self.known

    def note(self, notification: Notification) -> None:
        """Take in what it says of the story, whether or not it will be told."""
        self.known = [*self.known, notification.id][-REMEMBER_IDS:]
        self.newest = notification.at if self.newest is None else max(self.newest, notification.at)
        self.is_resolved = notification.story.state is State.RESOLVED
        self.monitor = notification.story.monitor
        self.detectors = tuple(dict.fromkeys(alert.detector for alert in notification.story.alerts))
        self.useful = notification.story.handling.useful
        self.not_useful = notification.story.handling.not_useful

    def wait(self, notification: Notification) -> None:
        """Let it wait, merged with what waits already."""
        if self.waiting is None:
            self.waits_since = notification.at
        self.waiting = merged(self.waiting, notification)

    def hold(self, notification: Notification, hold: Hold) -> None:
        """Call nobody for it: what there is to say is kept, and the digest tells it."""
        if self.held is None:
            self.held_at = notification.at
        if self.has_message:
            self.kept = bounded((*self.kept, *turns_of(structs.replace(notification, hold=None))))
        self.held = structs.replace(merged(self.held, notification), hold=hold)
        self.listed = ""

    def stays_held(self, notification: Notification) -> None:
        """Newer numbers of a story of which nobody was called."""
        assert self.held is not None
        was_over = self.held.story.state is State.RESOLVED
        self.held = structs.replace(merged(self.held, notification), hold=self.held.hold)
        if was_over != self.is_resolved:
            self.listed = ""

    def release(self, notification: Notification) -> Notification:
        """What is told, now that it may call: with all that was kept back before."""
        told = notification
        if self.held is not None and not self.has_message:
            told = merged(self.held, notification)
        if self.kept:
            # What is told again, now that a gate is open, is not said twice.
            said = turns_of(told)
            kept = tuple(turn for turn in self.kept if turn.reason not in {each.reason for each in said})
            told = structs.replace(told, turns=bounded((*kept, *said)))
        self.held, self.held_at, self.kept, self.listed = None, None, (), ""
        return structs.replace(told, hold=None)

    def is_forgotten(self, now: datetime) -> bool:
        """Whether it is over for so long that nothing will be told of it any more."""
        if self.waiting is not None or self.newest is None:
            return False
        return self.newest < now - (REMEMBER_RESOLVED if self.is_resolved else REMEMBER_FIRING)
