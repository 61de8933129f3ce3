"""Dates its findings by when it was asked."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "ticks"


@detector("dates_by_the_tick")
class BrokenDetector(Sound):
    """Fails when: it is asked less often."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [replace(each, at=watermark) for each in super().advance(watermark)]
