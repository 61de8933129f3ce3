"""Keeps the id of everyone who ever said something."""

import msgspec

from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "bounded"


@detector("remembers_everybody")
class BrokenDetector(Sound):
    """Fails when: it runs for a year."""

    class State(Sound.State, kw_only=True):
        heard: dict[str, bool] = msgspec.field(default_factory=dict)

    state: State

    def observe(self, mention: Mention) -> None:
        super().observe(mention)
        self.state.heard[mention.id] = True
