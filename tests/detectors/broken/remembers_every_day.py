"""Keeps one number for each day, which is little."""

import msgspec

from detectors.registry import detector
from tests.detectors.sound import BINS_A_DAY, Quarter, Sound

BREAKS = "bounded"


@detector("remembers_every_day")
class BrokenDetector(Sound):
    """Fails when: it runs for years."""

    class State(Sound.State, kw_only=True):
        days: list[float] = msgspec.field(default_factory=list)

    state: State

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        if (self.state.next_bin or 0) % BINS_A_DAY == 0:
            self.state.days.append(self.state.mean)
