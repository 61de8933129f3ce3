"""What a mention costs the gathering of narratives, beside its encoding, while many wordings are active."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import process_time

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detectors.narratives.clustering.gathering import Gathering
from detectors.narratives.clustering.regrouping import regroup
from detectors.narratives.state import Heard, NarrativeState
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure

GROUP = "narrative cost"
GOALS = {1_000: AtMost(50), 10_000: AtMost(100), 100_000: AtMost(1_000)}
DIMENSIONS = 384
NEW = 0.3
"""Share of mentions that tell a story of their own; each other one tells one that was told before, in other words."""
CLOSENESS = 0.8
"""Cosine of a text to its story."""
_AT_ONCE = 64
_REGROUP_EVERY = 200
_BEGIN = datetime(2030, 4, 1, tzinfo=UTC)
_COMMON, _RARE = 3_000, 300_000
"""Words of the language: of a text six are common ones (as in real talk, by Zipf), and five are those of its story."""


def measure(place: Place) -> list[Figure]:
    sizes = (200,) if place.size == "tiny" else tuple(GOALS)[: place.pick(3, 2, 1)]
    mentions = place.pick(6_400, 3_200, 256)
    how = (
        f"{mentions:,} texts that were not heard before, by processor time with one thread: reading, search, sums, "
        f"counts, and regrouping after each {_REGROUP_EVERY}; {NEW:.0%} tell a new story"
    )
    figures = []
    for wordings in sizes:
        seconds, narratives = cost(wordings, mentions)
        place.say(f"{wordings:,} wordings in {narratives:,} narratives: {1e6 * seconds:,.0f} µs a mention")
        figures.append(
            Figure(
                group=GROUP,
                name=f"{wordings:,} active wordings",
                samples=(1e6 * seconds,),
                unit="µs a mention",
                goal=GOALS.get(wordings),
                how=how,
            )
        )
    return figures


def cost(wordings: int, mentions: int) -> tuple[float, int]:
    """Seconds a mention while so many wordings are active, and in how many narratives they are."""
    talk, gathering = _Talk(), Gathering(NarrativeState())
    with threadpool_limits(1, user_api="blas"):
        while len(gathering.state.wordings) < wordings:
            _take_in(gathering, talk.heard(1_000), wordings)
        later = talk.heard(mentions)
        started = process_time()
        _take_in(gathering, later, wordings)
        return (process_time() - started) / mentions, len(gathering.state.narratives)


def _take_in(gathering: Gathering, mentions: Sequence[Heard], most: int) -> None:
    """As the detector does; the time is so short that nothing is forgotten for its age."""
    state = gathering.state
    while mentions:
        count = min(_AT_ONCE, _REGROUP_EVERY - state.taken % _REGROUP_EVERY)
        for _ in gathering.take_in(mentions[:count]):
            pass
        mentions = mentions[count:]
        if state.taken % _REGROUP_EVERY == 0 and state.clock is not None:
            regroup(gathering, state.clock, timedelta(days=3), most)


class _Talk:
    """Ever new texts about ever new stories."""

    def __init__(self) -> None:
        self._dice = np.random.default_rng(7)
        self._made = 0
        self._stories: list[tuple[NDArray[np.float64], NDArray[np.int64]]] = []

    def heard(self, count: int) -> list[Heard]:
        return [self._mention() for _ in range(count)]

    def _mention(self) -> Heard:
        dice = self._dice
        if not self._stories or dice.random() < NEW:
            self._stories.append((_unit(dice.standard_normal(DIMENSIONS)), dice.integers(0, _RARE, 8)))
        direction, own = self._stories[-1 - int(dice.integers(0, len(self._stories)) * dice.random())]
        vector = CLOSENESS * direction + (1 - CLOSENESS**2) ** 0.5 * _unit(dice.standard_normal(DIMENSIONS))
        common = np.minimum(dice.zipf(1.2, 6), _COMMON)
        words = [f"common{number}" for number in common] + [f"rare{number}" for number in dice.permutation(own)[:5]]
        self._made += 1
        return Heard(
            id=f"m{self._made}",
            at=_BEGIN + timedelta(milliseconds=self._made),
            channel="x",
            language="en",
            text=" ".join([*words, f"w{self._made}"]),
            author=f"{self._made % 5000:016x}",
            space=f"made-up/{DIMENSIONS}",
            vector=_unit(vector).astype("<f2").tobytes(),
        )


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return unit
