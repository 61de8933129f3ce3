"""How many mentions of a monitor there were, and how many would have been usual, along a recording."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct, field

from detectors.mention import Mention
from detectors.volume.bins import bin_of, start_of
from streams.pipeline import Pipeline

BINS_PER_HOUR = 12


class Series(Struct, kw_only=True):
    """Counts in bins of five minutes (their numbers: `detectors/volume/bins.py`)."""

    mentions: Counter[int] = field(default_factory=Counter)
    """By bin; those without mentions are left out. By event time, however late they came."""
    usual: dict[int, float] = {}
    """What was expected of each hour when it began, by the number of its first bin; hours that nobody knew of are left
    out."""

    def count(self, mentions: Iterable[Mention]) -> None:
        """Take in what was matched."""
        self.mentions.update(bin_of(mention.at) for mention in mentions)

    def expect(self, pipeline: Pipeline, now: datetime) -> None:
        """Ask once an hour of stream time what would be usual in the hour of `now`."""
        hour = bin_of(now) // BINS_PER_HOUR * BINS_PER_HOUR
        if hour in self.usual:
            return
        start = start_of(hour)
        usual = pipeline.usual(start, start + timedelta(hours=1))
        if usual is not None:
            self.usual[hour] = usual
