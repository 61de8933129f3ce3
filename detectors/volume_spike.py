"""Tells when a monitor is mentioned unusually often.

Bins of five minutes of event time; what is usual is in `detectors/volume/surprise.py`. The first open bin, the one of
the watermark, is judged on every arrival: no later mention lowers its severity. Bins after it are not judged before it
closes, for it could still be the one in which the rise began.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from detectors.contract import Detector
from detectors.detection import Detection, Effect
from detectors.marks import effects_of
from detectors.mention import Mention
from detectors.registry import detector
from detectors.volume.bins import (
    BIN_SECONDS,
    BINS_PER_DAY,
    BINS_PER_HOUR,
    END_OF_CALENDAR,
    bin_of,
    ended,
    hour_of_week,
    start_of,
)
from detectors.volume.episode import LEVELS, Episode, level_of, reached
from detectors.volume.evidence import BEFORE, Rise, evidence, few_accounts, marks_of
from detectors.volume.mix import Mix
from detectors.volume.surprise import Baseline
from detectors.volume.tally import Tally

THRESHOLDS = {"low": 3.5, "medium": 2.9, "high": 1.4}
"""Severities. `tests/benchmarks/false_alarms.py` shows what they cost, on simulated and on real streams."""
SCORES = (0.3, 0.4, 0.5, 0.65, 0.8, 0.9)
"""How pressing each level of `volume/episode.py` is, on the scale of `alerting/severity.py`."""
LOUDEST_OF_FEW = 4
"""Higher levels interrupt people, and need a crowd: an account counts there with few of its mentions."""

_MEASURED_FROM = 8
"""The least `at_least_mentions` for which it is known what a sensitivity costs."""
_COSTS_IN_THREADS = {"low": "three", "medium": "five"}
"""At most so many false alerts a month, where the budget is not kept."""
_FORGET = 30 * BINS_PER_DAY
_MOST_OPEN = 14 * BINS_PER_DAY


@detector("volume_spike")
class VolumeSpike(Detector):
    """More mentions than usual, at any length from five minutes to twelve hours.

    Compares the last 5 and 15 minutes, 1, 3, 6 and 12 hours each with what is usual at this hour of the week, and the
    whole with the largest surprises of this very monitor. Says nothing in its first day.

    Fails when: a rise is small against the monitor's own bursts; it grows over days, and so becomes what is usual; a
    whole day was unusual while it learned; the query also matches something else that is in the news; mentions are
    counted by arrival and not by event time; the lateness is many minutes, for a bin is judged only once the watermark
    has reached it.
    """

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        sensitivity: Annotated[
            Literal["low", "medium", "high"],
            Meta(description="How many false alarms are bearable: about one a month, a week or a day."),
        ] = "medium"
        at_least_mentions: Annotated[
            int, Meta(ge=1, description="Silent as long as the last 3 hours hold fewer mentions.")
        ] = _MEASURED_FROM
        threshold: Annotated[
            Annotated[float, Meta(ge=0.5, le=20)] | None,
            Meta(description="The severity from which it speaks, for those who measured it; overrides sensitivity."),
        ] = None

    class State(Struct, kw_only=True):
        next_bin: int | None = None
        """The first open bin; None before anything was closed."""
        heard_bin: int = 0
        """The newest closed bin with a mention."""
        baseline: Baseline = msgspec.field(default_factory=Baseline)
        usual: Mix = msgspec.field(default_factory=Mix)
        open: dict[int, Tally] = msgspec.field(default_factory=dict)
        before: list[Tally] = msgspec.field(default_factory=list)
        """The newest closed bins, oldest first: with the bin that is judged they make half an hour."""
        episode: Episode | None = None
        """The newest rise, also after its end."""

    learns_for = timedelta(hours=24)
    version = 2

    params: Params
    state: State

    @classmethod
    def false_alerts(cls, params: Params) -> str:
        if params.threshold is not None:
            return "the threshold overrides the sensitivity, and no number of false alerts is promised"
        if params.at_least_mentions < _MEASURED_FROM:
            return f"how many false alerts that makes was only measured from at_least_mentions {_MEASURED_FROM} on"
        told, most = super().false_alerts(params), _COSTS_IN_THREADS.get(params.sensitivity)
        return f"{told}, up to {most} a month where fewer than 60 mentions a day come, in threads" if most else told

    def observe(self, mention: Mention) -> None:
        state = self.state
        number = bin_of(mention.at)
        if not 0 <= number < END_OF_CALENDAR:
            return
        tally = state.open.get(number)
        if tally is not None:
            tally.add(mention)
        elif state.next_bin is not None and number < state.next_bin:
            self._correct(number, mention)
        elif len(state.open) < _MOST_OPEN:
            state.open[number] = Tally()
            state.open[number].add(mention)

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [found for number in ended(lambda: self.state, watermark) for found in self._close(number)]

    def peek(self, now: datetime) -> Sequence[Detection]:
        number = self.state.next_bin
        if number is None or bin_of(now) < number:
            return ()
        return self._levels(self._rise(number, self.state.open.get(number) or Tally()))

    def usual(self, start: datetime, end: datetime) -> float | None:
        if self.state.baseline.closed < BINS_PER_HOUR:
            return None
        return self.state.baseline.rate(self._hour(bin_of(start))) * ((end - start) / timedelta(seconds=BIN_SECONDS))

    def _close(self, number: int) -> list[Detection]:
        """Judge the bin for good, then learn from it."""
        state = self.state
        tally = state.open.pop(number, None) or Tally()
        rise = self._rise(number, tally)
        found = self._levels(rise)
        found += self._going_on(rise)
        state.baseline.learn(tally.mentions, rise.hour, tally.mentions - rise.crowd)
        state.next_bin = number + 1
        self._remember(number, tally, rising=rise.severity >= self._threshold)
        if tally.mentions:
            state.heard_bin = number
        elif number - state.heard_bin >= _FORGET:
            self.state = self.State(open=state.open)
        return found

    def _rise(self, number: int, tally: Tally) -> Rise:
        state = self.state
        return Rise(
            number=number,
            hour=self._hour(number),
            tally=tally,
            before=state.before,
            baseline=state.baseline,
            usual=state.usual,
            at_least_mentions=self.params.at_least_mentions,
            timezone=self.context.timezone,
        )

    def _levels(self, rise: Rise) -> list[Detection]:
        """One detection for each level that is new in this episode."""
        if rise.severity < self._threshold:
            return []
        level = level_of(rise.severity)
        if level > LOUDEST_OF_FEW:
            level = max(level_of(rise.severity_of_crowd()), LOUDEST_OF_FEW)
        episode, new = reached(self.state.episode, rise.number, level, level_of(self._threshold))
        self.state.episode = episode
        return [self._detection(rise, episode, level=each, at=start_of(rise.number)) for each in new]

    def _going_on(self, rise: Rise) -> list[Detection]:
        """One more detection for a closed bin that is beyond the threshold, with the numbers of the whole bin."""
        episode = self.state.episode
        if episode is None or rise.severity < self._threshold or not rise.goes_on():
            return []
        if episode.starts == rise.number and rise.tally.first is not None:
            episode.first = rise.tally.first.exemplar("first")
        at = start_of(rise.number + 1)
        return [self._detection(rise, episode, level=episode.level, at=at, closed=True)]

    def _detection(self, rise: Rise, episode: Episode, *, level: int, at: datetime, closed: bool = False) -> Detection:
        # From closed bins only: a peek must not say what the rest of the bin makes untrue.
        certain = [*rise.before, rise.tally] if closed else rise.before
        keeps_quiet_below = self._threshold if closed else max(self._threshold, LEVELS[level - 1])
        return Detection(
            detector=self.name,
            kind="rise",
            starts_at=start_of(episode.starts),
            at=at,
            level=level,
            score=SCORES[level - 1],
            effects=(
                *((Effect.COORDINATED,) if few_accounts(certain, rise.usual) else ()),
                *effects_of(marks_of(certain), sum(each.mentions for each in certain)),
            ),
            evidence=evidence(rise, start_of(episode.starts), episode.first, keeps_quiet_below),
        )

    def _remember(self, number: int, tally: Tally, *, rising: bool) -> None:
        state = self.state
        tally.close(rising=rising)
        state.before.append(tally)
        if (number + 1) % (BEFORE + 1) == 0:
            state.usual.learn(number, state.before)
        if len(state.before) > BEFORE:
            state.before.pop(0)

    def _correct(self, number: int, mention: Mention) -> None:
        """Count a late mention where it belongs; no alert comes of it alone."""
        state = self.state
        assert state.next_bin is not None
        age = state.next_bin - 1 - number
        if state.baseline.correct(age) and age < len(state.before):
            state.before[-1 - age].add(mention)

    def _hour(self, number: int) -> int:
        return hour_of_week(number, self.context.timezone)

    @property
    def _threshold(self) -> float:
        return THRESHOLDS[self.params.sensitivity] if self.params.threshold is None else self.params.threshold
