"""The detector `narrative`: stories that are new or clearly above their usual, and the known claims they repeat.

Mentions wait until the watermark has passed them and are taken in in (at, id) order, several at once: how many makes
no difference (see `narratives/clustering/clusters.py`). At every full hour of event time, and at every 200th mention
taken in, what is idle is forgotten and what belongs together is united (`narratives/clustering/regrouping.py`).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Mention
from detectors.narratives import episodes, loudness
from detectors.narratives.claims.scale import scales_of
from detectors.narratives.clustering.calibration import thresholds_by_space
from detectors.narratives.clustering.drift import Drift, unknown
from detectors.narratives.clustering.gathering import Gathering, Placed
from detectors.narratives.clustering.regrouping import regroup
from detectors.narratives.episodes import DIALS, Sensitivity
from detectors.narratives.evidence import Terms
from detectors.narratives.judging import Judge, Rules
from detectors.narratives.stance.answers import Answers
from detectors.narratives.state import LETTERS, Heard, Narrative, NarrativeState, Newborn, hear
from detectors.registry import detector

_AT_ONCE = 64
_REGROUP_EVERY = 200
_HOUR = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORGETS_ALL_AFTER = timedelta(days=30)
_MEASURED = (5, 8, timedelta(hours=6))
"""Authors, mentions and window with which false alerts were counted: see `Dial`."""


@detector("narrative")
class NarrativeDetector(Detector):
    """A story that several people tell, when it is new or clearly above its usual; and which known claim it repeats.

    Texts of near-equal meaning become a narrative with a lasting id. It is told when, within `window`, it has
    `min_authors` and enough mentions (`detectors/narratives/episodes.py`), again when it doubles, matches a known
    claim, changes its kind, turns out to be coordinated, takes in another one that was told, or reaches a new channel
    or language. Who is behind it is held against this monitor's own norm (`detectors/narratives/signals.py`). Nothing
    is ever called false.

    Fails when: a story stays below `min_mentions` in a window (up to five times as many while all else in its language
    is louder, unless it matches a known claim), or grows so slowly that it becomes its own usual; two stories are told
    in the same words; one story is told in several languages (each becomes a narrative of its own); texts have no
    vectors, so that only near-copies are found; few accounts write most of a true alarm (the level counts people); what
    comes back is told in other words, or the last 200 stories told are all younger than its end; most deny a claim
    without any of the known phrases; a narrative that a greater one swallows goes on under that one's id.
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
            if not self.window <= self.forget_after <= _FORGETS_ALL_AFTER:
                raise ValueError("forget_after must be at least the window and at most 30 days")

    State = NarrativeState
    version = 10
    reads_vectors = True
    learns_for = timedelta(days=1)
    params: Params
    state: NarrativeState

    def __init__(self, context: MonitorContext, params: Params, state: NarrativeState | None = None) -> None:
        super().__init__(context, params, state)
        self._gathering = Gathering(self.state, thresholds_by_space(context.calibrations))
        self._drift = Drift(context.calibrations, self.state.watched)
        self._adrift = self._drift.adrift()
        """As of the mention that is judged: those behind it in its batch are watched already."""
        terms = Terms(mentions=params.min_mentions, authors=params.min_authors, window=params.window)
        rules = Rules(terms=terms, dial=DIALS[params.sensitivity], learns_for=self.learns_for)
        scales = scales_of(context.calibrations)
        self._judge = Judge(self.name, rules, self._gathering, context.claims, self._unknown, scales)
        self._answers = Answers(self.state)
        self._claims = context.claims
        self._has_new_claims = False
        if state is None:
            self.state.claims = _hash_of(context.claims)
        elif self.state.claims != _hash_of(context.claims):
            self._compare_with(context.claims)
        self.follow: Callable[[str, Placed], None] | None = None
        """Is told the id of each mention that is taken in and where it went: for commands that follow them."""
        self._queue = [(heard.at, heard.id) for heard in self.state.held.values()]
        heapify(self._queue)

    def models(self) -> Sequence[str]:
        spaces = {wording.space for wording in self.state.wordings.values()} - {LETTERS}
        return sorted(space.rpartition("/")[0] for space in spaces)

    @classmethod
    def false_alerts(cls, params: Params) -> str:
        told = super().false_alerts(params)
        if (params.min_authors, params.min_mentions, params.window) != _MEASURED:
            return f"{told} is meant, and was only measured for 5 authors and 8 mentions in 6 hours"
        found = {"low": "none", "medium": "none", "high": "three"}[params.sensitivity]
        return f"{told} at most: {found} in 27 days of 400 headlines a day in random order"

    def observe(self, mention: Mention) -> None:
        heard = hear(mention)
        if heard.at > mention.at + _FORGETS_ALL_AFTER:
            return  # its clock ran ahead, and in a recording that is read later its arrival says nothing either
        if heard.id not in self.state.held:
            self.state.held[heard.id] = heard
            heappush(self._queue, (heard.at, heard.id))

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        if self.context.claims is not self._claims:
            self._compare_with(self.context.claims)
        found: list[Detection] = []
        while self._queue and self._queue[0][0] < watermark:
            found += self._prepare(self._queue[0][0])
            batch = self._next_batch(watermark)
            placing = self._gathering.take_in([heard for heard, _ in batch])
            for (heard, self._adrift), placed in zip(batch, placing, strict=True):
                self._answers.hear(heard, placed)
                if self.follow is not None:
                    self.follow(heard.id, placed)
                if placed.narrative is not None and self.state.clock is not None:
                    found += self._judge.judged(placed.narrative, self.state.clock)
            if self.state.taken % _REGROUP_EVERY == 0 and self.state.clock is not None:
                found += self._regroup(self.state.clock)
        found += self._tick_until(watermark)
        if self._has_new_claims:
            found += self._judged_at(watermark.astimezone(UTC), list(self.state.narratives.values()))
            self.state.claims, self._has_new_claims = _hash_of(self._claims), False
        self._gathering.write_back()
        self._answers.write_back()
        return found

    def survey(self, authors: int = 1) -> list[Detection]:
        """Every narrative that is remembered and has so many authors, as it would be told now; changes nothing.

        For pages that show what was heard and not told.
        """
        now = self.state.clock
        if now is None:
            return []
        several = [each for each in self.state.narratives.values() if each.tally.distinct_authors >= authors]
        return [self._judge.as_if_told(each, now) for each in several]

    def _compare_with(self, claims: tuple[KnownClaim, ...]) -> None:
        """Claims came or went: all open narratives are compared with them when time advances."""
        self._claims = claims
        if _hash_of(claims) != self.state.claims:
            self._judge.compare_anew(claims)
            self._has_new_claims = True

    def _judged_at(self, now: datetime, narratives: Sequence[Narrative]) -> Iterator[Detection]:
        """Judges narratives that have no new mention, oldest first."""
        for narrative in sorted(narratives, key=lambda each: each.number):
            yield from self._judge.judged(narrative, now)

    def _unknown(self, narrative: Narrative) -> Sequence[str]:
        return unknown(narrative, narrative.tally.languages, self._adrift)

    def _prepare(self, at: datetime) -> list[Detection]:
        """Does what is due before a mention of `at` is taken in; after a month of silence nothing is usual any more.

        What is said then is news at once: that it was silent is known, and nothing has to be learned first.
        """
        state = self.state
        found = self._tick_until(at)
        if state.next_tick is None:
            now = max(at, state.clock or at)
            state.began = state.began or now
            state.next_tick = _hour(now) + _HOUR
            state.loudness, state.newborns = {}, []
        return found

    def _next_batch(self, watermark: datetime) -> list[tuple[Heard, frozenset[str]]]:
        """The next few mentions before `watermark`, the next tick and the next regrouping; at least one.

        Each with the languages that are adrift with it.
        """
        state = self.state
        end = watermark if state.next_tick is None else min(watermark, state.next_tick)
        most = min(_AT_ONCE, _REGROUP_EVERY - state.taken % _REGROUP_EVERY)
        batch: list[tuple[Heard, frozenset[str]]] = []
        while self._queue and len(batch) < most and self._queue[0][0] < end:
            heard = self._drift.as_compared(state.held.pop(heappop(self._queue)[1]))
            batch.append((heard, self._drift.adrift()))
        return batch

    def _tick_until(self, moment: datetime) -> list[Detection]:
        state = self.state
        found: list[Detection] = []
        while state.next_tick is not None and state.next_tick <= moment:
            if state.clock is None or state.next_tick > state.clock + _FORGETS_ALL_AFTER:
                state.next_tick = None
            else:
                found += self._tick(state.next_tick)
                state.next_tick += _HOUR
        return found

    def _tick(self, now: datetime) -> Iterator[Detection]:
        """What is due at a full hour: windows that end teach what is usual, episodes that are over end."""
        state, window = self.state, self.params.window
        window_ends = (now - _EPOCH) // window != (now - _HOUR - _EPOCH) // window
        if window_ends:
            loudness.close_window(state.loudness, now - window, now - _SECOND)
        for narrative in state.narratives.values():
            self._age(narrative, now, window_ends=window_ends)
        return self._regroup(now)

    def _age(self, narrative: Narrative, now: datetime, *, window_ends: bool) -> None:
        window = self.params.window
        counts, first = narrative.tally.quarters, narrative.tally.first_at or now
        recent = counts.between(now - window, now - _SECOND)
        if window_ends:
            narrative.authors_before, narrative.authors_now = narrative.authors_now, []
            if first <= now - window:
                narrative.usual = max(float(recent), narrative.usual * loudness.FADES)
        if not narrative.was_newborn and first <= now - window:
            self._learn_newborn(narrative, Newborn(at=now, mentions=counts.between(first, first + window)))
        if not recent:
            narrative.told_within = 0
        if narrative.episode is not None and recent < narrative.episode.needed / 2:
            narrative.episode = None
            narrative.formerly, narrative.parted_from, narrative.turns = [], None, []

    def _regroup(self, now: datetime) -> Iterator[Detection]:
        """Unites and forgets; what was told under another id until now is told at once."""
        state = self.state
        regroup(self._gathering, now, self.params.forget_after, window=self.params.window)
        state.due = [name for name in state.due if name in state.narratives]
        return self._judged_at(now, [state.narratives[name] for name in state.due])

    def _learn_newborn(self, narrative: Narrative, newborn: Newborn) -> None:
        """What is heard from the start on was there before: it says nothing of how far new narratives come."""
        narrative.was_newborn = True
        began, first = self.state.began or newborn.at, narrative.tally.first_at or newborn.at
        if first >= began + self.params.window and narrative.tally.distinct_authors >= self.params.min_authors:
            self.state.newborns = episodes.remembered(self.state.newborns, newborn)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _hash_of(claims: Sequence[KnownClaim]) -> str:
    """16 hexadecimal digits that change with anything in the claims."""
    return blake2b(msgspec.msgpack.encode(claims), digest_size=8).hexdigest()
