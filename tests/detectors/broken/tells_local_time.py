"""Tells the time as the monitor's audience reads it, and with it another id."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "evidence"


@detector("tells_local_time")
class BrokenDetector(Sound):
    """Fails when: its finding comes back from Kafka in UTC."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        zone = self.context.timezone
        return replace(told, at=told.at.astimezone(zone), starts_at=told.starts_at.astimezone(zone))
