"""Speaks only if the rise goes on after the watermark."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "future"


@detector("looks_ahead")
class BrokenDetector(VolumeSpike):
    """Fails when: the future is not known."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        found = super().advance(watermark)
        return found if sum(tally.mentions for tally in self.state.open.values()) > 10 else []
