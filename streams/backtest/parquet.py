"""Mentions in a Parquet file: one a row, columns named like the fields of a mention, `author` and `metrics` as structs.

Other columns are left alone, and a time without a zone is UTC. Needs the extra `parquet`, which brings Polars.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from detectors.mention import Mention
from streams.backtest.bad_input import BadInput

if TYPE_CHECKING:
    from polars import LazyFrame

ROWS_AT_ONCE = 20_000
_FIELDS = {field.encode_name for field in msgspec.structs.fields(Mention) if ":" not in field.encode_name}
_NEEDED = ("id", "channel", "at", "text")


class ParquetFile:
    """Its mentions as JSON lines, so that the rows of strangers are read as strictly as their lines."""

    def __init__(self, path: Path) -> None:
        """Raises `BadInput` where it cannot be read, or Polars is not installed."""
        self._path = path
        self._size = path.stat().st_size
        self._frame = self._scanned()
        self._rows = self._frame.select(_polars(path).len()).collect().item()
        self.bytes_read = 0
        """About how much of the file."""

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, self._rows, ROWS_AT_ONCE):
            rows = self._read(start)
            self.bytes_read = self._size * min(start + ROWS_AT_ONCE, self._rows) // self._rows
            for row in rows:
                yield msgspec.json.encode(_as_said(row))

    def _scanned(self) -> "LazyFrame":
        polars = _polars(self._path)
        try:
            frame: LazyFrame = polars.scan_parquet(self._path, glob=False)
            columns = frame.collect_schema().names()
        except (polars.exceptions.PolarsError, OSError) as error:
            raise BadInput(self._path, None, f"cannot be read as Parquet: {error}. Write it once more") from error
        missing = [name for name in _NEEDED if name not in columns]
        if missing:
            raise BadInput(
                self._path,
                None,
                f"has no column {' and '.join(missing)}, only {', '.join(columns)}: name the columns like the "
                "fields of a mention (id, channel, at, text, and what else is known)",
            )
        return frame.select([name for name in columns if name in _FIELDS])

    def _read(self, start: int) -> Iterator[dict[str, Any]]:
        polars = _polars(self._path)
        try:
            return self._frame.slice(start, ROWS_AT_ONCE).collect().iter_rows(named=True)
        except (polars.exceptions.PolarsError, OSError) as error:
            problem = f"cannot be read beyond row {start}: {error}. It is damaged: write or fetch it once more"
            raise BadInput(self._path, None, problem) from error


def _polars(path: Path) -> Any:
    try:
        import polars
    except ModuleNotFoundError as error:
        remedy = 'install it with: pip install "groundswell[parquet]", or give JSON lines'
        raise BadInput(path, None, f"is Parquet, for which Polars is missing: {remedy}") from error
    return polars


def _as_said(value: Any) -> Any:
    """The same without what is null, and with a zone for every time."""
    if isinstance(value, dict):
        return {key: _as_said(each) for key, each in value.items() if each is not None}
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
