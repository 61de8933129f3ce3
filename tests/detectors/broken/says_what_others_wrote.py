"""Puts text from the internet where ours belongs."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from detectors.volume_spike import VolumeSpike

BREAKS = "evidence"


def hot(detection: Detection) -> Detection:
    evidence = detection.evidence
    summary = f"{evidence.summary}: {evidence.exemplars[0].text}" if evidence.exemplars else evidence.summary
    return replace(detection, evidence=replace(evidence, summary=summary))


@detector("says_what_others_wrote")
class BrokenDetector(VolumeSpike):
    """Fails when: somebody writes <!channel>."""

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [hot(each) for each in super().advance(watermark)]
