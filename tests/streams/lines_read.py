"""A good line, and what becomes of lines, for the tests of reading."""

import json
from datetime import UTC, datetime
from typing import Any

from detectors.mention import Mention
from streams.reading import Malformed, read_mention, read_record

NOW = datetime(2030, 4, 1, 12, tzinfo=UTC)


def line(**changes: Any) -> bytes:
    """A good mention as JSON; a value of `...` leaves the field out."""
    fields: dict[str, Any] = {"id": "m1", "channel": "bluesky", "at": "2030-04-01T11:59:00Z", "text": "The census!"}
    return json.dumps({name: value for name, value in (fields | changes).items() if value is not ...}).encode()


def mention_of(value: bytes) -> Mention:
    mention = read_mention(value, NOW)
    assert isinstance(mention, Mention), mention
    return mention


def reason_of(value: bytes) -> str:
    malformed = read_mention(value, NOW)
    assert isinstance(malformed, Malformed), malformed
    return malformed.reason


def read(value: bytes | None) -> list[tuple[int, str]]:
    """The number of each line, and its mention's id or the reason why there is none."""
    return [
        (number, what.id if isinstance(what, Mention) else what.reason) for number, _, what in read_record(value, NOW)
    ]
