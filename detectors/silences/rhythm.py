"""How many mentions are usual in five minutes of each hour of the week, by the clocks of a place.

An hour of the week is seen once a week, so it leans on the same hour of all days, and that on all hours: each counts as
much as some hours of watching, and less and less the more the hour itself has been watched. Not the season of
`detectors/volume/season.py`, which follows a weekly press conference within two weeks, and so one day's news as well:
what should have come is then told too high, and silence where there is none.
"""

import msgspec
from msgspec import Struct

from detectors.volume.bins import BINS_PER_WEEK
from detectors.volume.season import HOURS

_MOST_VISITS = 96
"""Bins after which what an hour was is forgotten as fast as it is learned: eight weeks."""
_DAY_WEIGHS = 12.0
"""The same hour of all days counts like so many bins: two weeks."""
_ALL_WEIGH = 4.0
_MOST_CLOSED = 4 * BINS_PER_WEEK
_MOST_TIMES = 4.0


class Rhythm(Struct, kw_only=True, array_like=True):
    """What is usual, learned from closed bins."""

    hours: list[float] = msgspec.field(default_factory=lambda: [0.0] * HOURS)
    """Mentions in a bin; 0 is the hour after midnight of Monday."""
    visits: list[int] = msgspec.field(default_factory=lambda: [0] * HOURS)
    """Bins learned, up to eight weeks of them."""
    mean: float = 0.0
    """Of all bins."""
    learned: int = 0
    """Bins, up to four weeks of them."""

    def expected(self, hour: int) -> float:
        """Mentions that are usual in a bin of this hour of the week."""
        seen = total = 0.0
        for same in range(hour % 24, HOURS, 24):
            seen += self.visits[same]
            total += self.visits[same] * self.hours[same]
        daily = (total + _ALL_WEIGH * self.mean) / (seen + _ALL_WEIGH)
        visits = self.visits[hour]
        return (visits * self.hours[hour] + _DAY_WEIGHS * daily) / (visits + _DAY_WEIGHS)

    def learn(self, count: int, hour: int) -> None:
        """Take in a closed bin. A burst counts as four times what is usual: one day's news must not own an hour."""
        robust = min(float(count), _MOST_TIMES * (self.expected(hour) + 1))
        self.learned = min(self.learned + 1, _MOST_CLOSED)
        self.mean += (robust - self.mean) / self.learned
        self.visits[hour] = min(self.visits[hour] + 1, _MOST_VISITS)
        self.hours[hour] += (robust - self.hours[hour]) / self.visits[hour]
