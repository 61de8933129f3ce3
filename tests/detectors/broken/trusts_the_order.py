"""Counts only mentions that are newer than those before them."""

from detectors.mention import Mention, Moment
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "order"


@detector("trusts_the_order")
class BrokenDetector(Sound):
    """Fails when: mentions come in another order than they were said."""

    class State(Sound.State, kw_only=True):
        newest: Moment | None = None

    state: State

    def observe(self, mention: Mention) -> None:
        if self.state.newest is None or mention.at >= self.state.newest:
            self.state.newest = mention.at
            super().observe(mention)
