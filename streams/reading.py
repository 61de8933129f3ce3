"""Reads mentions from bytes that nobody vouches for: each line becomes a mention, or a reason why it cannot.

A record holds one JSON object or several as JSON lines; a bad line never takes the others with it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct, structs

from detectors.mention import MENTION_KINDS, Mention

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How much later than its own arrival a mention may claim to be before its clock is taken to run ahead."""
TEXT_LIMIT = 65_536
"""Characters of text that are kept: more is a paste, and what it is about stands at its beginning."""
WORD_LIMIT = 512
"""Characters of an id, a handle, a channel: more is an attack."""
LINE_LIMIT_BYTES = 4_000_000

Reason = Literal["empty", "not_json", "wrong_type", "missing_field", "bad_value", "too_large"]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Malformed(Struct, frozen=True):
    """Why a line is no mention."""

    reason: Reason
    detail: str
    """In our own words and field names; holds none of the line's text."""


def read_record(value: bytes | None, arrived_at: datetime) -> Iterator[tuple[int, bytes, Mention | Malformed]]:
    """Each line of a record: its number from 1, its bytes, and what it is.

    Args:
        value: The record's value; None for a Kafka tombstone.
        arrived_at: When the record came, UTC; stands in for mentions that do not say it themselves.
    """
    if value is None or not value.strip():
        yield 1, value or b"", Malformed("empty", "the record is empty")
        return
    if b"\n" not in value:
        yield 1, value, read_mention(value, arrived_at)
        return
    lines = [(number, line) for number, line in enumerate(value.split(b"\n"), 1) if line.strip()]
    first = read_mention(lines[0][1], arrived_at)
    if isinstance(first, Malformed) and first.reason == "not_json":
        whole = read_mention(value, arrived_at)  # one object, printed over several lines
        if isinstance(whole, Mention):
            yield 1, value, whole
            return
    yield *lines[0], first
    for number, line in lines[1:]:
        yield number, line, read_mention(line, arrived_at)


def read_mention(line: bytes, arrived_at: datetime) -> Mention | Malformed:
    """One JSON object as a mention with every time in UTC, every text within its limit and `arrived_at` set."""
    if len(line) > LINE_LIMIT_BYTES:
        return Malformed("too_large", f"{len(line):,} bytes; at most {LINE_LIMIT_BYTES:,} are read")
    try:
        return _tidy(_decode(line), arrived_at)
    except msgspec.ValidationError as error:
        missing = "missing required field" in str(error)
        return Malformed("missing_field" if missing else "wrong_type", str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Malformed("not_json", str(error))
    except RecursionError:
        return Malformed("not_json", "nested too deeply")
    except (ValueError, OverflowError) as error:
        return Malformed("bad_value", str(error))


_decoder = msgspec.json.Decoder(Mention)


def _decode(line: bytes) -> Mention:
    try:
        return _decoder.decode(line)
    except msgspec.ValidationError:
        # Many producers write null for what they do not know: to us that is the same as leaving it out.
        return msgspec.convert(_without_nulls(msgspec.json.decode(line)), Mention)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _tidy(mention: Mention, arrived_at: datetime) -> Mention:
    if not mention.id.strip():
        raise ValueError("`id` is empty")
    if len(mention.id) > WORD_LIMIT:
        raise ValueError(f"`id` has {len(mention.id)} characters; at most {WORD_LIMIT} are accepted")
    at = mention.at.astimezone(UTC)
    # A producer's arrival time is believed unless it lies in our future.
    arrived = arrived_at if mention.arrived_at is None else min(mention.arrived_at.astimezone(UTC), arrived_at)
    clock_ahead = at > arrived + CLOCK_TOLERANCE
    return structs.replace(
        mention,
        at=arrived if clock_ahead else at,
        arrived_at=arrived,
        clock_ahead=clock_ahead,
        encoding=None,
        channel=mention.channel.strip()[:64] or "other",
        kind=mention.kind if mention.kind in MENTION_KINDS else "other",
        text=mention.text[:TEXT_LIMIT],
        title=mention.title[:TEXT_LIMIT] if mention.title else None,
        url=_bounded(mention.url, 2048),
        lang=_bounded(mention.lang, 35),
        country=_bounded(mention.country, 8),
        in_reply_to=_bounded(mention.in_reply_to),
        repost_of=_bounded(mention.repost_of),
        links=tuple(link for link in mention.links[:50] if len(link) <= 2048),
        author=_tidy_author(mention),
    )


def _tidy_author(mention: Mention) -> Any:
    author = mention.author
    if len(author.id or "") > WORD_LIMIT or len(author.handle or "") > WORD_LIMIT:
        return structs.replace(author, id=_bounded(author.id), handle=_bounded(author.handle))
    return author


def _bounded(text: str | None, limit: int = WORD_LIMIT) -> str | None:
    """None instead of a value that is too long to be what it claims to be: a cut link would lead elsewhere."""
    return text if text and len(text) <= limit else None
