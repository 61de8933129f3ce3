"""Forgets what it said when it peeked."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "peek"


@detector("says_it_twice")
class BrokenDetector(Sound):
    """Fails when: it is asked again."""

    def peek(self, now: datetime) -> Sequence[Detection]:
        before = deepcopy(self.state)
        found = super().peek(now)
        self.state = before
        return found
