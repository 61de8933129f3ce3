"""The stage `notify`: takes notifications from their topic and tells them; nowhere else is anything told to anybody."""

import logging
from collections.abc import Callable, Mapping, Sequence

from msgspec import MsgspecError, msgpack

from alerting.alert import Notification
from alerting.notifier import Notifier
from streams import records
from streams.kafka.producing import Output
from streams.kafka.topics import TopicNames
from streams.records import DeadLetter, Tick
from streams.stages.assignment import Work
from streams.stages.checkpoint import Restored
from streams.stages.metrics import Metrics, age_seconds
from streams.stages.outbox import Entry, Queue

logger = logging.getLogger(__name__)


class NotifyWork(Work):
    """One partition of `notifications`: the queues of the receivers that fall into it.

    Args:
        number: Of the partition.
        restored: What was saved.
        notifiers: How to tell each receiver of the config; called when something is to be told.
    """

    def __init__(
        self,
        number: int,
        restored: Restored,
        notifiers: Mapping[str, Callable[[], Notifier]],
        topics: TopicNames,
        metrics: Metrics,
    ) -> None:
        self._number = number
        self._notifiers = notifiers
        self._topics = topics
        self._metrics = metrics
        self._queues: dict[str, Queue] = {}
        # Of receivers that the config does not have, be it by mistake, or because a new one is being rolled out: what
        # waits for them is kept until some worker knows them.
        self._kept: dict[str, dict[str, Entry]] = {}
        self._changed: set[tuple[str, str]] = set()
        self._unsaved: set[tuple[str, str]] = set()
        self._saving: set[tuple[str, str]] = set()
        self._groups: dict[str, dict[str, bytes]] = {name: dict(rows) for name, rows in restored.groups.items()}
        for receiver in self._groups:
            entries = self._entries(receiver)
            if receiver in notifiers:
                self._open(receiver, entries)
            else:
                self._kept[receiver] = entries
                if any(entry.waiting for entry in entries.values()):
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
            self._metrics.ticked(record.clock)
            return []
        if record.receiver not in self._notifiers:
            self._keep(record)
            return []
        queue = self._queues.get(record.receiver) or self._open(record.receiver, {})
        if queue.put(record):
            self._unsaved.add((record.receiver, record.story.id))
        self._count_waiting(queue)
        return []

    @property
    def wants_saving(self) -> bool:
        """At once where something waits to be told: it is told only after that."""
        return bool(self._unsaved) or bool(self._changed)

    def changed(self) -> Mapping[str, Mapping[str, bytes]]:
        self._raise_errors()
        self._saving, self._unsaved = self._unsaved, set()
        touched, self._changed = self._changed | self._saving, set()
        for receiver, story in touched:
            rows = self._groups.setdefault(receiver, {})
            queue = self._queues.get(receiver)
            entry = (self._kept[receiver] if queue is None else queue.entries).get(story)
            if entry is None:
                rows.pop(story, None)
            else:
                rows[story] = msgpack.encode(entry)
        return {receiver: self._groups[receiver] for receiver, _ in touched}

    def saved(self) -> None:
        for receiver, queue in self._queues.items():
            queue.saved(story for name, story in self._saving if name == receiver)
        self._saving = set()

    async def close(self) -> None:
        for receiver in self._queues:
            self._metrics.waiting.labels(receiver).set(0)  # whoever has the partition now counts them
        for queue in self._queues.values():
            await queue.close()

    @property
    def is_idle(self) -> bool:
        """Whether everything has been told."""
        return not any(queue.waiting for queue in self._queues.values())

    def _entries(self, receiver: str) -> dict[str, Entry]:
        """What was saved of a receiver's stories. What cannot be read is left out: its story is told as a new one."""
        entries, rows = {}, self._groups[receiver]
        for story, row in list(rows.items()):
            try:
                entries[story] = msgpack.decode(row, type=Entry)
            except MsgspecError as error:
                del rows[story]
                self._metrics.warm_ups.inc()
                logger.warning(
                    "saved state cannot be read, perhaps it is of another version: a story counts as not yet told",
                    extra={"receiver": receiver, "story": story, "why": str(error), "partition": self._number},
                )
        return entries

    def _open(self, receiver: str, entries: dict[str, Entry]) -> Queue:
        queue = Queue(
            receiver,
            self._notifiers[receiver](),
            entries,
            count=lambda outcome: self._metrics.notifications.labels(receiver, outcome).inc(),
            delivered=lambda told: self._told(receiver, told),
            changed=lambda story: self._changed.add((receiver, story)),
        )
        self._queues[receiver] = queue
        self._count_waiting(queue)
        return queue

    def _keep(self, notification: Notification) -> None:
        receiver, story = notification.receiver, notification.story.id
        logger.error(
            "a notification is for a receiver that the config does not have: it is kept until the config names it",
            extra={"receiver": receiver, "notification": notification.id},
        )
        if self._kept.setdefault(receiver, {}).setdefault(story, Entry()).take_in(notification):
            self._unsaved.add((receiver, story))

    def _told(self, receiver: str, told: Notification) -> None:
        self._metrics.notification_delay.labels(receiver).observe(age_seconds(told.heard_at))
        self._metrics.event_to_notification.labels(receiver).observe(age_seconds(told.at))
        self._count_waiting(self._queues[receiver])

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
