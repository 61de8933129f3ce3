"""Windows of time in which something really happened, as a person labelled them: what a backtest is judged by."""

import csv
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from streams.backtest.bad_input import BadInput

NEEDED = ("start", "end")
ALLOWED = (*NEEDED, "monitor", "what")
_EXAMPLE = "start,end,monitor,what\n2026-03-01 09:00,2026-03-01 15:00,census,website down"


class Label(Struct, frozen=True, kw_only=True):
    """One window: `start` belongs to it, `end` does not."""

    start: datetime
    """UTC, as `end`."""
    end: datetime
    monitor: str | None = None
    """None where it holds for every monitor."""
    what: str = ""
    """What happened, in a person's words."""


def read_labels(path: Path, monitors: Collection[str]) -> tuple[Label, ...]:
    """The labels in a CSV file with the header `start,end[,monitor][,what]`, by start; times without a zone are UTC.

    Raises `BadInput`.

    Args:
        path: The file.
        monitors: The names that a label may give.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(path, None, f"cannot be read ({error}): give a CSV file in UTF-8") from error
    try:
        labels = [_label(path, line, row, monitors) for line, row in _rows(path, text)]
    except csv.Error as error:
        raise BadInput(path, None, f"is no CSV ({error})") from error
    return tuple(sorted(labels, key=lambda label: (label.start, label.end)))


def _rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that is not blank with its line, by the names of the columns."""
    lines = csv.reader(text.splitlines(), skipinitialspace=True, strict=True)
    header = [name.strip().lower() for name in next(lines, [])]
    wrong = [name for name in header if name not in ALLOWED]
    if wrong or len(set(header)) != len(header) or not set(NEEDED) <= set(header):
        raise BadInput(path, 1, f"the header is {','.join(header) or 'missing'}; write for example\n{_EXAMPLE}")
    for row in lines:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise BadInput(
                path, lines.line_num, f'{len(row)} cells under {len(header)} headings: put texts with commas in "…"'
            )
        cells = [cell.strip() for cell in row] + [""] * (len(header) - len(row))
        yield lines.line_num, dict(zip(header, cells, strict=True))


def _label(path: Path, line: int, row: dict[str, str], monitors: Collection[str]) -> Label:
    start, end = (_moment(path, line, name, row[name]) for name in NEEDED)
    if end <= start:
        raise BadInput(path, line, f"the window ends at {row['end']}, not after its start at {row['start']}")
    monitor = row.get("monitor") or None
    if monitor is not None and monitor not in monitors:
        near = get_close_matches(monitor, monitors, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(sorted(monitors))}"
        raise BadInput(path, line, f'no monitor is called "{monitor}"; {hint}')
    return Label(start=start, end=end, monitor=monitor, what=row.get("what", ""))


def _moment(path: Path, line: int, name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            path, line, f'{name} is "{text}", which is no time: write it as 2026-03-01 09:00 or 2026-03-01T09:00Z'
        ) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
