"""How mentions are gathered into narratives: where each belongs, and what is counted of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives import waves
from detectors.narratives.background import Background, Learned
from detectors.narratives.counting import count
from detectors.narratives.lexical import DIMENSIONS, Frequencies
from detectors.narratives.placing import Block
from detectors.narratives.space import Space, Thresholds
from detectors.narratives.state import LETTERS, Heard, Narrative, NarrativeState, WordingState, exemplar
from detectors.narratives.texts import Text, read, vectors_of

_NEAR_COPY = 0.9
"""Cosine to a wording from which a text is counted as a near-copy."""
_TEXTS_KNOWN = 16

_OF_VECTORS = Thresholds()
_OF_LETTERS = Thresholds(same_narrative=0.5, same_wording=0.5, wording_outranks=0.0, cut=0.4, age_penalty=0.0)

NarrativeSpace = Space[WordingState, Narrative]


class Placed(Struct, frozen=True):
    """Where a mention went; None and None where it says too little to belong anywhere.

    The wording names where it belongs after later regroupings: when it is forgotten, the last of them stays there.
    """

    narrative: Narrative | None
    wording: WordingState | None


class Gathering:
    """The narratives of a monitor. All but `state` is derived from it, and only saves work."""

    def __init__(self, state: NarrativeState, thresholds: Mapping[str, Thresholds] | None = None) -> None:
        """`thresholds` are those of a language in a space, by `space|language`; for all others the reference holds."""
        self.state = state
        self._thresholds = thresholds or {}
        self._words = _frequencies(state, "words", state.texts[0])
        self._triples = _frequencies(state, "letters", state.texts[1])
        self._ahead: Sequence[Text] = ()
        self.backgrounds = {name: _background(name, learned) for name, learned in state.backgrounds.items()}
        self.spaces: dict[str, NarrativeSpace] = {}
        for name in sorted({wording.space for wording in state.wordings.values()}):
            wordings = [each for each in state.wordings.values() if each.space == name]
            narratives = [each for each in state.narratives.values() if each.space == name]
            self.spaces[name] = self._space(name, wordings, narratives)
        self._wording_with = self._known_texts()

    def settle(self, now: datetime) -> None:
        """Follows the state's wordings where some were forgotten, and the backgrounds, which learn what was heard.

        All was written back. `renew` must come next. Of models whose texts are forgotten, but for the newest, the
        background is forgotten too.
        """
        self.backgrounds = {
            name: background
            for name, background in sorted(self.backgrounds.items())
            if name in self.spaces or name == self.state.space
        }
        for background in self.backgrounds.values():
            background.learn(now)
        for space in self.spaces.values():
            space.keep(self.state.wordings)
        self.spaces = {name: space for name, space in sorted(self.spaces.items()) if len(space.wordings)}

    def renew(self) -> None:
        """Follows the state's narratives, and which of them each wording belongs to."""
        for name, space in self.spaces.items():
            space.renew(each for each in self.state.narratives.values() if each.space == name)
        self._wording_with = self._known_texts()

    def thresholds_of(self, space: str, language: str) -> Thresholds:
        """How close is close enough for texts of a language."""
        reference = _OF_LETTERS if space == LETTERS else _OF_VECTORS
        return self._thresholds.get(f"{space}|{language}", reference)

    def cuts(self, space: str) -> NDArray[np.float64]:
        """Of the wordings of a space, in their order: the average link below which a narrative falls apart."""
        wordings = self.spaces[space].wordings.clusters
        return np.array([self.thresholds_of(space, wording.language).cut for wording in wordings])

    def take_in(self, batch: Sequence[Heard]) -> Iterator[Placed]:
        """Takes mentions in one by one, and says where each went, when all about it is counted.

        `settle` must not be called before the last of them.
        """
        texts = [read(heard, self._words, self._triples) for heard in batch]
        places = self._places(texts)
        for number, text in enumerate(texts, start=1):
            self._ahead = texts[number:]
            self.state.taken += 1
            self.state.clock = max(self.state.clock or text.heard.at, text.heard.at)
            self.state.heard.add(text.heard.at)
            yield self._gather(text, places.get(text.heard.id))

    def wordings_of(self, narrative: Narrative, *, as_saved: bool = True) -> list[WordingState]:
        """Oldest first, their sums written back if `as_saved`."""
        space = self.spaces[narrative.space]
        if as_saved:
            space.write_back()
        home = space.narratives.row_of[narrative.id]
        rows = np.flatnonzero(space.homes[: len(space.wordings)] == home)
        return [space.wordings.clusters[row] for row in rows]

    @contextmanager
    def frequencies_of_words(self) -> Iterator[Frequencies]:
        """As of the mention that is taken in: all those of a batch are learned before the first is placed."""
        ahead = [text.codes for text in self._ahead if text.heard.space != LETTERS]
        for codes in ahead:
            self._words.unlearn(codes)
        yield self._words
        for codes in ahead:
            self._words.relearn(codes)

    def halve_frequencies(self) -> None:
        """Lets old talk count less; called where wordings are regrouped."""
        for counts in (self._words, self._triples):
            counts.halve_if_full()

    def write_back(self) -> None:
        """Brings all that was derived into the state."""
        for space in self.spaces.values():
            space.write_back()
        self.state.backgrounds = {name: each.learned() for name, each in sorted(self.backgrounds.items())}
        counted = self._words.texts, self._triples.texts
        for name, counts, saved in zip(
            ("words", "letters"), (self._words, self._triples), self.state.texts, strict=True
        ):
            if counts.texts != saved:
                parts = {f"{name}/{number}": part for number, part in enumerate(counts.parts())}
                self.state.frequencies.update(parts)
        self.state.texts = counted

    def _space(
        self, name: str, wordings: Sequence[WordingState] = (), narratives: Sequence[Narrative] = ()
    ) -> NarrativeSpace:
        return Space(_dense(name) + DIMENSIONS, wordings, narratives, self._background_of(name))

    def _known_texts(self) -> dict[tuple[str, str], str]:
        """The oldest wording with each text."""
        known: dict[tuple[str, str], str] = {}
        for wording in sorted(self.state.wordings.values(), key=lambda wording: wording.number):
            for text in wording.texts:
                known.setdefault((wording.space, text), wording.id)
        return known

    def _background_of(self, space: str) -> Background:
        if space == LETTERS:
            return Background(0)
        return self.backgrounds.setdefault(space, Background(_dense(space)))

    def _places(self, texts: Sequence[Text]) -> dict[str, tuple[Block[WordingState, Narrative], int]]:
        """For each mention of a text that is not known yet: a prepared block of its space, and its row there."""
        unknown: dict[str, list[Text]] = {}
        for text in texts:
            if text.slots and text.key not in self._wording_with:
                unknown.setdefault(text.heard.space, []).append(text)
        places = {}
        for name, some in unknown.items():
            if name not in self.spaces:
                self.spaces[name] = self._space(name)
            vectors = vectors_of(some, self.spaces[name].dimensions)
            close = [self.thresholds_of(name, text.heard.language) for text in some]
            block = Block(self.spaces[name], vectors, close)
            for row in np.flatnonzero(vectors.any(axis=1)):
                places[some[row].heard.id] = block, int(row)
        return places

    def _gather(self, text: Text, place: tuple[Block[WordingState, Narrative], int] | None) -> Placed:
        if text.heard.space != LETTERS:
            self.state.space = text.heard.space
        known = self._wording_with.get(text.key)
        if known is None and place is None:
            return Placed(None, None)
        space, cosine = self.spaces[text.heard.space], 1.0
        if known is not None:
            row = space.wordings.row_of[known]
            home = int(space.homes[row])
        elif place is not None:
            row, home, cosine = self._join(text, *place)
        wording, narrative = space.wordings.clusters[row], space.narratives.clusters[home]
        space.wordings.touch(row, self.state.taken)
        space.narratives.touch(home, self.state.taken)
        if known is None and len(wording.texts) < _TEXTS_KNOWN:
            wording.texts.append(text.key[1])
            self._wording_with[text.key] = wording.id
        is_copy = cosine >= _NEAR_COPY or text.heard.is_repost or waves.is_echo(wording, text.opening)
        if count(self.state, text, wording, narrative, is_copy=is_copy):
            narrative.synchronous = waves.occasions(narrative, self.wordings_of(narrative, as_saved=False))
        return Placed(narrative, wording)

    def _join(self, text: Text, block: Block[WordingState, Narrative], index: int) -> tuple[int, int, float]:
        """Joins what is close, opens what is not: the rows of wording and narrative, and the cosine to the wording."""
        space = self.spaces[text.heard.space]
        place = block.place(index, self.state.taken)
        row, home = place.wording, place.narrative
        if home is None:
            home = space.narratives.open(self._opened_narrative(text))
        if row is None:
            row = space.wordings.open(self._opened_wording(text, space.narratives.clusters[home]))
        block.join(index, row, home)
        return row, home, place.cosine

    def _opened_narrative(self, text: Text) -> Narrative:
        self.state.number += 1
        shown = exemplar(text.heard)
        narrative = Narrative(
            id=narrative_id(text.heard.id, self.state.number),
            number=self.state.number,
            space=text.heard.space,
            first=shown,
            newest=shown,
            widest=shown,
        )
        self.state.narratives[narrative.id] = narrative
        return narrative

    def _opened_wording(self, text: Text, narrative: Narrative) -> WordingState:
        self.state.number += 1
        wording = WordingState(
            id=str(self.state.number),
            number=self.state.number,
            space=text.heard.space,
            narrative=narrative.id,
            language=text.heard.language,
            sample=exemplar(text.heard),
        )
        self.state.wordings[wording.id] = wording
        return wording


def narrative_id(mention: str, number: int) -> str:
    """A lasting id, by the mention that opened the narrative: not used again, even where a state is learned anew."""
    return "n-" + blake2b(f"{number}\x1f{mention}".encode("utf-8", "replace"), digest_size=5).hexdigest()


def _background(space: str, learned: Learned) -> Background:
    return Background(_dense(space), learned)


def _dense(space: str) -> int:
    """The dimensions of a space's model."""
    return 0 if space == LETTERS else int(space.rpartition("/")[2])


def _frequencies(state: NarrativeState, name: str, texts: int) -> Frequencies:
    parts = [state.frequencies[key] for key in sorted(state.frequencies) if key.startswith(f"{name}/")]
    return Frequencies(texts, parts)
