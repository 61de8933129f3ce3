"""Believes that it learned for a day before it began."""

from detectors.registry import detector
from tests.detectors.sound import BINS_A_DAY, Quarter, Sound

BREAKS = "learning"


@detector("speaks_while_it_learns")
class BrokenDetector(Sound):
    """Fails when: the first hours are busy."""

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        self.state.closed = max(self.state.closed, 2 * BINS_A_DAY)
