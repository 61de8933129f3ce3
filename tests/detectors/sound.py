"""The smallest detector that does all that the contract knows of: the broken ones each spoil one thing about it.

So they stay broken in their own way, whatever becomes of the real detectors.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from detectors.contract import Detector
from detectors.detection import Detection, Evidence, Exemplar
from detectors.mention import Mention
from detectors.registry import detector

BIN = timedelta(minutes=15)
BINS_A_DAY = timedelta(days=1) // BIN
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Quarter(Struct, kw_only=True):
    """What was heard in one bin."""

    mentions: int = 0
    channels: dict[str, int] = msgspec.field(default_factory=dict)
    first: Exemplar | None = None


@detector("sound")
class Sound(Detector):
    """Many more mentions in a quarter of an hour than the mean of all before.

    Fails when: hours of the day differ.
    """

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        times: Annotated[float, Meta(gt=1, description="How many times the mean is too much.")] = 4.0

    class State(Struct, kw_only=True):
        next_bin: int | None = None
        """The first that is not closed."""
        closed: int = 0
        mean: float = 0.0
        """Mentions a bin."""
        open: dict[int, Quarter] = msgspec.field(default_factory=dict)
        told_bin: int = -1
        told_level: int = 0
        late: int = 0

    learns_for = timedelta(days=1)
    params: Params
    state: State

    def observe(self, mention: Mention) -> None:
        number = (mention.at - EPOCH) // BIN
        if self.state.next_bin is not None and number < self.state.next_bin:
            self.take_late(mention)
            return
        quarter = self.state.open.setdefault(number, Quarter())
        quarter.mentions += 1
        quarter.channels[mention.channel[:64]] = quarter.channels.get(mention.channel[:64], 0) + 1
        if self.comes_first(mention, quarter.first):
            quarter.first = exemplar(mention)

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        found: list[Detection] = []
        state = self.state
        while True:
            number = min(state.open, default=None) if state.next_bin is None else state.next_bin
            if number is None or EPOCH + (number + 1) * BIN > watermark:
                return found
            quarter = state.open.pop(number, None) or Quarter()
            found += self.judge(number, quarter)
            self.learn(quarter)
            state.next_bin = number + 1

    def peek(self, now: datetime) -> Sequence[Detection]:
        number = self.state.next_bin
        if number is None or EPOCH + number * BIN > now:
            return ()
        return self.judge(number, self.state.open.get(number) or Quarter())

    def usual(self, start: datetime, end: datetime) -> float | None:
        return self.state.mean * ((end - start) / BIN)

    def take_late(self, mention: Mention) -> None:
        self.state.late = min(self.state.late + 1, 1_000_000)

    def comes_first(self, mention: Mention, first: Exemplar | None) -> bool:
        return first is None or (mention.at, mention.id) < (first.at, first.mention_id)

    def learn(self, quarter: Quarter) -> None:
        self.state.closed = min(self.state.closed + 1, 30 * BINS_A_DAY)
        self.state.mean += (quarter.mentions - self.state.mean) / self.state.closed

    def judge(self, number: int, quarter: Quarter) -> list[Detection]:
        """One detection for each level that is new in this bin."""
        if self.state.closed <= BINS_A_DAY:
            return []
        limit = self.params.times * self.state.mean + 8
        level = min(int(quarter.mentions / limit), 4)
        told = self.state.told_level if self.state.told_bin == number else 0
        if level <= told:
            return []
        self.state.told_bin, self.state.told_level = number, level
        return [self.detection(number, quarter, each, limit) for each in range(told + 1, level + 1)]

    def detection(self, number: int, quarter: Quarter, level: int, limit: float) -> Detection:
        start = EPOCH + number * BIN
        return Detection(
            detector=self.name,
            kind="rise",
            starts_at=start,
            at=start,
            level=level,
            score=0.4 + level / 10,
            evidence=Evidence(
                summary=f"{quarter.mentions} mentions in 15 minutes, where {self.state.mean:.1f} are usual.",
                mentions=quarter.mentions,
                usual=self.state.mean,
                since=start,
                exemplars=(quarter.first,) if quarter.first else (),
                channels=tuple(sorted(quarter.channels)[:20]),
                counterfactual=f"It would have stayed quiet below {limit * level:.0f} mentions.",
            ),
        )


def exemplar(mention: Mention) -> Exemplar:
    return Exemplar(
        role="first", mention_id=mention.id, at=mention.at, channel=mention.channel[:64], text=mention.text[:200]
    )
