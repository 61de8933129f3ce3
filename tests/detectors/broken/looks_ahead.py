"""Speaks only if the rise goes on after the watermark."""

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "future"


@detector("looks_ahead")
class BrokenDetector(Sound):
    """Fails when: the future is not known."""

    def judge(self, number: int, quarter: Quarter) -> list[Detection]:
        later = sum(each.mentions for each in self.state.open.values())
        return super().judge(number, quarter) if later > 10 else []
