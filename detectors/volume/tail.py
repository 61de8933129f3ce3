"""How surprising a number is, against the largest that were seen before: a quantile and what lies beyond it, learned.

The 99.5 % point is followed by stochastic approximation, with a step that follows the spread of the numbers about it
(Robbins and Monro 1951). Beyond it an exponential distribution is taken to hold (the simplest of those that excesses
tend to: Balkema and de Haan 1974). Its mean is drawn towards a prior: a stream of heavy tails should not become deaf,
nor one that never saw a burst nervous.
"""

import math

from msgspec import Struct

_QUANTILE = 0.995
_AT_QUANTILE = -math.log10(1 - _QUANTILE)
_PRIOR_POINT = 2.2
_PRIOR_EXCESS = 0.7
_PRIOR_SHARE = 0.6
"""Of the mean excess that is used."""
_PRIOR_NUMBERS = 30
_PRIOR_EXCESSES = 15
_EXCESS_HALF_LIFE = 50
"""In excesses."""
_EXCESS_RATE = 1 - 0.5 ** (1 / _EXCESS_HALF_LIFE)
_LEAST_EXCESS = 0.1
_LEAST_POINT = 0.1
_MOST = 99.0


class Tail(Struct, kw_only=True, array_like=True):
    """What is remembered of the largest numbers of a stream."""

    point: float = _PRIOR_POINT
    """Five of a thousand numbers are above it."""
    excess: float = _PRIOR_EXCESS
    """Mean of how far they are."""
    spread: float = 1.0
    """Mean distance of all numbers from the point."""
    excesses: int = 0

    def surprise(self, number: float) -> float:
        """-log10 of the chance of so much, from 0: 2.3 at the point and linear below it; it never falls as it grows."""
        if number <= self.point:
            return max(_AT_QUANTILE * number / max(self.point, _LEAST_POINT), 0.0)
        mean = (1 - _PRIOR_SHARE) * self.excess + _PRIOR_SHARE * _PRIOR_EXCESS
        return min(_AT_QUANTILE + (number - self.point) / (mean * math.log(10)), _MOST)

    def learn(self, number: float, learned: int, slowest: float) -> None:
        """Take in one more, after `learned` ones, at least with the rate `slowest`."""
        beyond = number - self.point
        if beyond > 0:
            self.excesses += 1
            rate = max(_EXCESS_RATE, 1 / (self.excesses + _PRIOR_EXCESSES))
            self.excess = max(self.excess + rate * (beyond - self.excess), _LEAST_EXCESS)
        rate = max(slowest, 1 / (learned + _PRIOR_NUMBERS))
        self.spread += rate * (abs(beyond) - self.spread)
        self.point += 4 * rate * self.spread * (_QUANTILE if beyond > 0 else _QUANTILE - 1)
