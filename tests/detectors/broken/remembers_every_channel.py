"""Keeps the name of every channel, of which there are few until somebody makes them up."""

import msgspec

from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "bounded"


@detector("remembers_every_channel")
class BrokenDetector(Sound):
    """Fails when: somebody makes up channels."""

    class State(Sound.State, kw_only=True):
        heard: dict[str, int] = msgspec.field(default_factory=dict)

    state: State

    def observe(self, mention: Mention) -> None:
        super().observe(mention)
        self.state.heard[mention.channel] = self.state.heard.get(mention.channel, 0) + 1
