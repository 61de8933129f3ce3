"""Rows of a CSV file, as spreadsheets save it: a header row, then one claim a row."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from streams.claims_files.claim_review import TERMS, day
from streams.claims_files.rows import FIELDS, row
from streams.settings.problem import Problem, did_you_mean, nearest, quoted
from streams.settings.yaml_nodes import Mapping as Keys

SEVERAL = "|"
"""Between the parts of a cell that holds a list."""
LISTS = ("languages", "also")
_DELIMITERS = ",;\t"
_BY_NAME = {field: field for field in FIELDS} | {term.casefold(): field for field, term in TERMS.items()}
"""What a column may be called, in small letters."""


def rows_of_csv(text: str, file: str, *, given: Sequence[str] | None) -> tuple[list[Keys], list[Problem], bool]:
    """The rows, what is wrong, and whether the file could be read as a whole.

    Args:
        text: Of the file.
        file: Its name in the problems.
        given: Fields that a row need not have, since there is a default; None takes all columns, whatever they are
            called.
    """
    rows: list[Keys] = []
    problems: list[Problem] = []
    records = _records(text, file, problems)
    header = next(records, None)
    if header is None:
        return rows, problems or [Problem(file, 0, _EMPTY)], False
    columns = _all_columns(header[1]) if given is None else _columns(header[1], file, given, problems)
    if columns is None:
        return rows, problems, False
    unread = len(problems)
    for line, cells in records:
        if len(cells) > len(header[1]):
            problems.append(
                Problem(
                    file,
                    line,
                    f"this row has {len(cells)} cells, the header {len(header[1])}; "
                    f"a text that holds the separator needs quotes",
                )
            )
            continue
        rows.append(row({field: _value(field, cells[at]) for at, field in columns.items() if at < len(cells)}, line))
    broken = any(problem.text.startswith(_NOT_CSV) for problem in problems[unread:])
    return rows, problems, not broken


def delimiter_of(text: str, columns: Collection[str]) -> str:
    """Of those that spreadsheets use, the one by which the first line gives most columns of these names."""
    first = text.split("\n", 1)[0]
    known = {
        each: sum(any(name in columns for name in _spellings(cell)) for cell in first.split(each))
        for each in _DELIMITERS
    }
    return max(_DELIMITERS, key=lambda each: (known[each], first.count(each)))


def _records(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """The records that are not empty, each with the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text, _BY_NAME), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = "; a quote that begins here may never be closed" if "end of data" in str(error) else ""
            why = str(error).replace("\t", "a tab")  # it quotes the delimiter
            problems.append(Problem(file, line, f"{_NOT_CSV}{why}{remedy}"))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


_EMPTY = "the file is empty; expected a header row, then a claim a row"
_NO_COLUMN = 'no column is called "{}" or "{}"; the first row names {}'
_NOT_CSV = "this is not CSV: "


def _columns(
    names: Sequence[str], file: str, given: Sequence[str], problems: list[Problem]
) -> Mapping[int, str] | None:
    """Which column holds which field, and what is wrong with the header row; None where no row can be read."""
    columns: dict[int, str] = {}
    for at, name in enumerate(names):
        field = _field(name)
        near = None if field else nearest(name.strip(), FIELDS)
        if field is not None and field in columns.values():
            problems.append(Problem(file, 1, f"two columns hold {field}; expected one"))
        elif field is not None:
            columns[at] = field
        elif near is not None and near not in map(_field, names):
            problems.append(Problem(file, 1, f"the column {quoted(name)} is not known{did_you_mean(name, [near])}"))
            given = (*given, near)
    told = ", ".join(quoted(name, 30) for name in names[:12])
    absent = [each for each in ("claim", "verdict", "checked_by") if each not in {*columns.values(), *given}]
    problems += [Problem(file, 1, _NO_COLUMN.format(each, TERMS[each], told)) for each in absent]
    return None if problems else columns


def _all_columns(names: Sequence[str]) -> Mapping[int, str]:
    return {at: _field(name) or name.strip() for at, name in enumerate(names)}


def _field(name: str) -> str | None:
    return next((_BY_NAME[each] for each in _spellings(name) if each in _BY_NAME), None)


def _spellings(name: str) -> tuple[str, str]:
    """What a column is called, and the same with `_` in place of spaces and hyphens."""
    plain = name.strip().strip('"').casefold()
    return plain, plain.replace(" ", "_").replace("-", "_")


def _value(field: str, cell: str) -> Any:
    if field in LISTS:
        return [part.strip() for part in cell.split(SEVERAL) if part.strip()]
    return day(cell.strip()) if field == "checked_on" else cell.strip()
