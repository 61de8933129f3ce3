"""Judges every open bin, though those before it may still change what is usual."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "peek"


@detector("speaks_too_soon")
class BrokenDetector(Sound):
    """Fails when: late mentions are more than those in time."""

    def peek(self, now: datetime) -> Sequence[Detection]:
        return [each for number in sorted(self.state.open) for each in self.judge(number, self.state.open[number])]
