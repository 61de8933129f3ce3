"""Made-up streams on which detectors have something to say, and on which their errors show.

A `Plan` says what happens; the same plan gives the same stream. Everything in it is made up: words that exist nowhere
else, so that any of them is known as foreign wherever it turns up.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from detectors.conformance.hearing import Stream
from detectors.contract import MonitorContext
from detectors.known_claim import KnownClaim
from detectors.mention import Author, Encoding, Engagement, Mention, Vector

HappeningKind = Literal["burst", "ramp", "bot wave", "gap", "channel gap", "backlog", "drift"]
"""Many talk about one story; ever more do; few young accounts post the same text; nobody speaks; nobody on one channel;
all that is said comes at the end of it, late; the model gives texts that share no words nearly the same vector."""
HAPPENING_KINDS: tuple[HappeningKind, ...] = ("burst", "ramp", "bot wave", "gap", "channel gap", "backlog", "drift")

SomeValue = TypeVar("SomeValue")

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_DIMENSIONS = 32
# So many that two processes put them into different orders, where an order is left to chance.
_CHANNELS = ("channel-1one", "channel-2two", "<!here> 3three", "Канал4", "channel5", "channel6", "channel7")
_SCRIPTS = (("word{}", "en"), ("слово{}", "ru"), ("言葉{}", "ja"), ("wört{}", "de"))
_HOSTILE = (
    " <!channel> \x1b[31m \u202egnp.exe1 [a1](javascript:1)",
    " *bold1* `code1` <https://evil1.example|safe1> &amp;1",
    "\n\n# heading1\u0000\u200b\U000e0041",
    " " + "long1" * 400,
)


class Happening(Struct, frozen=True, kw_only=True):
    """Something beside the calm talk."""

    kind: HappeningKind
    begins: float
    """As a part, in [0, 1), of the time after the detector has learned; below 0 of the time in which it learns."""
    minutes: float
    mentions: int = 0
    """How many it adds."""


class Plan(Struct, frozen=True, kw_only=True):
    """What a stream is made of."""

    seed: int = 0
    hours: int = 24
    """How long it goes on after the detector has learned for a day, or for longer where it needs longer."""
    an_hour: float = 4.0
    """Mentions in an hour of calm, about four stories; one is a known claim."""
    happenings: tuple[Happening, ...] = ()
    lateness: timedelta = timedelta(seconds=30)
    zone: str = "UTC"
    clock_changes: bool = False
    """Whether the zone's clocks go forward or back in the middle of it, where they do."""
    clocks: timedelta = timedelta(seconds=1)
    """How exactly the times of mentions are known: the coarser, the more share one."""

    def stream(self, learns_for: timedelta = _DAY) -> Stream:
        """The stream, for a detector that learns for so long."""
        return _Telling(self, max(learns_for, _DAY)).stream()


class _Story:
    """What people talk about: a direction in the model's space, and words in a script."""

    def __init__(self, dice: np.random.Generator, number: int) -> None:
        self.centre = _unit(dice.normal(size=_DIMENSIONS))
        pattern, self.language = _SCRIPTS[number % len(_SCRIPTS)]
        self.words = [f"topic{number}", *(pattern.format(dice.integers(10_000)) for _ in range(8))]

    def text(self, dice: np.random.Generator) -> str:
        words = [*dice.permutation(self.words)[:6], f"say{dice.integers(100_000)}"]
        return " ".join(words) + (_chosen(dice, _HOSTILE) if dice.random() < 0.1 else "")

    def encoding(self, dice: np.random.Generator, spread: float) -> Encoding | None:
        """Some texts are in no language that the model knows, and some have not been encoded."""
        fate = dice.random()
        if fate < 0.05:
            return None
        if fate < 0.1:
            return Encoding(model="made-up", language="und", uncovered="language")
        vector = _unit(self.centre + spread * _unit(dice.normal(size=_DIMENSIONS)))
        return Encoding(model="made-up", language=self.language, vector=vector.astype("<f2").tobytes())


