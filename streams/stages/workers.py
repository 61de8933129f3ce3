"""The three stages as their workers run them: what each is made of, its ticks and its metrics."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from time import monotonic
from typing import Any

from msgspec import structs
from threadpoolctl import threadpool_limits

from alerting.alert import Alert
from alerting.notifier import Notifier
from alerting.precision import Precision
from detectors.known_claim import KnownClaim
from streams.kafka.topics import TopicNames
from streams.pipeline import Monitor
from streams.settings.config import Config
from streams.stages.allowance import allowances, watchers
from streams.stages.checkpoint import Restored
from streams.stages.claims_watch import ClaimsWatch
from streams.stages.collectors import Firing, Verdicts
from streams.stages.detect import DetectWork
from streams.stages.match import Encodes, Matches, MatchStage
from streams.stages.notify import NotifyWork
from streams.stages.slack_listening import SlackListening
from streams.stages.work import Event, Work
from streams.stages.worker import StatefulWorker, Worker

IDLE_SECONDS = 1.5


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


class DetectWorker(StatefulWorker):
    """`detect`: one pipeline per monitor."""

    def __init__(
        self,
        config: Config,
        client: Mapping[str, Any],
        topics: TopicNames,
        monitors: Sequence[Monitor],
        claims: ClaimsWatch,
    ) -> None:
        super().__init__("detect", config, client, topics.monitored, topics.detect_state, topics.notifications)
        self._monitors = monitors
        self._topics = topics
        self._claims = claims
        self._watching: asyncio.Task[None] | None = None
        self.metrics.show(Firing(config, self._firing))
        self.metrics.show(Verdicts(config, self._verdicts))

    async def start(self) -> None:
        # The matrices are small: more threads only wait for each other.
        threadpool_limits(1, user_api="blas")
        await super().start()
        self._watching = asyncio.create_task(self._claims.run(self.metrics, self._replace_claims))

    def begin(self, number: int, restored: Restored) -> Work:
        return DetectWork(number, restored, self._monitors, self.config.kafka.partitions, self._topics, self.metrics)

    async def second(self, positions: Mapping[int, int], ends: Mapping[int, int]) -> None:
        await super().second(positions, ends)
        if self._watching is not None and self._watching.done():
            self._watching.result()  # stops the worker where it failed
        times = [work.stream_time for work in self._works() if work.stream_time is not None]
        if times:
            lateness = max(monitor.lateness for monitor in self.config.monitors)
            self.metrics.watermark.set((min(times) - lateness).timestamp())

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().stop()

    def _replace_claims(self, claims: tuple[KnownClaim, ...]) -> None:
        """Of the partitions that it has, and of those that it is still to get."""
        self._monitors = tuple(monitor.with_claims(claims) for monitor in self._monitors)
        for work in self._works():
            work.replace_claims(claims)

    def _works(self) -> list[DetectWork]:
        return [work for work in self.assignment.work() if isinstance(work, DetectWork)]

    def _firing(self) -> Iterable[Alert]:
        for work in self._works():
            yield from work.firing()

    def _verdicts(self) -> Iterable[tuple[str, Precision]]:
        for work in self._works():
            yield from work.verdicts()


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
        self._clicks = SlackListening(config, client, self.producer.send, topics, self.metrics)

    async def start(self) -> None:
        await super().start()
        await self._clicks.start()

    async def stop(self) -> None:
        await self._clicks.stop()
        await super().stop()

    def begin(self, number: int, restored: Restored) -> Work:
        return NotifyWork(
            number,
            restored,
            self._notifiers,
            self._topics,
            self.metrics,
            allowances(self.config),
            watchers(self.config),
            self.config.organisation.name,
            timezone=self.config.organisation.timezone,
        )
