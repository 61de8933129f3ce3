"""Keeps when it spoke last outside its state."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "restart"


@detector("forgets_on_restart")
class BrokenDetector(Sound):
    """Fails when: a worker takes over."""

    quiet_until: datetime | None = None

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        found = super().advance(watermark)
        if not found or (self.quiet_until is not None and found[0].at < self.quiet_until):
            return []
        self.quiet_until = found[-1].at + timedelta(hours=2)
        return found
