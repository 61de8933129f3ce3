"""The stage `notify`: takes notifications from their topic and tells them; nowhere else is anything told to anybody."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec import msgpack

from alerting.alert import Notification
from alerting.digest import Digest
from alerting.notifier import Notifier
from streams import records
from streams.kafka.producing import Output
from streams.kafka.topics import TopicNames
from streams.records import DeadLetter, Tick
from streams.stages.allowance import REMOVED, Allowance
from streams.stages.checkpoint import Restored
from streams.stages.desk import Desk
from streams.stages.entry import REMEMBER_FIRING, Entry
from streams.stages.metrics import Metrics, age_seconds
from streams.stages.outbox import Queue
from streams.stages.patience import Patience
from streams.stages.refusals import Refusals
from streams.stages.rows import Rows, is_entry, read_rows, refusal_row, route_row
from streams.stages.work import Work

logger = logging.getLogger(__name__)


class NotifyWork(Work):
    """One partition of `notifications`: the queues of the receivers that fall into it.

    Args:
        number: Of the partition.
        restored: What was saved.
        notifiers: How to tell each receiver of the config; called when something is to be told.
        allowances: What each route allows, by its name.
        watchers: Of each receiver, those that are told when it refuses everything.
        organisation: Whose groundswell it is.
        timezone: By whose clock people are told times: an IANA name.
        patience: How long to wait before a receiver is tried again.
    """

    def __init__(
        self,
        number: int,
        restored: Restored,
        notifiers: Mapping[str, Callable[[], Notifier]],
        topics: TopicNames,
        metrics: Metrics,
        allowances: Mapping[str, Allowance] | None = None,
        watchers: Mapping[str, Sequence[str]] | None = None,
        organisation: str = "",
        patience: Patience = Patience(),  # noqa: B008 - frozen
        timezone: str = "UTC",
    ) -> None:
        self._number = number
        self._notifiers = notifiers
        self._topics = topics
        self._metrics = metrics
        self._allowances = allowances or {}
        self._watchers = watchers or {}
        self._organisation = organisation
        self._timezone = timezone
        self._patience = patience
        self._queues: dict[str, Queue] = {}
        self._desks: dict[str, Desk] = {}
        self._refusals: dict[str, Refusals] = {}
        # Of receivers that the config does not have, be it by mistake, or because a new one is being rolled out: what
        # waits for them is kept until some worker knows them.
        self._kept: dict[str, Rows] = {}
        self._changed: set[tuple[str, str]] = set()
        self._unsaved: set[tuple[str, str]] = set()
        self._saving: set[tuple[str, str]] = set()
        self._groups: dict[str, dict[str, bytes]] = {name: dict(rows) for name, rows in restored.groups.items()}
        for receiver in self._groups:
            rows = read_rows(self._groups[receiver], partial(self._unreadable, receiver))
            if receiver in notifiers:
                self._open(receiver, rows)
            else:
                self._kept[receiver] = rows
                self._refusals[receiver] = self._refusals_of(receiver, rows)
                self._refusals[receiver].removed()
                if any(entry.waiting for entry in rows.entries.values()):
                    logger.warning(
                        "notifications wait for a receiver that the config no longer has: name it there again",
                        extra={"receiver": receiver},
                    )

    def handle(self, value: bytes | None, offset: int) -> Sequence[Output]:
        self._raise_errors()
        try:
            record = records.notified(value or b"")
        except records.Unreadable as error:
            return [self._dead_letter(value or b"", offset, str(error))]
        if isinstance(record, Tick):
            self._tick(record)
        elif record.receiver not in self._notifiers:
            self._keep(record)
        else:
            queue = self._queues.get(record.receiver) or self._open(record.receiver, Rows())
            if queue.put(record):
                self._unsaved.add((record.receiver, record.story.id))
            self._count_waiting(queue)
        return self._about_refusals()

    @property
    def wants_saving(self) -> bool:
        """At once where something waits to be told: it is told only after that."""
        return bool(self._unsaved) or bool(self._changed)

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        self._raise_errors()
        self._saving, self._unsaved = self._changed | self._unsaved, set()
        self._changed = set()
        for receiver, name in self._saving:
            rows = self._groups.setdefault(receiver, {})
            row = self._row(receiver, name)
            if row is None:
                rows.pop(name, None)
            else:
                rows[name] = msgpack.encode(row)
        return {receiver: self._groups[receiver] for receiver, _ in self._saving}

    def saved(self) -> None:
        for receiver, queue in self._queues.items():
            names = [name for of, name in self._saving if of == receiver]
            routes = [route for route in queue.digests if route_row(route) in names]
            queue.saved(names, routes)
        for receiver, refusals in self._refusals.items():
            if (receiver, refusal_row) in self._saving - self._changed:  # as it is now
                refusals.saved()
        self._saving = set()

    async def rest(self) -> None:
        await asyncio.gather(*(queue.rest() for queue in self._queues.values()))

    async def close(self) -> None:
        for receiver in self._queues:
            self._metrics.given_up(receiver)  # whoever has the partition now counts them
        # All at once: while one gives back its connections another must not go on telling.
        await asyncio.gather(*(queue.close() for queue in self._queues.values()), return_exceptions=True)

    @property
    def is_idle(self) -> bool:
        """Whether everything has been told."""
        return not any(queue.waiting for queue in self._queues.values())

    def _tick(self, tick: Tick) -> None:
        self._metrics.ticked(tick.clock)
        for receiver in [receiver for receiver, rows in self._kept.items() if rows.are_forgotten(tick.clock)]:
            self._forget(receiver)
        for receiver, queue in self._queues.items():
            desk = self._desks[receiver]
            before = {route: row.digest for route, row in desk.rows.items()}
            self._unsaved |= {(receiver, story) for story in desk.tick(tick.clock, queue.entries)}
            for route, row in desk.rows.items():
                if row.digest is not None and row.digest != before.get(route):
                    queue.put_digest(row.digest)
                    self._count_waiting(queue)
            for allowance in self._allowances.values():
                if receiver in allowance.receivers:
                    self._metrics.spent(allowance, receiver, desk.spent(allowance, tick.clock))

    def _forget(self, receiver: str) -> None:
        """Of a receiver that stays out of the config nothing is kept for ever."""
        del self._kept[receiver]
        self._changed |= {(receiver, name) for name in self._groups.get(receiver, {}) if name != refusal_row}
        logger.warning(
            "forgot what was kept for a receiver that the config has not had for a long time",
            extra={"receiver": receiver, "days": REMEMBER_FIRING.days},
        )

    def _row(self, receiver: str, name: str) -> object | None:
        """What is kept under this name now; None where it is to be forgotten."""
        queue = self._queues.get(receiver)
        if name == refusal_row:
            return self._refusals[receiver].refusal
        if queue is None:
            kept = self._kept.get(receiver)
            return None if kept is None else kept.entries.get(name)
        routes = {route_row(route): row for route, row in self._desks[receiver].rows.items()}
        return routes.get(name) or queue.entries.get(name)

    def _unreadable(self, receiver: str, name: str, why: str) -> None:
        self._changed.add((receiver, name))
        self._metrics.warm_ups.inc()
        follows = "the receiver is asked whether it has the story" if is_entry(name) else "that begins anew"
        logger.warning(
            "saved state cannot be read, perhaps it is of another version",
            extra={"receiver": receiver, "story": name, "why": why, "follows": follows, "partition": self._number},
        )

    def _open(self, receiver: str, rows: Rows) -> Queue:
        notifier = self._notifiers[receiver]()
        desk = Desk(
            receiver,
            notifier.interrupts,
            self._allowances,
            rows.routes,
            held=lambda gate: self._metrics.held.labels(receiver, gate.value).inc(),
            changed=lambda route: self._changed.add((receiver, route_row(route))),
        )
        desk.judge_kept(rows.entries)
        refusals = self._refusals_of(receiver, rows)
        queue = Queue(
            receiver,
            notifier,
            rows.entries,
            count=lambda outcome: self._metrics.notifications.labels(receiver, outcome).inc(),
            delivered=lambda told: self._told(receiver, told),
            changed=lambda story: self._changed.add((receiver, story)),
            digests={route: row.digest for route, row in rows.routes.items() if row.digest is not None},
            digested=lambda digest: self._digested(receiver, digest),
            refused=lambda why: self._refused(receiver, why),
            admit=desk.admit,
            patience=self._patience,
        )
        self._queues[receiver], self._desks[receiver], self._refusals[receiver] = queue, desk, refusals
        self._count_waiting(queue)
        self._metrics.refused.labels(receiver).set(refusals.is_refused)
        return queue

    def _refusals_of(self, receiver: str, rows: Rows) -> Refusals:
        return Refusals(receiver, rows.refusal, lambda: self._changed.add((receiver, refusal_row)))

    def _keep(self, notification: Notification) -> None:
        receiver, story = notification.receiver, notification.story.id
        logger.error(
            "a notification is for a receiver that the config does not have: it is kept until the config names it",
            extra={"receiver": receiver, "notification": notification.id},
        )
        entry = self._kept.setdefault(receiver, Rows()).entries.setdefault(story, Entry())
        if not entry.is_repeat(notification):
            entry.note(notification)
            entry.wait(notification)
            self._unsaved.add((receiver, story))

    def _told(self, receiver: str, told: Notification) -> None:
        self._metrics.notification_delay.labels(receiver).observe(age_seconds(told.heard_at))
        self._metrics.event_to_notification.labels(receiver).observe(age_seconds(told.at))
        self._count_waiting(self._queues[receiver])

    def _digested(self, receiver: str, digest: Digest) -> None:
        self._desks[receiver].digest_told(digest.route, digest)
        self._metrics.digested.labels(receiver).inc(len(digest.held) + digest.left_out)
        self._count_waiting(self._queues[receiver])

    def _refused(self, receiver: str, why: str | None) -> None:
        refusals = self._refusals[receiver]
        refusals.note(why, self._queues[receiver].waiting)
        self._metrics.refused.labels(receiver).set(refusals.is_refused)

    def _about_refusals(self) -> list[Output]:
        """What others are to be told of receivers that take nothing."""
        return [
            Output(topic=self._topics.notifications, key=told.receiver.encode(), value=records.encode(told))
            for receiver, refusals in self._refusals.items()
            for told in refusals.news(
                self._watchers.get(receiver, self._watchers.get(REMOVED, ())), self._organisation, self._timezone
            )
        ]

    def _count_waiting(self, queue: Queue) -> None:
        self._metrics.waiting.labels(queue.receiver).set(queue.waiting)

    def _raise_errors(self) -> None:
        for queue in self._queues.values():
            if queue.error is not None:
                raise queue.error

    def _dead_letter(self, value: bytes, offset: int, why: str) -> Output:
        self._metrics.dead_letters.labels("wrong_type").inc()
        letter = DeadLetter.of(
            value, "wrong_type", why, topic=self._topics.notifications, partition=self._number, offset=offset
        )
        return Output(topic=self._topics.dead_letters, value=records.encode(letter))
