"""The detector `narrative`: stories that are new or clearly above their usual, and the known claims they repeat.

Mentions wait until the watermark has passed them and are taken in in (at, id) order, several at once: how many makes
no difference (see `detectors/narratives/clusters.py`). At every full hour of event time, and at every 1,000th mention
taken in, what is idle is forgotten and what belongs together is united (`detectors/narratives/regrouping.py`).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Annotated

import numpy as np
from msgspec import Meta, Struct

from detectors import distinct
from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.narratives import episodes
from detectors.narratives.claim_matching import ClaimMatcher, Part
from detectors.narratives.clusters import sums_of
from detectors.narratives.episodes import DIALS, Sensitivity
from detectors.narratives.exemplars import Threshold, evidence
from detectors.narratives.gathering import Gathering, Placed
from detectors.narratives.lexical import DIMENSIONS, cleaned
from detectors.narratives.regrouping import regroup
from detectors.narratives.state import LETTERS, Episode, Heard, Narrative, NarrativeState, Newborn, WordingState, hear
from detectors.narratives.tally import Quarters
from detectors.registry import detector

_AT_ONCE = 64
_REGROUP_EVERY = 1000
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STARTS_ANEW_AFTER = timedelta(days=30)
_PARTS = 8
_CHANCE = 2.0
"""Standard deviations that all talk is above its usual now and then."""


@detector("narrative")
class NarrativeDetector(Detector):
    """A story that several people tell, when it is new or clearly above its usual; and which known claim it repeats.

    Texts of near-equal meaning become a narrative with a lasting id. It is told when, within `window`, it has
    `min_authors` and enough mentions (`detectors/narratives/episodes.py`), again when it doubles, matches a known
    claim, changes its kind, or reaches a new channel or language. Nothing is ever called false.

    Fails when: a story stays below `min_mentions` in a window (up to five times as many while all else is as much
    louder, unless it matches a known claim), or grows so slowly that it becomes its own usual; two stories are told in
    the same words; one story is told in several languages (each becomes a narrative of its own); texts have no vectors,
    so that only near-copies are found; what comes back after `forget_after` looks new; most deny a claim without any of
    the known phrases; a narrative that a greater one swallows goes on under that one's id.
    """

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        sensitivity: Annotated[
            Sensitivity, Meta(description="False alarms to live with: about one a month, a week, or a day.")
        ] = "medium"
        min_authors: Annotated[int, Meta(ge=2, description="Distinct authors before anything is told.")] = 5
        min_mentions: Annotated[
            int, Meta(ge=2, description="Mentions within the window before anything is told, at medium sensitivity.")
        ] = 8
        window: Annotated[timedelta, Meta(description="Over which mentions are counted, 1 to 24 hours.")] = timedelta(
            hours=6
        )
        forget_after: Annotated[
            timedelta, Meta(description="Without a mention for so long, a wording is forgotten; at most 30 days.")
        ] = timedelta(days=3)

        def __post_init__(self) -> None:
            if not timedelta(hours=1) <= self.window <= timedelta(hours=24):
                raise ValueError("window must be between 1 and 24 hours")
            if not self.window <= self.forget_after <= _STARTS_ANEW_AFTER:
                raise ValueError("forget_after must be at least the window and at most 30 days")

    State = NarrativeState
    version = 4
    reads_vectors = True
    learns_for = timedelta(days=1)
    params: Params
    state: NarrativeState

    def __init__(self, context: MonitorContext, params: Params, state: NarrativeState | None = None) -> None:
        super().__init__(context, params, state)
        self._dial = DIALS[params.sensitivity]
        self._matcher = ClaimMatcher(context.claims)
        self._gathering = Gathering(self.state)
        self.follow: Callable[[str, Placed], None] | None = None
        """Is told the id of each mention that is taken in and where it went: for commands that follow them."""
        self._queue = [(heard.at, heard.id) for heard in self.state.held.values()]
        heapify(self._queue)

    def observe(self, mention: Mention) -> None:
        if mention.synthetic:
            return
        heard = hear(mention)
        if heard.id not in self.state.held:
            self.state.held[heard.id] = heard
            heappush(self._queue, (heard.at, heard.id))

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        found: list[Detection] = []
        while self._queue and self._queue[0][0] < watermark:
            self._prepare(self._queue[0][0])
            batch = self._next_batch(watermark)
            for heard, placed in zip(batch, self._gathering.take_in(batch), strict=True):
                if self.follow is not None:
                    self.follow(heard.id, placed)
                found += self._judged(placed.narrative) if placed.narrative is not None else ()
            if self.state.taken % _REGROUP_EVERY == 0 and self.state.clock is not None:
                regroup(self._gathering, self.state.clock, self.params.forget_after)
        self._tick_until(watermark)
        self._gathering.write_back()
        return found

    def survey(self) -> list[Detection]:
        """Every narrative that is remembered, as it would be told now, oldest first; changes nothing.

        For pages that show what was heard and not told.
        """
        now = self.state.clock
        return [] if now is None else [self._as_if_told(each, now) for each in self.state.narratives.values()]

    def _as_if_told(self, narrative: Narrative, now: datetime) -> Detection:
        recent = narrative.tally.quarters.between(now - self.params.window, now)
        least = self._needed(narrative, narrative.usual, recent, now)
        span = now - (narrative.tally.first_at or now)
        whole = episodes.begin(narrative, now, narrative.tally.mentions, narrative.usual, least, span)
        level = episodes.level_of(whole, self.params.min_mentions)
        return self._detection(narrative, narrative.episode or whole, now, level)

    def _prepare(self, at: datetime) -> None:
        """Does what is due before a mention of `at` is taken in; after a month of silence all is learned anew."""
        state = self.state
        self._tick_until(at)
        if state.next_tick is None:
            state.began = max(at, state.clock or at)
            state.next_tick = _hour(state.began) + _HOUR
            state.heard, state.usual, state.newborns = Quarters(), 0.0, []

    def _next_batch(self, watermark: datetime) -> list[Heard]:
        """The next few mentions before `watermark`, the next tick and the next regrouping; at least one."""
        state = self.state
        end = watermark if state.next_tick is None else min(watermark, state.next_tick)
        most = min(_AT_ONCE, _REGROUP_EVERY - state.taken % _REGROUP_EVERY)
        batch: list[Heard] = []
        while self._queue and len(batch) < most and self._queue[0][0] < end:
            batch.append(state.held.pop(heappop(self._queue)[1]))
        return batch

    def _tick_until(self, moment: datetime) -> None:
        state = self.state
        while state.next_tick is not None and state.next_tick <= moment:
            if state.clock is None or state.next_tick > state.clock + _STARTS_ANEW_AFTER:
                state.next_tick = None
            else:
                self._tick(state.next_tick)
                state.next_tick += _HOUR

    def _tick(self, now: datetime) -> None:
        """What is due at a full hour: windows that end teach what is usual, episodes that are over end."""
        state, window = self.state, self.params.window
        before = now - timedelta(seconds=1)
        window_ends = (now - _EPOCH) // window != (now - _HOUR - _EPOCH) // window
        if window_ends:
            state.usual = max(float(state.heard.between(now - window, before)), state.usual * episodes.FADES)
        for narrative in state.narratives.values():
            counts, first = narrative.tally.quarters, narrative.tally.first_at or now
            recent = counts.between(now - window, before)
            if window_ends:
                narrative.authors_before, narrative.authors_now = narrative.authors_now, []
                if first <= now - window:
                    narrative.usual = max(float(recent), narrative.usual * episodes.FADES)
            if not narrative.was_newborn and first <= now - window:
                self._learn_newborn(narrative, Newborn(at=now, mentions=counts.between(first, first + window)))
            if narrative.episode is not None and recent < narrative.episode.needed / 2:
                narrative.episode = None
        # Regrouping costs the square of the wordings: in a quiet hour it would find little.
        if window_ends or state.taken - state.regrouped_at >= len(state.wordings):
            regroup(self._gathering, now, self.params.forget_after)

    def _learn_newborn(self, narrative: Narrative, newborn: Newborn) -> None:
        """What is heard from the start on was there before: it says nothing of how far new narratives come."""
        narrative.was_newborn = True
        began, first = self.state.began or newborn.at, narrative.tally.first_at or newborn.at
        if first >= began + self.params.window and narrative.tally.distinct_authors >= self.params.min_authors:
            self.state.newborns = episodes.remembered(self.state.newborns, newborn)

    def _judged(self, narrative: Narrative) -> Iterator[Detection]:
        """The detection that a narrative gives now that it has one more mention, if any."""
        state, now, tally = self.state, self.state.clock, narrative.tally
        if now is None or state.began is None or now < state.began + self.learns_for:
            return
        if distinct.count([narrative.authors_before, narrative.authors_now]) < self.params.min_authors:
            return
        recent = tally.quarters.between(now - self.params.window, now)
        if narrative.episode is None:
            if recent < self.params.min_authors:
                return
            self._match(narrative)
            usual = narrative.usual * self._loudness(narrative, recent, now)
            least = self._needed(narrative, usual, recent, now)
            if recent < least:
                return
            narrative.episode = episodes.begin(narrative, now, recent, usual, least, self.params.window)
        else:
            self._match(narrative)
        yield from self._told(narrative, narrative.episode, now)

    def _needed(self, narrative: Narrative, usual: float, recent: int, now: datetime) -> float:
        params, began = self.params, self.state.began or now
        floor = episodes.floor_of_new(self.state.newborns, began, now, self._dial, params.min_mentions)
        # While thousands talk, eight of them say any one thing. What is told in a language that the model does not
        # cover is a small part of all talk, which says little of how loud its own is.
        louder = 1.0 if narrative.space == LETTERS else self._loudness(narrative, recent, now, _CHANCE)
        least = params.min_mentions * louder
        return episodes.needed(narrative, usual, floor, self._dial, params.min_authors, least)

    def _loudness(self, narrative: Narrative, recent: int, now: datetime, deviations: float = 0.0) -> float:
        """How many times its usual, and some standard deviations, all other talk of the monitor is, from 1 to 5."""
        others = self.state.heard.between(now - self.params.window, now) - recent
        usual = max(10.0, self.state.usual - narrative.usual)
        return min(5.0, max(1.0, others / (usual + deviations * math.sqrt(usual))))

    def _match(self, narrative: Narrative) -> None:
        """Compares it with the known claims, each time it has grown by half."""
        mentions = narrative.tally.mentions
        if not self.context.claims or mentions < narrative.match_at:
            return
        narrative.match_at = max(mentions + 2, math.ceil(1.5 * mentions))
        # The claims' vectors are of the newest model: texts of another one can not be compared with them.
        if narrative.space in (self.state.space, LETTERS):
            wordings = self._gathering.wordings_of(narrative)
            most = sorted(wordings, key=lambda wording: (-wording.tally.mentions, wording.number))[:_PARTS]
            with self._gathering.frequencies_of_words() as frequencies:
                narrative.claim = self._matcher.match([_part(wording) for wording in most], frequencies)

    def _told(self, narrative: Narrative, episode: Episode, now: datetime) -> Iterator[Detection]:
        tally, claim = narrative.tally, narrative.claim
        level = episodes.level_of(episode, self.params.min_mentions)
        told_claim = None if claim is None else claim.id + ("!" if claim.certain else "")
        if episodes.tell(episode, tally, now=now, level=level, kind=self._kind(narrative), claim=told_claim):
            yield self._detection(narrative, episode, now, episode.level)

    def _kind(self, narrative: Narrative) -> episodes.Kind:
        claim = narrative.claim
        is_coordinated = episodes.is_coordinated(narrative.tally, narrative.synchronous)
        is_certain = claim is not None and claim.certain
        return episodes.kind_of(narrative.tally, matches_for_certain=is_certain, coordinated=is_coordinated)

    def _detection(self, narrative: Narrative, episode: Episode, now: datetime, level: int) -> Detection:
        is_coordinated = episodes.is_coordinated(narrative.tally, narrative.synchronous)
        kind = self._kind(narrative)
        least = Threshold(math.ceil(episode.needed), self.params.min_authors, self.params.window)
        return Detection(
            detector=self.name,
            subject=narrative.id,
            kind=kind.value,
            starts_at=episode.starts_at,
            at=now,
            level=level,
            score=episodes.score(narrative, level, is_coordinated=is_coordinated),
            effects=episodes.effects(narrative, kind, is_coordinated=is_coordinated),
            evidence=evidence(narrative, episode, self._gathering.wordings_of(narrative), kind, now, least),
        )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _part(wording: WordingState) -> Part:
    """A wording as the matcher sees it: the direction that its texts have in common in the model's space."""
    vector = None
    if wording.space != LETTERS:
        dense = sums_of([wording])[0, :-DIMENSIONS]
        vector = (dense / max(1.0, float(np.linalg.norm(dense)))).astype(np.float32)
    return Part(text=cleaned(wording.sample.text), vector=vector, mentions=wording.tally.mentions)
