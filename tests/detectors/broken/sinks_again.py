"""Starts with the highest level of an episode."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "evidence"


@detector("sinks_again")
class BrokenDetector(Sound):
    """Fails when: the level is to say how far it has come."""

    def judge(self, number: int, quarter: Quarter) -> list[Detection]:
        return [
            replace(each, level=len(found) - index)
            for found in (super().judge(number, quarter),)
            for index, each in enumerate(found)
        ]