class _Telling:
    """Makes the stream of one plan."""

    def __init__(self, plan: Plan, learning: timedelta) -> None:
        self.plan, self.learning = plan, learning
        self.dice = np.random.default_rng(plan.seed)
        self.rest = plan.hours * _HOUR
        self.zone = ZoneInfo(plan.zone)
        self.starts_at = self._start()
        self.stories = [_Story(self.dice, number) for number in range(4)]
        self.made = 0

    def stream(self) -> Stream:
        plan, dice = self.plan, self.dice
        told = [mention for mention in self._calm() if not self._is_silenced(mention)]
        for happening in plan.happenings:
            told += self._happening(happening)
        told.sort(key=lambda each: (each.at, each.id))
        in_time = {each.id: each.at + dice.random() * plan.lateness for each in told}
        late = {each.id: in_time[each.id] + self._delay(each) for each in told}
        return Stream(
            context=MonitorContext(timezone=self.zone, lateness=plan.lateness, claims=(self._claim(),)),
            mentions=tuple(told),
            arrivals=tuple(sorted(told, key=lambda each: (in_time[each.id], each.id))),
            late=tuple(sorted(told, key=lambda each: (late[each.id], each.id))),
        )

    def _start(self) -> datetime:
        change = _clock_change(self.zone, self.plan.seed) if self.plan.clock_changes else None
        if change is not None:
            return change - self.learning - self.rest / 2
        return _YEAR + int(self.dice.integers(525_600)) * timedelta(minutes=1)

    def _calm(self) -> Iterator[Mention]:
        length = self.learning + self.rest
        for _ in range(round(self.plan.an_hour * (length / _HOUR))):
            # By day more is said than by night.
            part = self.dice.random()
            hour = (self.starts_at + part * length).astimezone(self.zone).hour
            if self.dice.random() < (0.5 if hour < 7 else 1.0):
                yield self._mention(_chosen(self.dice, self.stories), self.starts_at + part * length)

    def _happening(self, happening: Happening) -> Iterable[Mention]:
        begins, length = self._span(happening)
        story = _chosen(self.dice, self.stories)
        copied = story.text(self.dice)
        for _ in range(happening.mentions):
            part = self.dice.random()
            if happening.kind == "bot wave":
                yield self._copy(story, begins + part * length, copied)
            elif happening.kind == "drift":
                yield self._adrift(story, begins + part * length)
            else:
                yield self._mention(story, begins + (part**0.5 if happening.kind == "ramp" else part) * length)

    def _span(self, happening: Happening) -> tuple[datetime, timedelta]:
        learned = self.starts_at + self.learning
        of = self.rest if happening.begins >= 0 else self.learning
        return learned + happening.begins * of, timedelta(minutes=happening.minutes)

    def _is_silenced(self, mention: Mention) -> bool:
        return any(
            happening.kind == "gap" or (happening.kind == "channel gap" and mention.channel == _CHANNELS[0])
            for happening in self.plan.happenings
            if self._is_during(mention, happening)
        )

    def _is_during(self, mention: Mention, happening: Happening) -> bool:
        begins, length = self._span(happening)
        return begins <= mention.at < begins + length

    def _delay(self, mention: Mention) -> timedelta:
        """How long after its time within the lateness it comes on a bad day: in a backlog, or when all talk at once."""
        for happening in self.plan.happenings:
            begins, length = self._span(happening)
            if happening.kind == "backlog" and begins <= mention.at < begins + length:
                return begins + length - mention.at
            if happening.mentions and begins - 3 * _HOUR <= mention.at < begins and self.dice.random() < 0.5:
                return begins + self.dice.random() * (length + timedelta(minutes=10)) - mention.at
        return 6 * _HOUR * float(self.dice.random() ** 3) if self.dice.random() < 0.04 else timedelta(0)

    def _mention(self, story: _Story, at: datetime) -> Mention:
        dice = self.dice
        self.made += 1
        number = self.made
        return Mention(
            id=f"{dice.integers(16**6):06x}-{number}",
            channel=_CHANNELS[int(len(_CHANNELS) * dice.random() ** 2)],
            at=self._known(at),
            text=story.text(dice),
            kind=_chosen(dice, ("post", "post", "comment", "article")),
            title=f"title{number}" if dice.random() < 0.1 else None,
            url=f"https://example.com/page{number}" if dice.random() < 0.5 else None,
            repost_of=f"original{dice.integers(50)}" if dice.random() < 0.1 else None,
            author=self._author() if dice.random() < 0.9 else Author(),
            lang=story.language if dice.random() < 0.8 else None,
            links=(f"https://link{dice.integers(30)}.example/",) if dice.random() < 0.2 else (),
            metrics=Engagement(likes=int(dice.integers(100))) if dice.random() < 0.3 else Engagement(),
            country=_chosen(dice, ("DE", "JP")) if dice.random() < 0.3 else None,
            marks=("harm",) if dice.random() < 0.05 else (),
            clock_ahead=bool(dice.random() < 0.01),
            encoding=story.encoding(dice, dice.uniform(0.1, 0.5)),
        )

    def _copy(self, story: _Story, at: datetime, text: str) -> Mention:
        bot = int(self.dice.integers(5))
        author = Author(id=f"bot{bot}", handle=f"bothandle{bot}", followers=3, created_at=self.starts_at - _DAY)
        return replace(
            self._mention(story, at),
            text=text,
            author=author,
            links=("https://link0.example/bots",),
            encoding=story.encoding(self.dice, 0.0),
        )

    def _adrift(self, story: _Story, at: datetime) -> Mention:
        dice = self.dice
        vector = _unit(story.centre + 0.3 * _unit(dice.normal(size=_DIMENSIONS)))
        return replace(
            self._mention(story, at),
            text=" ".join(f"other{dice.integers(10_000_000)}" for _ in range(8)),
            encoding=Encoding(model="made-up", language="en", vector=vector.astype("<f2").tobytes()),
        )

    def _author(self) -> Author:
        number = int(self.dice.integers(200))
        return Author(
            id=f"author{number}",
            handle=f"handle{number}" if number % 7 else None,
            followers=number * number if number % 5 else None,
            created_at=_YEAR - number * 10 * _DAY if number % 3 else None,
            verified=number % 11 == 0,
        )

    def _known(self, at: datetime) -> datetime:
        return _YEAR + (at - _YEAR) // self.plan.clocks * self.plan.clocks

    def _claim(self) -> KnownClaim:
        story = self.stories[0]
        return KnownClaim(
            id="claim-1",
            claim=" ".join(story.words),
            verdict="False",
            checked_by="Checkers",
            answer="It is not so.",
            vectors=(story.centre.astype("<f2").tobytes(),),
        )


def _clock_change(zone: ZoneInfo, seed: int) -> datetime | None:
    """Midnight UTC before one of the days in which its clocks change; None where they never do."""
    midnights = [_YEAR + number * _DAY for number in range(365)]
    offsets = [midnight.astimezone(zone).utcoffset() for midnight in midnights]
    changes = [at for at, one, other in zip(midnights, offsets, offsets[1:], strict=False) if one != other]
    return changes[seed % len(changes)] if changes else None


def _chosen(dice: np.random.Generator, among: Sequence[SomeValue]) -> SomeValue:
    return among[int(dice.integers(len(among)))]


def _unit(direction: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Vector:
    return (direction / np.linalg.norm(direction)).astype(np.float32)
