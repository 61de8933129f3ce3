"""The files that a backtest reads: what kind each is, by what it holds and then by what it is called."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from streams.backtest.bad_input import BadInput
from streams.backtest.counts import HEADER, Counts, read_counts
from streams.backtest.parquet import ParquetFile
from streams.ingesting import GZIP_MAGIC, Recording

Kind = Literal["JSON lines", "Parquet", "counts"]
_PARQUET_MAGIC = b"PAR1"
_HEAD_BYTES = 65_536
_REMEDY = "give JSON lines (one mention a line), Parquet, or a CSV file of counts with the header timestamp,value"


class Lines(Protocol):
    """Mentions as JSON lines, whatever the file holds."""

    bytes_read: int
    """Of the file, so far."""

    def __iter__(self) -> Iterator[bytes]: ...


class Mentions(Struct, frozen=True):
    """Files of mentions, in the order in which they were given."""

    files: tuple[Lines, ...]
    size: int
    """In bytes."""

    @property
    def bytes_read(self) -> int:
        return sum(file.bytes_read for file in self.files)

    def __iter__(self) -> Iterator[bytes]:
        for file in self.files:
            file.bytes_read = 0
        for file in self.files:
            yield from file


def opened(paths: Sequence[Path]) -> Mentions | tuple[Counts, ...]:
    """All files, either of mentions or of counts. Raises `BadInput`, and `OSError` where one cannot be read."""
    kinds = {path: kind_of(path) for path in paths}
    counted = [path for path, kind in kinds.items() if kind == "counts"]
    if not counted:
        files = tuple(ParquetFile(path) if kinds[path] == "Parquet" else Recording(path) for path in paths)
        return Mentions(files, sum(path.stat().st_size for path in paths))
    others = [path for path in paths if path not in counted]
    if others:
        raise BadInput(
            others[0],
            None,
            f"holds mentions, and {counted[0]} holds counts: what they say of the same time cannot be added up. "
            "Run one backtest for each",
        )
    files_of_counts = tuple(read_counts(path) for path in paths)
    _refuse_overlaps(files_of_counts)
    return files_of_counts


def kind_of(path: Path) -> Kind:
    """Raises `BadInput` where it is none of them."""
    if not path.is_file():  # a pipe, which can be read only once
        return "JSON lines"
    head = _head(path)
    names = {suffix.lower() for suffix in path.suffixes}
    if head.startswith(_PARQUET_MAGIC):
        return "Parquet"
    if names & {".parquet", ".pq"}:
        raise BadInput(path, None, f"is no Parquet, whatever it is called: {_REMEDY}")
    first = head.lstrip(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0].strip()
    if first == b"[" or (first[:1] == b"[" and first[1:].lstrip().startswith(b"{")):
        raise BadInput(path, 1, "holds one JSON array: give one mention a line, for example by: jq -c '.[]'")
    if first.startswith(b"{"):
        return "JSON lines"
    if ".csv" in names or first.lower().replace(b" ", b"").split(b",")[0] == HEADER[0].encode():
        return "counts"
    if not first or names & {".jsonl", ".json", ".ndjson"}:
        return "JSON lines"
    raise BadInput(path, 1, f"what it holds is not known: {_REMEDY}")


def _head(path: Path) -> bytes:
    """Its beginning, unzipped; of a damaged file what can be had, so that whoever reads on tells where it breaks."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head.startswith(GZIP_MAGIC):
        return head
    try:
        with gzip.open(path) as unzipped:
            return unzipped.read1(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _refuse_overlaps(files: Sequence[Counts]) -> None:
    """Counts of several files follow each other in time."""
    given = [file for file in files if file.rows]
    for before, file in pairwise(given):
        if file.rows[0].at < before.rows[-1].at + before.interval:
            raise BadInput(
                file.path,
                file.rows[0].line,
                f"begins at {file.rows[0].timestamp}, before {before.path} ends ({before.rows[-1].timestamp}): give "
                "files of counts in the order of their times, and those of other streams in a backtest of their own",
            )
