"""Counts replies for what they answer: most that deny a claim are close to no claim, and go to no narrative at all."""

from detectors.narratives.clustering.gathering import Placed
from detectors.narratives.clustering.lexical import cleaned
from detectors.narratives.stance.reading import stance
from detectors.narratives.stance.replies import Answerable
from detectors.narratives.state import Heard, NarrativeState


class Answers:
    """Follows which mention answers which. All is derived from the state, and brought back by `write_back`."""

    def __init__(self, state: NarrativeState) -> None:
        self._state = state
        parts = [state.answerable[key] for key in sorted(state.answerable)]
        self._answerable = Answerable(state.remembered, parts)

    def hear(self, heard: Heard, placed: Placed) -> None:
        """Takes in a mention that was placed; a reply within one narrative is a mention of it already."""
        state, number = self._state, self._answerable.wording_of(heard.in_reply_to)
        wording = state.wordings.get(str(number)) if number is not None else None
        if wording is not None and (placed.narrative is None or placed.narrative.id != wording.narrative):
            said, narrative = stance(cleaned(heard.text), is_reply=True), state.narratives[wording.narrative]
            for answered in (wording, narrative):
                answered.replies.add(said)
            if placed.wording is not None and placed.narrative is not None and narrative.episode is not None:
                placed.wording.answering += 1
                placed.narrative.answering += 1
        if placed.wording is not None:
            self._answerable.remember(heard.id, placed.wording.number)

    def write_back(self) -> None:
        """Brings what was remembered into the state."""
        state, answerable = self._state, self._answerable
        if answerable.remembered != state.remembered:
            state.answerable = {str(number): part for number, part in enumerate(answerable.parts())}
            state.remembered = answerable.remembered
