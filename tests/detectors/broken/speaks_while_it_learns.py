"""Believes that it learned for a day before it began."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from detectors.volume.surprise import Baseline
from detectors.volume_spike import VolumeSpike

BREAKS = "learning"


@detector("speaks_while_it_learns")
class BrokenDetector(VolumeSpike):
    """Fails when: the first hours are busy."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        if self.state.next_bin is None:
            self.state = replace(self.state, baseline=Baseline(closed=1000))
        return super().advance(watermark)
