"""The outbox: what is yet to be told to each receiver, and what each gave back.

One queue per receiver, in which the newest state of a story replaces an older one that still waits. A notification goes
out only after a checkpoint holds it: whatever an earlier owner of the partition may have begun is therefore known, and
the receiver is asked before anything is posted a second time.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, structs
from tenacity import AsyncRetrying, RetryCallState, retry_if_result, wait_random_exponential

from alerting.alert import Notification, Reason, Receipt, State
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain

logger = logging.getLogger(__name__)

REMEMBER_IDS = 100
"""Notifications of a story whose ids are kept, to know repeats."""
REMEMBER_RESOLVED = timedelta(days=7)
"""How long, in event time, the message of a resolved story can still be edited."""
REFUSED_AGAIN_AFTER = timedelta(minutes=5)
"""Somebody must act first (invite the app, renew the token); until then nothing is thrown away."""
LONGEST_WAIT = timedelta(minutes=5)
TRIES_IN_A_ROW = 8
"""Of one story, while others wait; a minute or so. Then it is their turn: it may be this one that the receiver chokes
on."""

# When a newer telling replaces one that waits, the weightier reason of the two is told.
_WEIGHT = {
    Reason.MORE: 0,
    Reason.HANDLED: 1,
    Reason.REMINDER: 2,
    Reason.DOUBLED: 3,
    Reason.SPREAD: 4,
    Reason.CHANGED: 5,
    Reason.ESCALATED: 6,
    Reason.RESOLVED: 7,
    Reason.REOPENED: 8,
    Reason.FIRST: 9,
}


class Entry(Struct, kw_only=True):
    """What is known of one story at one receiver: one row of the state."""

    known: list[str] = []
    """Ids of the notifications taken in, told or replaced by newer ones."""
    waiting: Notification | None = None
    receipt: Receipt | None = None
    newest: datetime | None = None
    is_resolved: bool = False

    def take_in(self, notification: Notification) -> bool:
        """Let a notification wait, merged with what waits already; False where it is a repeat."""
        if notification.id in self.known:
            return False
        self.known = [*self.known, notification.id][-REMEMBER_IDS:]
        self.newest = notification.at if self.newest is None else max(self.newest, notification.at)
        self.is_resolved = notification.story.state is State.RESOLVED
        self.waiting = _merged(self.waiting, notification)
        return True


class Queue:
    """The stories of one receiver: what waits, and the task that tells it.

    Args:
        receiver: Its name.
        notifier: How to tell it.
        entries: By story, as saved before.
        count: Told each outcome, for the metrics.
        delivered: Told each notification that the receiver has.
        changed: Told the story whose entry changed outside of `put`.
        refused_again_after: How long a story is set aside that was refused, or was tried in vain while others waited.
    """

    def __init__(
        self,
        receiver: str,
        notifier: Notifier,
        entries: dict[str, Entry],
        *,
        count: Callable[[str], None],
        delivered: Callable[[Notification], None],
        changed: Callable[[str], None],
        refused_again_after: timedelta = REFUSED_AGAIN_AFTER,
    ) -> None:
        self.receiver = receiver
        self.entries = entries
        self._notifier = notifier
        self._count = count
        self._delivered = delivered
        self._changed = changed
        # What waited when an earlier owner stopped may have been posted already, without a receipt in our hands.
        self._in_doubt = {story for story, entry in entries.items() if entry.waiting and not entry.receipt}
        # Ids of waiting notifications that a checkpoint holds.
        self._saved = {entry.waiting.id for entry in entries.values() if entry.waiting}
        self._refused_again_after = refused_again_after.total_seconds()
        self._aside: dict[str, float] = {}  # story -> when to try again, by the event loop's clock
        self._telling: str | None = None  # the story that is being told ...
        self._since: Notification | None = None  # ... and what came for it meanwhile
        self._news = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())

    def put(self, notification: Notification) -> bool:
        """Take in a notification; False where it is a repeat. It goes out after `saved`."""
        entry = self.entries.setdefault(notification.story.id, Entry())
        replaced = entry.waiting
        if not entry.take_in(notification):
            self._count("repeat")
            return False
        if replaced is not None:
            self._count("superseded")
            self._saved.discard(replaced.id)
            if notification.story.id == self._telling:
                self._since = _merged(self._since, notification)
        self._forget(notification.at)
        return True

    def saved(self, stories: Iterable[str]) -> None:
        """A checkpoint holds what waits for these stories."""
        waiting = (self.entries[story].waiting for story in stories if story in self.entries)
        self._saved |= {notification.id for notification in waiting if notification is not None}
        self._news.set()

    @property
    def waiting(self) -> int:
        """Stories yet to be told."""
        return sum(entry.waiting is not None for entry in self.entries.values())

    @property
    def error(self) -> BaseException | None:
        """What ended the task, if anything did: the worker must stop then."""
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    async def close(self) -> None:
        """Stop telling. What is being told right now is asked about by the next owner."""
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=5)
        await self._notifier.close()

    async def _run(self) -> None:
        while True:
            story = self._most_pressing()
            if story is None:
                await self._something_to_tell()
                continue
            await self._tell(story)
            await asyncio.sleep(self._notifier.pace.total_seconds())

    def _most_pressing(self, but: str | None = None) -> str | None:
        """Of the stories that may go out, `but` left out: the most severe first, then the one that waits longest."""
        now = asyncio.get_running_loop().time()
        self._aside = {story: until for story, until in self._aside.items() if until > now}
        left_out = {but, *self._aside}
        ranked = [
            (-entry.waiting.story.severity, entry.waiting.at, story)
            for story, entry in self.entries.items()
            if entry.waiting is not None and entry.waiting.id in self._saved and story not in left_out
        ]
        return min(ranked)[2] if ranked else None

    async def _something_to_tell(self) -> None:
        """Returns on news, or when a story that was set aside is due again."""
        self._news.clear()
        until = min(self._aside.values(), default=None)
        wait = None if until is None else max(0.0, until - asyncio.get_running_loop().time())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), wait)

    async def _tell(self, story: str) -> None:
        """Tell the newest state of a story; set it aside where it is refused, or tried in vain while others wait."""
        entry = self.entries[story]
        self._telling = story
        told = entry.waiting

        async def attempt() -> Outcome:
            nonlocal told
            if entry.waiting is not None and entry.waiting.id in self._saved:
                told, self._since = entry.waiting, None
            assert told is not None  # nobody else takes it out
            if story in self._in_doubt:
                found = await self._notifier.find(told)
                self._in_doubt.discard(story)
                if found is not None:
                    entry.receipt = found
                    self._changed(story)
            outcome = await self._notifier.send(told, entry.receipt)
            self._note(outcome, told)
            return outcome

        outcome: Outcome = await AsyncRetrying(
            retry=retry_if_result(lambda outcome: isinstance(outcome, TryAgain)),
            wait=_wait_before_retry,
            stop=lambda state: state.attempt_number >= TRIES_IN_A_ROW and self._most_pressing(but=story) is not None,
            retry_error_callback=_last_outcome,
        )(attempt)
        self._telling = None
        if not isinstance(outcome, Delivered):
            self._aside[story] = asyncio.get_running_loop().time() + self._refused_again_after
            return
        assert told is not None
        self._saved.discard(told.id)
        # What replaced it meanwhile is yet to be told, but for its own reason alone.
        entry.waiting = self._since
        self._changed(story)
        self._delivered(told)

    def _note(self, outcome: Outcome, told: Notification) -> None:
        match outcome:
            case Delivered(receipt=receipt):
                self._count("delivered")
                if receipt is not None:
                    self.entries[told.story.id].receipt = receipt
            case TryAgain(why=why):
                self._count("again")
                logger.warning(
                    "a receiver could not take a notification; trying again",
                    extra={"receiver": self.receiver, "notification": told.id, "why": why},
                )
            case Refused(why=why):
                self._count("refused")
                logger.error(
                    "a receiver refuses notifications; somebody must act",
                    extra={"receiver": self.receiver, "notification": told.id, "why": why},
                )

    def _forget(self, now: datetime) -> None:
        for story, entry in list(self.entries.items()):
            if story == self._telling or entry.waiting or not entry.is_resolved:
                continue
            if entry.newest and entry.newest < now - REMEMBER_RESOLVED:
                del self.entries[story]
                self._changed(story)


def _merged(waiting: Notification | None, newer: Notification) -> Notification:
    """The newer state, with the weightier reason: what was never told is still told as the first."""
    if waiting is None:
        return newer
    return structs.replace(newer, reason=max(waiting.reason, newer.reason, key=_WEIGHT.__getitem__))


_backing_off = wait_random_exponential(multiplier=1, max=LONGEST_WAIT.total_seconds())


def _last_outcome(state: RetryCallState) -> Any:
    return None if state.outcome is None else state.outcome.result()


def _wait_before_retry(state: RetryCallState) -> float:
    """As long as the receiver asked for, and longer each time it does not say."""
    outcome = _last_outcome(state)
    if isinstance(outcome, TryAgain) and outcome.after is not None:
        return outcome.after.total_seconds()
    return _backing_off(state)
