"""Takes being asked in vain for time that passes."""

from collections.abc import Sequence
from datetime import datetime

from detectors.detection import Detection
from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "ticks"


@detector("counts_how_often_it_is_asked")
class BrokenDetector(Sound):
    """Fails when: time advances while nothing is said."""

    class State(Sound.State, kw_only=True):
        asked: int = 0

    state: State

    def observe(self, mention: Mention) -> None:
        super().observe(mention)
        self.state.asked = 0

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        self.state.asked += 1
        if self.state.asked > 20:
            self.state.closed = 0
        return super().advance(watermark)
