"""Tells those who run the system when nothing comes any more, or one channel says nothing while others do.

Bins of five minutes; `detectors/volume/quiet.py` says whether empty ones are still chance. Time moves by the watermark
only, and that stands still while the pipeline does not work or has not read its input to the end: what is told here is
that everything works, and nothing comes. So a late mention counts as heard when it comes, not when it was said.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from detectors.contract import Detector
from detectors.detection import Audience, Detection, Effect, Evidence
from detectors.mention import Mention
from detectors.registry import detector
from detectors.silences import evidence
from detectors.silences.channels import Channel, Heard, close_all
from detectors.silences.rhythm import Rhythm
from detectors.volume import names
from detectors.volume.bins import (
    BIN_SECONDS,
    BINS_PER_DAY,
    BINS_PER_WEEK,
    END_OF_CALENDAR,
    bin_of,
    ended,
    hour_of_week,
    start_of,
)
from detectors.volume.quiet import EmptyRun

KIND = "silence"
SCORE_OF_ALL, SCORE_OF_CHANNEL = 0.7, 0.5
"""An engineer should look today: see `alerting/severity.py`."""

_GONE_FOR_GOOD = BINS_PER_WEEK
"""A channel that is told as silent for longer was switched off: it is forgotten, and its alert ends."""
_FORGET = 30 * BINS_PER_DAY
_MOST_OPEN = 14 * BINS_PER_DAY
_NAME = 64


class OpenBin(Struct, array_like=True):
    """What was heard in a bin that is not closed; the order in which it came does not show."""

    mentions: int = 0
    channels: dict[str, int] = msgspec.field(default_factory=dict)
    """At most `names.MOST_OPEN`: not always all of the mentions."""


@detector("silence")
class Silence(Detector):
    """Nothing comes, where that is nearly impossible by chance; also from one channel that always speaks.

    Learns what is usual in each hour of the week, for a week before it says anything, and what it misses at most in
    quiet times. Told to the routes with `audience: operations`, never to those who answer the public. Repeats itself
    until a mention comes. A channel is compared with what the others say meanwhile.

    Fails when: the monitor hears a few mentions a day, for then silence is chance for days; less comes than should, but
    not nothing; nothing has come yet, or everything is silent in the first week; groundswell itself stood still
    meanwhile, which is told as a silence once it works again, if nothing waits to be read; a channel is always silent
    for long (weekends), and so has to be silent for twice as long; something feeds mentions of old while nothing new
    comes.
    """

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        at_least: Annotated[
            timedelta, Meta(description="A shorter silence is never told, however much is missing in it.")
        ] = timedelta(minutes=10)
        channels: Annotated[
            bool, Meta(description="Whether to tell also of one channel that is silent while others speak.")
        ] = True

        def __post_init__(self) -> None:
            if self.at_least > timedelta(days=7):
                raise ValueError("at_least must be at most 7 days")

    class State(Struct, kw_only=True):
        next_bin: int | None = None
        """The first open bin; None before anything was closed."""
        rhythm: Rhythm = msgspec.field(default_factory=Rhythm)
        run: EmptyRun = msgspec.field(default_factory=EmptyRun)
        recent: list[int] = msgspec.field(default_factory=list)
        """The newest closed counts, oldest first."""
        channels: list[Channel] = msgspec.field(default_factory=list)
        """The busiest, by their names."""
        open: dict[int, OpenBin] = msgspec.field(default_factory=dict)

    audience = Audience.OPERATIONS
    learns_for = timedelta(days=7)

    params: Params
    state: State

    def observe(self, mention: Mention) -> None:
        state, number = self.state, bin_of(mention.at)
        if not 0 <= number < END_OF_CALENDAR:
            return
        if state.next_bin is not None and number < state.next_bin:
            number = state.next_bin
        heard = state.open.get(number)
        if heard is None:
            if len(state.open) >= _MOST_OPEN:
                return
            heard = state.open[number] = OpenBin()
        heard.mentions += 1
        names.count(heard.channels, mention.channel[:_NAME])

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return [found for number in ended(lambda: self.state, watermark) for found in self._close(number)]

    def _close(self, number: int) -> list[Detection]:
        state = self.state
        heard = state.open.pop(number, None) or OpenBin()
        count = heard.mentions
        expected = state.rhythm.expected(hour_of_week(number, self.context.timezone))
        self._learn(number, count, held_back=state.run.close(count, expected))
        state.channels = close_all(state.channels, number, heard.channels, Heard.of(count, expected))
        state.recent = [*state.recent, count][-evidence.POINTS :]
        state.next_bin = number + 1
        if state.run.bins >= _FORGET:
            self.state = self.State(open=state.open)
            return []
        return [*self._of_all(number), *self._of_channels(number)]

    def _learn(self, number: int, count: int, held_back: int) -> None:
        """Learn a bin with mentions, and the empty ones before it that were chance."""
        if not count:
            return
        for empty in range(number - held_back, number):
            self.state.rhythm.learn(0, hour_of_week(empty, self.context.timezone))
        self.state.rhythm.learn(count, hour_of_week(number, self.context.timezone))

    def _of_all(self, number: int) -> list[Detection]:
        state = self.state
        if not self._is_worth_telling(state.run):
            return []
        told = evidence.of_all(number, state.run, state.recent, state.rhythm, state.channels, self.context.timezone)
        return [self._detection(number, "", SCORE_OF_ALL, told)]

    def _of_channels(self, number: int) -> list[Detection]:
        state = self.state
        found: list[Detection] = []
        for channel in state.channels if self.params.channels else ():
            if self._is_worth_telling(channel.run):
                channel.told = True
                told = evidence.of_channel(number, channel, state.rhythm)
                found.append(self._detection(number, channel.id, SCORE_OF_CHANNEL, told))
        state.channels = [each for each in state.channels if not each.told or each.run.bins < _GONE_FOR_GOOD]
        return found

    def _is_worth_telling(self, run: EmptyRun) -> bool:
        return run.is_improbable and run.bins * BIN_SECONDS >= self.params.at_least.total_seconds()

    def _detection(self, number: int, subject: str, score: float, told: Evidence) -> Detection:
        return Detection(
            detector=self.name,
            subject=subject,
            kind=KIND,
            starts_at=told.since,
            at=start_of(number + 1),
            level=1,
            score=score,
            effects=(Effect.OPERATIONS,),
            evidence=told,
        )
