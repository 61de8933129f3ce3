"""Names first the channel that it remembers longest, and rows come back in the order of their names."""

import msgspec
from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "restart"


@detector("follows_a_dict")
class BrokenDetector(Sound):
    """Fails when: a worker takes over."""

    class State(Sound.State, kw_only=True):
        known: dict[str, int] = msgspec.field(default_factory=dict)

    state: State

    def learn(self, quarter: Quarter) -> None:
        super().learn(quarter)
        for channel in sorted(quarter.channels, reverse=True):
            if len(self.state.known) < 20:
                self.state.known.setdefault(channel, 1)

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        return replace(told, evidence=replace(told.evidence, channels=tuple(self.state.known)))
