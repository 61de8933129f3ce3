"""Is for those who run the system, and yet wakes those who answer the public."""

from detectors.detection import Audience
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "evidence"


@detector("calls_the_wrong_people")
class BrokenDetector(Sound):
    """Fails when: a route asks whom its detections concern: they do not bear the effect that says it."""

    audience = Audience.OPERATIONS
