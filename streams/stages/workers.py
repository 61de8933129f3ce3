"""The three stages as their workers run them: what each is made of, its ticks, its metrics, its health."""

import asyncio
import logging
import os
import socket
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from msgspec import structs
from threadpoolctl import threadpool_limits

from alerting.alert import Alert
from alerting.notifier import Notifier
from streams import records
from streams.app import Stage
from streams.kafka.producing import Output, Producer
from streams.kafka.topics import TopicNames
from streams.pipeline import Monitor
from streams.records import Tick
from streams.settings.config import Config
from streams.stages.assignment import Assignment, Event, Work
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.detect import DetectWork
from streams.stages.endpoint import Endpoint
from streams.stages.group import LOOK_AFTER, check_owned
from streams.stages.match import Encodes, Matches, MatchStage
from streams.stages.metrics import Metrics
from streams.stages.notify import NotifyWork

logger = logging.getLogger(__name__)

SAVE_EVERY = timedelta(seconds=4)
IDLE_SECONDS = 1.5
STUCK_AFTER = timedelta(seconds=60)
"""Without a sign of life from the input, though there are ticks each second, a worker is not healthy."""


class Worker(Stage):
    """What all stages share: a producer, an endpoint, and knowing how far the input goes."""

    def __init__(self, name: str, topic: str, config: Config, client: Mapping[str, Any]) -> None:
        self.name = name
        self.topic = topic
        self.config = config
        self.client = client
        self.metrics = Metrics(config, name)
        self.worker = f"{socket.gethostname()}-{os.getpid()}"
        self.producer = Producer(client)
        self.endpoint = Endpoint(self.metrics.registry, self.problems)
        self.partitions: list[int] = []
        self.alive_at = monotonic()
        self._without_since: float | None = None

    async def start(self) -> None:
        from aiokafka import AIOKafkaConsumer

        await self.producer.start()
        # Belongs to no group: it only asks where the partitions end, which a consumer that hangs would not notice.
        self._ends = AIOKafkaConsumer(**self.client, enable_auto_commit=False)
        await self._ends.start()
        host, port = self.config.metrics.host, getattr(self.config.metrics, self.name)
        try:
            port = await self.endpoint.start(host, port)
        except OSError as error:
            raise OSError(
                f"metrics.{self.name}: cannot listen at {host}:{port} ({error.strerror}); 0 takes a free port"
            ) from error
        logger.info("ready", extra={"metrics": f"http://{host}:{port}/metrics"})

    def assigned(self, partitions: Sequence[int]) -> None:
        self.partitions = list(partitions)
        self.metrics.partitions.set(len(partitions))
        self.alive_at = monotonic()
        logger.info("has partitions", extra={"partitions": ",".join(map(str, partitions)) or "none"})

    def revoked(self) -> None:
        self.partitions = []
        self.metrics.partitions.set(0)

    async def every_second(self, positions: Mapping[int, int]) -> None:
        await self._look_for_orphans()
        ends = await self._end_offsets(positions)
        self.metrics.lag.set(sum(max(0, end - self.done(number, positions)) for number, end in ends.items()))
        self.alive_at = monotonic()
        await self.second(positions, ends)

    async def stop(self) -> None:
        await self.endpoint.stop()
        await self._ends.stop()
        await self.producer.stop()

    def done(self, number: int, positions: Mapping[int, int]) -> int:
        """The offset up to which a partition was taken in, exclusive."""
        return positions[number]

    @abstractmethod
    async def second(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        """What the stage does once a second, knowing where its partitions end."""

    def problems(self) -> Sequence[str]:
        """What is wrong, in words, for whoever watches the process."""
        problems = []
        if not self.partitions:
            problems.append("it has no partitions: more workers than partitions, or it is not in its group")
        silent = monotonic() - self.alive_at
        if silent > STUCK_AFTER.total_seconds():
            problems.append(f"no sign of life for {silent:.0f} s: Kafka cannot be reached, or the worker hangs")
        return problems

    async def _look_for_orphans(self) -> None:
        if self.partitions:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = monotonic()
        elif monotonic() - self._without_since > LOOK_AFTER.total_seconds():
            self._without_since = None
            kafka = self.config.kafka
            await check_owned(self.client, f"{kafka.topic_prefix}{self.name}", self.topic, kafka.partitions)

    async def _end_offsets(self, positions: Mapping[int, int]) -> dict[int, int]:
        from aiokafka import TopicPartition

        if not positions:
            return {}
        asked = [TopicPartition(self.topic, number) for number in positions]
        return {tp.partition: int(end) for tp, end in (await self._ends.end_offsets(asked)).items()}


class MatchWorker(Worker):
    """`match`: no state; its ticks tell how far it has read."""

    is_stateless = True

    def __init__(
        self,
        config: Config,
        client: Mapping[str, Any],
        topics: TopicNames,
        matcher: Matches,
        encoder: Encodes | None,
        reads_vectors: Set[str],
    ) -> None:
        super().__init__("match", topics.mentions, config, client)
        self._encoder = encoder
        self._stage = MatchStage(matcher, encoder, reads_vectors, self.producer, topics, self.metrics)
        self._done: dict[int, int] = {}
        self._in_work = 0
        self._busy_until = monotonic()
        self._counted: dict[str, int] = {}
        """Texts that came to the encoder, as far as the metrics have them."""

    async def take(self, events: Sequence[Event], before: "asyncio.Future[None] | None") -> None:
        self._in_work += 1
        try:
            await self._stage.take(events, before)
        finally:
            self._in_work -= 1
            self._busy_until = monotonic()
        for event in events:
            self._done[event.message.partition] = event.message.offset + 1
        self.metrics.last_record.set_to_current_time()

    def revoked(self) -> None:
        super().revoked()
        self._stage.forget()
        self._done.clear()
        self._busy_until = monotonic()

    async def second(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        self._count_encoded()
        at_end = {number: self._is_at_end(number, positions[number], end) for number, end in ends.items()}
        if at_end:
            await self.producer.send(self._stage.tick(at_end, self.worker, self.config.kafka.partitions))

    def done(self, number: int, positions: Mapping[int, int]) -> int:
        return self._done.get(number, positions[number])

    async def stop(self) -> None:
        self._stage.close()
        await super().stop()

    def _count_encoded(self) -> None:
        if self._encoder is not None:
            for outcome, total in structs.asdict(self._encoder.stats).items():
                counter = self.metrics.encoded.labels(outcome)
                counter.inc(total - self._counted.get(outcome, 0))
                self._counted[outcome] = total

    def _is_at_end(self, number: int, position: int, end: int) -> bool:
        """Whether all of a partition was taken in.

        What was fetched may still wait in Faust's queues, so that alone says something only when nothing has come out
        of them for a while: needed for a partition without news, and for one that ends in control records.
        """
        was_idle = self._in_work == 0 and monotonic() - self._busy_until >= IDLE_SECONDS
        return self._done.get(number, -1) >= end or (position >= end and was_idle)


class StatefulWorker(Worker):
    """`detect` and `notify`: their partitions are owned, and saved, as `streams/stages/assignment.py` says."""

    is_stateless = False

    def __init__(
        self,
        name: str,
        config: Config,
        client: Mapping[str, Any],
        topic: str,
        state_topic: str,
        downstream: str | None,
    ) -> None:
        super().__init__(name, topic, config, client)
        self._downstream = downstream
        prefix = config.kafka.topic_prefix
        self.assignment = Assignment(
            lambda number: Checkpoints(client, state_topic, number, f"{prefix}{name}-{number}"),
            self.begin,
            self.producer.send,
            save_every=SAVE_EVERY,
            on_saved=self.metrics.checkpointed,
            on_taken_over=self.metrics.take_over_seconds.observe,
        )

    @abstractmethod
    def begin(self, number: int, restored: Restored) -> Work:
        """The work of one partition."""

    async def take(self, events: Sequence[Event], before: "asyncio.Future[None] | None") -> None:
        for event in events:
            await self.assignment.handle(event)
        self.metrics.last_record.set_to_current_time()

    def revoked(self) -> None:
        super().revoked()
        self.assignment.let_go()

    def done(self, number: int, positions: Mapping[int, int]) -> int:
        done = self.assignment.done(number)
        return positions[number] if done is None else done

    async def second(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        await self.assignment.save_due()
        if self._downstream is not None and self.partitions:
            value = records.encode(Tick(clock=datetime.now(UTC), worker=self.worker, sources=()))
            ticks = [Output(topic=self._downstream, partition=number, value=value) for number in self.partitions]
            await self.producer.send(ticks)

    async def stop(self) -> None:
        with suppress(Exception):  # what could not be saved is done again by the next owner
            await asyncio.wait_for(self.assignment.save_all(), timeout=5)
        self.assignment.let_go()
        await self.assignment.closed()
        await super().stop()


class DetectWorker(StatefulWorker):
    """`detect`: one pipeline per monitor."""

    def __init__(
        self, config: Config, client: Mapping[str, Any], topics: TopicNames, monitors: Sequence[Monitor]
    ) -> None:
        super().__init__("detect", config, client, topics.monitored, topics.detect_state, topics.notifications)
        self._monitors = monitors
        self._topics = topics
        self.metrics.show_firing(config, self._firing)

    async def start(self) -> None:
        # The matrices are small: more threads only wait for each other.
        threadpool_limits(1, user_api="blas")
        await super().start()

    def begin(self, number: int, restored: Restored) -> Work:
        return DetectWork(number, restored, self._monitors, self.config.kafka.partitions, self._topics, self.metrics)

    async def second(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        await super().second(positions, ends)
        times = [work.stream_time for work in self._works() if work.stream_time is not None]
        if times:
            lateness = max(monitor.lateness for monitor in self.config.monitors)
            self.metrics.watermark.set((min(times) - lateness).timestamp())

    def _works(self) -> list[DetectWork]:
        return [work for work in self.assignment.work() if isinstance(work, DetectWork)]

    def _firing(self) -> Iterable[Alert]:
        for work in self._works():
            yield from work.firing()


class NotifyWorker(StatefulWorker):
    """`notify`: the only stage that anybody hears of."""

    def __init__(
        self,
        config: Config,
        client: Mapping[str, Any],
        topics: TopicNames,
        notifiers: Mapping[str, Callable[[], Notifier]],
    ) -> None:
        super().__init__("notify", config, client, topics.notifications, topics.notify_state, None)
        self._notifiers = notifiers
        self._topics = topics

    def begin(self, number: int, restored: Restored) -> Work:
        return NotifyWork(number, restored, self._notifiers, self._topics, self.metrics)
