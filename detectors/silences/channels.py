"""Which channels always speak, and whether one of them says nothing while the others go on.

The clock of a channel is the talk of the others, so that nights, holidays and the silence of all are none of its own:
with a share of p in all mentions it is missing -ln(1 - p) of one with each mention of another, for then n others in a
row have the chance exp(-missing) = (1 - p) ** n. What the whole monitor would usually have heard bounds it, so that a
burst elsewhere does not make a channel look quiet.
"""

import math
from collections.abc import Mapping
from hashlib import blake2b

import msgspec
from msgspec import Struct

from detectors.volume.bins import BINS_PER_DAY
from detectors.volume.quiet import EmptyRun

MOST_CHANNELS = 12
_MOST_SHARE = 0.999
_KEPT_A_BIN = 0.5 ** (1 / (10 * BINS_PER_DAY))
"""Shares are those of some weeks: what was heard loses half its weight in ten days."""
_MOST_TIMES = 4.0


class Channel(Struct, kw_only=True, array_like=True):
    """One that was heard of."""

    name: str
    """Foreign."""
    own: float = 0.0
    total: float = 0.0
    """Mentions of this channel, and of all while it was learned: the share is their ratio."""
    learned: int
    """The bin up to which the two have lost weight."""
    others: float = 0.0
    usual: float = 0.0
    """Since its newest mention: what others said, and what of all would be usual."""
    run: EmptyRun = msgspec.field(default_factory=EmptyRun)
    told: bool = False
    """Whether its silence is."""

    @property
    def id(self) -> str:
        """A name for it that holds nothing that others wrote, 16 hexadecimal digits."""
        return blake2b(self.name.encode(errors="surrogatepass"), digest_size=8).hexdigest()

    @property
    def share(self) -> float:
        """Its usual part of all mentions."""
        return min(self.own / self.total, _MOST_SHARE)

    def weight(self, number: int) -> float:
        """How many mentions it had lately, seen from a bin."""
        return self.own * float(_KEPT_A_BIN ** (number - self.learned))

    def close(self, number: int, count: int, heard: "Heard", *, learns: bool) -> None:
        """Take in what was heard in the next closed bin, of this channel and of all."""
        if not count:
            self.others += heard.robust
            self.usual += heard.expected
            missing = min(-math.log1p(-self.share) * self.others, self.share * self.usual)
            # Both sums only grow, and so does the smaller one.
            self.run.close(0, max(missing - self.run.missing, 0.0))
            return
        is_chance = not self.run.is_improbable
        self.run.close(count, self.share * heard.robust if self.total else heard.robust)
        if learns:
            self._learn(number, count, heard, self.others if is_chance else 0.0)
        self.others = self.usual = 0.0
        self.told = False

    def _learn(self, number: int, count: int, heard: "Heard", others_before: float) -> None:
        kept = float(_KEPT_A_BIN ** (number - self.learned))
        self.own = self.own * kept + count * heard.robust / heard.mentions
        self.total = self.total * kept + others_before + heard.robust
        self.learned = number


class Heard(Struct, frozen=True, kw_only=True):
    """All that was heard in a closed bin."""

    mentions: int
    expected: float
    robust: float
    """The mentions, where a burst counts as four times what is usual: it must not own the shares."""

    @classmethod
    def of(cls, mentions: int, expected: float) -> "Heard":
        """Of a bin in which so many were expected."""
        return cls(mentions=mentions, expected=expected, robust=min(float(mentions), _MOST_TIMES * (expected + 1)))


def close_all(channels: list[Channel], number: int, counts: Mapping[str, int], heard: Heard) -> list[Channel]:
    """Let every channel take in the next closed bin. Returns those that are remembered now, by their names."""
    # While one is silent the others' shares are not their usual ones.
    learns = not any(channel.told for channel in channels)
    for channel in channels:
        channel.close(number, counts.get(channel.name, 0), heard, learns=learns)
    known = {channel.name for channel in channels}
    new = {name: count for name, count in counts.items() if name not in known}
    return _with_new_ones(channels, number, new, heard) if new and learns else channels


def _with_new_ones(channels: list[Channel], number: int, new: Mapping[str, int], heard: Heard) -> list[Channel]:
    """The busiest: a newcomer that said more in one bin than the quietest lately takes its place."""
    kept = list(channels)
    for name, count in sorted(new.items(), key=lambda entry: (-entry[1], entry[0])):
        if len(kept) >= MOST_CHANNELS:
            weakest = min(kept, key=lambda channel: (channel.weight(number), channel.name))
            if weakest.weight(number) >= count:
                break
            kept.remove(weakest)
        newcomer = Channel(name=name, learned=number)
        newcomer.close(number, count, heard, learns=True)
        kept.append(newcomer)
    return sorted(kept, key=lambda channel: channel.name)
