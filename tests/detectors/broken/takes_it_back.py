"""Takes a late mention for a sign that all which comes now is late, and counts less of it: also what it has told."""

from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "peek"


@detector("takes_it_back")
class BrokenDetector(Sound):
    """Fails when: somebody is late."""

    def take_late(self, mention: Mention) -> None:
        super().take_late(mention)
        for quarter in self.state.open.values():
            quarter.mentions = max(0, quarter.mentions - 10)
