import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from msgspec import structs
from prometheus_client import CollectorRegistry

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity, State
from alerting.digest import Digest
from alerting.notifier import Delivered, Notifier, Outcome, Refused
from streams import records
from streams.kafka.topics import names
from streams.records import DeadLetter, Tick
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Route, Terminal
from streams.stages.allowance import allowances, watchers
from streams.stages.checkpoint import Restored
from streams.stages.entry import Entry
from streams.stages.metrics import Metrics
from streams.stages.notify import NotifyWork
from streams.stages.patience import Patience
from tests.building import notification, time

TOPICS = names(Kafka())
RECEIPT = Receipt(channel="C1", ts="1.0")
Groups = dict[str, dict[str, bytes]]


def routed(id: str) -> Notification:
    """A new story that takes the route `press`."""
    return structs.replace(notification(id=id), route="press")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.001)


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
            {name: lambda name=name: self.listeners[name] for name in receivers},  # type: ignore[misc]  # its default
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


async def test_a_notification_is_told_after_it_was_saved(stage: Open) -> None:
    ours = stage()
    first = notification(id="s1")
    ours.take(first)
    assert ours.work.wants_saving
    await asyncio.sleep(0.01)
    assert ours.listeners["comms"].told == []
    ours.save()
    assert ours.entry("comms", "s1").waiting == first
    await ours.until_idle()
    assert ours.listeners["comms"].told == [(first, None)]


