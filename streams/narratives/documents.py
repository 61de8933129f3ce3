"""Documents of a JSON-lines file as mentions: for files that know nothing of channels, authors and times.

Each document of the file becomes one mention, whatever it lacks: who judges us from outside needs a line for each.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from alerting.plain_text import for_log
from alerting.wording import counted
from detectors.mention import Mention
from streams.backtest.bad_input import BadInput
from streams.encoding.encoder import EncoderStats
from streams.encoding.languages import UNKNOWN, identify, primary_code
from streams.encoding.text_cleaning import cleaned
from streams.ingesting import Recording
from streams.reading import EARLIEST, TEXT_LIMIT

BEGINS_AT = datetime(2020, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Calculating with times must not lead out of the calendar, which ends with year 9999."""
APART = timedelta(minutes=1)
"""Between two documents without times: what is forgotten then goes by how many were heard since."""
ID_FIELDS = ("id", "idstr", "docid", "documentid", "tweetid", "postid", "uid", "uuid", "guid")
TEXT_FIELDS = (
    *("text", "fulltext", "textcleaned", "cleanedtext", "cleantext", "tweet", "tweettext", "post", "posttext"),
    *("content", "body", "message", "title", "headline"),
)
"""What fields are usually called, the likeliest first: in small letters, without `_` and `-`."""
_LOOKED_AT = 1_000
"""Documents, for what their fields are called."""
_MILLISECONDS = 1e11
"""A time that is a number is in seconds below it, which is the year 5138; above, in thousandths or millionths."""
_SAMPLE = 2_000
_NEARLY_ALL = 0.9


class Documents(Struct, frozen=True):
    """What a file holds, in its order."""

    ids: tuple[Any, ...]
    """As they stand in the file, of any type; None where a document has none."""
    mentions: tuple[Mention, ...]
    """One for each. Its id is its place in the file, so that two documents may have one id."""
    notes: tuple[str, ...]
    """What was taken for granted, to be told."""


def documents(path: Path, id_field: str | None, text_field: str | None, *, timed: bool = True) -> Documents:
    """Every document of a file, at the time in its field `at`; all a minute apart where one has none.

    Args:
        path: Of the file.
        id_field: What holds a document's id; None looks for a field that is called so.
        text_field: What holds its text; the same.
        timed: Whether the times matter; else what stands in `at` is passed over.

    Raises:
        BadInput: A line is no JSON object, a text or time is none, or no document has an id or a text.
    """
    lines = ((number, _object(path, number, line)) for number, line in Recording(path).numbered())
    first = list(islice(lines, _LOOKED_AT))
    id_name = id_field or _called(first, "id", ID_FIELDS, lambda value: isinstance(value, str | int))
    text_name = text_field or _called(first, "text", TEXT_FIELDS, lambda value: isinstance(value, str))
    found = _Found(path)
    for number, document in chain(first, lines):
        found.add(number, document, id_name, text_name, timed=timed)
    if first:
        _expect_one(path, first[0], found.without_id, len(found.ids), "id", id_name)
        _expect_one(path, first[0], found.without_text, len(found.ids), "text", text_name)
    mentions, notes = found.mentions(), found.notes(id_name, text_name)
    if all(each.lang is None for each in mentions) and (language := common_language([each.text for each in mentions])):
        notes.append(f"taken to be in one language: {language}")
        mentions = [structs.replace(each, lang=language) for each in mentions]
    return Documents(tuple(found.ids), tuple(mentions), tuple(notes))


def not_understood(stats: EncoderStats) -> str | None:
    """What to tell where the model does not cover some texts."""
    texts = stats.language + stats.uncalibrated + stats.shattered
    return (
        f"{counted(texts, 'text')} matched by letters only: not in a language that the model understands"
        if texts
        else None
    )


def common_language(texts: Sequence[str]) -> str | None:
    """The language that nearly all of those texts are in whose language can be told; None where there is none.

    A source usually says in which language it is. A file of texts does not, and short ones do not show it.
    """
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    found = Counter(identify(cleaned(text), None) for text in sample)
    del found[UNKNOWN]
    language, of_it = max(found.items(), key=lambda item: item[1], default=(None, 0))
    return language if of_it >= _NEARLY_ALL * found.total() else None


