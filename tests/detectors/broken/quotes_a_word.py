"""Names what it is about by a word from the internet, which may be any word."""

from msgspec.structs import replace

from detectors.detection import Detection
from detectors.registry import detector
from tests.detectors.sound import Quarter, Sound

BREAKS = "evidence"


@detector("quotes_a_word")
class BrokenDetector(Sound):
    """Fails when: somebody makes up a word."""

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        told = super().detection(number, quarter, level, limit)
        about = quarter.first.text.split()[0] if quarter.first else "nothing"
        return replace(told, evidence=replace(told.evidence, summary=f"{told.evidence.summary} About: {about}."))
