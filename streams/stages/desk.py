"""The desk of one receiver: what may interrupt it now, what is held back, and the digests of that.

All of it is decided when a record is taken in, by the times in the records alone, and saved with it. So a repeated
record, a restart or a replay spends nothing twice.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from msgspec import Struct, structs

from alerting.alert import QUIET, Gate, Hold, Notification, Reason, Severity
from alerting.budget import Spent, ask, spent_on
from alerting.digest import Digest, HeldStory, composed, due_at, held_story
from alerting.merging import INTERRUPTING
from alerting.precision import Precision
from detectors.mention import Moment
from streams.stages.allowance import Allowance
from streams.stages.entry import Entry

_ONLY_NUMBERS = QUIET | {Reason.RESOLVED}
"""Of a story that called nobody: no reason to do so now."""


class RouteRow(Struct, kw_only=True):
    """What is kept of one route at one receiver: a row of the state."""

    spent: Spent | None = None
    digested: Moment | None = None
    """The hour of the newest digest, be it that there was nothing to tell."""
    digest: Digest | None = None
    """The one that is yet to be told."""


class Desk:
    """What may interrupt one receiver.

    Args:
        receiver: Its name.
        interrupts: Whether it calls people at all; a machine is told everything.
        allowances: Of all routes, by name.
        rows: By route, as saved before.
        held: Told the gate, each time something is held back; for the metrics.
        changed: Told the route whose row changed.
    """

    def __init__(
        self,
        receiver: str,
        interrupts: bool,
        allowances: Mapping[str, Allowance],
        rows: dict[str, RouteRow] | None = None,
        *,
        held: Callable[[Gate], None] = lambda gate: None,
        changed: Callable[[str], None] = lambda route: None,
    ) -> None:
        self.receiver = receiver
        self.rows = {} if rows is None else rows
        self._interrupts = interrupts
        self._allowances = allowances
        self._count_held = held
        self._changed = changed

    def admit(self, entry: Entry, notification: Notification) -> Notification | None:
        """What of a notification is to be told now; None where the digest tells it, if anything does."""
        if not self._interrupts:
            return notification
        if notification.hold is not None and notification.story.severity is not Severity.LIFE_SAFETY:
            return self._hold(entry, notification, notification.hold)
        if entry.held is not None and notification.reason in _ONLY_NUMBERS and not entry.has_message:
            entry.stays_held(notification)
            return None
        if self._would_call(entry, notification):
            refusal = self._spend(entry, notification)
            if refusal is not None:
                return self._hold(entry, notification, refusal)
        elif entry.held is not None and notification.reason in QUIET:
            entry.stays_held(notification)
            return self._with_budget(entry, notification)
        return self._with_budget(entry, entry.release(notification))

    def judge_kept(self, entries: Mapping[str, Entry]) -> None:
        """Hold what was kept for a receiver that no worker knew and must not call: until now nobody could say whether
        it calls people at all.
        """
        for entry in entries.values():
            waiting = entry.waiting
            if waiting is None or waiting.hold is None or not self._interrupts or entry.is_told or entry.receipt:
                continue
            if waiting.story.severity is Severity.LIFE_SAFETY:
                entry.waiting = structs.replace(waiting, hold=None)
            else:
                entry.waiting, entry.waits_since = None, None
                entry.hold(waiting, waiting.hold)

    def tick(self, clock: datetime, entries: Mapping[str, Entry]) -> list[str]:
        """Make the digests that are due. Gives the ids of the stories that they tell.

        The first tick that a route sees sets its clock: it makes one only of what was held before that hour.
        """
        told: list[str] = []
        for allowance in self._allowances.values():
            due = due_at(allowance.digest, allowance.zone, clock)
            if due is None or not self._interrupts or self.receiver not in allowance.receivers:
                continue
            row = self.rows.setdefault(allowance.route, RouteRow())
            if row.digested is not None and row.digested >= due:
                continue
            is_first, row.digested = row.digested is None, due
            self._changed(allowance.route)
            if not is_first or any(each.held_at <= due for each in self.held(allowance, entries)):
                told += self._make_digest(row, allowance, due, entries)
        return told

    def spent(self, allowance: Allowance, now: datetime) -> int:
        """Interruptions of the day of `now`."""
        row = self.rows.get(allowance.route)
        return spent_on(row.spent if row else None, now, allowance.zone).interruptions

    def digest_told(self, route: str, digest: Digest) -> None:
        """The receiver has it."""
        row = self.rows[route]
        if row.digest is not None and row.digest.id == digest.id:
            row.digest = None
            self._changed(route)

    def held(self, allowance: Allowance, entries: Mapping[str, Entry], *, with_told: bool = False) -> list[HeldStory]:
        """What the digest of a route tells: what is held back and, unless `with_told`, was in none as it is now."""
        return [
            held_story(entry.held, entry.held_at or entry.held.at, entry.kept)
            for entry in entries.values()
            if entry.held is not None
            and self._digest_of(entry.held.route) == allowance.route
            and (with_told or not entry.listed)
        ]

    def _digest_of(self, route: str) -> str:
        """The route whose digest tells what a route held back: with none of that name, one of ours that has digests."""
        if self._is_ours(route):
            return route
        return next((each.route for each in self._ours() if each.digest), route)

    def _allowance_for(self, notification: Notification) -> Allowance | None:
        """Whose budget it spends; None where no route wants the story any more."""
        if self._is_ours(notification.route) or not notification.route:
            return self._allowances.get(notification.route)
        return next(self._ours(), None)

    def _is_ours(self, route: str) -> bool:
        """False where a story moved to a route of others, of whom this receiver is none, or the config renamed it."""
        return route in self._allowances and self.receiver in self._allowances[route].receivers

    def _ours(self) -> Iterator[Allowance]:
        return (each for each in self._allowances.values() if self.receiver in each.receivers)

    def _would_call(self, entry: Entry, notification: Notification) -> bool:
        """Whether it makes a new message, or says in the thread what calls people."""
        if not entry.has_message:
            return True
        waits = entry.waiting is not None and entry.waiting.reason in INTERRUPTING
        return notification.reason in INTERRUPTING and not waits

    def _spend(self, entry: Entry, notification: Notification) -> Hold | None:
        allowance = self._allowance_for(notification)
        if allowance is None:
            return None
        row = self.rows.setdefault(allowance.route, RouteRow())
        asked = ask(
            row.spent,
            notification.story.severity,
            notification.at,
            interrupts_a_day=allowance.interrupts_a_day,
            timezone=allowance.zone,
        )
        if asked.spent != row.spent:
            row.spent = asked.spent
            self._changed(allowance.route)
        if not asked.is_granted:
            return Hold(gate=Gate.BUDGET, why=asked.told)
        entry.budget, entry.budget_day = asked.told, asked.spent.day
        return None

    def _hold(self, entry: Entry, notification: Notification, hold: Hold) -> Notification | None:
        self._count_held(hold.gate)
        has_message = entry.has_message
        entry.hold(notification, hold)
        if not has_message:
            return None
        # The message that is there shows it; nothing is said in the thread yet.
        return self._with_budget(entry, structs.replace(notification, reason=Reason.MORE, hold=hold))

    def _with_budget(self, entry: Entry, notification: Notification) -> Notification:
        """With what its newest interruption was, for as long as that day lasts."""
        allowance = self._allowance_for(notification)
        if allowance is None or entry.budget_day != notification.at.astimezone(allowance.zone).date():
            return notification
        return structs.replace(notification, budget=entry.budget)

    def _make_digest(
        self, row: RouteRow, allowance: Allowance, due: datetime, entries: Mapping[str, Entry]
    ) -> list[str]:
        news = self.held(allowance, entries)
        if not news:
            return []
        waiting = () if row.digest is None else row.digest.held
        told = {each.story for each in news}
        held = [*news, *(each for each in waiting if each.story not in told)]
        left_out = 0 if row.digest is None else row.digest.left_out
        row.digest = self.compose(allowance, due, held, entries, left_out)
        for story in told:
            entries[story].listed = row.digest.id
        return sorted(told)

    def compose(
        self,
        allowance: Allowance,
        at: datetime,
        held: list[HeldStory],
        entries: Mapping[str, Entry],
        left_out: int = 0,
    ) -> Digest:
        """The digest of these stories."""
        limit = allowance.interrupts_a_day
        return composed(
            held,
            route=allowance.route,
            receiver=self.receiver,
            at=at,
            timezone=allowance.timezone,
            spent="" if limit is None else f"{self.spent(allowance, at)} of {limit}",
            left_out=left_out,
            precision=precision_of(entries),
        )


def precision_of(entries: Mapping[str, Entry]) -> list[Precision]:
    """What people thought of the stories that are remembered, by monitor and detector: those with a verdict."""
    found: dict[tuple[str, str], Precision] = {}
    for entry in entries.values():
        for detector in entry.detectors if entry.useful or entry.not_useful else ():
            before = found.get((entry.monitor, detector))
            found[entry.monitor, detector] = Precision(
                monitor=entry.monitor,
                detector=detector,
                useful=entry.useful + (0 if before is None else before.useful),
                not_useful=entry.not_useful + (0 if before is None else before.not_useful),
            )
    return list(found.values())
