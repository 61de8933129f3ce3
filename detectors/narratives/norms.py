"""What is usual in a monitor: how many authors write so many mentions, how much of it is copied, and so on.

Learned from all its mentions, in the order in which they are taken in, in blocks of `BLOCK` where it is about different
ones. Like the background (`clustering/background.py`) it is learned at the pace of days, and a day never
outweighs what was known before: what is said today is held against the days before it, so that a story that floods a
monitor does not become its own norm.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from zlib import crc32

import msgspec
from msgspec import Struct, field

from detectors.mention import Moment

BLOCK = 32
"""Mentions in which authors, channels and links are counted together."""
_SETTLES_AFTER = timedelta(hours=24)
_FEW = 100.0
"""Mentions that a day may add where little is known yet; later a quarter of what is known."""
_MOST = 10_000.0
"""Mentions from which on what is older counts less."""
_ENOUGH = 60.0
_ENOUGH_AGES = 30.0


class Sums(Struct, kw_only=True):
    """Sums over mentions; all fade together."""

    mentions: float = 0.0
    copies: float = 0.0
    known_ages: float = 0.0
    new_accounts: float = 0.0
    waves: float = 0.0
    blocks: float = 0.0
    authors: float = 0.0
    """Distinct ones of each block; so are the channels."""
    channels: float = 0.0
    linked: float = 0.0
    """Mentions of each block that carry its most frequent link."""

    def plus(self, other: "Sums", weight: float) -> "Sums":
        ours, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        names = self.__struct_fields__
        return Sums(**{name: one + weight * two for name, one, two in zip(names, ours, theirs, strict=True)})

    def times(self, factor: float) -> "Sums":
        return Sums().plus(self, factor)


class Block(Struct, kw_only=True):
    """The newest mentions, as hashes."""

    authors: list[int] = field(default_factory=list)
    channels: list[int] = field(default_factory=list)
    links: list[int] = field(default_factory=list)


class Norms(Struct, kw_only=True):
    """What is usual in a monitor; all is None until enough is known."""

    settled: Sums = field(default_factory=Sums)
    """Of the days before."""
    recent: Sums = field(default_factory=Sums)
    """Since `settled_at`."""
    settled_at: Moment | None = None
    block: Block = field(default_factory=Block)

    def learn(
        self, now: datetime, author: str, channel: str, links: Sequence[str], *, is_copy: bool, is_new: bool | None
    ) -> None:
        """Takes in one mention; `now` is the monitor's clock."""
        if self.settled_at is None:
            self.settled_at = now
        elif now >= self.settled_at + _SETTLES_AFTER:
            self._settle(now)
        recent, block = self.recent, self.block
        recent.mentions += 1
        recent.copies += is_copy
        recent.known_ages += is_new is not None
        recent.new_accounts += bool(is_new)
        block.authors.append(crc32(author.encode()))
        block.channels.append(crc32(channel.encode()))
        block.links += sorted({crc32(link.encode()) for link in links})
        if len(block.authors) >= BLOCK:
            self._close_block()

    def notice_wave(self) -> None:
        self.recent.waves += 1

    def authors(self, mentions: int) -> float | None:
        """How many usually write so many mentions (two or more): a power of them (Heaps' law), as in a block."""
        if not self._is_enough or not self.settled.blocks or mentions < 1:
            return None
        each = max(1.0, self.settled.authors / self.settled.blocks)
        return float(mentions ** min(1.0, math.log(each) / math.log(BLOCK)))

    @property
    def copies(self) -> float | None:
        """The share of near-copies."""
        return self.settled.copies / self.settled.mentions if self._is_enough else None

    @property
    def new_accounts(self) -> float | None:
        """The share of mentions by accounts under 30 days old, of those whose age is known."""
        known = self.settled.known_ages
        return self.settled.new_accounts / known if self._is_enough and known >= _ENOUGH_AGES else None

    @property
    def waves(self) -> float | None:
        """How many begin with each mention."""
        return self.settled.waves / self.settled.mentions if self._is_enough else None

    @property
    def channels(self) -> float | None:
        """How many a block reaches."""
        return self.settled.channels / self.settled.blocks if self._is_enough and self.settled.blocks else None

    @property
    def linked(self) -> float | None:
        """The share of a block that carries one same link."""
        blocks = self.settled.blocks
        return self.settled.linked / (BLOCK * blocks) if self._is_enough and blocks else None

    @property
    def _is_enough(self) -> bool:
        return self.settled.mentions >= _ENOUGH

    def _close_block(self) -> None:
        recent, block = self.recent, self.block
        recent.blocks += 1
        recent.authors += len(set(block.authors))
        recent.channels += len(set(block.channels))
        recent.linked += max((block.links.count(link) for link in set(block.links)), default=0)
        self.block = Block()

    def _settle(self, now: datetime) -> None:
        weight = min(1.0, max(_FEW, self.settled.mentions / 4) / max(1.0, self.recent.mentions))
        total = self.settled.plus(self.recent, weight)
        self.settled = total.times(min(1.0, _MOST / max(1.0, total.mentions)))
        self.recent, self.settled_at = Sums(), now
