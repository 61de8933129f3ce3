"""Counts it as heard when somebody asks for a chart."""

from datetime import datetime

from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "same_input"


@detector("learns_when_asked")
class BrokenDetector(Sound):
    """Fails when: somebody opens a chart."""

    def usual(self, start: datetime, end: datetime) -> float | None:
        self.state.mean *= 1.01
        return super().usual(start, end)
