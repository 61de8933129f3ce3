"""Sends recordings to Kafka as they are: fast, at the pace of life, or moved to the present."""

import gzip
import sys
import zlib
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from io import BufferedReader
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
GZIP_MAGIC = b"\x1f\x8b"
_PIECE_BYTES = 1_000_000
PATIENCE = timedelta(minutes=30)
"""How long Kafka may be away in the middle of it."""


class Sent(Struct, kw_only=True):
    """What became of a recording."""

    lines: int = 0
    records: int = 0
    seconds: float = 0.0
    refused: list[int] = []
    """The number of each line that is larger than Kafka takes."""


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
        self.bytes_read = 0
        """Of the file as it lies on the disk; 0 where it is no ordinary file."""

    def __iter__(self) -> Iterator[bytes]:
        """The lines that are not blank."""
        return (line for _, line in self.numbered())

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """The lines that are not blank, each with its number from 1. Raises `OSError`, with how far it was read.

        Of a line that is longer than `LARGEST_LINE_BYTES`, only enough to see that it is.
        """
        for burst in self.bursts():
            yield from burst

    def bursts(self) -> Iterator[list[tuple[int, bytes]]]:
        """As `numbered`, those together that came together: what follows them may be long in coming."""
        number = 0
        try:
            for lines in self._pieces():
                yield [
                    (at, line.rstrip(b"\r").removeprefix(BOM_UTF8 if at == 1 else b""))  # some editors put one there
                    for at, line in enumerate(lines, number + 1)
                    if line.strip()
                ]
                number += len(lines)
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or f"{error}: it is damaged or cut short, fetch it once more"
            beyond = f" beyond line {number}" if number else ""
            raise OSError(f"{self._path or 'standard input'} cannot be read{beyond}: {reason}") from error

    @property
    def is_stream(self) -> bool:
        """Whether another program writes it, perhaps without end."""
        return self._path is None

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

    def _pieces(self) -> Iterator[list[bytes]]:
        """Whole lines, as many as can be had at once."""
        rest = b""
        with ExitStack() as opened:
            source, file = self._open(opened)
            while piece := source.read1(_PIECE_BYTES):
                if file is not None and file.seekable():
                    self.bytes_read = file.tell()
                *lines, rest = (rest + piece).split(b"\n")
                rest = rest[: LARGEST_LINE_BYTES + 1]
                yield lines
        yield [rest]

    def _open(self, opened: ExitStack) -> tuple[Any, BufferedReader | None]:
        """What to read from, and the file below it; `opened` closes both."""
        if self._path is None:
            return opened.enter_context(sys.stdin.buffer), None
        file = opened.enter_context(self._path.open("rb"))
        if self._path.suffix == ".gz" or file.peek(2).startswith(GZIP_MAGIC):
            return opened.enter_context(gzip.GzipFile(fileobj=file)), file
        return file, file


class Sender:
    """Sends lines to the topic `mentions`."""

    def __init__(self, producer: Any, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    @classmethod
    @contextmanager
    def open(cls, kafka: Kafka) -> Iterator["Sender"]:
        """Connect. Raises `AccessError` where Kafka cannot be reached, or does not have the topic."""
        from kafka import KafkaProducer

        from streams.kafka.client import AccessError, access, admin, for_kafka_python
        from streams.kafka.topics import missing, names, required

        reached, topic = access(kafka), names(kafka).mentions
        with admin(reached) as client:  # says in words what is wrong, where the producer would only time out
            if missing(client, [each for each in required(kafka) if each.name == topic]):
                raise AccessError(f"the topic {topic} is missing: create it with `groundswell topics CONFIG`")
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
            yield cls(producer, topic)
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
        """Send all of it, and wait until Kafka has it. Raises `AccessError` where it does not take it.

        Args:
            recording: In the order in which it is to be sent.
            speed: Times real time; None is as fast as can be.
            now: Move the times so that the newest is said at the moment at which it is sent, if all goes well; None
                leaves them alone.
            progress: Told how many lines were sent.
        """
        from kafka.errors import KafkaError

        from streams.kafka.client import AccessError

        started, sent = monotonic(), Sent()
        deliveries: deque[Any] = deque()
        try:
            for record, count in self._paced(recording, speed, _shift(recording, speed, now), sent):
                deliveries.append(self._producer.send(self._topic, value=record))
                sent.lines += count
                sent.records += 1
                progress(sent.lines)
                while deliveries and deliveries[0].is_done:  # a stream may never end
                    deliveries.popleft().get()  # raises what went wrong
            self._producer.flush()
            for delivery in deliveries:
                delivery.get(timeout=PATIENCE.total_seconds())
        except KafkaError as error:
            raise AccessError(
                f"Kafka does not take mentions into {self._topic} any more: {error}. See to it, and send them again: "
                "what it has already is known by its ids"
            ) from error
        sent.seconds = monotonic() - started
        return sent

    def _paced(
        self, recording: Recording, speed: float | None, shift: timedelta | None, sent: Sent
    ) -> Iterator[tuple[bytes, int]]:
        """Records and how many lines each holds, when their time has come."""
        clock = _Pace(recording.span if speed is not None else None, speed or 1.0)
        waiting: list[bytes] = []
        size = 0
        for burst in recording.bursts():
            for number, line in burst:
                if len(line) > LARGEST_LINE_BYTES:
                    sent.refused.append(number)
                    continue
                is_due_later = clock.seconds_until(line) > 0
                is_full = len(waiting) == LINES_A_RECORD or size + len(line) > RECORD_LIMIT_BYTES
                if waiting and (is_due_later or is_full):
                    yield b"\n".join(waiting), len(waiting)
                    waiting, size = [], 0
                if is_due_later:
                    self._producer.flush()
                    sleep(clock.seconds_until(line))
                waiting.append(line if shift is None else moved(line, shift))
                size += len(line)
            if waiting and recording.is_stream:
                yield b"\n".join(waiting), len(waiting)
                waiting, size = [], 0
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
