"""How busy each hour of the week is against the mean: three factors, each learned as far as there is evidence for it.

The hour of the day comes first; then by how much it differs on weekends; then what is left of each of the 168 hours of
the week, so that any other weekend and any weekly press conference finds its place. Each factor begins at 1 and moves
by a running mean that is weighed against it: what was seen once says little (shrinkage).
"""

from array import array

import msgspec
from msgspec import Struct

HOURS = 7 * 24

_DAY, _WEEKEND = 24, 2 * 24
_PRIOR_BINS = (36, 24, 24)
"""What the 1 of each factor weighs: three days, two days of that kind, two weeks."""
_HALF_LIFE_BINS = (4 * 7 * 12, 4 * 2 * 12, 4 * 12)
"""Four weeks, in bins of such an hour."""
_SLOWEST = tuple(1 - 0.5 ** (1 / bins) for bins in _HALF_LIFE_BINS)
_LEAST = 0.02
_LEAST_OTHERS = 0.1
_MOST_VISITS = 255


class Season(Struct, kw_only=True, array_like=True):
    """Hours of the week are numbered from Monday midnight, 0 to 167, by the clocks of the monitor's place."""

    factors: bytearray = msgspec.field(
        default_factory=lambda: bytearray(array("f", [1.0] * (_DAY + _WEEKEND + HOURS)).tobytes())
    )
    """Of the hours of the day, of those of weekdays and of weekends, of those of the week: 32-bit floats."""
    visits: bytearray = msgspec.field(default_factory=lambda: bytearray(HOURS))
    """Bins learned in each hour of the week, as far as it matters how many."""

    def factor(self, hour: int) -> float:
        """How many times the mean is usual in this hour of the week; above 0."""
        factors = memoryview(self.factors).cast("f")
        day, weekend, week = _cells(hour)
        return factors[day] * factors[weekend] * factors[week]

    def learn(self, hour: int, times: float) -> None:
        """Take in how many times the mean one bin of this hour of the week held."""
        factors = memoryview(self.factors).cast("f")
        of_day, of_weekend, of_week = cells = _cells(hour)
        day, weekend, week = factors[of_day], factors[of_weekend], factors[of_week]
        beyond = times - day * weekend * week
        others = (weekend * week, day * week, day * weekend)
        for cell, other, slowest, prior, seen in zip(cells, others, _SLOWEST, _PRIOR_BINS, self._seen(hour), strict=True):
            rate = max(slowest, 1 / (seen + prior))
            factors[cell] = max(factors[cell] + rate * beyond / max(other, _LEAST_OTHERS), _LEAST)

    def _seen(self, hour: int) -> tuple[int, int, int]:
        """Bins of that hour of the day, those of them on such days, and those of that hour of the week, with this."""
        self.visits[hour] = min(self.visits[hour] + 1, _MOST_VISITS)
        days = self.visits[hour % 24 :: 24]
        weekend = days[5] + days[6]
        total = sum(days)
        return total, weekend if hour >= 5 * 24 else total - weekend, days[hour // 24]


def _cells(hour: int) -> tuple[int, int, int]:
    """Where the three factors of an hour of the week stand."""
    of_day = hour % 24
    return of_day, _DAY + of_day + (24 if hour >= 5 * 24 else 0), _DAY + _WEEKEND + hour
