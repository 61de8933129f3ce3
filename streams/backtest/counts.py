"""Counts instead of mentions: a CSV file with the header `timestamp,value`, as those of the Numenta Anomaly Benchmark.

Each row says how many mentions there were in the interval that begins at its timestamp. What is not there is time
without mentions.
"""

import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from msgspec import Struct

from detectors.volume.bins import BIN_SECONDS
from streams.backtest.bad_input import BadInput
from streams.ingesting import GZIP_MAGIC

HEADER = ["timestamp", "value"]
USUAL_INTERVAL = timedelta(minutes=5)
LONGEST_INTERVAL = timedelta(days=1)
MOST_MENTIONS = 10_000_000
"""In one row: each is given to the detectors, some microseconds each."""
_BIN = timedelta(seconds=BIN_SECONDS)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


class Row(Struct, frozen=True, kw_only=True):
    """The mentions of one interval."""

    at: datetime
    """When it begins, UTC."""
    count: int
    line: int
    """In the file, from 1."""
    timestamp: str
    """As written in the file, as is `value`."""
    value: str


class Piece(Struct, frozen=True):
    """Part of a row: at most a bin of time."""

    at: datetime
    """What its mentions are dated."""
    known_at: datetime
    """Its last instant: nobody knows a count before its interval is over."""
    count: int


class Counts(Struct, frozen=True, kw_only=True):
    """One file."""

    path: Path
    rows: tuple[Row, ...]
    """Times rise."""
    interval: timedelta

    def pieces(self, row: Row) -> Iterator[Piece]:
        """The row in pieces of at most five minutes, its mentions spread evenly.

        Those of one piece are all dated at its start: a count says no more, and detectors count in such bins.
        """
        pieces = max(-(-self.interval // _BIN), 1)
        end = row.at + self.interval
        for number in range(pieces):
            at = row.at + number * _BIN
            count = row.count * (number + 1) // pieces - row.count * number // pieces
            yield Piece(at, min(at + _BIN, end) - _INSTANT, count)


def read_counts(path: Path) -> Counts:
    """A whole file, gzipped or not. Raises `BadInput`, and `OSError` where it cannot be read at all."""
    try:
        return _counts(path, _text(path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadInput(
            path, None, f"cannot be read ({error}): it is damaged or cut short, fetch it once more"
        ) from error
    except UnicodeDecodeError as error:
        raise BadInput(path, None, f"is no text in UTF-8 ({error.reason}): save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise BadInput(path, None, f"is no CSV ({error})") from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(GZIP_MAGIC) or path.suffix == ".gz":
        content = gzip.decompress(content)
    return content.decode("utf-8-sig")


def _counts(path: Path, text: str) -> Counts:
    cells = csv.reader(text.splitlines(), strict=True)
    header = next(cells, [])
    if [name.strip().lower() for name in header] != HEADER:
        found = f"is {','.join(header)!r}" if header else "is missing"
        raise BadInput(path, 1, f"the header {found}: a file of counts begins with timestamp,value")
    rows = [_row(path, cells.line_num, row) for row in cells if any(cell.strip() for cell in row)]
    for before, row in pairwise(rows):
        if row.at <= before.at:
            what = "comes twice" if row.at == before.at else "goes back"
            raise BadInput(path, row.line, f"the time {what} ({before.timestamp}, then {row.timestamp}): sort by time")
    return Counts(path=path, rows=tuple(rows), interval=_interval(path, rows))


def _row(path: Path, line: int, cells: list[str]) -> Row:
    if len(cells) != len(HEADER):
        raise BadInput(path, line, f"{len(cells)} cells instead of timestamp,value")
    timestamp, value = cells
    return Row(
        at=_moment(path, line, timestamp), count=_count(path, line, value), line=line, timestamp=timestamp, value=value
    )


def _moment(path: Path, line: int, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(path, line, f"{text!r} is no time: write it as 2026-03-01 09:05:00 (UTC)") from error
    if at < _EARLIEST or at.year >= 9000:
        raise BadInput(path, line, f"{text} is not between 1970 and 9000: are the seconds of another unit?")
    return at


def _count(path: Path, line: int, text: str) -> int:
    try:
        value = float(text)
    except ValueError as error:
        raise BadInput(path, line, f"{text!r} is no number of mentions") from error
    if not 0 <= value <= MOST_MENTIONS or value != int(value):
        remedy = f"give how many mentions there were, a whole number from 0 to {MOST_MENTIONS:,}"
        raise BadInput(path, line, f"the value {text.strip()} counts nothing: {remedy}")
    return int(value)


def _interval(path: Path, rows: list[Row]) -> timedelta:
    """The most frequent distance of rows; of equally frequent ones the shortest."""
    distances = Counter(row.at - before.at for before, row in pairwise(rows))
    if not distances:
        return USUAL_INTERVAL
    most = max(distances.values())
    interval = min(distance for distance, times in distances.items() if times == most)
    if interval > LONGEST_INTERVAL:
        raise BadInput(
            path, None, f"most rows are {interval} apart: give counts of a day or less, best of five minutes"
        )
    return interval
