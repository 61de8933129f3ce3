"""Shows the whole history."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "evidence"


@detector("shows_too_much")
class BrokenDetector(VolumeSpike):
    """Fails when: somebody has to read it."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [
            replace(each, evidence=replace(each.evidence, timeline=each.evidence.timeline * 2))
            for each in super().advance(watermark)
        ]
