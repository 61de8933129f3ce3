"""Keeps a whole number where its state promises another."""

from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "restart"


@detector("keeps_a_whole_number")
class BrokenDetector(Sound):
    """Fails when: what was saved is compared with what is remembered."""

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        self.state.mean = round(self.state.mean) if self.state.mean > 1 else self.state.mean
