"""How many mentions of a monitor there were, and how many would have been usual, along a recording."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from detectors.mention import Mention
from detectors.volume.bins import BINS_PER_DAY, BINS_PER_HOUR, bin_of, start_of
from streams.pipeline import Pipeline

LONGEST_GAP = 31 * BINS_PER_DAY
"""In bins: what was usual in the hours of a longer silence nobody asks."""


class Series(Struct, kw_only=True):
    """Counts in bins of five minutes (their numbers: `detectors/volume/bins.py`)."""

    timezone: ZoneInfo = ZoneInfo("UTC")
    """The monitor's."""
    mentions: Counter[int] = field(default_factory=Counter)
    """By bin; those without mentions are left out. By event time, however late they came."""
    usual: dict[int, float] = {}
    """What was expected of each hour when it began, by the number of its first bin; hours that nobody knew of are left
    out."""
    learns_for: timedelta = timedelta(0)
    """How long after the first mention all its detectors are still silent."""
    asked: int | None = None
    """The first bin of the newest hour that was asked about."""

    def count(self, mentions: Iterable[Mention]) -> None:
        """Take in what was matched."""
        self.mentions.update(bin_of(mention.at) for mention in mentions if not mention.synthetic)

    def expect(self, pipeline: Pipeline, now: datetime) -> None:
        """Ask once an hour of stream time what would be usual in the hour of `now`, and in those that were skipped."""
        monitor = pipeline.monitor
        self.timezone = monitor.context.timezone
        self.learns_for = min((cls.learns_for for cls, _ in monitor.detectors), default=timedelta(0))
        hour = bin_of(now) // BINS_PER_HOUR * BINS_PER_HOUR
        if self.asked is not None and hour <= self.asked:
            return
        first = hour if self.asked is None or hour - self.asked > LONGEST_GAP else self.asked + BINS_PER_HOUR
        self.asked = hour
        for each in range(first, hour + 1, BINS_PER_HOUR):
            start = start_of(each)
            usual = pipeline.usual(start, start + timedelta(hours=1))
            if usual is not None:
                self.usual[each] = usual
