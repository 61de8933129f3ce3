"""A crowd or a chorus: by how many accounts so many mentions are written, and by how many they usually are.

The more mentions, the more of them come from accounts that were there already, so what is usual is a curve: a straight
line on logarithms (Heaps' law) through one mention by one account, the usual half hour and the usual day.
"""

import math
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from detectors import distinct
from detectors.volume.bins import BINS_PER_DAY
from detectors.volume.tally import Tally

BINS_IN_HALF_HOUR = 6
_HALF_HOURS_KEPT = 0.5 ** (1 / 240)
_DAYS_KEPT = 0.5 ** (1 / 5)
_DAY_HASHES = 64

_CHORUS_AT_LEAST = 20
"""Mentions: fewer say nothing about who makes them."""
_MENTIONS_EACH = 5.0
_TIMES_USUAL = 3.0
_LOUD_PART = 0.5
_USUALLY_LOUD = 0.25
_LOUD_IN_SAMPLE = 3


class Norm(Struct, array_like=True):
    """Fading means of the logarithms of mentions and of their accounts, in windows of one length."""

    windows: float = 0.0
    mentions: float = 0.0
    accounts: float = 0.0

    def learn(self, mentions: int, accounts: int, kept: float) -> None:
        self.windows = self.windows * kept + 1
        self.mentions += (math.log(mentions) - self.mentions) / self.windows
        self.accounts += (math.log(accounts) - self.accounts) / self.windows


class Chorus(Struct, frozen=True, kw_only=True):
    """The few accounts that make most of what was heard."""

    accounts: int
    mentions: int
    """Theirs; about, where `others`."""
    others: bool
    """Whether more accounts wrote beside them."""


class People(Struct, kw_only=True, array_like=True):
    """By how many accounts mentions are usually written. Only of mentions whose author is known."""

    half_hours: Norm = msgspec.field(default_factory=Norm)
    days: Norm = msgspec.field(default_factory=Norm)
    day: int = 0
    day_mentions: int = 0
    day_authors: list[int] = msgspec.field(default_factory=list)
    """The smallest hashes of the day so far, see `detectors/distinct.py`."""
    loud: float = 0.0
    """Which part of half an hour is usually made by accounts that write five or more of it."""

    def learn(self, number: int, half_hour: Sequence[Tally]) -> None:
        """Take in closed bins, of which this is the number of the last; to be called for the last of each half hour."""
        if number // BINS_PER_DAY != self.day:
            if self.day_mentions > 1:
                accounts = distinct.count_in(self.day_authors, most=_DAY_HASHES)
                self.days.learn(self.day_mentions, min(accounts, self.day_mentions), _DAYS_KEPT)
            self.day, self.day_mentions, self.day_authors = number // BINS_PER_DAY, 0, []
        authored = sum(tally.authored for tally in half_hour)
        if not authored:
            return
        authors = distinct.united(tally.authors for tally in half_hour)
        self.day_mentions += authored
        self.day_authors = distinct.united([self.day_authors, authors], most=_DAY_HASHES)
        if authored > 1:
            self.half_hours.learn(authored, min(distinct.count_in(authors), authored), _HALF_HOURS_KEPT)
        if authored >= _CHORUS_AT_LEAST:
            part = min(sum(_loud(half_hour)) / authored, 1.0)
            self.loud += (1 - _HALF_HOURS_KEPT) * (part - self.loud)

    def usual_accounts(self, mentions: int) -> float | None:
        """How many accounts usually write so many mentions; None as long as nothing is known."""
        if mentions < 1:
            return None
        wanted, (x, y), slope = math.log(mentions), (0.0, 0.0), math.nan
        for norm in (self.half_hours, self.days):
            if norm.windows and norm.mentions > x + 0.1:
                slope = min(max((norm.accounts - y) / (norm.mentions - x), 0.0), 1.0)
                if wanted <= norm.mentions:
                    break
                x, y = norm.mentions, norm.accounts
        return None if math.isnan(slope) else math.exp(min(y + slope * (wanted - x), wanted))

    def crowd(self, tally: Tally) -> int:
        """The mentions of a bin, of one account no more than a crowd's member might write.

        Never falls when a mention is added: it may decide about an open bin.
        """
        each = max(_MENTIONS_EACH, _TIMES_USUAL * math.exp(self.half_hours.mentions - self.half_hours.accounts))
        most = math.floor(each * distinct.count_in(tally.authors))
        return tally.mentions - tally.authored + min(tally.authored, most)

    def chorus_lately(self, tallies: Sequence[Tally]) -> Chorus | None:
        """As `chorus`, of the newest bin, or else of all: a chorus may begin while a crowd is still there."""
        return self.chorus(tallies[-1:]) or self.chorus(tallies)

    def chorus(self, tallies: Sequence[Tally]) -> Chorus | None:
        """Whether few accounts make most of these bins, by any measure and by that of this monitor."""
        authored = sum(tally.authored for tally in tallies)
        if authored < _CHORUS_AT_LEAST:
            return None
        accounts = min(distinct.count(tally.authors for tally in tallies), authored)
        usual = self.usual_accounts(authored) or authored
        loud = _loud(tallies)
        are_loud = sum(loud) >= _LOUD_PART * authored
        are_few = authored / accounts >= max(_MENTIONS_EACH, _TIMES_USUAL * authored / usual)
        if not are_few and (not are_loud or self.loud >= _USUALLY_LOUD):
            return None
        if are_loud and len(loud) < accounts:
            return Chorus(accounts=len(loud), mentions=min(round(sum(loud)), authored), others=True)
        return Chorus(accounts=accounts, mentions=authored, others=False)


def _loud(tallies: Iterable[Tally]) -> list[float]:
    """How many mentions each of the accounts wrote that wrote five or more, as the sample tells."""
    seen: dict[str, int] = {}
    wrote: dict[str, float] = {}
    for tally in tallies:
        read, accounts = tally.accounts()
        for account, count in accounts.items():
            seen[account] = seen.get(account, 0) + count
            wrote[account] = wrote.get(account, 0.0) + count * tally.mentions / read
    # What was seen twice could be chance.
    return sorted(
        wrote[account]
        for account, count in seen.items()
        if count >= _LOUD_IN_SAMPLE and wrote[account] >= _MENTIONS_EACH
    )
