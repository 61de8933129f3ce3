"""Every registered detector keeps every promise, and each check catches the detectors that were built to break it."""

import importlib.util
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from detectors import conformance
from detectors.conformance import PROMISES, Broken, Check, Stream
from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.known_claim import KnownClaim
from detectors.mention import Author, Encoding, Mention, Vector
from detectors.registry import load_detectors

DETECTORS = load_detectors()
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.py"))
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham")
HOSTILE = "<!channel> \x1b[31m \u202egnp.exe [a](javascript:1)"


def bounded_examples(count: int) -> settings:
    # The same examples every time: a suite that fails now and then is not believed. Shrinking costs more than it shows.
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


class Story:
    """What a burst is about: a direction in the model's space, and words."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.centre = unit(np.array([dice.gauss(0, 1) for _ in range(32)]))
        self.words = [f"topic{number}", *(f"word{dice.randrange(10_000)}" for _ in range(8))]

    def mention(self, dice: random.Random, at: datetime, number: int) -> Mention:
        noise = unit(np.array([dice.gauss(0, 1) for _ in range(32)]))
        vector = unit(self.centre + dice.uniform(0.1, 0.5) * noise)
        words = [*dice.sample(self.words, 6), f"say{dice.randrange(100_000)}"]
        author = dice.randrange(200)
        return Mention(
            id=f"{dice.randrange(16**6):06x}-{number}",
            channel=dice.choice(("channel-one", "channel-two", "<!here> three")),
            at=at,
            text=" ".join(words) + (HOSTILE if dice.random() < 0.1 else ""),
            url=f"https://example.com/{number}" if dice.random() < 0.5 else None,
            author=Author(id=f"author{author}", handle=f"handle{author}", followers=author * 10)
            if dice.random() < 0.9
            else Author(),
            encoding=encoding(vector, dice.choice(("en", "en", "ja"))),
        )


def unit(vector: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Vector:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def encoding(vector: Vector, language: str) -> Encoding:
    return Encoding(model="test", language=language, vector=vector.astype("<f2").tobytes())


@dataclass(frozen=True)
class Shape:
    """Of a stream: quiet, with a burst in its first day and two later, about four stories; one is a known claim."""

    seed: int
    burst: int
    hours: int
    lateness: timedelta
    zone: str

    def stream(self) -> Stream:
        dice = random.Random(self.seed)
        starts_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(525_600))
        stories = [Story(dice, number) for number in range(4)]
        mentions = [
            story.mention(dice, at, number) for number, (at, story) in enumerate(self._told(dice, starts_at, stories))
        ]
        claim = KnownClaim(
            id="claim-1",
            claim=" ".join(stories[0].words),
            verdict="False",
            checked_by="Checkers",
            answer="It is not so.",
            vectors=(stories[0].centre.astype("<f2").tobytes(),),
        )
        return Stream(
            context=MonitorContext(timezone=ZoneInfo(self.zone), lateness=self.lateness, claims=(claim,)),
            mentions=tuple(sorted(mentions, key=lambda each: (each.at, each.id))),
            arrivals=tuple(sorted(mentions, key=lambda each: each.at + self.lateness * dice.random())),
        )

    def _told(
        self, dice: random.Random, starts_at: datetime, stories: Sequence[Story]
    ) -> Iterable[tuple[datetime, Story]]:
        for _ in range(5 * self.hours):
            yield starts_at + timedelta(hours=self.hours) * dice.random(), dice.choice(stories)
        for earliest, latest, size in ((2, 20, 30), (26, self.hours, self.burst), (26, self.hours, self.burst)):
            begins, length = (
                timedelta(hours=dice.uniform(earliest, latest)),
                timedelta(minutes=dice.choice((3, 20, 60))),
            )
            story = dice.choice(stories)
            for _ in range(size):
                yield starts_at + begins + length * dice.random(), story


shapes = st.builds(
    Shape,
    seed=st.integers(0, 2**32),
    burst=st.sampled_from((20, 60, 120)),
    hours=st.sampled_from((30, 40, 54)),
    lateness=st.sampled_from((timedelta(seconds=30), timedelta(minutes=4), timedelta(minutes=12))),
    zone=st.sampled_from(ZONES),
)


def hear(cls: type[Detector], heard: Stream) -> Sequence[Detection]:
    detector = cls(heard.context, conformance.most_sensitive(cls))
    for mention in heard.mentions:
        detector.observe(mention)
    return detector.advance(heard.mentions[-1].at + timedelta(hours=12))


@pytest.mark.parametrize("check", PROMISES, ids=lambda check: check.__name__.removeprefix("check_"))
@pytest.mark.parametrize("name", DETECTORS)
def test_a_registered_detector_keeps_the_promise(name: str, check: Check) -> None:
    @bounded_examples(5)
    @given(shapes)
    def keeps_it(shape: Shape) -> None:
        check(DETECTORS[name], shape.stream())

    keeps_it()


@pytest.mark.parametrize("name", DETECTORS)
def test_the_streams_make_every_detector_speak(name: str) -> None:
    said: list[int] = []

    @bounded_examples(5)
    @given(shapes)
    def listen(shape: Shape) -> None:
        said.append(len(hear(DETECTORS[name], shape.stream())))

    listen()
    assert sum(1 for each in said if each) >= 3, f"detections per stream: {said}"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"broken_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_detector_is_caught_by_the_check_of_its_promise(path: Path) -> None:
    module = load(path)
    check: Check = getattr(conformance, f"check_{module.BREAKS}")
    cls: type[Detector] = module.BrokenDetector

    @bounded_examples(12)
    @given(shapes)
    def catch(shape: Shape) -> None:
        check(cls, shape.stream())

    with pytest.raises(Broken):
        catch()


def test_every_promise_has_a_broken_detector() -> None:
    broken: Mapping[str, Path] = {load(path).BREAKS: path for path in BROKEN}
    assert {check.__name__.removeprefix("check_") for check in PROMISES} == set(broken)
