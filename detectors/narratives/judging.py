"""Whether a narrative is told, as what, and with which evidence."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from msgspec import Struct, structs

from detectors import distinct
from detectors.detection import Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives import earlier, episodes, loudness
from detectors.narratives.claims.matching import ClaimMatcher, Part
from detectors.narratives.claims.scale import Scale
from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import GRID, sums_of
from detectors.narratives.clustering.gathering import Gathering
from detectors.narratives.clustering.lexical import DIMENSIONS
from detectors.narratives.clustering.texts import LEXICAL_WEIGHT
from detectors.narratives.episodes import Dial, Needed
from detectors.narratives.evidence import Terms, evidence, lacking
from detectors.narratives.signals import Voices, score, voices
from detectors.narratives.state import LETTERS, Episode, Narrative, WordingState
from detectors.rendering import spanned

_PARTS = 8
_CHANCE = 2.0
"""Standard deviations that all talk is above its usual now and then."""
_MOST_LOUDER = 5.0
"""By how much that a story needs is raised at most, reached where all other talk is 25 times its usual: the square root
tells the second story of an outbreak earlier (on `bench/rumours` after 15 and 134 minutes, not after 201 and 311) for a
tenth more stories told."""
_LIKE_BEFORE = 0.75
"""From which likeness on a story is one that was told before. Of stories of News and News-T cut in two, 94 % and 98 %
of the second halves find their first, none finds another's; the greatest likeness of others was .6 there, and .71 in
`bench/rumours`."""


class Rules(Struct, frozen=True, kw_only=True):
    """By what a narrative is judged."""

    terms: Terms
    dial: Dial
    learns_for: timedelta


class Judge:
    """Judges the narratives of a monitor."""

    def __init__(
        self,
        detector: str,
        rules: Rules,
        gathering: Gathering,
        claims: Sequence[KnownClaim],
        unknown: Callable[[Narrative], Sequence[str]] = lambda narrative: (),
        scales: Mapping[str, Scale] | None = None,
    ) -> None:
        """`unknown` says what else is not known of a narrative, as sentences; `scales` are as in `ClaimMatcher`."""
        self._unknown = unknown
        self._detector = detector
        self._rules = rules
        self._terms = rules.terms
        self._gathering = gathering
        self._state = gathering.state
        self._claims = claims
        self._scales = scales
        self._matcher = ClaimMatcher(claims, scales)

    def judged(self, narrative: Narrative, at: datetime) -> Iterator[Detection]:
        """The detection that a narrative gives at `at`, if any: it has one more mention, or it was united, or claims
        came."""
        state, terms = self._state, self._terms
        now = max(at, state.spoke_at or at)
        is_due = self._was_due(narrative) and narrative.episode is not None
        if state.began is None or now < state.began + self._rules.learns_for:
            return
        authors = distinct.count([narrative.authors_before, narrative.authors_now])
        if authors < terms.authors and not is_due:
            return
        if narrative.episode is None:
            recent = narrative.tally.quarters.between(now - terms.window, now)
            if recent < terms.authors:
                return
            self._match(narrative)
            usual = narrative.usual * self._loudness(narrative, recent, now)
            least = self._needed(narrative, usual, recent, now)
            if recent < least.mentions:
                return
            narrative.episode = episodes.begin(narrative, now, recent, usual, least, terms.window)
            narrative.told_within = 0
        else:
            self._match(narrative)
        yield from self._told(narrative, narrative.episode, now, is_due=is_due)

    def compare_anew(self, claims: Sequence[KnownClaim]) -> None:
        """From now on with these claims; every narrative is compared with them when it is judged next."""
        self._claims, self._matcher = claims, ClaimMatcher(claims, self._scales)
        for narrative in self._state.narratives.values():
            narrative.match_at = 0

    def as_if_told(self, narrative: Narrative, now: datetime) -> Detection:
        """As it would be told now, with all that was ever heard of it; changes nothing."""
        recent = narrative.tally.quarters.between(now - self._terms.window, now)
        least = self._needed(narrative, narrative.usual, recent, now)
        span = now - (narrative.tally.first_at or now)
        whole = episodes.begin(narrative, now, narrative.tally.mentions, narrative.usual, least, span)
        whole.starts_at, whole.author_hashes = narrative.tally.first_at or now, narrative.tally.author_hashes
        episode = narrative.episode or whole
        heard = voices(narrative, episode, self._state.norms)
        # Weighed by its loudest window: what a few say each day for weeks is not pressing, however much it adds up to.
        loudest = structs.replace(whole, usual=0.0), min(heard.crowd, max(recent, narrative.usual))
        found = self._detection(narrative, episode, heard, now, episodes.level_of(*loudest, self._terms.mentions))
        if narrative.episode is not None:
            return found
        return structs.replace(
            found, evidence=structs.replace(found.evidence, counterfactual=self._lacking(narrative, whole))
        )

    def _lacking(self, narrative: Narrative, episode: Episode) -> str:
        began, last_at, learns_for = self._state.began, narrative.tally.last_at, self._rules.learns_for
        if began is not None and last_at is not None and last_at < began + learns_for:
            return (
                f"It was heard in the first {spanned(learns_for)}, which teach what is usual: nothing is told in them."
            )
        return lacking(episode, self._terms)

    def _was_due(self, narrative: Narrative) -> bool:
        """Whether it was to be told in any case; from now on it is not."""
        is_due = narrative.id in self._state.due
        if is_due:
            self._state.due.remove(narrative.id)
        return is_due

    def _needed(self, narrative: Narrative, usual: float, recent: int, now: datetime) -> Needed:
        dial, terms, began = self._rules.dial, self._terms, self._state.began or now
        floor = episodes.floor_of_new(self._state.newborns, began, now, dial, terms.mentions)
        # While thousands talk, eight of them say any one thing. But what is new must still be told.
        louder = math.sqrt(self._loudness(narrative, recent, now, _CHANCE, _MOST_LOUDER**2))
        least = episodes.needed(narrative, usual, floor, dial, terms.authors, terms.mentions * louder)
        return Needed(mentions=least.mentions, because=least.because, louder=louder, unmatched=least.unmatched)

    def _loudness(
        self,
        narrative: Narrative,
        recent: int,
        now: datetime,
        deviations: float = 0.0,
        most: float = _MOST_LOUDER,
    ) -> float:
        """How many times its usual all other talk in the narrative's main language is, from 1 to `most`."""
        own = loudness.loudness_of(self._state.loudness, narrative.tally.languages)
        others = own.heard.between(now - self._terms.window, now) - recent
        return loudness.times_usual(others, own.usual - narrative.usual, deviations, most)

    def _match(self, narrative: Narrative) -> None:
        """Compares it with the known claims, each time it has grown by half."""
        mentions = narrative.tally.mentions
        if mentions < narrative.match_at:
            return
        narrative.match_at = max(mentions + 2, math.ceil(1.5 * mentions))
        if not self._claims:
            narrative.claim = None
        # The claims' vectors are of the newest model: texts of another one can not be compared with them.
        elif narrative.space in (self._state.space, LETTERS):
            wordings = self._gathering.wordings_of(narrative)
            most = sorted(wordings, key=lambda wording: (-wording.tally.mentions, wording.number))[:_PARTS]
            subject = subject_of(self._gathering.backgrounds.get(narrative.space))
            with self._gathering.frequencies_of_words() as frequencies:
                narrative.claim = self._matcher.match([_part(wording) for wording in most], frequencies, subject)

    def _told(self, narrative: Narrative, episode: Episode, now: datetime, *, is_due: bool) -> Iterator[Detection]:
        tally, claim = narrative.tally, narrative.claim
        heard = voices(narrative, episode, self._state.norms)
        news = episodes.News(
            level=episodes.level_of(episode, heard.crowd, self._terms.mentions),
            doublings=episodes.level_of(episode, episode.mentions, self._terms.mentions),
            kind=episodes.kind_of(narrative, coordinated=heard.is_coordinated),
            coordinated=heard.is_coordinated,
            claim=None if claim is None else claim.id + ("!" if claim.certain else ""),
        )
        is_first = not episode.kinds
        if not episodes.tell(episode, tally, news, now=now, is_due=is_due):
            if is_due:
                self._state.due.append(narrative.id)
            return
        wordings = self._gathering.wordings_of(narrative)
        if is_first and narrative.earlier is None and narrative.id not in self._state.pasts:
            background = self._gathering.backgrounds.get(narrative.space)
            narrative.earlier = earlier.earlier_life(self._state, narrative, wordings, background, _LIKE_BEFORE)
        earlier.keep(self._state, narrative, wordings)
        self._state.spoke_at = now
        yield self._detection(narrative, episode, heard, now, episode.level)

    def _detection(self, narrative: Narrative, episode: Episode, heard: Voices, now: datetime, level: int) -> Detection:
        claim, kind = narrative.claim, episodes.kind_of(narrative, coordinated=heard.is_coordinated)
        wordings, norms = self._gathering.wordings_of(narrative), self._state.norms
        told = evidence(narrative, episode, wordings, kind, heard, norms, now, self._terms)
        said = episodes.talk_about(narrative)
        denied = (said.denying + said.replies_denying) / max(1, said.mentions + said.replies)
        return Detection(
            detector=self._detector,
            subject=narrative.id,
            kind=kind.value,
            starts_at=episode.starts_at,
            at=now,
            level=level,
            score=score(level, claim.probability if claim else 0.0, denied, heard),
            effects=episodes.effects(narrative, kind, heard),
            formerly=tuple(narrative.formerly),
            parted_from=narrative.parted_from,
            evidence=structs.replace(told, unknown=(*told.unknown, *self._unknown(narrative))),
        )


def _part(wording: WordingState) -> Part:
    """A wording as the matcher sees it: the direction that its texts have in common in the model's space."""
    vector = None
    if wording.space != LETTERS:
        dense = sums_of([wording])[0, :-DIMENSIONS]
        vector = (dense / max(1.0, float(np.linalg.norm(dense)))).astype(np.float32)
    key = f"{wording.space}|{wording.language}"
    return Part(text=wording.sample.text, vector=vector, mentions=wording.tally.mentions, key=key)


def subject_of(background: Background | None) -> Vector | None:
    """What all texts of the monitor share, as a part of their unit vectors in the model's space."""
    if background is None or not background.mean.any():
        return None
    return (background.mean / (GRID * math.sqrt(1 - LEXICAL_WEIGHT))).astype(np.float32)
