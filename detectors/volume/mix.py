"""What is usual in a monitor beside its numbers: where, in which language, in which words, and by how many people.

All of it fades: what was heard loses half its weight in five days. Learned from closed bins, half an hour at a time,
and from one that is far above usual no more than from three usual ones, so that a burst does not become what is usual.
"""

from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec
from msgspec import Struct

from detectors.detection import Dimension
from detectors.volume import sketch
from detectors.volume.names import largest
from detectors.volume.people import BINS_IN_HALF_HOUR, People
from detectors.volume.tally import Tally

_KEPT = 0.5 ** (1 / 240)
"""Of a weight after half an hour."""
_MOST_NAMES = 16
_MOST_USUAL_HALF_HOURS = 3.0

DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)


class Mix(Struct, kw_only=True, array_like=True):
    """Weights of mentions; what is told of them is always a part of `total`."""

    learned: int = 0
    """The newest bin that was learned."""
    half_hours: float = 0.0
    total: float = 0.0
    channels: dict[str, float] = msgspec.field(default_factory=dict)
    languages: dict[str, float] = msgspec.field(default_factory=dict)
    names: bytes = sketch.EMPTY
    """Terms, links and accounts; see `detectors/volume/sketch.py`."""
    people: People = msgspec.field(default_factory=People)

    def learn(self, number: int, half_hour: Sequence[Tally]) -> None:
        """Take in closed bins, of which this is the number of the last; to be called for the last of each half hour."""
        self.people.learn(number, half_hour)
        mentions = sum(tally.mentions for tally in half_hour)
        if not mentions:
            return
        elapsed = (number - self.learned) / BINS_IN_HALF_HOUR if self.half_hours else 1.0
        kept = _KEPT**elapsed
        self.learned = number
        self.half_hours = self.half_hours * kept + elapsed
        most = 1 + _MOST_USUAL_HALF_HOURS * self.total / self.half_hours
        weight = min(1.0, most / mentions)
        self.total = self.total * kept + weight * mentions
        for usual, counts in (
            (self.channels, [tally.channels for tally in half_hour]),
            (self.languages, [tally.languages for tally in half_hour]),
        ):
            _fade(usual, kept)
            _add(usual, counts, weight)
        self.channels, self.languages = largest(self.channels, _MOST_NAMES), largest(self.languages, _MOST_NAMES)
        heard: list[tuple[Dimension, dict[str, int], float]] = []
        for tally in half_hour:
            parts = tally.parts()
            if parts.read:
                each = weight * tally.mentions / parts.read
                heard += [("term", parts.terms, each), ("link", parts.links, each), ("author", parts.accounts, each)]
        self.names = sketch.add(self.names, heard, kept)

    def usual_parts(self, dimension: Dimension, names: Iterable[str]) -> dict[str, float] | None:
        """Which part of the mentions usually holds each of these; None as long as nothing is known."""
        if not self.total:
            return None
        names = list(names)
        match dimension:
            case "channel":
                weights = [self.channels.get(name, 0.0) for name in names]
            case "language":
                weights = [self.languages.get(name, 0.0) for name in names]
            case _:
                weights = sketch.read(self.names, dimension, names)
        return {name: min(weight / self.total, 1.0) for name, weight in zip(names, weights, strict=True)}


def _fade(weights: dict[str, float], kept: float) -> None:
    for name in weights:
        weights[name] *= kept


def _add(weights: dict[str, float], counts: Iterable[dict[str, int]], weight: float) -> None:
    for each in counts:
        for name, count in each.items():
            weights[name] = weights.get(name, 0.0) + weight * count
