"""How unusual the newest count is, at six window lengths at once, by one scale that is the same for every stream.

Each window's total is compared with what is usual: the level of the last days times the season of its hours. The
distance, where its spread hardly depends on its size and in deviations of its own recent past, is its deviation. The
mean of those above zero is weighed against the largest such means of this very stream (`tail.py`): that makes streams
comparable, and is the severity.

Nothing is tuned per stream. What is learned comes from closed bins only, so severity never falls when a count grows.
The method began as multi-scale self-normalising records (MSR-4).
"""

import math
from array import array

import msgspec
from msgspec import Struct

from detectors.volume.bins import BINS_PER_DAY, BINS_PER_HOUR
from detectors.volume.quiet import EmptyRun
from detectors.volume.season import Season
from detectors.volume.tail import Tail

WINDOWS = (1, 3, 12, 36, 72, 144)
"""In bins of five minutes: 5 and 15 minutes, 1, 3, 6 and 12 hours."""
RING = max(WINDOWS)
_OFFSETS = tuple(math.sqrt(bins) for bins in WINDOWS)

_HALF_LIFE_BINS = 120 * BINS_PER_HOUR
_SLOWEST = 1 - 0.5 ** (1 / _HALF_LIFE_BINS)
_LEAST_DEVIATION = 0.1
_LEAST_LEVEL = 1e-4
_LEAST_FACTOR = 0.2
_UNSURE_DAYS = 0.6
"""After so many days half of the variance is that what is usual is not known yet."""
_BURST_DEVIATIONS = 3.0
"""What is beyond does not teach the season: one burst must not own its hour of the week."""


class Window(Struct, kw_only=True, array_like=True):
    """What is remembered about one window length."""

    bins: int
    total: int = 0
    """Mentions in its closed bins: all but the newest, that is judged."""
    of_few: int = 0
    """Those of them that only few accounts can be behind."""
    factor: float = 0.0
    """Sum of the season of these bins, as it was when each was closed."""
    mean: float = 0.0
    """Of the distance of totals from what is usual."""
    variance: float = 1.0


