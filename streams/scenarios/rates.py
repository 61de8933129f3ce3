"""How much is said in each minute of a scenario: what is usual, and what is said beyond it."""

import math
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from streams.scenarios.moments import Calendar
from streams.scenarios.scenario import Burst, Calm, LevelShift, Ramp, Seasonal

Minutes = NDArray[np.float64]
"""A value for each minute of the scenario, shape (minutes,)."""

_MINUTE = timedelta(minutes=1)
_QUARTER = timedelta(minutes=15)
_QUIETEST = 4
_SATURDAY = 5


def minutes_of(calendar: Calendar) -> int:
    """How many there are; days on which the clocks change have an hour more or less."""
    return (calendar.end - calendar.start) // _MINUTE


def usual(calm: Calm, calendar: Calendar) -> Minutes:
    """Mentions expected in each minute."""
    per_hour = calm.per_hour if calm.per_hour is not None else (calm.per_day or 0.0) / 24
    rate = np.full(minutes_of(calendar), per_hour / 60)
    if isinstance(calm, Seasonal):
        rate *= _seasons(calm, calendar)
    start = calendar.start if calm.at is None else calendar.moment(calm.at)
    end = calendar.end if calm.lasts is None else start + calm.lasts
    return rate * covered(start, end, calendar)


def factor(rise: Burst | Ramp | LevelShift, calendar: Calendar) -> Minutes:
    """By how much the usual is multiplied in each minute; 1 where nothing is changed."""
    start = calendar.moment(rise.at)
    end = calendar.end if isinstance(rise, LevelShift) else start + rise.lasts
    height = (rise.times or 1.0) - 1.0
    inside = covered(start, end, calendar)
    if isinstance(rise, Ramp):
        passed = np.arange(len(inside)) + 0.5 - (start - calendar.start) / _MINUTE
        inside = inside * np.clip(passed / max((end - start) / _MINUTE, 1.0), 0.0, 1.0)
    return 1.0 + height * inside


def covered(start: datetime, end: datetime, calendar: Calendar) -> Minutes:
    """Which part of each minute lies between two moments."""
    edges = np.arange(minutes_of(calendar) + 1, dtype=np.float64)
    first, last = ((moment - calendar.start) / _MINUTE for moment in (start, end))
    inside: Minutes = np.clip(np.minimum(edges[1:], last) - np.maximum(edges[:-1], first), 0.0, 1.0)
    return inside


def counts(rate: Minutes, variance: float, chance: np.random.Generator) -> NDArray[np.int64]:
    """How many there are in each minute, by chance: Poisson, or negative binomial where the variance is larger.

    Args:
        rate: Expected.
        variance: As a multiple of the expected count; 1 is Poisson.
        chance: What the numbers are drawn from.
    """
    if variance <= 1:
        return chance.poisson(rate)
    drawn = chance.negative_binomial(np.maximum(rate, 1e-12) / (variance - 1), 1 / variance)
    return np.where(rate > 0, drawn, 0)


def _seasons(calm: Seasonal, calendar: Calendar) -> Minutes:
    """By the local clock: a wave with its bottom at four in the morning, lower on weekends."""

    def height(local: datetime) -> float:
        wave = 1 - (1 - calm.nights) * math.cos(2 * math.pi * (local.hour - _QUIETEST) / 24)
        return wave * (calm.weekends if local.weekday() >= _SATURDAY else 1.0)

    # Zones differ from UTC by quarters of an hour, so no quarter lies in two local hours.
    starts = [calendar.start + at * _QUARTER for at in range(math.ceil((calendar.end - calendar.start) / _QUARTER))]
    heights = np.array([height(start.astimezone(calendar.timezone)) for start in starts])
    return np.repeat(heights, _QUARTER // _MINUTE)[: minutes_of(calendar)]
