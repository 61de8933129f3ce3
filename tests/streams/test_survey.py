"""Which narratives of a recording are shown though nobody was told of them."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

from detectors.narrative import NarrativeDetector
from streams.backtest.run import Backtest
from streams.narratives.survey import Listener
from tests.detectors.talk import LATER, MINUTE, RUMOUR, chatter, hear, mention, rumour
from tests.detectors.uniting import OTHER, about, unite


def listening(detectors: Mapping[str, NarrativeDetector]) -> Listener:
    pipelines = {name: SimpleNamespace(detectors=(detector,)) for name, detector in detectors.items()}
    return Listener(cast(Backtest, SimpleNamespace(pipelines=pipelines)))


def shown(listener: Listener) -> dict[str, int]:
    """How many mentions each of the two stories has."""
    return {
        text: each.evidence.mentions
        for each in listener.heard().values()
        for text in (RUMOUR, OTHER)
        if text in each.evidence.exemplars[0].text
    }


def test_what_became_a_part_of_another_narrative_is_not_shown_beside_it() -> None:
    _, detector = hear([*chatter(44), *rumour(4), *rumour(5, LATER + 20 * MINUTE, text=OTHER)])
    listener = listening({"census": detector})
    listener.look()
    assert shown(listener) == {RUMOUR: 4, OTHER: 5}
    unite(detector, about(detector.state, RUMOUR).id, about(detector.state, OTHER).id)
    assert shown(listener) == {RUMOUR: 4}, "as it was when it was last seen"


def test_what_is_forgotten_stays_shown() -> None:
    _, detector = hear([*chatter(44), *rumour(4)])
    listener = listening({"census": detector})
    listener.look()
    detector.observe(mention("Nothing of this kind was ever said", LATER + timedelta(days=9)))
    detector.advance(LATER + timedelta(days=10))
    assert not any(RUMOUR in each.first.text for each in detector.state.narratives.values())
    listener.look()
    assert shown(listener) == {RUMOUR: 4}
