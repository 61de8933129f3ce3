"""Puts text from the internet where ours belongs."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "evidence"


@detector("says_what_others_wrote")
class BrokenDetector(Sound):
    """Fails when: somebody writes <!channel>."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        others = quarter.first.text if quarter.first else ""
        return replace(told, evidence=replace(told.evidence, summary=f"{told.evidence.summary} {others}"))
