"""How mentions are gathered into narratives: where each belongs, and what is counted of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives import waves
from detectors.narratives.clustering.background import Background, Learned
from detectors.narratives.clustering.lexical import Frequencies
from detectors.narratives.clustering.preparing import Prepared, prepared
from detectors.narratives.clustering.space import Space, Thresholds
from detectors.narratives.clustering.texts import Text, read
from detectors.narratives.counting import count
from detectors.narratives.state import LETTERS, Heard, Narrative, NarrativeState, WordingState, exemplar

_NEAR_COPY = 0.75
"""Likeness to a wording from which a text is counted as a near-copy. A tail of five words costs up to .25."""
_TEXTS_KNOWN = 16

_OF_VECTORS = Thresholds()
_OF_LETTERS = Thresholds(
    same_narrative=0.45, same_wording=0.55, decides=0.55, decides_alone=0.55, cut=0.35, age_penalty=0.0
)

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
        self._letters = _frequencies(state, "letters", state.texts[1])
        self._ahead: Sequence[Text] = ()
        self.backgrounds = {name: _background(name, learned) for name, learned in state.backgrounds.items()}
        self.spaces: dict[str, NarrativeSpace] = {}
        recent = {text.space for text in state.recent.values()}
        for name in sorted(recent.union(wording.space for wording in state.wordings.values())):
            wordings = [each for each in state.wordings.values() if each.space == name]
            narratives = [each for each in state.narratives.values() if each.space == name]
            self.spaces[name] = self._space(name, wordings, narratives)
        self._wording_with = self._known_texts()

    def forget(self, space: NarrativeSpace, rows: Sequence[int]) -> list[Narrative]:
        """Drops wordings of a space, and the narratives of which nothing is left: it gives those."""
        for row in rows:
            wording = space.wordings.clusters[row]
            del self.state.wordings[wording.id]
            for text in wording.texts:
                self._wording_with.pop((wording.space, text), None)
        gone = space.forget(rows)
        for narrative in gone:
            del self.state.narratives[narrative.id]
        return gone

    def learn(self, now: datetime) -> None:
        """The backgrounds learn what was heard, and all is compared against them from now on.

        Of models whose texts are forgotten, but for the newest, the background is forgotten too.
        """
        self.spaces = {name: space for name, space in sorted(self.spaces.items()) if len(space.wordings)}
        self.state.recent = {key: text for key, text in self.state.recent.items() if text.space in self.spaces}
        self.backgrounds = {
            name: background
            for name, background in sorted(self.backgrounds.items())
            if name in self.spaces or name == self.state.space
        }
        for name, background in self.backgrounds.items():
            if background.learn(now) and name in self.spaces:
                self.spaces[name].turn()

    def follow(self, space: NarrativeSpace, groups: Sequence[Sequence[WordingState]]) -> None:
        """Follows the state where it has handed groups of wordings on to narratives."""
        row_of = space.wordings.row_of
        space.regroup(
            (self.state.narratives[group[0].narrative], [row_of[wording.number] for wording in group])
            for group in groups
        )

    def thresholds_of(self, space: str, language: str) -> Thresholds:
        """How close is close enough for texts of a language."""
        reference = _OF_LETTERS if space == LETTERS else _OF_VECTORS
        return self._thresholds.get(f"{space}|{language}", reference)

    def cuts(self, space: str) -> NDArray[np.float64]:
        """Of the wordings of a space, by row: the average link below which a narrative falls apart."""
        tier = self.spaces[space].wordings
        cuts = np.full(tier.end, self.thresholds_of(space, "").cut)
        if self._thresholds:
            for row, wording in tier.clusters.items():
                cuts[row] = self.thresholds_of(space, wording.language).cut
        return cuts

    def take_in(self, batch: Sequence[Heard]) -> Iterator[Placed]:
        """Takes mentions in one by one, and says where each went, when all about it is counted.

        Nothing may be regrouped before the last of them.
        """
        texts = [read(heard, self._words, self._letters) for heard in batch]
        places = self._places(texts)
        for number, text in enumerate(texts, start=1):
            self._ahead = texts[number:]
            self.state.taken += 1
            self.state.clock = max(self.state.clock or text.heard.at, text.heard.at)
            yield self._gather(text, places.get(text.heard.id))

    def wordings_of(self, narrative: Narrative, *, as_saved: bool = True) -> list[WordingState]:
        """Oldest first, their sums written back if `as_saved`."""
        space = self.spaces[narrative.space]
        if as_saved:
            space.write_back()
        return [space.wordings.clusters[row] for row in space.rows_of(narrative)]

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
        for counts in (self._words, self._letters):
            counts.halve_if_full()

    def write_back(self) -> None:
        """Brings all that was derived into the state."""
        for name, space in self.spaces.items():
            space.write_back()
            for row, recent in space.recent.changes().items():
                if recent is None:
                    self.state.recent.pop(f"{name}/{row}", None)
                else:
                    self.state.recent[f"{name}/{row}"] = recent
        self.state.backgrounds = {name: each.learned() for name, each in sorted(self.backgrounds.items())}
        counted = self._words.texts, self._letters.texts
        for name, counts, saved in zip(
            ("words", "letters"), (self._words, self._letters), self.state.texts, strict=True
        ):
            if counts.texts != saved:
                parts = {f"{name}/{number}": part for number, part in enumerate(counts.parts())}
                self.state.frequencies.update(parts)
        self.state.texts = counted

    def _space(
        self, name: str, wordings: Sequence[WordingState] = (), narratives: Sequence[Narrative] = ()
    ) -> NarrativeSpace:
        texts = [text for text in self.state.recent.values() if text.space == name]
        space = Space(_dense(name), wordings, narratives, self._background_of(name), texts)
        for row, wording in space.wordings.clusters.items():
            self._note(space, row, wording)
        return space

    def _known_texts(self) -> dict[tuple[str, str], int]:
        """The number of the wording with each text."""
        return {
            (wording.space, text): wording.number
            for wording in sorted(self.state.wordings.values(), key=lambda wording: -wording.number)
            for text in wording.texts
        }

    def _background_of(self, space: str) -> Background:
        if space == LETTERS:
            return Background(0)
        return self.backgrounds.setdefault(space, Background(_dense(space)))

    def _places(self, texts: Sequence[Text]) -> dict[str, Prepared]:
        """Of each mention of a text that is not known yet, by id."""
        unknown: dict[str, list[tuple[int, Text]]] = {}
        for taken, text in enumerate(texts, start=self.state.taken + 1):
            if text.terms and text.key not in self._wording_with:
                unknown.setdefault(text.heard.space, []).append((taken, text))
        places: dict[str, Prepared] = {}
        for name, some in unknown.items():
            if name not in self.spaces:
                self.spaces[name] = self._space(name)
            close = [self.thresholds_of(name, text.heard.language) for _, text in some]
            numbers = [taken for taken, _ in some]
            places |= prepared(name, self.spaces[name], [text for _, text in some], numbers, close)
        return places

    def _gather(self, text: Text, place: Prepared | None) -> Placed:
        if text.heard.space != LETTERS:
            self.state.space = text.heard.space
        known = self._wording_with.get(text.key)
        if known is None and place is None:
            return Placed(None, None)
        space, likeness = self.spaces[text.heard.space], 1.0
        if known is not None:
            row = space.wordings.row_of[known]
            home = int(space.homes[row])
        elif place is not None:
            row, home, likeness = self._join(text, place)
        wording, narrative = space.wordings.clusters[row], space.narratives.clusters[home]
        space.touch(row, self.state.taken)
        if known is None and len(wording.texts) < _TEXTS_KNOWN:
            wording.texts.append(text.key[1])
            self._wording_with[text.key] = wording.number
        is_copy = likeness >= _NEAR_COPY or text.heard.is_repost or waves.is_echo(wording, text.opening)
        if count(self.state, text, wording, narrative, is_copy=is_copy):
            narrative.synchronous = waves.occasions(narrative, self.wordings_of(narrative, as_saved=False))
        self._note(space, row, wording)
        return Placed(narrative, wording)

    def _join(self, text: Text, prepared: Prepared) -> tuple[int, int, float]:
        """Joins what is close, opens what is not: the rows of wording and narrative, and the likeness."""
        space = self.spaces[text.heard.space]
        place = prepared.block.place(prepared.row, self.state.taken)
        row, home = place.wording, place.narrative
        likeness = 0.0 if row is None else space.likeness(row, text.terms)
        if home is None:
            home = space.open_narrative(self._opened_narrative(text))
        if row is None:
            row = space.open_wording(self._opened_wording(text, space.narratives.clusters[home]), home)
        prepared.block.join(prepared.row, row, home)
        space.background.hear(prepared.dense)
        space.came_near(home, place.near)
        return row, home, likeness

    @staticmethod
    def _note(space: NarrativeSpace, row: int, wording: WordingState) -> None:
        """What decides whether a wording is forgotten, beside the matrices, where it is quickly found."""
        # Of what only came more than a day late (see `counting.py`) the tally knows no time.
        space.last_at[row] = (wording.tally.last_at or wording.sample.at).timestamp()
        space.mentions[row] = wording.tally.mentions

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