class Baseline(Struct, kw_only=True, array_like=True):
    """What is usual in one stream of counts. O(1) per bin. Hours are hours of the week, as in `season.py`."""

    level: float = 0.0
    """Mentions in a bin of mean season."""
    season: Season = msgspec.field(default_factory=Season)
    windows: list[Window] = msgspec.field(default_factory=lambda: [Window(bins=bins) for bins in WINDOWS])
    tail: Tail = msgspec.field(default_factory=Tail)
    empty: EmptyRun = msgspec.field(default_factory=lambda: EmptyRun(learns=BINS_PER_DAY))
    """Waits for no week: what an outage of the first days teaches would be an alert when it is over. A weekend on which
    nothing is ever said may be taken for one; then it only teaches nothing."""
    counts: list[int] = msgspec.field(default_factory=lambda: [0] * RING)
    """The newest closed bins; `closed % RING` is where the next one goes."""
    of_few: dict[int, int] = msgspec.field(default_factory=dict)
    """By place in `counts`, what of it is beyond the mentions that a crowd would have written; where that is any."""
    factors: bytearray = msgspec.field(default_factory=lambda: bytearray(array("f", [0.0] * RING).tobytes()))
    """The season of each of them as it was then: 32-bit floats, whose sums are exact in 64 bits."""
    closed: int = 0
    learned: int = 0
    """Closed bins that taught something: those of an outage do not."""

    def total(self, bins: int, count: int) -> int:
        """Mentions in so many bins, of which the newest follows the closed ones and holds `count`."""
        return count + sum(self.newest(bins - 1))

    def usual(self, bins: int, hour: int) -> float:
        """How many are usual in so many bins, of which the newest follows the closed ones and lies in this hour."""
        factors = memoryview(self.factors).cast("f")
        before = range(max(self.closed - bins + 1, 0), self.closed)
        return self.level * (self.season.factor(hour) + sum(factors[index % RING] for index in before))

    def rate(self, hour: int) -> float:
        """How many are usual in one bin of this hour."""
        return self.level * self.season.factor(hour)

    def deviations(self, count: int, hour: int) -> list[float]:
        """By how many deviations each window's total is beyond what is usual, if the next bin closed with `count`."""
        factor = self.season.factor(hour)
        return self._deviations(self._distances([window.total + count for window in self.windows], factor))

    def severity(self, count: int, hour: int) -> float:
        """How unusual it would be, if the next bin closed with `count`: from 0, as -log10 of a chance."""
        return self.tail.surprise(self._mean(self.deviations(count, hour)))

    def severity_of_crowd(self, crowd: int, hour: int) -> float:
        """The same without what only few accounts can be behind, where `crowd` is what is left in the next bin."""
        factor = self.season.factor(hour)
        distances = self._distances([window.total - window.of_few + crowd for window in self.windows], factor)
        return self.tail.surprise(self._mean(self._deviations(distances)))

    def learn(self, count: int, hour: int, of_few: int = 0) -> None:
        """Close the bin that follows the newest closed one.

        Args:
            count: Mentions in it.
            hour: In which it lies.
            of_few: How many of them only few accounts can be behind.
        """
        if self.closed == 0:
            self.level = float(count)
        factor = self.season.factor(hour)
        usual = self.level * factor
        self.empty.close(count, usual)
        if not self.empty.is_improbable:
            self._learn(count, hour, factor, usual)
            self.learned += 1
        self._remember(count, factor, of_few)

    def _learn(self, count: int, hour: int, factor: float, usual: float) -> None:
        rate = max(_SLOWEST, 1 / (self.learned + 2))
        distances = self._distances([window.total + count for window in self.windows], factor)
        deviations = self._deviations(distances)
        for window, distance in zip(self.windows, distances, strict=True):
            # Not clipped, on purpose: a burst raises the deviation and so mutes its own echoes.
            beyond = distance - window.mean
            window.mean += rate * beyond
            window.variance = (1 - rate) * (window.variance + rate * beyond * beyond)
        self.tail.learn(self._mean(deviations), self.learned, _SLOWEST)
        most = usual + _BURST_DEVIATIONS * math.sqrt((usual + 0.5) * max(1.0, self.windows[0].variance))
        self.season.learn(hour, min(count, most), max(self.level, _LEAST_LEVEL))
        self.level = max(self.level + rate * (count - usual) / max(factor, _LEAST_FACTOR), _LEAST_LEVEL)

    def correct(self, age: int) -> bool:
        """Count one more mention in the bin closed `age` bins ago (0: the newest); False where that is too long ago.

        What was learned stays as it is, so that no judgement falls.
        """
        if not 0 <= age < min(RING, self.closed):
            return False
        self.counts[(self.closed - 1 - age) % RING] += 1
        for window in self.windows:
            if age < window.bins - 1:
                window.total += 1
        return True

    def newest(self, bins: int) -> list[int]:
        """The newest closed counts, at most `RING`, oldest first."""
        bins = min(bins, RING, self.closed)
        return [self.counts[index % RING] for index in range(self.closed - bins, self.closed)]

    def _remember(self, count: int, factor: float, of_few: int) -> None:
        """Move all windows on by a bin."""
        factors, closed = memoryview(self.factors).cast("f"), self.closed
        place = closed % RING
        self.of_few.pop(place, None)
        if of_few:
            self.of_few[place] = of_few
        self.counts[place], factors[place] = count, factor
        for window in self.windows:
            if window.bins > 1:
                window.total += count
                window.of_few += of_few
                window.factor += factors[place]
                if closed >= window.bins - 1:
                    leaving = (closed - window.bins + 1) % RING
                    window.total -= self.counts[leaving]
                    window.of_few -= self.of_few.get(leaving, 0)
                    window.factor -= factors[leaving]
        self.closed = closed + 1

    def _distances(self, totals: list[int], factor: float) -> list[float]:
        """Of each window's total from what is usual, where spread hardly depends on size: Poisson counts' roots."""
        level, root = self.level, math.sqrt
        return [
            2 * (root(total + offset) - root(level * (window.factor + factor) + offset))
            for window, total, offset in zip(self.windows, totals, _OFFSETS, strict=True)
        ]

    def _deviations(self, distances: list[float]) -> list[float]:
        root = math.sqrt
        return [
            (distance - window.mean) / (root(window.variance) + _LEAST_DEVIATION)
            for window, distance in zip(self.windows, distances, strict=True)
        ]

    def _mean(self, deviations: list[float]) -> float:
        """Of those above zero, less sure while little is known."""
        days = (self.closed + 1) / BINS_PER_DAY
        unsure = math.sqrt(1 + _UNSURE_DAYS / days)
        return sum([deviation for deviation in deviations if deviation > 0]) / (unsure * len(deviations))
