"""Speaks only on some days of the month."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "same_input"


@detector("reads_the_calendar")
class BrokenDetector(Sound):
    """Fails when: the date is another."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [each for each in super().advance(watermark) if each.at.day % 4]
