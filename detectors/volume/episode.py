"""When a rise begins, how far it has come, and when the next one is another."""

from bisect import bisect_right

from msgspec import Struct

from detectors.detection import Exemplar
from detectors.volume.bins import BINS_PER_HOUR

LEVELS = (0.0, 2.9, 3.4, 4.2, 5.0, 8.0)
"""The severities at which the levels 1 to 6 begin: the same at every sensitivity, so that a level means the same."""
QUIET_BINS = 12 * BINS_PER_HOUR
"""A rise is over after so long below the threshold; what comes then is another."""


class Episode(Struct, kw_only=True):
    """One rise, in numbers of bins."""

    starts: int
    level: int = 0
    last: int
    """The newest bin beyond the threshold."""
    first: Exemplar | None = None
    """The first mention in it; None until its first bin is closed."""


def level_of(severity: float) -> int:
    """From 1."""
    return bisect_right(LEVELS, severity)


def reached(episode: Episode | None, number: int, level: int, lowest: int) -> tuple[Episode, range]:
    """The rise that a bin at that level belongs to, and the levels that are new in it.

    Args:
        episode: The newest rise, which is changed where the bin belongs to it.
        number: The bin; never before those of the rise.
        lowest: The level of the threshold; those below it are not told.
    """
    if episode is None or number - episode.last >= QUIET_BINS:
        episode = Episode(starts=number, last=number)
    new = range(max(episode.level + 1, lowest), level + 1)
    episode.level, episode.last = max(episode.level, level), number
    return episode, new
