"""Takes for the first of several in the same second the one that came first."""

from detectors.detection import Exemplar
from detectors.mention import Mention
from detectors.registry import detector
from tests.detectors.sound import Sound

BREAKS = "order"


@detector("takes_the_first_that_came")
class BrokenDetector(Sound):
    """Fails when: two are said in the same second."""

    def comes_first(self, mention: Mention, first: Exemplar | None) -> bool:
        return first is None or mention.at < first.at
