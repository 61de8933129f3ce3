"""The outbox: what is yet to be told to each receiver, and what each gave back.

One queue per receiver, in which the newest state of a story replaces an older one that still waits, and keeps its
turns. A notification goes out only after a checkpoint holds it: whatever an earlier owner of the partition may have
begun is therefore known, and the receiver is asked before anything is posted a second time.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from msgspec import Struct, structs
from tenacity import AsyncRetrying, retry_if_result

from alerting.alert import Notification, Reason
from alerting.digest import Digest
from alerting.merging import merged
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from streams.stages.entry import Entry
from streams.stages.patience import Patience
from streams.stages.pressing import Pressing, only_edits

logger = logging.getLogger(__name__)


class _Tried(Struct):
    """A story that is being told, or was tried in vain."""

    told: Notification
    since: Notification | None = None
    """What came for it after that."""


class Queue:
    """The stories and digests of one receiver: what waits, and the task that tells it.

    Args:
        receiver: Its name.
        notifier: How to tell it.
        entries: By story, as saved before.
        digests: By route, those that wait to be told, as saved before.
        count: Told each outcome, for the metrics.
        delivered: Told each notification that the receiver has.
        changed: Told the story whose entry changed outside of `put`.
        digested: Told each digest that the receiver has.
        refused: Told why the receiver takes nothing, and None when it takes something.
        admit: What of a notification is to be told now: see `streams/stages/desk.py`.
        patience: How long to wait before the next try.
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
        digests: Mapping[str, Digest] | None = None,
        digested: Callable[[Digest], None] = lambda digest: None,
        refused: Callable[[str | None], None] = lambda why: None,
        admit: Callable[[Entry, Notification], Notification | None] = lambda entry, notification: notification,
        patience: Patience = Patience(),  # noqa: B008 - frozen
    ) -> None:
        self.receiver = receiver
        self.entries = entries
        self.digests = dict(digests or {})
        self._notifier = notifier
        self._count = count
        self._delivered = delivered
        self._changed = changed
        self._digested = digested
        self._refused = refused
        self._admit = admit
        # What waited when an earlier owner stopped may have been posted already, without a receipt in our hands.
        self._in_doubt = {story for story, entry in entries.items() if entry.may_be_there}
        self._in_doubt |= {digest.id for digest in self.digests.values()}
        # Ids of waiting notifications and digests that a checkpoint holds.
        self._saved = {entry.waiting.id for entry in entries.values() if entry.waiting} | self._in_doubt
        self._patience = patience
        self._tried: dict[str, _Tried] = {}
        self._pressing = Pressing(notifier.edit_every, patience.aside, notifier.knock_every)
        self._news = asyncio.Event()
        self._at_work = asyncio.Lock()
        self._rests = False
        self._task = asyncio.ensure_future(self._run())

    def put(self, notification: Notification) -> bool:
        """Take in a notification; False where it is a repeat. What is to be told goes out after `saved`."""
        story = notification.story.id
        entry = self.entries.setdefault(story, Entry())
        if entry.is_repeat(notification):
            self._count("repeat")
            return False
        entry.note(notification)
        told = self._admit(entry, notification)
        if told is None:
            self._count("held")
        else:
            if entry.waiting is not None:
                self._count("superseded")
                self._saved.discard(entry.waiting.id)
            entry.wait(told)
            if story in self._tried:
                self._tried[story].since = merged(self._tried[story].since, told)
        self._forget(notification)
        return True

    def put_digest(self, digest: Digest) -> None:
        """Let a digest wait; it replaces an older one of its route that still does. It goes out after `saved`."""
        if (replaced := self.digests.get(digest.route)) is not None:
            self._pressing.forget(replaced.id)
            self._saved.discard(replaced.id)
        self.digests[digest.route] = digest

    def saved(self, stories: Iterable[str], digests: Iterable[str] = ()) -> None:
        """A checkpoint holds what waits for these stories, and the digests of these routes."""
        waiting = (self.entries[story].waiting for story in stories if story in self.entries)
        self._saved |= {notification.id for notification in waiting if notification is not None}
        self._saved |= {self.digests[route].id for route in digests if route in self.digests}
        self._news.set()

    @property
    def waiting(self) -> int:
        """Stories and digests yet to be told."""
        return sum(entry.waiting is not None for entry in self.entries.values()) + len(self.digests)

    @property
    def error(self) -> BaseException | None:
        """What ended the task, if anything did: the worker must stop then."""
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    async def rest(self) -> None:
        """Tell nothing more. Returns when what is being told right now is settled."""
        self._rests = True
        async with self._at_work:
            pass

    async def close(self) -> None:
        """Stop telling. What is being told right now is asked about by the next owner."""
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=5)
        await self._notifier.close()

    async def _run(self) -> None:
        while True:
            if self._most_pressing() is None:
                await self._something_to_tell()
                continue
            # One try after the other, each of what is the most pressing by then, until the receiver takes something
            # or refuses it: the more tries in vain, the longer the wait.
            await AsyncRetrying(
                retry=retry_if_result(lambda outcome: isinstance(outcome, TryAgain)), wait=self._patience.before_retry
            )(self._tell_next)
            await asyncio.sleep(self._notifier.pace.total_seconds())

    def _most_pressing(self, but: str | None = None) -> str | None:
        """The story or the digest to be told next, `but` left out; None where nothing may go out now."""
        if self._rests:
            return None
        ready = {story: entry for story, entry in self.entries.items() if self._is_ready(story, entry)}
        digests = [digest for digest in self.digests.values() if digest.id in self._saved]
        return self._pressing.first(ready, digests, _now(), but)

    def _is_ready(self, story: str, entry: Entry) -> bool:
        return entry.waiting is not None and (entry.waiting.id in self._saved or story in self._tried)

    async def _something_to_tell(self) -> None:
        """Returns on news, or when something is due again that was set aside or edited a moment ago."""
        self._news.clear()
        until = self._pressing.next_change(self.entries, _now())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), None if until is None else until - _now())

    async def _tell_next(self) -> Outcome | None:
        item = self._most_pressing()
        if self._only_edits(item):
            item = await self._edit_with_room()
        if item is None:
            return None
        async with self._at_work:
            if self._rests:
                return None
            route = next((route for route, digest in self.digests.items() if digest.id == item), None)
            outcome = await (self._tell(item) if route is None else self._tell_digest(self.digests[route]))
            self._note(outcome, item)
        return outcome

    def _only_edits(self, item: str | None) -> bool:
        entry = None if item is None else self.entries.get(item)
        return entry is not None and only_edits(entry)

    async def _edit_with_room(self) -> str | None:
        """The most pressing of those that only bring newer numbers, when it may be told; None as soon as there is
        something that is new.
        """
        room = asyncio.ensure_future(self._notifier.room())
        try:
            while True:
                self._news.clear()
                item = self._most_pressing()
                if not self._only_edits(item):
                    return None
                if room.done():
                    room.result()
                    return item
                news = asyncio.ensure_future(self._news.wait())
                await asyncio.wait({room, news}, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
        finally:
            room.cancel()

    async def _tell(self, story: str) -> Outcome:
        """Tell the newest state of a story that a checkpoint holds."""
        entry = self.entries[story]
        if entry.waiting is not None and entry.waiting.id in self._saved:
            self._tried[story] = _Tried(entry.waiting)
        tried = self._tried[story]
        if story in self._in_doubt:
            found = await self._notifier.find(tried.told)
            self._in_doubt.discard(story)
            if found is not None:
                entry.receipt = found
                self._changed(story)
        outcome = await self._notifier.send(tried.told, entry.receipt)
        if isinstance(outcome, Delivered):
            self._settle(story, tried, outcome)
        return outcome

    def _settle(self, story: str, tried: _Tried, outcome: Delivered) -> None:
        """The receiver has it. What replaced it meanwhile is yet to be told, but for its own reason alone."""
        entry, told, since = self.entries[story], tried.told, tried.since
        is_new = entry.receipt is None and outcome.receipt is not None
        if is_new and told.turns and self._notifier.has_threads:
            # A message has no thread before it is there.
            thread = structs.replace(told, reason=Reason.MORE)
            since = thread if since is None else merged(thread, since)
        if since is None or since.id != told.id:
            self._saved.discard(told.id)
        entry.receipt, entry.is_told, entry.is_lost = outcome.receipt or entry.receipt, True, False
        entry.waiting, entry.waits_since = since, None if since is None else since.at
        del self._tried[story]
        self._pressing.edited(story, _now())
        self._changed(story)
        self._delivered(told)

    async def _tell_digest(self, digest: Digest) -> Outcome:
        is_there: bool | TryAgain = False
        if digest.id in self._in_doubt:
            is_there = await self._notifier.has_digest(digest)
        if isinstance(is_there, TryAgain):
            return is_there
        outcome: Outcome = Delivered() if is_there else await self._notifier.send_digest(digest)
        self._in_doubt.discard(digest.id)
        if isinstance(outcome, TryAgain):
            self._in_doubt.add(digest.id)  # it may have arrived all the same
        elif isinstance(outcome, Delivered):
            if self.digests[digest.route].id == digest.id:
                del self.digests[digest.route]
            self._saved.discard(digest.id)
            self._digested(digest)
        return outcome

    def _note(self, outcome: Outcome, item: str) -> None:
        match outcome:
            case Delivered():
                self._count("delivered")
                self._refused(None)
                self._pressing.delivered(item)
            case TryAgain(why=why):
                self._count("again")
                are_others = self._most_pressing(but=item) is not None
                self._pressing.tried_in_vain(item, _now(), are_others=are_others)
                logger.warning(
                    "a receiver could not take a notification; trying again",
                    extra={"receiver": self.receiver, "item": item, "why": why},
                )
            case Refused(why=why, is_message=is_message):
                self._count("refused")
                self._pressing.refused(item, _now(), is_message=is_message)
                if not is_message:
                    self._refused(why)
                logger.error(
                    "a receiver refuses notifications; somebody must act",
                    extra={"receiver": self.receiver, "item": item, "why": why},
                )

    def _forget(self, newest: Notification) -> None:
        for story, entry in list(self.entries.items()):
            entry.newest = entry.newest or newest.at  # of one that is lost nobody knows it
            if story not in self._tried and entry.is_forgotten(newest.at):
                del self.entries[story]
                self._pressing.forget(story)
                self._changed(story)


def _now() -> float:
    return asyncio.get_running_loop().time()
