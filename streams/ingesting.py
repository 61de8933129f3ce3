"""Sends recordings to Kafka as they are: fast, at the pace of life, or moved to the present."""

import gzip
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import msgspec
from msgspec import Struct

from streams.settings.config import Kafka

LINES_A_RECORD = 32
"""Faust's cost is per record, so several lines share one; few enough that a stage handles one in good time."""
RECORD_LIMIT_BYTES = 200_000
LARGEST_LINE_BYTES = 15_000_000
"""The topic takes 16 MB."""
LONGEST_RECORDING = timedelta(days=5 * 365)
"""On either side of its middle: one mention of 1970 or 2099 must not move all others by decades."""
PATIENCE = timedelta(minutes=30)
"""How long Kafka may be away in the middle of it."""


class Sent(Struct, kw_only=True):
    """What became of a recording."""

    lines: int = 0
    records: int = 0
    seconds: float = 0.0
    refused: list[tuple[int, int]] = []
    """Number and size of each line that is larger than Kafka takes."""


class Span(Struct, frozen=True):
    """The first and the last time in a recording."""

    first: datetime
    last: datetime


class _When(Struct):
    at: datetime


class Recording:
    """JSON lines in a file, gzipped or not, or from standard input (None)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __iter__(self) -> Iterator[bytes]:
        with self._open() as lines:
            for number, line in enumerate(lines):
                if number == 0:
                    line = line.removeprefix(BOM_UTF8)  # some editors put one there
                if line.strip():
                    yield line.rstrip(b"\r\n")

    @cached_property
    def lines(self) -> int | None:
        """How many there are; None where that cannot be known beforehand."""
        return None if self._path is None else sum(1 for _ in self)

    @cached_property
    def span(self) -> Span | None:
        """Of the lines that have a time; None where none has. Times far from most others are clocks that go wrong."""
        times = sorted(at for line in self if (at := time_of(line)) is not None)
        if not times:
            return None
        middle = times[len(times) // 2]
        near = [at for at in times if abs(at - middle) <= LONGEST_RECORDING]
        return Span(near[0], near[-1])

    def _open(self) -> Any:
        if self._path is None:
            return sys.stdin.buffer
        return gzip.open(self._path) if self._path.suffix == ".gz" else self._path.open("rb")


class Sender:
    """Sends lines to the topic `mentions`."""

    def __init__(self, producer: Any, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    @classmethod
    @contextmanager
    def open(cls, kafka: Kafka) -> Iterator["Sender"]:
        """Connect. Raises `AccessError` where Kafka cannot be reached."""
        from kafka import KafkaProducer

        from streams.kafka.client import access, admin, for_kafka_python
        from streams.kafka.topics import names

        reached = access(kafka)
        with admin(reached):
            pass  # says in words what is wrong, where the producer would only time out
        patience_ms = int(PATIENCE.total_seconds() * 1000)
        producer = KafkaProducer(
            **for_kafka_python(reached),
            acks="all",
            linger_ms=20,
            max_request_size=LARGEST_LINE_BYTES + 100_000,
            delivery_timeout_ms=patience_ms,
            max_block_ms=patience_ms,
        )
        try:
            yield cls(producer, names(kafka).mentions)
        finally:
            producer.close(timeout=10)

    def send(
        self,
        recording: Recording,
        *,
        speed: float | None = None,
        now: datetime | None = None,
        progress: Callable[[int], None] = lambda lines: None,
    ) -> Sent:
        """Send all of it, and wait until Kafka has it.

        Args:
            recording: In the order in which it is to be sent.
            speed: Times real time; None is as fast as can be.
            now: Move the times so that the newest is said at the moment at which it is sent, if all goes well; None
                leaves them alone.
            progress: Told how many lines were sent.
        """
        started, sent, futures = monotonic(), Sent(), []
        for record, count in self._paced(recording, speed, _shift(recording, speed, now), sent):
            futures.append(self._producer.send(self._topic, value=record))
            sent.lines += count
            sent.records += 1
            progress(sent.lines)
        self._producer.flush()
        for future in futures:
            future.get(timeout=PATIENCE.total_seconds())  # raises what went wrong
        sent.seconds = monotonic() - started
        return sent

    def _paced(
        self, recording: Recording, speed: float | None, shift: timedelta | None, sent: Sent
    ) -> Iterator[tuple[bytes, int]]:
        """Records and how many lines each holds, when their time has come."""
        clock = _Pace(recording.span if speed is not None else None, speed or 1.0)
        waiting: list[bytes] = []
        size = 0
        for number, line in enumerate(recording, 1):
            if len(line) > LARGEST_LINE_BYTES:
                sent.refused.append((number, len(line)))
                continue
            is_due_later = clock.seconds_until(line) > 0
            if waiting and (is_due_later or len(waiting) == LINES_A_RECORD or size + len(line) > RECORD_LIMIT_BYTES):
                yield b"\n".join(waiting), len(waiting)
                waiting, size = [], 0
            if is_due_later:
                self._producer.flush()
                sleep(clock.seconds_until(line))
            waiting.append(line if shift is None else moved(line, shift))
            size += len(line)
        if waiting:
            yield b"\n".join(waiting), len(waiting)


class _Pace:
    """When each line is due."""

    def __init__(self, span: Span | None, speed: float) -> None:
        self._span = span
        self._speed = speed
        self._started = monotonic()

    def seconds_until(self, line: bytes) -> float:
        """How long to wait before a line is sent; a tenth of a second is not worth it."""
        if self._span is None or (at := time_of(line)) is None or at > self._span.last:
            return 0.0
        due = (at - self._span.first).total_seconds() / self._speed
        wait = due - (monotonic() - self._started)
        return wait if wait > 0.1 else 0.0


def time_of(line: bytes) -> datetime | None:
    """When it was said, or None where the line does not tell."""
    try:
        at = msgspec.json.decode(line, type=_When).at
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return at if at.tzinfo is not None else None


def moved(line: bytes, shift: timedelta) -> bytes:
    """The same mention, said so much later by an account of the same age, and arrived when it arrives.

    What is no mention stays as it is.
    """
    at = time_of(line)
    if at is None:
        return line
    mention = msgspec.json.decode(line)
    try:
        mention["at"] = at + shift
    except OverflowError:
        return line
    mention.pop("arrived_at", None)
    author = mention.get("author")
    if isinstance(author, dict) and (created := _later(author.get("created_at"), shift)) is not None:
        author["created_at"] = created
    return msgspec.json.encode(mention)


def _later(moment: Any, shift: timedelta) -> datetime | None:
    """None where it is no time, or leads out of the calendar."""
    try:
        at: datetime = msgspec.convert(moment, datetime)
        return at + shift if at.tzinfo is not None else None
    except (msgspec.ValidationError, OverflowError):
        return None


def _shift(recording: Recording, speed: float | None, now: datetime | None) -> timedelta | None:
    span = recording.span if now is not None else None
    if now is None or span is None:
        return None
    lasts = (span.last - span.first) / speed if speed is not None else timedelta(0)
    return now + lasts - span.last
