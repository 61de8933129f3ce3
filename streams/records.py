"""The records between the stages, and how each is read and written.

`mentions` holds JSON (one mention, or several as JSON lines), everything that we write ourselves is MessagePack.
Unknown fields are tolerated, so that a newer writer does not stop an older reader.
"""

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from alerting.action import Action
from alerting.alert import Notification
from detectors.detection import Detection
from detectors.mention import Mention, Moment

DEAD_LETTER_LIMIT_BYTES = 65_536


class Unreadable(Exception):  # noqa: N818 - the house names errors for what is wrong
    """A record is none of ours; says why, in words without any of the record's own text."""


class Source(Struct, frozen=True, kw_only=True):
    """How far `match` has read one partition of `mentions`."""

    partition: int
    newest: Moment | None
    """The greatest event time in it, of clocks that do not run ahead; None where this worker has read nothing yet."""
    newest_came_at: Moment | None
    """When that mention was read, by the worker's clock."""
    heard_at: Moment | None
    """When the last of those was read, newest or not."""
    at_end: bool
    """Whether everything in it has been read, and what it led to has been sent."""


class Batch(Struct, frozen=True, kw_only=True, tag="batch"):
    """Mentions of one monitor, in the order in which they were read."""

    monitor: str
    came_at: Moment
    """When they were read, by the clock of the `match` worker."""
    mentions: tuple[Mention, ...]


class Tick(Struct, frozen=True, kw_only=True, tag="tick"):
    """A heartbeat of an upstream worker, written once a second to every partition downstream."""

    clock: Moment
    worker: str
    sources: tuple[Source, ...]


Monitored = Batch | Tick | Action
"""What the topic `monitored` holds."""

Notified = Notification | Tick
"""What the topic `notifications` holds."""


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A record, or one line of it, that could not be read."""

    reason: str
    """From a closed list: a metric label. See `streams/reading.py`."""
    detail: str
    """In words, without any of the record's own text."""
    topic: str
    partition: int
    offset: int
    line: int
    """Within the record, from 1."""
    at: Moment | None
    """When it was read."""
    value: bytes
    """As it came, at most 64 kB of it."""
    size_bytes: int

    @classmethod
    def of(
        cls,
        value: bytes,
        reason: str,
        detail: str,
        *,
        topic: str,
        partition: int,
        offset: int,
        line: int = 1,
        at: datetime | None = None,
    ) -> "DeadLetter":
        """The letter for these bytes, cut where they are long."""
        return cls(
            reason=reason,
            detail=detail,
            topic=topic,
            partition=partition,
            offset=offset,
            line=line,
            at=at,
            value=value[:DEAD_LETTER_LIMIT_BYTES],
            size_bytes=len(value),
        )


class Found(Struct, frozen=True, kw_only=True):
    """A record of the audit topic `detections`, written as JSON."""

    id: str
    monitor: str
    detection: Detection


_monitored = msgspec.msgpack.Decoder(Monitored)
_notified = msgspec.msgpack.Decoder(Notification | Tick)
_encoder = msgspec.msgpack.Encoder()


def encode(record: Struct) -> bytes:
    """Any record of ours as MessagePack."""
    return _encoder.encode(record)


def monitored(value: bytes) -> Monitored:
    """Raises `Unreadable` for anything else."""
    record: Monitored = _decoded(_monitored, value)
    return record


def notified(value: bytes) -> Notified:
    """Raises `Unreadable` for anything else."""
    record: Notified = _decoded(_notified, value)
    return record


def _decoded(decoder: msgspec.msgpack.Decoder[Any], value: bytes) -> Any:
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        # It quotes a word that is in none of our lists.
        raise Unreadable(re.sub(r"(?s) '.*'", "", str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError, OverflowError) as error:
        raise Unreadable("it is no MessagePack") from error


def moment(timestamp_ms: int) -> datetime:
    """Kafka's milliseconds since 1970 as UTC."""
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC)
