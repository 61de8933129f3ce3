"""Names channels in the order of a set, which every process has its own of."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "same_input"


@detector("follows_a_set")
class BrokenDetector(Sound):
    """Fails when: another worker takes over."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        return replace(told, evidence=replace(told.evidence, channels=tuple(set(quarter.channels))))
