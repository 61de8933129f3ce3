"""Counts of mentions in bins of five minutes, made up: by kinds of chance, with the seasons of a day and a week."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Rates = NDArray[np.float64]

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BIN = timedelta(minutes=5)
DAY = 288
"""Bins."""


def poisson(mean: Rates, dice: np.random.Generator) -> Counts:
    return dice.poisson(mean)


def overdispersed(mean: Rates, dice: np.random.Generator) -> Counts:
    """Negative binomial: the variance is mean + 2 mean²."""
    return dice.poisson(mean * dice.gamma(0.5, 2, len(mean)))


def autocorrelated(mean: Rates, dice: np.random.Generator) -> Counts:
    """The log of the rate wanders with a deviation of 0.8, and forgets half of it in three hours."""
    level, wandering = 0.0, np.empty(len(mean))
    for number in range(len(mean)):
        level = 0.98 * level + 0.8 * np.sqrt(1 - 0.98**2) * dice.normal()
        wandering[number] = level
    return dice.poisson(mean * np.exp(wandering - 0.32))


def clustered(mean: Rates, dice: np.random.Generator) -> Counts:
    """Threads of five mentions on average, which come within minutes."""
    counts = np.zeros(len(mean), dtype=np.int64)
    for start in np.repeat(np.arange(len(mean)), dice.poisson(mean / 5)):
        at = start + dice.geometric(0.5, dice.poisson(5)) - 1
        np.add.at(counts, at[at < len(mean)], 1)
    return counts


def hours_and_days(bins: int) -> tuple[Rates, Rates]:
    """The hour of the day and the day of the week (0 is Monday) of each bin."""
    numbers = np.arange(bins)
    return (numbers % DAY) / 12.0, (numbers // DAY % 7).astype(np.float64)


def season(bins: int, *, night: float = 0.25, weekend: float = 0.6, latest: float = 20.0) -> Rates:
    """With a mean of one: the part of the day's top that is left at night, the weekend's, and the busiest hour."""
    hour, day = hours_and_days(bins)
    rate = 1 + (1 - night) / (1 + night) * np.cos((hour - latest) / 24 * 2 * np.pi)
    rate *= np.where(day >= 5, weekend, 1.0)
    return np.asarray(rate / rate.mean(), dtype=np.float64)
