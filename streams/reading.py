"""Reads mentions from bytes that nobody vouches for: each line becomes a mention, or a reason why it cannot.

A record holds one JSON object or several as JSON lines; a bad line never takes the others with it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct, field

from detectors.mention import MENTION_KINDS, Author, Engagement, Mention, Moment

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How much later than its own arrival a mention may claim to be before its clock is taken to run ahead."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing was said before it; and calculating with times must not lead out of the calendar, which begins in year 1."""
TEXT_LIMIT = 65_536
"""Characters of text that are kept: more is a paste, and what it is about stands at its beginning."""
WORD_LIMIT = 512
"""Characters of an id, a handle, a channel: more is an attack."""
LINE_LIMIT_BYTES = 4_000_000
LINES_LIMIT = 20_000
"""Lines of one record that are read one by one: millions of empty words must not become millions of dead letters."""
COUNT_LIMIT = 2**53
"""Followers, likes and the like: no such number is as large, and MessagePack takes none that is much larger."""

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
        if isinstance(whole, Mention) or whole.reason not in ("not_json", "too_large"):
            yield 1, value, whole
            return
    yield *lines[0], first
    for number, line in lines[1:LINES_LIMIT]:
        yield number, line, read_mention(line, arrived_at)
    if len(lines) > LINES_LIMIT:
        yield *lines[LINES_LIMIT], Malformed("too_large", f"{len(lines):,} lines; at most {LINES_LIMIT:,} are read")


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


class _Sent(Mention, frozen=True, kw_only=True):
    """A mention as a producer may write it: what stands in our own fields is neither read nor told."""

    clock_ahead: Any = field(default=None, name="groundswell:clock_ahead")
    encoding: Any = field(default=None, name="groundswell:encoding")
    marks: Any = field(default=None, name="groundswell:marks")


_decoder = msgspec.json.Decoder(_Sent)


def _decode(line: bytes) -> _Sent:
    try:
        return _decoder.decode(line)
    except msgspec.ValidationError:
        # Many producers write null for what they do not know: to us that is the same as leaving it out.
        return msgspec.convert(_without_nulls(msgspec.json.decode(line)), _Sent)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _tidy(sent: _Sent, arrived_at: datetime) -> Mention:
    if not sent.id.strip():
        raise ValueError("`id` is empty")
    if len(sent.id) > WORD_LIMIT:
        raise ValueError(f"`id` has {len(sent.id)} characters; at most {WORD_LIMIT} are accepted")
    at = sent.at.astimezone(UTC)
    if at < EARLIEST:
        raise ValueError("`at` is before 1970")
    arrived = _believed(sent.arrived_at, arrived_at)
    clock_ahead = at > arrived + CLOCK_TOLERANCE
    return Mention(
        id=sent.id,
        channel=sent.channel.strip()[:64] or "other",
        at=arrived if clock_ahead else at,
        text=sent.text[:TEXT_LIMIT],
        kind=sent.kind if sent.kind in MENTION_KINDS else "other",
        title=sent.title[:TEXT_LIMIT] if sent.title else None,
        url=_bounded(sent.url, 2048),
        in_reply_to=_bounded(sent.in_reply_to),
        repost_of=_bounded(sent.repost_of),
        arrived_at=arrived,
        author=_tidy_author(sent.author),
        lang=_bounded(sent.lang, 35),
        links=tuple(link for link in sent.links[:50] if len(link) <= 2048),
        metrics=_tidy_metrics(sent.metrics),
        country=_bounded(sent.country, 8),
        synthetic=sent.synthetic,
        clock_ahead=clock_ahead,
    )


def _believed(sent: Moment | None, arrived_at: datetime) -> datetime:
    """A producer's arrival time, unless it lies in our future or before all time."""
    arrived = _in_utc(sent)
    return arrived_at if arrived is None or arrived < EARLIEST else min(arrived, arrived_at)


_NOBODY = Author()
_NOTHING = Engagement()


def _tidy_author(sent: Author) -> Author:
    if sent == _NOBODY:
        return _NOBODY
    return Author(
        id=_bounded(sent.id),
        handle=_bounded(sent.handle),
        followers=_counted(sent.followers),
        created_at=_in_utc(sent.created_at),
        verified=sent.verified,
    )


def _tidy_metrics(sent: Engagement) -> Engagement:
    if sent == _NOTHING:
        return _NOTHING
    return Engagement(
        likes=_counted(sent.likes),
        reposts=_counted(sent.reposts),
        replies=_counted(sent.replies),
        views=_counted(sent.views),
    )


def _bounded(text: str | None, limit: int = WORD_LIMIT) -> str | None:
    """None instead of a value that is too long to be what it claims to be: a cut link would lead elsewhere."""
    return text if text and len(text) <= limit else None


def _counted(number: int | None) -> int | None:
    """None instead of what cannot be a count."""
    return number if number is not None and 0 <= number < COUNT_LIMIT else None


def _in_utc(moment: Moment | None) -> Moment | None:
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:  # in the first or last hours of the calendar
        return None
