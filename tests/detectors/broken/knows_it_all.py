"""Needs no time to learn, it says, and says what is usual all the same."""

from datetime import timedelta

from detectors.registry import detector
from tests.detectors.sound import BINS_A_DAY, Quarter, Sound

BREAKS = "learning"


@detector("knows_it_all")
class BrokenDetector(Sound):
    """Fails when: the first hours are busy."""

    learns_for = timedelta(0)

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        self.state.closed = max(self.state.closed, 2 * BINS_A_DAY)
