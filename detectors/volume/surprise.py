"""How unusual the newest count is, at four window lengths at once: multi-scale, self-normalising records (MSR-4).

Each window's total is put on a scale where its spread hardly depends on its size, compared with its own recent history
and hour of the day, and turned into a surprise, -log10 of how often so much is seen. Severity is the mean of the four.
The windows overlap, so it is no calibrated probability; it is a fixed scale, the same for every stream.

Severity never falls when a count grows: everything that is learned comes from bins that were closed before.
"""

import math

import msgspec
from msgspec import Struct

BINS_PER_HOUR = 12
WINDOWS = (1, 6, 36, 144)
"""In bins of five minutes: 5 minutes, 30 minutes, 3 hours, 12 hours."""
RING = max(WINDOWS)


def _rate(half_life_updates: float) -> float:
    """The learning rate of an exponential average that halves a value's weight after so many updates."""
    return 1.0 - math.pow(0.5, 1.0 / half_life_updates)


_BASELINE_RATE = _rate(120 * BINS_PER_HOUR)
_HOUR_RATE = _rate(168 * BINS_PER_HOUR)
_EXCESS_RATE = _rate(50)
_TAIL = 0.995
_AT_TAIL = -math.log10(1 - _TAIL)
_LEAST_EXCESS = 0.2
_LEAST_DEVIATION = 0.1
_MOST_SURPRISE = 99.0


class Scale(Struct, kw_only=True, array_like=True):
    """What is remembered about one window length. `level` below is the transformed total of the window."""

    bins: int
    total: int = 0
    """Mentions in the window that ends with the newest closed bin."""
    mean: float = 0.0
    """Of the level, corrected for the hour."""
    variance: float = 1.0
    tail: float = 0.0
    """The 99.5 % point of z, the level's distance from what is usual in deviations."""
    excess: float = 1.0
    """By how much z is beyond the tail, when it is."""
    spread: float = 1.0
    """Mean distance of z from the tail: the step size with which the tail is learned."""
    excesses: int = 0
    hours: list[float] = msgspec.field(default_factory=lambda: [0.0] * 24)
    """How far the level usually is from the mean, per hour of the day."""


class Baseline(Struct, kw_only=True):
    """What is usual in one stream of counts, learned from closed bins only. O(1) per bin."""

    ring: list[int] = msgspec.field(default_factory=lambda: [0] * RING)
    """The newest closed counts; `closed % RING` is where the next one goes."""
    closed: int = 0
    visits: list[int] = msgspec.field(default_factory=lambda: [0] * 24)
    """Bins closed per hour of the day."""
    scales: list[Scale] = msgspec.field(default_factory=lambda: [Scale(bins=bins) for bins in WINDOWS])

    def total(self, window: int, count: int) -> int:
        """Mentions in the window (an index) that ends with a bin of `count` which follows the newest closed one."""
        return self._total(self.scales[window], count)

    def expected(self, window: int, hour: int) -> float:
        """What is usual in a window that ends in this hour of the day."""
        scale = self.scales[window]
        root = max((scale.mean + scale.hours[hour]) / 2 + 1, 0.0)
        return max(root * root - math.sqrt(scale.bins), 0.0)

    def surprises(self, count: int, hour: int) -> list[float]:
        """One for each window, if the bin that follows the newest closed one closed with `count`. Changes nothing."""
        return [self._surprise(scale, self._z(scale, self._total(scale, count), hour)) for scale in self.scales]

    def learn(self, count: int, hour: int) -> None:
        """Close the bin that follows the newest closed one."""
        self.visits[hour] += 1
        for scale in self.scales:
            self._learn(scale, self._total(scale, count), hour)
        self.ring[self.closed % RING] = count
        self.closed += 1

    def correct(self, age: int) -> bool:
        """Count one more mention in the bin closed `age` bins ago (0: the newest); False where that is too long ago.

        What was learned stays as it is, so that no judgement falls.
        """
        if not 0 <= age < min(RING, self.closed):
            return False
        self.ring[(self.closed - 1 - age) % RING] += 1
        for scale in self.scales:
            if age < scale.bins:
                scale.total += 1
        return True

    def newest(self, bins: int) -> list[int]:
        """The newest closed counts, at most `RING`, oldest first."""
        bins = min(bins, RING, self.closed)
        return [self.ring[index % RING] for index in range(self.closed - bins, self.closed)]

    def _total(self, scale: Scale, count: int) -> int:
        leaving = self.ring[(self.closed - scale.bins) % RING] if self.closed >= scale.bins else 0
        return scale.total + count - leaving

    def _learn(self, scale: Scale, total: int, hour: int) -> None:
        level = _level(total, scale.bins)
        if self.closed == 0:
            scale.mean = level
        distance = level - scale.hours[hour] - scale.mean
        deviation = math.sqrt(scale.variance)
        z = distance / (deviation + _LEAST_DEVIATION)
        scale.total = total

        # Clipped: one burst must not own its hour of the day.
        hour_rate = max(_HOUR_RATE, 1 / (self.visits[hour] + 36))
        scale.hours[hour] += hour_rate * min(max(distance, -2 * deviation), 2 * deviation)
        # Not clipped, on purpose: a burst raises the deviation and so mutes its own echoes.
        rate = max(_BASELINE_RATE, 1 / (self.closed + 2))
        scale.mean += rate * distance
        scale.variance = (1 - rate) * (scale.variance + rate * distance * distance)

        self._learn_tail(scale, z - scale.tail)

    def _learn_tail(self, scale: Scale, beyond: float) -> None:
        """Stochastic approximation of a quantile, with a step that follows the spread of z about it."""
        if beyond > 0:
            scale.excesses += 1
            rate = max(_EXCESS_RATE, 1 / (scale.excesses + 5))
            scale.excess = max(scale.excess + rate * (beyond - scale.excess), _LEAST_EXCESS)
        rate = max(_BASELINE_RATE, 1 / (self.closed + 10))
        scale.spread += rate * (abs(beyond) - scale.spread)
        scale.tail += 4 * rate * scale.spread * (_TAIL if beyond > 0 else _TAIL - 1)

    @staticmethod
    def _z(scale: Scale, total: int, hour: int) -> float:
        distance = _level(total, scale.bins) - scale.hours[hour] - scale.mean
        return distance / (math.sqrt(scale.variance) + _LEAST_DEVIATION)

    @staticmethod
    def _surprise(scale: Scale, z: float) -> float:
        """-log10 of the chance of z: 0 up to the tail, an exponential distribution beyond it."""
        if z <= scale.tail:
            return 0.0
        return min(_AT_TAIL + (z - scale.tail) / (scale.excess * math.log(10)), _MOST_SURPRISE)


def _level(total: int, bins: int) -> float:
    """A count on a scale where its spread hardly depends on its size (the square root does this to Poisson counts)."""
    return 2 * (math.sqrt(total + math.sqrt(bins)) - 1)
