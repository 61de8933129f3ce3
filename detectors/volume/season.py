"""How busy each hour of the week is against the mean: three factors, each learned as far as there is evidence for it.

The hour of the day comes first; then by how much it differs on weekends; then what is left of each of the 168 hours of
the week, so that any other weekend and any weekly press conference finds its place. Each factor begins at 1 and moves
by a running mean that is weighed against it: what was seen once says little, and an empty bin of a monitor with three
mentions a day says next to nothing (shrinkage).
"""

from array import array

import msgspec
from msgspec import Struct

HOURS = 7 * 24

_DAY, _WEEKEND = 24, 2 * 24
_PRIOR_BINS = (12, 24, 24)
"""What the 1 of each factor weighs: a day, two days of that kind, two weeks."""
_HALF_LIFE_BINS = (4 * 7 * 12, 4 * 2 * 12, 4 * 12)
"""Four weeks, in bins of such an hour."""
_SLOWEST = tuple(1 - 0.5 ** (1 / bins) for bins in _HALF_LIFE_BINS)
_HALF_EVIDENCE = 0.3
"""A bin of which so many mentions are usual counts half."""
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

    def learn(self, hour: int, count: float, level: float) -> None:
        """Take in the count of one bin of this hour of the week, where `level` (above 0) is the mean of all hours."""
        factors = memoryview(self.factors).cast("f")
        of_day, of_weekend, of_week = cells = _cells(hour)
        day, weekend, week = factors[of_day], factors[of_weekend], factors[of_week]
        beyond = count / level - day * weekend * week
        others = (weekend * week, day * week, day * weekend)
        evidence = level / (level + _HALF_EVIDENCE)
        for cell, other, seen, prior, slowest in zip(
            cells, others, self._seen(hour), _PRIOR_BINS, _SLOWEST, strict=True
        ):
            rate = evidence * max(1 / (evidence * seen + prior), slowest)
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
