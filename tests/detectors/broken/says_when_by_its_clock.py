"""Tells a time in its sentence, where nobody knows yet by whose clock it will be read."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "evidence"


@detector("says_when_by_its_clock")
class BrokenDetector(Sound):
    """Fails when: it is read elsewhere than in Greenwich."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        summary = f"{quarter.mentions} mentions since {told.starts_at:%H:%M}."
        return replace(told, evidence=replace(told.evidence, summary=summary))
