"""Shares what it remembers between all its instances."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "same_input"


@detector("remembers_other_monitors")
class BrokenDetector(Sound):
    """Fails when: it runs twice in one process."""

    told: ClassVar[list[datetime]] = []

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        new = [each for each in super().advance(watermark) if each.at not in self.told]
        self.told.extend(each.at for each in new)
        return new
