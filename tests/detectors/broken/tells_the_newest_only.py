"""Tells only the newest of what it finds at once."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "ticks"


@detector("tells_the_newest_only")
class BrokenDetector(Sound):
    """Fails when: it is asked less often."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return super().advance(watermark)[-1:]
