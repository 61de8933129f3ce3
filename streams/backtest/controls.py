"""Simple rules over the same counts, to hold a config against: what they find as well, nobody needs us for.

Each is told counts in bins of five minutes, one after the other, and gives the places of those at which it would alert.
None of them looks ahead.
"""

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.volume.bins import BINS_PER_DAY, BINS_PER_HOUR, BINS_PER_WEEK

DEVIATIONS = 6.0
REFRACTORY = 12 * BINS_PER_HOUR
SPIKE_HEIGHT = 3
AT_LEAST = 10
"""Mentions in the newest hour, for both rules that look at one."""

Counts = Sequence[int] | NDArray[np.int64]


def null(counts: Counts) -> list[int]:
    """Never alerts."""
    return []


def at_random(counts: Counts, alerts: int, seed: str) -> list[int]:
    """So many alerts, anywhere; the same seed gives the same."""
    return sorted(random.Random(seed).sample(range(len(counts)), min(alerts, len(counts))))


def z_score(counts: Counts) -> list[int]:
    """The newest hour lies more than six standard deviations above the mean of the hours of the seven days before it.

    Hours begin every five minutes, and none of those before overlaps the newest one. A day of them is needed first;
    after an alert it is quiet for twelve hours.
    """
    hours = _hours(counts)
    sums, squares = (np.concatenate([[0.0], np.cumsum(each)]) for each in (hours, hours**2))
    newest = np.arange(len(hours))
    ends = np.maximum(newest - BINS_PER_HOUR + 1, 0)
    whole = BINS_PER_HOUR - 1  # the first hour that is
    begins = np.minimum(np.maximum(newest - BINS_PER_WEEK, whole), ends)
    known = np.maximum(ends - begins, 1)
    mean = (sums[ends] - sums[begins]) / known
    variance = np.maximum((squares[ends] - squares[begins]) / known - mean**2, 0.0)
    beyond = (hours > mean + DEVIATIONS * np.sqrt(variance)) & (hours >= AT_LEAST) & (ends - begins >= BINS_PER_DAY)
    return _apart(np.flatnonzero(beyond), REFRACTORY)


def spike_ratio(counts: Counts) -> list[int]:
    """ElastAlert's rule `spike`: the newest `timeframe` (an hour) holds `spike_height` times (3) the one before it.

    As there, it needs `threshold_cur` (10) mentions in the newest one, none in the one before (`threshold_ref` is not
    set), two timeframes before it begins, and after an alert its windows have to fill again: two more
    (`SpikeRule.find_matches` and `clear_windows` in its `elastalert/ruletypes.py`). It has no season and no memory
    beyond two hours.
    """
    hours = _hours(counts)
    before = np.concatenate([np.zeros(BINS_PER_HOUR), hours])[: len(hours)]
    beyond = (hours >= AT_LEAST) & (hours >= SPIKE_HEIGHT * before)
    beyond[: 2 * BINS_PER_HOUR] = False
    return _apart(np.flatnonzero(beyond), 2 * BINS_PER_HOUR)


def _hours(counts: Counts) -> NDArray[np.float64]:
    """How many there were in the hour that ends with each bin; less where there is no whole hour yet."""
    totals = np.zeros(BINS_PER_HOUR + len(counts))
    totals[BINS_PER_HOUR:] = np.cumsum(counts)
    hours: NDArray[np.float64] = totals[BINS_PER_HOUR:] - totals[:-BINS_PER_HOUR]
    return hours


def _apart(places: NDArray[np.int64], bins: int) -> list[int]:
    """Those of rising places that lie at least so many bins after the one that was kept before."""
    kept: list[int] = []
    for place in places.tolist():
        if not kept or place - kept[-1] >= bins:
            kept.append(place)
    return kept
