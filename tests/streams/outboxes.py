"""A queue of the outbox with a receiver that follows a script, for the tests of all that it promises."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest_asyncio

from alerting.alert import Notification, Reason, Receipt
from alerting.digest import Digest, composed
from alerting.notifier import Delivered, Notifier, Outcome, TryAgain
from streams.stages.entry import Entry
from streams.stages.outbox import Queue
from tests.building import notification as built
from tests.building import time
from tests.waiting import until

SOON = timedelta(milliseconds=5)
RECEIPT = Receipt(channel="C1", ts="1.0")


class Scripted(Notifier):
    """Gives the outcomes of its script, one after the other, then delivers all; notes what it was told."""

    def __init__(self, *script: Outcome | Exception, found: Receipt | None = None, there: bool = False) -> None:
        self.script = list(script)
        self.found = found
        self.there = there
        self.digests: list[Digest] = []
        self.told: list[tuple[Notification, Receipt | None]] = []
        self.asked: list[str] = []
        self.is_closed = False
        self.door = asyncio.Event()
        self.door.set()
        self.space = asyncio.Event()
        self.space.set()

    async def room(self) -> None:
        await self.space.wait()

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        self.told.append((notification, receipt))
        await self.door.wait()
        return self._next(otherwise=Delivered(receipt or RECEIPT))

    async def find(self, notification: Notification) -> Receipt | None:
        self.asked.append(notification.story.id)
        return self.found

    async def send_digest(self, digest: Digest) -> Outcome:
        self.digests.append(digest)
        return self._next(otherwise=Delivered())

    async def has_digest(self, digest: Digest) -> bool | TryAgain:
        return self.there

    async def close(self) -> None:
        self.is_closed = True

    def _next(self, otherwise: Outcome) -> Outcome:
        outcome = self.script.pop(0) if self.script else otherwise
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def reasons(self) -> list[Reason]:
        return [notification.reason for notification, _ in self.told]


class Outbox:
    """A queue, and all that it says to its surroundings."""

    def __init__(self, notifier: Scripted, entries: dict[str, Entry] | None = None, **more: Any) -> None:
        self.notifier = notifier
        self.counted: Counter[str] = Counter()
        self.delivered: list[Notification] = []
        self.waiting_when_delivered: list[int] = []
        self.changed: list[str] = []
        self.queue = Queue(
            "comms",
            notifier,
            {} if entries is None else entries,
            count=lambda outcome: self.counted.update([outcome]),
            delivered=self._delivered,
            changed=self.changed.append,
            **more,
        )

    def _delivered(self, notification: Notification) -> None:
        self.delivered.append(notification)
        self.waiting_when_delivered.append(self.queue.waiting)

    def put(self, *notifications: Notification, saved: bool = True) -> None:
        for notification in notifications:
            self.queue.put(notification)
        if saved:
            self.queue.saved([notification.story.id for notification in notifications])

    async def until(self, condition: Callable[[], bool]) -> None:
        def is_so() -> bool:
            assert self.queue.error is None, self.queue.error
            return condition()

        await until(is_so)

    async def until_told(self) -> None:
        await self.until(lambda: self.queue.waiting == 0)


Open = Callable[..., Outbox]


@pytest_asyncio.fixture
async def outbox() -> AsyncIterator[Open]:
    """Opens queues, and closes them when the test is over."""
    opened: list[Outbox] = []

    def open_one(
        *script: Outcome | Exception,
        entries: dict[str, Entry] | None = None,
        edit_every: timedelta = timedelta(0),
        has_threads: bool = True,
        **more: Any,
    ) -> Outbox:
        # What a notifier's class says of its kind.
        kind = type("ScriptedKind", (Scripted,), {"edit_every": edit_every, "has_threads": has_threads})
        notifier: Scripted = kind(*script, found=more.pop("found", None), there=more.pop("there", False))
        opened.append(Outbox(notifier, entries, **more))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.queue.close()


def notification(reason: Reason = Reason.FIRST, *, told: int = 0, about: str = "s1", **changes: Any) -> Notification:
    """Of the story `about`."""
    return built(reason, told=told, id=about, **changes)


def digest() -> Digest:
    """One that tells of nothing."""
    return composed([], route="press", receiver="comms", at=time("09:00"), timezone="UTC")
