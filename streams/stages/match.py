"""The stage `match`: raw records become batches of mentions per monitor, with their texts encoded. It has no state.

Most public text matches no monitor, and is read, searched and let go. What matches is encoded in one thread beside the
event loop, so that while one batch is encoded the next is read.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct, structs

from detectors.mention import Encoding, Mention
from streams import records
from streams.kafka.producing import Output, Producer
from streams.kafka.topics import TopicNames
from streams.reading import Malformed, read_record
from streams.records import Batch, DeadLetter, Source, Tick
from streams.stages.metrics import Metrics, age_seconds, channel_label

if TYPE_CHECKING:
    from streams.encoding.encoder import EncoderStats

BATCH_LIMIT = 64
"""Mentions of one batch record."""
BATCH_LIMIT_CHARACTERS = 100_000
"""Of text, links and names in one batch record, so that it stays well under the topic's 4 MB in any script."""


class Matches(Protocol):
    """Which monitors a mention is for."""

    def matches(self, mention: Mention) -> Sequence[str]: ...

    def marked(self, mention: Mention, monitors: Sequence[str]) -> Mention: ...


class Encodes(Protocol):
    """Texts to vectors; called from one thread."""

    @property
    def stats(self) -> "EncoderStats":
        """What became of the texts so far."""
        ...

    def encode(self, mentions: Sequence[Mention]) -> list[Encoding]: ...


class Record(Protocol):
    """One record of `mentions`, as Faust hands it over."""

    @property
    def value(self) -> bytes | None: ...
    @property
    def message(self) -> Any: ...


class _Matched(Struct):
    """A mention that is for somebody."""

    mention: Mention
    monitors: Sequence[str]


class _Reading(Struct):
    """What a batch of records held."""

    matched: list[_Matched] = []
    dead: list[Output] = []
    newest: dict[int, datetime] = {}
    """The greatest event time by partition, matched or not, of clocks that do not run ahead."""


