"""Lets what is heard change what is usual before its time has come."""

from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "future"


@detector("learns_too_early")
class BrokenDetector(Sound):
    """Fails when: mentions come in large batches."""

    def observe(self, mention: Mention) -> None:
        super().observe(mention)
        self.state.mean += 0.001
