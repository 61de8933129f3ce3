"""What an outside scorer reads: each row of a file of counts, with 1.0 where an alert began."""

import csv
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import StringIO

from detectors.volume.bins import bin_of
from streams.backtest.choosing import CannotChoose
from streams.backtest.counts import Counts
from streams.backtest.recordings import Mentions
from streams.backtest.run import Level


def the_counts(files: Mentions | Sequence[Counts], monitors: Sequence[str]) -> Counts:
    """The one file whose rows can be scored by one monitor. Raises `CannotChoose`."""
    if isinstance(files, Mentions) or len(files) != 1:
        given = "these are mentions" if isinstance(files, Mentions) else f"these are {len(files)} files"
        raise CannotChoose(f"--scores is for one file of counts (timestamp,value), and {given}: give one at a time")
    if len(monitors) != 1:
        raise CannotChoose(
            f"--scores is for one monitor, and there are {len(monitors)}: say which by --monitor {monitors[0]}"
        )
    return files[0]


def scores(counts: Counts, levels: Iterable[Level]) -> str:
    """A CSV file with the header `timestamp,value,anomaly_score` and one line a row, as the row was written.

    Args:
        counts: The file.
        levels: Of one monitor. The row that began an episode is marked, not those in which it grew worse or came back:
            they belong to the same alert.
    """
    marked = rows_of(counts, levels)
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["timestamp", "value", "anomaly_score"])
    lines.writerows([row.timestamp, row.value, "1.0" if at in marked else "0.0"] for at, row in enumerate(counts.rows))
    return out.getvalue()


def rows_of(counts: Counts, levels: Iterable[Level]) -> set[int]:
    """Places of the rows whose count began each episode.

    A row's mentions are counted in the bin in which it begins. Where a bin has several rows it may be judged before its
    last one: it is the newest that was known by then.
    """
    bins = [bin_of(row.at) for row in counts.rows]
    times = [row.at for row in counts.rows]
    marked = set()
    for level in _beginnings(levels):
        about = bin_of(level.at)
        newest = min(bisect_right(bins, about), bisect_right(times, level.known_at)) - 1
        if newest >= 0:
            marked.add(newest)
    return marked


def _beginnings(levels: Iterable[Level]) -> Iterable[Level]:
    """The first level that was reached in each episode."""
    first: dict[tuple[str, str, datetime], Level] = {}
    for level in levels:
        first.setdefault((level.detector, level.subject, level.starts_at), level)
    return first.values()
