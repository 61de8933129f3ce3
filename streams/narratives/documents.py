"""Documents of a JSON-lines file as mentions: for files that know nothing of channels, authors and times."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from alerting.plain_text import for_log
from detectors.mention import Mention
from streams.backtest.bad_input import BadInput
from streams.encoding.languages import UNKNOWN, identify
from streams.encoding.text_cleaning import cleaned
from streams.ingesting import Recording
from streams.reading import EARLIEST, TEXT_LIMIT, WORD_LIMIT

BEGINS_AT = datetime(2020, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Calculating with times must not lead out of the calendar, which ends with year 9999."""
APART = timedelta(minutes=1)
"""Between two documents without times: what is forgotten then goes by how many were heard since."""
_SAMPLE = 2_000
_NEARLY_ALL = 0.9


def documents(
    recording: Recording, path: Path, id_field: str, text_field: str, *, timed: bool = True
) -> Iterator[Mention]:
    """Every document, in file order, with the time in its field `at`, or else a minute after the one before.

    Args:
        recording: Of the file.
        path: Its name, for what is wrong with it.
        id_field: What holds a document's id.
        text_field: What holds its text.
        timed: Whether the times matter; else what stands in `at` is passed over.

    Raises:
        BadInput: A line is no document, its id was there before, or times go backwards or are given for some only.
    """
    lines: dict[str, int] = {}
    last: datetime | None = None
    has_times: bool | None = None
    for place, (number, line) in enumerate(recording.numbered()):
        document = _object(path, number, line)
        name = _id(path, number, document, id_field)
        if (before := lines.setdefault(name, number)) != number:
            raise BadInput(path, number, f"has the id of line {before}; give each document its own in {id_field!r}")
        at = _time(path, number, document) if timed else None
        if has_times not in (None, at is not None):
            raise BadInput(path, number, '"at" is given for some documents only: give all of them a time, or none')
        has_times = at is not None
        if at is None:
            at = BEGINS_AT + place * APART
        if last is not None and at < last:
            raise BadInput(path, number, 'lies before the line above it: sort the file by "at"')
        last = at
        text = _text(path, number, document, text_field)
        language = document.get("lang")
        yield Mention(
            id=name, channel="documents", at=at, text=text, lang=language if isinstance(language, str) else None
        )


def common_language(documents: Sequence[Mention]) -> str | None:
    """The language that nearly all of those are in whose language can be told; None where there is none.

    A source usually says in which language it is. A file of documents does not, and short texts do not show it.
    """
    sample = documents[:: max(1, len(documents) // _SAMPLE)]
    found = Counter(identify(cleaned(document.text), None) for document in sample)
    del found[UNKNOWN]
    language, texts = max(found.items(), key=lambda item: item[1], default=(None, 0))
    return language if texts >= _NEARLY_ALL * found.total() else None


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(path, number, f"is no JSON ({error}): give one JSON object a line") from None
    if not isinstance(document, dict):
        raise BadInput(path, number, "is no JSON object: give one a line, with an id and a text")
    return document


def _id(path: Path, number: int, document: dict[str, Any], field: str) -> str:
    value = document.get(field)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadInput(path, number, f"has no id in {field!r} ({_fields(document)}): name its field by --id-field")
    if len(str(value)) > WORD_LIMIT:
        raise BadInput(path, number, f"has an id of more than {WORD_LIMIT} characters")
    return str(value)


def _text(path: Path, number: int, document: dict[str, Any], field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str):
        raise BadInput(path, number, f"has no text in {field!r} ({_fields(document)}): name its field by --text-field")
    return value[:TEXT_LIMIT]


def _time(path: Path, number: int, document: dict[str, Any]) -> datetime | None:
    if document.get("at") is None:
        return None
    try:
        at = msgspec.convert(document["at"], datetime)
    except msgspec.ValidationError:
        raise BadInput(path, number, '"at" is no time: write it as 2030-04-01T12:00:00Z') from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if not EARLIEST <= at < LATEST:
        raise BadInput(
            path, number, f'"at" is before {EARLIEST.year} or after {LATEST.year}: give the true time, or none'
        )
    return at.astimezone(UTC)


def _fields(document: dict[str, Any]) -> str:
    shown = ", ".join(for_log(name, 40) for name in list(document)[:8])
    return f"it has {shown}" if shown else "it is empty"