async def test_the_receipt_is_saved_and_serves_a_later_owner(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1"))
    ours.save()
    await ours.until_idle()
    ours.save()
    assert (ours.entry("comms", "s1").waiting, ours.entry("comms", "s1").receipt) == (None, RECEIPT)
    assert not ours.work.wants_saving
    theirs = stage(ours.groups)
    more = notification(Reason.MORE, told=1, id="s1")
    theirs.take(notification(id="s1"), more)
    theirs.save()
    await theirs.until_idle()
    assert theirs.listeners["comms"].told == [(more, RECEIPT)]


async def test_what_waited_when_a_worker_died_is_told_by_its_successor(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1"))
    for name, rows in ours.work.changed().items():
        ours.groups[name] = dict(rows)  # saved, and then the worker is gone
    theirs = stage(ours.groups)
    assert theirs.count("groundswell_notifications_waiting", receiver="comms") == 1
    await theirs.until_idle()
    assert len(theirs.listeners["comms"].told) == 1


async def test_receivers_have_queues_of_their_own(stage: Open) -> None:
    ours = stage()
    ours.take(notification(id="s1", receiver="comms"), notification(id="s1", receiver="risk"))
    ours.save()
    await ours.until_idle()
    assert {name: len(each.told) for name, each in ours.listeners.items()} == {"comms": 1, "risk": 1}


async def test_an_error_inside_a_notifier_stops_the_worker(stage: Open) -> None:
    ours = stage()
    ours.listeners["comms"].error = RuntimeError("a bug")
    ours.take(notification(id="s1"))
    ours.save()
    await asyncio.sleep(0.01)
    with pytest.raises(RuntimeError, match="a bug"):
        ours.take(notification(id="s2", receiver="risk"))
    with pytest.raises(RuntimeError, match="a bug"):
        ours.save()


@pytest.mark.parametrize("garbage", [None, b"", b"\xff\x00", b"{}", b"\x81\xa4type\xa6secret", b"\x91" * 3000])
async def test_garbage_becomes_a_dead_letter(garbage: bytes | None, stage: Open) -> None:
    (output,) = stage().work.handle(garbage, 5)
    letter = msgspec.msgpack.decode(output.value or b"", type=DeadLetter)
    assert output.topic == TOPICS.dead_letters
    assert (letter.reason, letter.topic, letter.offset) == ("wrong_type", TOPICS.notifications, 5)
    assert "secret" not in letter.detail


async def test_a_tick_is_a_heartbeat(stage: Open) -> None:
    ours = stage()
    assert ours.work.handle(records.encode(Tick(clock=time("12:00"), worker="w", sources=())), 0) == []
    assert ours.count("groundswell_heartbeat_timestamp_seconds") == time("12:00").timestamp()


async def test_what_is_for_a_receiver_that_the_config_does_not_have_is_kept_for_a_worker_that_knows_it(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    ours = stage({"gone": {"s1": msgspec.msgpack.encode(Entry(known=["n"], receipt=RECEIPT))}})
    first, newer = (notification(Reason.MORE, told=told, id="s1", receiver="gone") for told in (1, 2))
    ours.take(first, first, newer)
    assert "does not have" in caplog.text
    assert ours.work.is_idle
    ours.save()
    assert not ours.work.wants_saving
    assert ours.entry("gone", "s1").waiting == newer
    theirs = stage({"comms": ours.groups["gone"]})
    await theirs.until_idle()
    assert theirs.listeners["comms"].told == [(newer, RECEIPT)]


async def test_what_was_kept_and_must_not_call_is_in_the_digest_once_a_worker_knows_the_receiver(stage: Open) -> None:
    ours = stage()
    hold = Hold(gate=Gate.QUIET_HOURS, why="until 07:00")
    for id, severity in (("s1", Severity.WARNING), ("s2", Severity.LIFE_SAFETY)):
        kept = notification(id=id, receiver="gone", severity=severity)
        ours.take(structs.replace(kept, hold=hold, route="press"))
    ours.save()
    theirs = stage({"comms": ours.groups["gone"]}, digest=("17:00",))
    await theirs.until_idle()
    assert [(told.story.id, told.hold) for told, _ in theirs.listeners["comms"].told] == [("s2", None)]
    theirs.tick("17:00")
    theirs.save()
    await until(lambda: theirs.listeners["comms"].digests != [])
    assert [held.story for held in theirs.listeners["comms"].digests[0].held] == ["s1"]


async def test_what_waits_for_a_receiver_that_is_gone_is_kept(stage: Open, caplog: pytest.LogCaptureFixture) -> None:
    row = msgspec.msgpack.encode(Entry(waiting=notification(id="s1", receiver="gone")))
    ours = stage({"gone": {"s1": row}})
    assert "no longer has" in caplog.text
    assert [vars(record)["receiver"] for record in caplog.records] == ["gone"]
    ours.take(notification(id="s2"))
    ours.save()
    assert ours.groups["gone"] == {"s1": row}


async def test_what_cannot_be_read_of_the_saved_state_is_forgotten_and_nothing_else_is(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    row = msgspec.msgpack.encode(Entry(waiting=notification(id="s1")))
    ours = stage({"comms": {"s1": row, "s2": b"\xc1", "s3": msgspec.msgpack.encode({"waiting": 1})}})
    assert [vars(record)["story"] for record in caplog.records] == ["s2", "s3"]
    assert ours.count("groundswell_warm_ups_total") == 2
    await ours.until_idle()
    assert [told.story.id for told, _ in ours.listeners["comms"].told] == ["s1"]
    ours.save()
    assert ours.groups["comms"].keys() == {"s1"}


async def test_what_waits_is_shown_until_it_is_told_or_the_partition_is_given_up(stage: Open) -> None:
    ours = stage()

    def waiting(receiver: str) -> Any:
        return ours.count("groundswell_notifications_waiting", receiver=receiver)

    ours.take(notification(id="s1"), notification(id="s2", receiver="risk"))
    assert (waiting("comms"), waiting("risk")) == (1, 1)
    ours.work._queues["comms"].saved(["s1"])
    await until(lambda: bool(ours.listeners["comms"].told))
    assert (waiting("comms"), waiting("risk")) == (0, 1)
    await ours.work.close()
    assert waiting("risk") == 0
    assert ours.listeners["comms"].is_closed


async def test_what_a_budget_does_not_cover_is_told_in_a_digest_that_is_told_once(stage: Open) -> None:
    ours = stage(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(routed("s1"))
    ours.save()
    assert ours.work.is_idle
    assert ours.count("groundswell_notifications_held_total", receiver="comms", gate="budget") == 1
    ours.tick("17:00")
    assert ours.waiting("comms") == 1
    ours.save()  # and then its worker is gone
    theirs = stage(ours.groups, interrupts_a_day=0)
    theirs.listeners["comms"].digests = list(ours.listeners["comms"].digests)
    await theirs.until_idle()
    (digest,) = theirs.listeners["comms"].digests
    assert [each.story for each in digest.held] == ["s1"]
    assert theirs.count("groundswell_digest_stories_total", receiver="comms") == 1
    theirs.save()
    await stage(theirs.groups, interrupts_a_day=0).until_idle()
    assert theirs.tick("17:00:01") == []
    assert theirs.work.is_idle


async def test_a_digest_that_was_posted_before_a_crash_is_found(stage: Open) -> None:
    ours = stage(interrupts_a_day=0)
    ours.tick("11:00")
    ours.take(routed("s1"))
    ours.tick("17:00")
    ours.save()
    await ours.until_idle()
    theirs = stage(ours.groups, interrupts_a_day=0)
    theirs.listeners["comms"].digests = list(ours.listeners["comms"].digests)
    await theirs.until_idle()
    assert len(theirs.listeners["comms"].digests) == 1


async def test_the_budget_is_shown_and_begins_anew_at_midnight(stage: Open) -> None:
    ours = stage(interrupts_a_day=4)
    ours.take(routed("s1"))
    labels = {"route": "press", "receiver": "comms"}
    ours.tick("12:06")
    assert ours.count("groundswell_interruptions_today", **labels) == 1
    assert ours.count("groundswell_interruptions_left", **labels) == 3
    ours.tick("2030-04-02T00:00")
    assert ours.count("groundswell_interruptions_today", **labels) == 0


async def test_a_receiver_that_refuses_everything_is_told_of_at_the_others_once_and_when_it_is_over(
    stage: Open,
) -> None:
    ours = stage()
    ours.listeners["comms"].refusal = Refused("The token was revoked: set a new one.")
    ours.take(routed("s1"))
    ours.save()
    await until(lambda: ours.count("groundswell_receiver_refused", receiver="comms") == 1)
    assert ours.tick("12:07") == []  # before a checkpoint holds it, nobody is told
    ours.save()
    (told,) = ours.tick("12:08")
    assert (told.receiver, told.reason, told.story.owner) == ("risk", Reason.FIRST, None)
    assert "comms" in told.story.headline
    assert "The token was revoked: set a new one." in told.story.alerts[0].evidence.summary
    assert ours.tick("12:09") == []
    ours.save()
    theirs = stage(ours.groups)
    await theirs.until_idle()
    theirs.save()
    (over,) = theirs.tick("12:10")
    assert (over.reason, over.story.id, over.story.state) == (Reason.RESOLVED, told.story.id, State.RESOLVED)
    theirs.save()
    assert theirs.count("groundswell_receiver_refused", receiver="comms") == 0
    assert ":refused" not in theirs.groups["comms"]


async def test_the_end_of_a_refusal_that_comes_while_a_checkpoint_is_made_waits_for_the_next(stage: Open) -> None:
    ours = stage()
    ours.listeners["comms"].refusal = Refused("The token was revoked.")
    ours.take(routed("s1"))
    ours.save()
    await until(lambda: ours.count("groundswell_receiver_refused", receiver="comms") == 1)
    ours.save()
    assert len(ours.tick("12:07")) == 1
    ours.work.changed()
    ours.listeners["comms"].refusal = None
    await ours.until_idle()
    ours.work.saved()
    assert ours.tick("12:08") == []
    ours.save()
    assert len(ours.tick("12:09")) == 1
