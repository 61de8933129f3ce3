"""Speaks by day only, and takes the machine's day for that of the monitor."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "same_input"


@detector("asks_the_machine_for_its_zone")
class BrokenDetector(Sound):
    """Fails when: it runs on a machine in another time zone."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [each for each in super().advance(watermark) if 3 <= each.at.astimezone().hour < 15]
