"""`volume_spike` over counts, without the mentions: how severe each bin is, and in which an alert begins.

A test holds it equal to the detector itself.
"""

from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from detectors.volume.bins import bin_of, hour_of_week
from detectors.volume.episode import Episode, level_of, reached
from detectors.volume.evidence import Rise
from detectors.volume.mix import Mix
from detectors.volume.surprise import Baseline
from detectors.volume.tally import Tally
from detectors.volume_spike import THRESHOLDS, VolumeSpike
from tests.benchmarks.made_counts import MONDAY

UTC = ZoneInfo("UTC")
FIRST = bin_of(MONDAY)
AT_LEAST = VolumeSpike.Params().at_least_mentions
MEDIUM = THRESHOLDS["medium"]


class Heard(Struct):
    """What was learned so far."""

    number: int = FIRST
    """The next bin."""
    baseline: Baseline = msgspec.field(default_factory=Baseline)

    def severities(self, counts: Iterable[int]) -> list[float]:
        """Of each of the next bins; 0 where it may not speak."""
        return [self._close(int(count)) for count in counts]

    def copy(self) -> "Heard":
        """That goes on by itself."""
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self), type=Heard)

    def _close(self, count: int) -> float:
        hour = hour_of_week(self.number, UTC)
        rise = Rise(
            number=self.number,
            hour=hour,
            tally=Tally(mentions=count),
            before=(),
            baseline=self.baseline,
            usual=Mix(),
            timezone=UTC,
            at_least_mentions=AT_LEAST,
        )
        self.baseline.learn(count, hour)
        self.number += 1
        return rise.severity


def starts(severities: Sequence[float], threshold: float) -> list[int]:
    """In which of the bins an alert begins."""
    episode: Episode | None = None
    found = []
    for number, severity in enumerate(severities):
        if severity >= threshold:
            episode, _ = reached(episode, number, level_of(severity), level_of(threshold))
            if episode.starts == number:
                found.append(number)
    return found


def threshold_for(streams: Sequence[Sequence[float]], alerts: float, counted: Sequence[Sequence[bool]] = ()) -> float:
    """The least severity, to a hundredth, at which all streams together give at most so many alerts.

    Args:
        streams: Severities.
        alerts: In all of them.
        counted: In which bins of each stream alerts count; in all where absent.
    """
    low, high = 0.0, 20.0
    while high - low > 0.01:
        middle = (low + high) / 2
        found = [starts(stream, middle) for stream in streams]
        if counted:
            found = [[at for at in each if where[at]] for each, where in zip(found, counted, strict=True)]
        if sum(map(len, found)) <= alerts:
            high = middle
        else:
            low = middle
    return high
