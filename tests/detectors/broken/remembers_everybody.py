"""Keeps the id of everyone who ever said something."""

import msgspec

from detectors.mention import Mention
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "bounded"


@detector("remembers_everybody")
class BrokenDetector(VolumeSpike):
    """Fails when: it runs for a year."""

    class State(VolumeSpike.State, kw_only=True):
        heard: dict[str, bool] = msgspec.field(default_factory=dict)

    state: State

    def observe(self, mention: Mention) -> None:
        super().observe(mention)
        self.state.heard[mention.id] = True
