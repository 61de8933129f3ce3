"""Judges every open bin, though the one before it may still turn out to be where the rise began."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "peek"


@detector("speaks_too_soon")
class BrokenDetector(VolumeSpike):
    """Fails when: late mentions are more than those in time."""

    def peek(self, now: datetime) -> Sequence[Detection]:
        if self.state.next_bin is None:
            return ()
        return [
            detection
            for number in sorted(self.state.open)
            for detection in self._levels(self._rise(number, self.state.open[number]))
        ]
