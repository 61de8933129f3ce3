"""What the stages' workers share: a producer, an endpoint, their health; and how those with state own and save it."""

import asyncio
import logging
import os
import socket
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from streams import records
from streams.app import Stage
from streams.kafka.client import UnreachableError
from streams.kafka.producing import Output, Producer
from streams.records import Tick
from streams.settings.config import Config
from streams.stages.assignment import Assignment
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.endpoint import CannotListen, Endpoint
from streams.stages.group import LOOK_AFTER, check_owned
from streams.stages.metrics import Metrics
from streams.stages.work import Event, Work

logger = logging.getLogger(__name__)

SAVE_EVERY = timedelta(seconds=4)
REST_SECONDS, SAVE_SECONDS, GIVE_BACK_SECONDS = 4, 5, 1
"""How long the steps of an orderly stop may take; together less than `STOP_WITHIN` of `streams/stages/supervising.py`.
What does not come to its end in this time is done again by whoever comes next."""
GOES_ON = "Nothing is lost: its successor waits for Kafka, and goes on where this worker was."
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
            reason = os.strerror(error.errno) if error.errno else error
            raise CannotListen(
                f"metrics.{self.name}: cannot listen at {host}:{port} ({reason}). Does another groundswell run here? "
                "Else set another port in the config; 0 takes a free one"
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
        for given_back in (self.endpoint.stop(), self._ends.stop(), self.producer.stop()):
            with suppress(Exception):  # a Kafka that is away must not hold up the end
                await asyncio.wait_for(given_back, GIVE_BACK_SECONDS)
        logger.info("stopped; it goes on here when it is started again")

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
        from aiokafka.errors import KafkaError

        if self.partitions:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = monotonic()
        elif monotonic() - self._without_since > LOOK_AFTER.total_seconds():
            self._without_since = None
            kafka = self.config.kafka
            with suppress(KafkaError):  # it is away: then nobody can be asked, and nothing is to be shared out
                await check_owned(self.client, f"{kafka.topic_prefix}{self.name}", self.topic, kafka.partitions)

    async def _end_offsets(self, positions: Mapping[int, int]) -> dict[int, int]:
        from aiokafka import TopicPartition
        from aiokafka.errors import KafkaError

        if not positions:
            return {}
        asked = [TopicPartition(self.topic, number) for number in positions]
        try:
            ends = await self._ends.end_offsets(asked)
        except KafkaError as error:
            raise UnreachableError(f"Kafka does not answer: {error}. Does it run? {GOES_ON}") from error
        return {tp.partition: int(end) for tp, end in ends.items()}


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
        with suppress(Exception):
            await asyncio.wait_for(self.assignment.rest(), REST_SECONDS)
        is_saved = False
        with suppress(Exception):
            is_saved = await asyncio.wait_for(self.assignment.save_all(), SAVE_SECONDS)
        if not is_saved:
            logger.warning("could not save what came since the last checkpoint: whoever comes next does that again")
        self.assignment.let_go()
        await self.assignment.closed()
        await super().stop()
