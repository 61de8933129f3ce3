"""Counts only mentions that are newer than those before them."""

import msgspec

from detectors.mention import Mention, Moment
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "order"


@detector("trusts_the_order")
class BrokenDetector(VolumeSpike):
    """Fails when: mentions come in another order than they were said."""

    class State(VolumeSpike.State, kw_only=True):
        newest: Moment | None = msgspec.field(default=None)

    state: State

    def observe(self, mention: Mention) -> None:
        if self.state.newest is None or mention.at >= self.state.newest:
            self.state.newest = mention.at
            super().observe(mention)
