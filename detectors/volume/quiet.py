"""Whether nothing is still chance: a run of empty bins, against all that was expected in it.

Two things must be so before a run counts as improbable. Its chance is below one in a million, where the rate itself is
uncertain: how much of what was expected came lately is remembered, about ten expected mentions back, so that a holiday
with a third of the usual talk makes a run of nothing less surprising, and so does a slow decline. With a gamma prior on
the rate the chance is that of a negative binomial count: P(0) = (1 + missing / rate) ** -shape. And twice as many
mentions must be missing as in any run that went by so far: mentions come in clusters, nights are not alike, and no
formula knows by how much.

Whoever learns what is usual from closed bins asks here, and learns nothing from a run that is no chance:

- one who can wait holds empty bins back, and learns them when `close` says how many were chance;
- one who cannot stops learning while `is_improbable`.
"""

import math

from msgspec import Struct

from detectors.volume.bins import BINS_PER_WEEK

IMPROBABLE = 1e-6
"""The chance that is none."""
LEAST_SPOKEN = 50
"""Bins with mentions before anything is improbable: as many runs, of no length too, have been seen by then."""

_SURPRISE = -math.log(IMPROBABLE)
_PRIOR = 3.0
"""Expected mentions that the prior of the rate weighs: it alone finds 300 missing ones improbable, not 13.8."""
_MEMORY = 10.0
"""Expected mentions over which the rate is remembered."""
_LONGER = 2.0
"""How many times the longest run so far is no chance any more."""
_TOLD_COUNTS = 0.75
"""A run that was no chance raises the longest so far that the next one must be half as long again: an alarm that comes
back and back fades. It is forgotten like the longest itself."""
_FADING = 0.5
_REMEMBERED = 6 * BINS_PER_WEEK
"""The longest fades with the square root of the age, for young baselines are bad ones; from here on it halves in sixty
days."""


class EmptyRun(Struct, kw_only=True, array_like=True):
    """The run of empty bins that ends with the newest closed one, of no length where that held a mention."""

    learns: int = BINS_PER_WEEK
    """Bins before those of the first run that may be improbable: by then every hour that is always empty was seen."""
    closed: int = 0
    """Bins, as far as it matters how many."""
    spoken: int = 0
    """Those with a mention, likewise."""
    bins: int = 0
    missing: float = 0.0
    """Mentions that were expected in the run."""
    heard: float = 0.0
    """Lately, of `expected`; never more."""
    expected: float = 0.0
    longest: float = 0.0
    """Most missing in a run so far, fading."""

    @property
    def least(self) -> float:
        """From how many missing mentions on the run is improbable."""
        shape, rate = _PRIOR + self.heard, _PRIOR + self.expected
        return max(rate * (math.exp(_SURPRISE / shape) - 1), _LONGER * self.longest)

    @property
    def is_improbable(self) -> bool:
        """Once it is, it stays so until a mention comes."""
        is_known = self.spoken >= LEAST_SPOKEN and self.closed - self.bins >= self.learns
        return self.bins > 0 and is_known and self.missing >= self.least

    def close(self, count: int, expected: float) -> int:
        """Take in the next closed bin; how many empty ones before it may be learned, now that a mention has come.

        Args:
            count: Mentions in it.
            expected: How many were, by what was learned from bins before it.
        """
        if count:
            return self._end(count, expected)
        self._age()
        self.bins += 1
        self.missing += expected
        return 0

    def _end(self, count: int, expected: float) -> int:
        chance = self.bins
        if self.is_improbable:
            chance = 0
            self.longest = max(self.longest, _TOLD_COUNTS * self.least)
        elif self.bins:
            self.longest = max(self.longest, self.missing)
            self._remember(0, self.missing)
        self._remember(count, expected)
        self.bins, self.missing = 0, 0.0
        self._age()
        self.spoken = min(self.spoken + 1, LEAST_SPOKEN)
        return chance

    def _age(self) -> None:
        if self.closed < _REMEMBERED + self.bins:
            self.closed += 1
        self.longest *= 1 - _FADING / (self.closed + 1)

    def _remember(self, count: int, expected: float) -> None:
        # One mention counts in full, a cluster of them hardly more: it says little of how soon the next will come.
        self.heard += min(float(count), max(1.0, 3 * expected))
        self.expected += expected
        if self.expected > _MEMORY:
            self.heard *= _MEMORY / self.expected
            self.expected = _MEMORY
        self.heard = min(self.heard, self.expected)