class _Found:
    """What was read so far, and what it lacks: the numbers of lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ids: list[Any] = []
        self._heard: list[tuple[datetime | None, str, str | None]] = []
        """Time, text and language."""
        self.without_id: list[int] = []
        self.without_text: list[int] = []
        self._without_time: list[int] = []

    def add(self, number: int, document: Mapping[str, Any], id_name: str, text_name: str, *, timed: bool) -> None:
        at = _time(self._path, number, document) if timed else None
        text = _text(self._path, number, document, text_name)
        self.ids.append(document.get(id_name))
        self._heard.append((at, text or "", _language(document)))
        for is_missing, lines in (
            (self.ids[-1] is None, self.without_id),
            (text is None, self.without_text),
            (at is None, self._without_time),
        ):
            if is_missing:
                lines.append(number)

    def mentions(self) -> list[Mention]:
        return [
            Mention(
                id=f"{place:09}",
                channel="documents",
                at=at if at is not None and not self._without_time else BEGINS_AT + place * APART,
                text=text,
                lang=language,
            )
            for place, (at, text, language) in enumerate(self._heard)
        ]

    def notes(self, id_name: str, text_name: str) -> list[str]:
        if not self.ids:
            return []
        told = [] if (id_name, text_name) == ("id", "text") else [f"ids are from {id_name!r}, texts from {text_name!r}"]
        if self.without_id:
            told.append(f"{_of(self.without_id)} no id: null is written")
        if self.without_text:
            told.append(f"{_of(self.without_text)} no text: taken for an empty one")
        if 0 < len(self._without_time) < len(self.ids):
            told.append(f"{_of(self._without_time)} no time: all are taken in the order of the file")
        names = Counter(json.dumps(each) for each in self.ids if each is not None)
        if (repeated := names.total() - len(names)) > 0:
            told.append(f"{counted(repeated, 'document')} with the id of another: lines are in the order of the file")
        return told


def _object(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        # Not msgspec: it refuses half of a surrogate pair, with which cut texts end, and the NaN of Python for nothing.
        document = json.loads(line, parse_constant=lambda constant: None)
    except json.JSONDecodeError as error:
        where = f"{error.msg}, column {error.colno}"
        raise BadInput(path, number, f"is no JSON ({where}): give one JSON object a line") from None
    except UnicodeDecodeError as error:
        raise BadInput(
            path, number, f"has a byte 0x{line[error.start]:02x} that is not UTF-8: save it as UTF-8"
        ) from None
    except (ValueError, RecursionError) as error:
        raise BadInput(path, number, f"is no JSON ({error}): give one JSON object a line") from None
    if not isinstance(document, dict):
        raise BadInput(path, number, "is no JSON object: give one a line, with an id and a text")
    return document


def _called(
    lines: Sequence[tuple[int, Mapping[str, Any]]], usual: str, names: Sequence[str], holds: Callable[[Any], bool]
) -> str:
    """The field that most documents have something in, of those with such names; `usual` where none has."""
    if any(usual in document for _, document in lines):
        return usual
    having = Counter(field for _, document in lines for field, value in document.items() if holds(value))
    likely = {field: names.index(plain) for field in having if (plain := _plain(field)) in names}
    return max(likely, key=lambda field: (having[field], -likely[field]), default=usual)


def _plain(field: str) -> str:
    return re.sub(r"[_\-]", "", field).casefold()


def _expect_one(
    path: Path, first: tuple[int, Mapping[str, Any]], without: Sequence[int], documents: int, what: str, field: str
) -> None:
    """Refuse a file in which no document has one: the field is called otherwise."""
    if len(without) == documents:
        number, document = first
        raise BadInput(
            path, number, f"has no {what} in {field!r} ({_fields(document)}): name its field by --{what}-field"
        )


def _text(path: Path, number: int, document: Mapping[str, Any], field: str) -> str | None:
    value = document.get(field)
    if value is not None and not isinstance(value, str):
        raise BadInput(path, number, f"has no text in {field!r} but {for_log(json.dumps(value), 40)}")
    return None if value is None else _half_of_a_pair.sub("\N{REPLACEMENT CHARACTER}", value[:TEXT_LIMIT])


def _language(document: Mapping[str, Any]) -> str | None:
    """What a document says of its language, if that is a language."""
    language = document.get("lang")
    return language if isinstance(language, str) and primary_code(language) != UNKNOWN else None


def _time(path: Path, number: int, document: Mapping[str, Any]) -> datetime | None:
    if (value := document.get("at")) is None:
        return None
    try:
        at = _moment(value)
    except (ValueError, OverflowError):
        remedy = "write it as 2030-04-01T12:00:00Z, or as seconds since 1970"
        raise BadInput(path, number, f'"at" is no time: {remedy}') from None
    if not EARLIEST <= at < LATEST:
        raise BadInput(
            path, number, f'"at" is before {EARLIEST.year} or after {LATEST.year}: give the true time, or none'
        )
    return at.astimezone(UTC)


def _moment(value: Any) -> datetime:
    """Raises `ValueError` or `OverflowError` where that is no time."""
    if isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError
    while abs(value) >= _MILLISECONDS:
        value /= 1000
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)


def _fields(document: Mapping[str, Any]) -> str:
    shown = ", ".join(for_log(name, 40) for name in list(document)[:8])
    return f"it has {shown}" if shown else "it is empty"


def _of(lines: Sequence[int]) -> str:
    """`line 7 has`, or how many lines have."""
    more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
    return f"line {lines[0]}{more} {'have' if more else 'has'}"


_half_of_a_pair = re.compile("[\ud800-\udfff]")
