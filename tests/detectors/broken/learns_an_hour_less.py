"""Takes 23 hours for a day."""

from detectors.registry import detector
from tests.detectors.sound import BINS_A_DAY, Quarter, Sound

BREAKS = "learning"


@detector("learns_an_hour_less")
class BrokenDetector(Sound):
    """Fails when: the last hour of the first day is busy."""

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        if self.state.closed == BINS_A_DAY - 4:
            self.state.closed = BINS_A_DAY + 1
