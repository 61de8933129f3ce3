"""Keeps in its state what comes back from bytes as something else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "restart"


@detector("loses_its_types")
class BrokenDetector(Sound):
    """Fails when: its tuple came back as a list."""

    class State(Sound.State, kw_only=True):
        last: Any = ()

    state: State

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        new = [each for each in super().advance(watermark) if (each.level, each.score) != self.state.last]
        for each in new:
            self.state.last = (each.level, each.score)
        return new
