"""When a rise begins, how far it has come, and when the next one is another."""

from bisect import bisect_right

from msgspec import Struct

from detectors.detection import Exemplar
from detectors.volume.surprise import BINS_PER_HOUR

STEPS = (0.0, 1.0, 2.0, 4.0, 7.0)
"""How far beyond the threshold the levels 1 to 5 begin."""
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


def level_of(severity: float, threshold: float) -> int:
    """How far beyond the threshold, in steps; 0 below it."""
    return bisect_right(STEPS, severity - threshold)


def reached(episode: Episode | None, number: int, level: int) -> tuple[Episode, range]:
    """The rise that a bin at that level (from 1) belongs to, and the levels that are new in it.

    Args:
        episode: The newest rise, which is changed where the bin belongs to it.
        number: The bin; never before those of the rise.
    """
    if episode is None or number - episode.last >= QUIET_BINS:
        episode = Episode(starts=number, last=number)
    new = range(episode.level + 1, level + 1)
    episode.level, episode.last = max(episode.level, level), number
    return episode, new
