"""Rows of JSON: a list of our own records or of ClaimReviews, what such a list stands in, or a record a line."""

import json
import re
from collections.abc import Generator, Iterator
from typing import Any

from streams.claims_files.claim_review import container_of, records_in
from streams.claims_files.rows import row
from streams.settings.problem import Problem, quoted
from streams.settings.yaml_nodes import Mapping

_SPACE = re.compile(r"[ \t\n\r]*")
_TOO_DEEP = "it is nested too deeply; expected a list of claims"


def rows_of_lines(text: str, file: str) -> tuple[list[Mapping], list[Problem]]:
    """The rows of JSON lines, and the lines that are none."""
    rows: list[Mapping] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                _add(_decoder.decode(line), number, file, rows, problems)
            except (ValueError, RecursionError) as error:
                problems.append(Problem(file, number, _reason(error)))
    return rows, problems


def rows_of_document(text: str, file: str) -> tuple[list[Mapping], list[Problem], bool]:
    """The rows of a JSON text, what is wrong, and whether it could be read at all."""
    rows: list[Mapping] = []
    problems: list[Problem] = []
    try:
        for value, line in _elements(text):
            _add(value, line, file, rows, problems)
    except json.JSONDecodeError as error:
        return [], [Problem(file, error.lineno, _reason(error))], False
    except (ValueError, RecursionError) as error:
        return [], [Problem(file, 0, _reason(error))], False
    return rows, problems, True


def _add(value: Any, line: int, file: str, rows: list[Mapping], problems: list[Problem]) -> None:
    for record in records_in(value):
        if not isinstance(record, dict):
            problems.append(Problem(file, line, f"{_found(record)} stands here; expected a claim as {{…}}"))
        elif isinstance(twice := record.get(_TWICE), str):
            problems.append(Problem(file, line, f"the key {quoted(twice)} is given twice; expected once"))
        else:
            rows.append(row(record, line))


def _elements(text: str) -> Iterator[tuple[Any, int]]:
    """The elements of the list that a text holds, at once or under a key, each with the line where it begins."""
    at = _past_space(text, 0)
    if at == len(text):
        raise ValueError("the file is empty; expected a list of claims")
    if text[at] == "[":
        _expect_end(text, (yield from _listed(text, at)))
        return
    whole, end = _decoder.raw_decode(text, at)
    _expect_end(text, end)
    key = container_of(whole) if isinstance(whole, dict) and _TWICE not in whole else None
    if key is None or not isinstance(whole[key], list):
        yield whole, text.count("\n", 0, at) + 1
    else:
        yield from _listed(text, _place_of(key, text, at))


def _place_of(wanted: str, text: str, at: int) -> int:
    """Where the value of a key begins, in an object that begins at `at` and is known to be right."""
    while True:
        key, at = _decoder.raw_decode(text, _past_space(text, at + 1))
        at = _past_space(text, _past_space(text, at) + 1)
        if key == wanted:
            return at
        _, at = _decoder.raw_decode(text, at)
        at = _past_space(text, at)


def _listed(text: str, at: int) -> Generator[tuple[Any, int], None, int]:
    """The elements of the list that begins at `at`; returns where it ends."""
    line, counted = text.count("\n", 0, at) + 1, at
    at = _past_space(text, at + 1)
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        value, at = _decoder.raw_decode(text, at)
        yield value, line
        at = _past_space(text, at)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return at + 1


def _expect_end(text: str, at: int) -> None:
    if (at := _past_space(text, at)) < len(text):
        raise json.JSONDecodeError("Extra data", text, at)


def _past_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if isinstance(error, json.JSONDecodeError):
        return f"this is not JSON: {error.msg} (column {error.colno})"
    return str(error)


def _found(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case _:
            return str(value)[:40]


_TWICE = "\0twice"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        keys = [key for key, _ in pairs]
        read[_TWICE] = next(key for key in keys if keys.count(key) > 1)
    return read


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no value in JSON")


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_no_constant)