class MatchStage:
    """Reads, matches, encodes, sends.

    Args:
        matcher: Knows the queries.
        encoder: None where no monitor reads vectors.
        reads_vectors: The monitors that do.
        producer: Where everything goes.
        topics: Their names.
        clock: When things come.
    """

    def __init__(
        self,
        matcher: Matches,
        encoder: Encodes | None,
        reads_vectors: Set[str],
        producer: Producer,
        topics: TopicNames,
        metrics: Metrics,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._matcher = matcher
        self._encoder = encoder
        self._reads_vectors = reads_vectors
        self._producer = producer
        self._topics = topics
        self._metrics = metrics
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._sources: dict[int, Source] = {}

    async def take(self, events: Sequence[Record], before: "asyncio.Future[None] | None" = None) -> None:
        """Take in records; returns when the broker has all that follows from them. Acknowledges nothing.

        Args:
            events: In the order of their offsets, of one or several partitions.
            before: The records before these. Reading and encoding do not wait for them, sending does.
        """
        came_at = self._clock()
        reading = self._read(events, came_at)
        await self._encode(reading.matched)
        if before is not None:
            await before
        await self._producer.send([*reading.dead, *_batches(reading.matched, came_at, self._topics.monitored)])
        # Only now: a tick that says how far we are must not overtake what we sent.
        for partition, newest in reading.newest.items():
            self._note(partition, newest, came_at)
        for each in reading.matched:
            self._metrics.mention_age.observe(age_seconds(each.mention.arrived_at or came_at))

    def tick(self, at_end: Mapping[int, bool], worker: str, partitions: int) -> list[Output]:
        """How far this worker is, for every partition downstream.

        Args:
            at_end: The partitions that this worker has, and whether each has been read to its end.
            worker: Its name.
            partitions: How many there are downstream.
        """
        sources = tuple(
            structs.replace(self._sources.get(partition, _unread(partition)), at_end=is_read)
            for partition, is_read in sorted(at_end.items())
        )
        value = records.encode(Tick(clock=self._clock(), worker=worker, sources=sources))
        return [Output(topic=self._topics.monitored, partition=number, value=value) for number in range(partitions)]

    def forget(self) -> None:
        """The partitions are revoked; whoever has them now tells how far they are."""
        self._sources.clear()

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)

    def _read(self, events: Sequence[Record], came_at: datetime) -> _Reading:
        reading = _Reading()
        for event in events:
            partition = event.message.partition
            arrived_at = min(records.moment(int(event.message.timestamp * 1000)), came_at)
            for number, line, mention in read_record(event.value, arrived_at):
                if isinstance(mention, Malformed):
                    reading.dead.append(self._dead_letter(event, number, line, mention, came_at))
                    continue
                if not mention.clock_ahead:
                    reading.newest[partition] = max(mention.at, reading.newest.get(partition, mention.at))
                monitors = self._match(mention)
                if monitors:
                    reading.matched.append(_Matched(self._matcher.marked(mention, monitors), monitors))
        return reading

    def _match(self, mention: Mention) -> Sequence[str]:
        monitors = self._matcher.matches(mention)
        outcome = "synthetic" if mention.synthetic else "matched" if monitors else "unmatched"
        self._metrics.mentions.labels(channel_label(mention.channel), outcome).inc()
        if mention.clock_ahead:
            self._metrics.clocks_ahead.inc()
        for monitor in monitors:
            self._metrics.matches.labels(monitor).inc()
        return monitors

    def _dead_letter(self, event: Record, number: int, line: bytes, why: Malformed, at: datetime) -> Output:
        self._metrics.dead_letters.labels(why.reason).inc()
        place = event.message
        letter = DeadLetter.of(
            line,
            why.reason,
            why.detail,
            topic=place.topic,
            partition=place.partition,
            offset=place.offset,
            line=number,
            at=at,
        )
        return Output(topic=self._topics.dead_letters, value=records.encode(letter))

    async def _encode(self, matched: Sequence[_Matched]) -> None:
        """Put into each mention what the encoder makes of its text, where one of its monitors reads vectors."""
        wanted = [each for each in matched if not self._reads_vectors.isdisjoint(each.monitors)]
        if self._encoder is None or not wanted:
            return
        loop = asyncio.get_running_loop()
        with self._metrics.encoding.time():
            encodings = await loop.run_in_executor(
                self._thread, self._encoder.encode, [each.mention for each in wanted]
            )
        for each, encoding in zip(wanted, encodings, strict=True):
            each.mention = structs.replace(each.mention, encoding=encoding)
            self._metrics.count_compared(encoding)

    def _note(self, partition: int, newest: datetime, came_at: datetime) -> None:
        # Only what tells a time is heard: a partition into which nothing but rubbish flows must not hold up time.
        source = structs.replace(self._sources.get(partition, _unread(partition)), heard_at=came_at)
        if source.newest is None or newest > source.newest:
            source = structs.replace(source, newest=newest, newest_came_at=came_at)
        self._sources[partition] = source


def _unread(partition: int) -> Source:
    return Source(partition=partition, newest=None, newest_came_at=None, heard_at=None, at_end=False)


def _batches(matched: Sequence[_Matched], came_at: datetime, topic: str) -> Iterator[Output]:
    """One record per monitor, or several where there is much text."""
    waiting: dict[str, list[Mention]] = defaultdict(list)
    size: dict[str, int] = defaultdict(int)
    for each in matched:
        characters = _characters(each.mention)
        for monitor in each.monitors:
            is_full = len(waiting[monitor]) == BATCH_LIMIT or size[monitor] + characters > BATCH_LIMIT_CHARACTERS
            if waiting[monitor] and is_full:
                yield _batch(monitor, waiting.pop(monitor), came_at, topic)
                size[monitor] = 0
            waiting[monitor].append(each.mention)
            size[monitor] += characters
    for monitor, mentions in waiting.items():
        yield _batch(monitor, mentions, came_at, topic)


def _characters(mention: Mention) -> int:
    """Of all that a stranger may have made long."""
    author = mention.author
    words = (
        mention.id,
        mention.text,
        mention.title,
        mention.url,
        mention.in_reply_to,
        mention.repost_of,
        author.id,
        author.handle,
        *mention.links,
    )
    return sum(len(word) for word in words if word)


def _batch(monitor: str, mentions: Sequence[Mention], came_at: datetime, topic: str) -> Output:
    batch = Batch(monitor=monitor, came_at=came_at, mentions=tuple(mentions))
    return Output(topic=topic, key=monitor.encode(), value=records.encode(batch))
