"""What was heard in one bin of time, and what mix of channels and languages is usual. Bounded, whatever comes in."""

from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from detectors import distinct
from detectors.detection import Exemplar
from detectors.mention import Mention

_TEXT = 280
_MOST_NAMES_OPEN = 64
_MOST_NAMES = 8
_MOST_USUAL_NAMES = 16
_HALF_LIFE_BINS = 1440
"""Five days."""


class Tally(Struct, kw_only=True, array_like=True):
    """One bin. The order in which its mentions came does not show."""

    mentions: int = 0
    authored: int = 0
    """Those whose author is known."""
    authors: list[int] = msgspec.field(default_factory=list)
    """See `detectors/distinct.py`."""
    channels: dict[str, int] = msgspec.field(default_factory=dict)
    languages: dict[str, int] = msgspec.field(default_factory=dict)
    first: Exemplar | None = None
    widest: Exemplar | None = None
    newest: Exemplar | None = None

    def add(self, mention: Mention) -> None:
        """Count one mention."""
        self.mentions += 1
        _count(self.channels, mention.channel[:64])
        _count(self.languages, mention.language[:35])
        author = mention.author
        if author.id is not None:
            self.authored += 1
            distinct.remember(self.authors, author.id)
        if self.first is None or (mention.at, mention.id) < (self.first.at, self.first.mention_id):
            self.first = _exemplar(mention, "first")
        if self.newest is None or (mention.at, mention.id) > (self.newest.at, self.newest.mention_id):
            self.newest = _exemplar(mention, "newest")
        if author.followers is not None:
            reach = (author.followers, mention.at, mention.id)
            if self.widest is None or reach > (self.widest.followers or 0, self.widest.at, self.widest.mention_id):
                self.widest = _exemplar(mention, "widest reach")

    def close(self) -> None:
        """No more is expected: keep only what later bins need."""
        self.channels = _largest(self.channels, _MOST_NAMES)
        self.languages = _largest(self.languages, _MOST_NAMES)


class Mix(Struct, kw_only=True):
    """How mentions usually spread over channels and languages: counts that lose half their weight in five days."""

    learned: int = 0
    """The newest bin that was learned."""
    total: float = 0.0
    channels: dict[str, float] = msgspec.field(default_factory=dict)
    languages: dict[str, float] = msgspec.field(default_factory=dict)

    def learn(self, number: int, tally: Tally) -> None:
        """Take in the closed bin of this number; numbers never fall."""
        if not tally.mentions:
            return
        kept = 0.5 ** ((number - self.learned) / _HALF_LIFE_BINS)
        self.learned = number
        self.total = self.total * kept + tally.mentions
        self.channels = _largest(_faded(self.channels, kept, tally.channels), _MOST_USUAL_NAMES)
        self.languages = _largest(_faded(self.languages, kept, tally.languages), _MOST_USUAL_NAMES)


def _count(counts: dict[str, int], name: str) -> None:
    if name in counts:
        counts[name] += 1
    elif len(counts) < _MOST_NAMES_OPEN:
        counts[name] = 1


def _exemplar(mention: Mention, role: Literal["first", "widest reach", "newest"]) -> Exemplar:
    author = mention.author
    return Exemplar(
        role=role,
        mention_id=mention.id,
        at=mention.at,
        channel=mention.channel[:64],
        text=mention.text[:_TEXT],
        language=mention.language[:35],
        handle=author.handle and author.handle[:100],
        url=mention.url and mention.url[:500],
        followers=author.followers,
    )


def _faded(usual: dict[str, float], kept: float, heard: dict[str, int]) -> dict[str, float]:
    faded = {name: weight * kept for name, weight in usual.items()}
    for name, mentions in heard.items():
        faded[name] = faded.get(name, 0.0) + mentions
    return faded


Number = TypeVar("Number", int, float)


def _largest(counts: dict[str, Number], most: int) -> dict[str, Number]:
    if len(counts) <= most:
        return counts
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:most])
