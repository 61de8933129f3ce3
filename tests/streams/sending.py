"""Recordings, and a producer that only keeps what it is to send, for the tests of `ingest`."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams.ingesting import Recording, time_of

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)
OLD = datetime(2014, 8, 10, 9, tzinfo=UTC)


CONFIG = """\
organisation: {name: Census Office}
monitors: [{name: census, query: census, detectors: {volume_spike: {}}}]
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
"""


class Delivery:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.is_done = True

    def get(self, timeout: float = 0.0) -> None:
        if self.error is not None:
            raise self.error


class Kept:
    """Keeps what a Kafka producer would send, and when it was made to send it."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.flushed_at: list[int] = []
        self.error: Exception | None = None

    def send(self, topic: str, value: bytes) -> Delivery:
        self.values.append(value)
        return Delivery(self.error)

    def flush(self) -> None:
        self.flushed_at.append(len(self.values))

    @property
    def lines(self) -> list[bytes]:
        return [line for value in self.values for line in value.split(b"\n")]


def line(at: datetime = OLD, **changes: Any) -> bytes:
    return json.dumps({"id": "m", "channel": "news", "at": at.isoformat(), "text": "x"} | changes).encode()


def recording(folder: Path, *lines: bytes, name: str = "mentions.jsonl", end: bytes = b"\n") -> Recording:
    content = end.join(lines) + end
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return Recording(path)


def times(lines: list[bytes]) -> list[datetime | None]:
    return [time_of(each) for each in lines]
