"""Shows the whole history."""

from msgspec.structs import replace

from detectors.detection import Detection, Point
from detectors.registry import detector
from tests.detectors.sound import BIN, Quarter, Sound

BREAKS = "evidence"


@detector("shows_too_much")
class BrokenDetector(Sound):
    """Fails when: somebody has to read it."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        points = [Point(at=told.at - BIN * back, observed=1.0) for back in range(30, 0, -1)]
        return replace(told, evidence=replace(told.evidence, timeline=tuple(points)))
