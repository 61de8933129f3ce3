"""Who said it, where and when: bounded counts over the mentions of a wording or a narrative, which can be united."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from detectors import distinct, marks
from detectors.mention import Moment

QUARTER = timedelta(minutes=15)
KEPT = timedelta(hours=30)
"""How far back quarters of an hour are counted."""
_AUTHORS = 48
_NAMES = 20
_LINKS = 8


class Quarters(Struct, kw_only=True):
    """Mentions per quarter of an hour of event time, over the last `KEPT`."""

    counts: dict[int, int] = field(default_factory=dict)
    """By number of quarters since 1970."""
    newest: int = 0

    def add(self, at: datetime, count: int = 1) -> None:
        self._add(quarter(at), count)

    def unite(self, other: "Quarters") -> None:
        for number, count in sorted(other.counts.items()):
            self._add(number, count)

    def between(self, start: datetime, end: datetime) -> int:
        """From the quarter that holds `start` to the one that holds `end`, both included."""
        first, last = quarter(start), quarter(end)
        return sum(count for number, count in self.counts.items() if first <= number <= last)

    def since(self, start: datetime) -> int:
        """From the quarter that holds `start` on."""
        return sum(count for number, count in self.counts.items() if number >= quarter(start))

    def first_since(self, start: datetime) -> datetime | None:
        """The start of the first quarter with a mention, from the one that holds `start` on."""
        numbers = [number for number in self.counts if number >= quarter(start)]
        return quarter_start(min(numbers)) if numbers else None

    def _add(self, number: int, count: int) -> None:
        kept = KEPT // QUARTER
        if number <= self.newest - kept:
            return
        self.counts[number] = self.counts.get(number, 0) + count
        if number > self.newest:
            self.newest = number
            if len(self.counts) > kept:
                self.counts = {old: seen for old, seen in self.counts.items() if old > number - kept}


class Tally(Struct, kw_only=True):
    """Counts of mentions."""

    mentions: int = 0
    first_at: Moment | None = None
    last_at: Moment | None = None
    quarters: Quarters = field(default_factory=Quarters)
    authors: dict[str, int] = field(default_factory=dict)
    """All of them, while they are few; later those who write most, counted low (Misra and Gries 1982)."""
    author_hashes: list[int] = field(default_factory=list)
    """As `detectors/distinct.py` counts them."""
    channels: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    """Those that most mentions carry, counted as the authors are."""
    by_letters: int = 0
    """Mentions without a vector."""
    near_duplicates: int = 0
    known_ages: int = 0
    new_accounts: int = 0
    """Of `known_ages` authors' mentions, those whose account was under 30 days old."""
    denying: int = 0
    asking: int = 0
    most_followers: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    """Mentions that bear each mark."""

    @property
    def distinct_authors(self) -> int:
        """Exact up to 128, then estimated to about 9 %."""
        return distinct.count_in(self.author_hashes)

    def share_of_top_authors(self, count: int) -> float:
        """At least this share of the mentions came from the `count` authors who wrote most."""
        return sum(sorted(self.authors.values(), reverse=True)[:count]) / max(1, self.mentions)

    @property
    def share_of_one_link(self) -> float:
        """At least this share of the mentions carries one same link."""
        return max(self.links.values(), default=0) / max(1, self.mentions)

    def add_author(self, key: str) -> None:
        distinct.remember(self.author_hashes, key)
        self.authors = _counted(self.authors, key, 1, _AUTHORS)

    def unite_authors(self, other: "Tally") -> None:
        """Those who wrote in both are counted once."""
        self.author_hashes = distinct.united([self.author_hashes, other.author_hashes])
        for author, mentions in sorted(other.authors.items()):
            self.authors = _counted(self.authors, author, mentions, _AUTHORS)

    def add_link(self, link: str, mentions: int = 1) -> None:
        self.links = _counted(self.links, link, mentions, _LINKS)

    def add_place(self, channel: str, language: str) -> None:
        _count(self.channels, channel, 1)
        _count(self.languages, language, 1)

    def span(self, at: datetime) -> None:
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)


def united(tallies: Sequence[Tally]) -> Tally:
    """All of them together; those who wrote in several are counted once."""
    whole = Tally()
    for tally in tallies:
        whole.quarters.unite(tally.quarters)
        whole.unite_authors(tally)
        for at in filter(None, (tally.first_at, tally.last_at)):
            whole.span(at)
        for counts, more in ((whole.channels, tally.channels), (whole.languages, tally.languages)):
            for name, count in more.items():
                _count(counts, name, count)
        for link, mentions in sorted(tally.links.items()):
            whole.add_link(link, mentions)
        whole.mentions += tally.mentions
        whole.by_letters += tally.by_letters
        whole.near_duplicates += tally.near_duplicates
        whole.known_ages += tally.known_ages
        whole.new_accounts += tally.new_accounts
        whole.denying += tally.denying
        whole.asking += tally.asking
        whole.most_followers = max(whole.most_followers, tally.most_followers)
        marks.add(whole.marks, tally.marks)
    return whole


def among(hashes: Sequence[int], others: Sequence[int]) -> list[int]:
    """Those of one list that are in another; a full one does not know them all, and may give all of the other."""
    if len(hashes) >= distinct.MOST:
        return list(others)
    known, last = set(others), others[-1] if len(others) >= distinct.MOST else distinct.HASHES
    return [each for each in hashes if each in known or each > last]


def quarter(at: datetime) -> int:
    """The number of quarters of an hour since 1970."""
    return int(at.timestamp()) // 900


def quarter_start(number: int) -> datetime:
    """When a quarter begins, in UTC."""
    return datetime.fromtimestamp(number * 900, UTC)


def _counted(counts: dict[str, int], key: str, more: int, most: int) -> dict[str, int]:
    """With some more of one; all while they are few, later those with most, counted low (Misra and Gries 1982)."""
    if key not in counts and len(counts) >= most:
        least = min(more, *counts.values())
        counts = {name: seen - least for name, seen in counts.items() if seen > least}
        more -= least
    if more:
        counts[key] = counts.get(key, 0) + more
    return counts


def _count(counts: dict[str, int], name: str, more: int) -> None:
    if name in counts or len(counts) < _NAMES:
        counts[name] = counts.get(name, 0) + more
