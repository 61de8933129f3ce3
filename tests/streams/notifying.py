"""The work of a partition of `notify` with receivers that keep what they are told."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import pytest_asyncio
from msgspec import structs
from prometheus_client import CollectorRegistry

from alerting.alert import Notification, Receipt
from alerting.digest import Digest
from alerting.notifier import Delivered, Notifier, Outcome, Refused
from streams import records
from streams.kafka.topics import names
from streams.records import Tick
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Route, Terminal
from streams.stages.allowance import allowances, watchers
from streams.stages.checkpoint import Restored
from streams.stages.entry import Entry
from streams.stages.metrics import Metrics
from streams.stages.notify import NotifyWork
from streams.stages.patience import Patience
from tests.building import notification, time
from tests.waiting import until

TOPICS = names(Kafka())
RECEIPT = Receipt(channel="C1", ts="1.0")
Groups = dict[str, dict[str, bytes]]


def routed(id: str) -> Notification:
    """A new story that takes the route `press`."""
    return structs.replace(notification(id=id), route="press")


class Listener(Notifier):
    """Takes what it is told, unless it has an error to raise."""

    def __init__(self) -> None:
        self.told: list[tuple[Notification, Receipt | None]] = []
        self.error: Exception | None = None
        self.refusal: Refused | None = None
        self.digests: list[Digest] = []
        self.is_closed = False

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if self.error is not None:
            raise self.error
        if self.refusal is not None:
            return self.refusal
        self.told.append((notification, receipt))
        return Delivered(RECEIPT)

    async def send_digest(self, digest: Digest) -> Outcome:
        self.digests.append(digest)
        return Delivered()

    async def has_digest(self, digest: Digest) -> bool:
        return digest in self.digests

    async def close(self) -> None:
        self.is_closed = True


class Stage:
    """The work of a partition with the receivers `comms` and `risk`, and the checkpoints of it."""

    def __init__(self, groups: Groups | None = None, **route: Any) -> None:
        receivers = ("comms", "risk")
        config = Config(
            organisation=Organisation(name="Census Office"),
            monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
            receivers=tuple(Terminal(name=name) for name in receivers),
            routes=(Route(receivers=receivers, name="press", **route),),
        )
        self.metrics = Metrics(config, "notify", CollectorRegistry())
        self.listeners = {name: Listener() for name in receivers}
        self.groups: Groups = groups or {}
        self.offset = 0
        self.work = NotifyWork(
            0,
            Restored(-1, {name: dict(rows) for name, rows in self.groups.items()}),
            {name: partial(self.listeners.__getitem__, name) for name in receivers},
            TOPICS,
            self.metrics,
            allowances(config),
            watchers(config),
            "Census Office",
            Patience(aside=timedelta(milliseconds=5)),
        )

    def take(self, *notifications: Notification) -> None:
        for each in notifications:
            assert self.work.handle(records.encode(each), self.offset) == []
            self.offset += 1

    def tick(self, clock: str) -> list[Notification]:
        """What it writes to its own topic then."""
        outputs = self.work.handle(records.encode(Tick(clock=time(clock), worker="w", sources=())), self.offset)
        self.offset += 1
        written = [records.notified(output.value or b"") for output in outputs]
        return [each for each in written if isinstance(each, Notification)]

    def save(self) -> None:
        for name, rows in self.work.changed().items():
            self.groups[name] = dict(rows)
        self.work.saved()

    async def until_idle(self) -> None:
        await until(lambda: self.work.is_idle)

    def entry(self, receiver: str, story: str) -> Entry:
        return msgspec.msgpack.decode(self.groups[receiver][story], type=Entry)

    def waiting(self, receiver: str) -> float | None:
        return self.count("groundswell_notifications_waiting", receiver=receiver)

    def count(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


Open = Callable[..., Stage]


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Open]:
    opened: list[Stage] = []

    def open_one(groups: Groups | None = None, **route: Any) -> Stage:
        opened.append(Stage(groups, **route))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.work.close()
