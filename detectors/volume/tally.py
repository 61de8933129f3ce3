"""What was heard in one bin of time: counts, and a sample of what was said. Bounded, whatever comes in.

The sample holds the mentions whose ids have the smallest hashes: a fair one, and the same in whatever order they came.
"""

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from detectors import distinct
from detectors.detection import Exemplar, Role
from detectors.links import host_of, link_of
from detectors.mention import Mention, Moment
from detectors.volume import names
from detectors.volume.terms import terms_of

SAMPLE = 48
"""Mentions of an open bin that are kept."""
CALM_SAMPLE = 2
"""Of these so many are read when a calm bin closes: reading is what costs."""

_TEXT = 280
_URL = 500
_MOST_LINKS = 8
_MOST_NAMES = 8
_MOST_TERMS = 48
_MOST_ACCOUNTS = 16
_CHANNEL = 64
_LANGUAGE = 35


class Sampled(Struct, frozen=True, array_like=True):
    """A mention, cut to what may be shown or counted."""

    id: str
    at: Moment
    channel: str
    text: str
    title: str | None
    language: str
    author: str | None
    handle: str | None
    followers: int | None
    url: str | None
    links: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"{self.title} {self.text}" if self.title else self.text

    def exemplar(self, role: Role) -> Exemplar:
        """As evidence."""
        return Exemplar(
            role=role,
            mention_id=self.id,
            at=self.at,
            channel=self.channel,
            text=self.text,
            language=self.language,
            handle=self.handle,
            url=self.url,
            followers=self.followers,
        )


class Parts(Struct, array_like=True):
    """Terms, links (hosts and pages) and accounts of some mentions: in how many of them each stands."""

    read: int = 0
    """How many mentions."""
    terms: dict[str, int] = msgspec.field(default_factory=dict)
    links: dict[str, int] = msgspec.field(default_factory=dict)
    accounts: dict[str, int] = msgspec.field(default_factory=dict)
    """By handle, or by id where it has none."""


class Tally(Struct, kw_only=True, array_like=True):
    """One bin. The order in which its mentions came does not show."""

    mentions: int = 0
    authored: int = 0
    """Those whose author is known."""
    authors: list[int] = msgspec.field(default_factory=list)
    """See `detectors/distinct.py`."""
    channels: dict[str, int] = msgspec.field(default_factory=dict)
    languages: dict[str, int] = msgspec.field(default_factory=dict)
    first: Sampled | None = None
    """None once it is closed."""
    widest: Sampled | None = None
    sample: dict[int, Sampled] = msgspec.field(default_factory=dict)
    """By hash; empty once it is closed."""
    sampled_below: int = distinct.HASHES
    """Hashes from here on do not enter the sample."""
    closed: Parts | None = None
    marks: dict[str, int] = msgspec.field(default_factory=dict)
    """Mentions that bear each mark."""

    def add(self, mention: Mention) -> None:
        """Count one mention. Called for every mention there is: what rarely matters is asked last."""
        self.mentions += 1
        channels, channel = self.channels, mention.channel
        if channel in channels:
            channels[channel] += 1
        else:
            names.count(channels, channel[:_CHANNEL])
        languages, language = self.languages, mention.language
        if language in languages:
            languages[language] += 1
        else:
            names.count(languages, language[:_LANGUAGE])
        for mark in mention.marks:
            self.marks[mark] = self.marks.get(mark, 0) + 1
        author = mention.author
        if author.id is not None:
            self.authored += 1
            distinct.remember(self.authors, author.id)
        sampled: Sampled | None = None
        place = distinct.hashed(mention.id)
        if place < self.sampled_below and (place not in self.sample or mention.id < self.sample[place].id):
            sampled = _sampled(mention)
            self._sample(place, sampled)
        first, widest, followers = self.first, self.widest, author.followers
        if first is None or (mention.at <= first.at and (mention.at, mention.id) < (first.at, first.id)):
            self.first = sampled or _sampled(mention)
        if followers is not None and (widest is None or _is_wider(followers, mention, widest)):
            self.widest = sampled or _sampled(mention)
        if self.closed is not None:
            self.first = None
            self._trim()

    def parts(self, most: int = SAMPLE) -> Parts:
        """What at most so many mentions of the sample are about; of a closed bin what was kept of that."""
        return self.closed or _read([self.sample[place] for place in sorted(self.sample)[:most]])

    def accounts(self) -> tuple[int, dict[str, int]]:
        """How many mentions were read, and how many of them each account wrote; as `parts`, without reading texts."""
        if self.closed is not None:
            return self.closed.read, self.closed.accounts
        return len(self.sample), _accounts(self.sample.values())

    def close(self, *, rising: bool) -> None:
        """No more is expected: keep only what later bins need. Of a calm bin less is read."""
        parts = self.parts(SAMPLE if rising else CALM_SAMPLE)
        self._trim()
        self.first, self.sample, self.sampled_below = None, {}, 0
        self.closed = Parts(
            read=parts.read,
            terms=names.largest(parts.terms, _MOST_TERMS),
            links=names.largest(parts.links, _MOST_NAMES),
            accounts=names.largest(parts.accounts, _MOST_ACCOUNTS),
        )

    def _trim(self) -> None:
        self.channels = names.largest(self.channels, _MOST_NAMES)
        self.languages = names.largest(self.languages, _MOST_NAMES)

    def _sample(self, place: int, mention: Sampled) -> None:
        self.sample[place] = mention
        if len(self.sample) > SAMPLE:
            del self.sample[max(self.sample)]
            self.sampled_below = max(self.sample)


def _sampled(mention: Mention) -> Sampled:
    author = mention.author
    links = mention.links
    if mention.kind == "article" and mention.url is not None:
        links = (mention.url, *links)
    return Sampled(
        mention.id,
        mention.at,
        mention.channel[:_CHANNEL],
        mention.text[:_TEXT],
        mention.title and mention.title[:_TEXT],
        mention.language[:_LANGUAGE],
        author.id,
        author.handle and author.handle[:100],
        author.followers,
        mention.url and mention.url[:_URL],
        tuple([link[:_URL] for link in links[:_MOST_LINKS]]) if links else (),
    )


def _read(sample: list[Sampled]) -> Parts:
    parts = Parts(read=len(sample), accounts=_accounts(sample))
    for mention in sample:
        _count_all(parts.terms, terms_of(mention.words))
        if mention.links:
            links = {link for url in mention.links if (link := link_of(url)) is not None}
            _count_all(parts.links, links | {host_of(link) for link in links})
    return parts


def _accounts(sample: Iterable[Sampled]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for mention in sample:
        account = mention.handle or mention.author
        if account is not None:
            counts[account] = counts.get(account, 0) + 1
    return counts


def _count_all(counts: dict[str, int], names: frozenset[str] | set[str]) -> None:
    for name in names:
        counts[name] = counts.get(name, 0) + 1


def _is_wider(followers: int, mention: Mention, widest: Sampled) -> bool:
    most = widest.followers or 0
    return followers > most or (followers == most and (mention.at, mention.id) > (widest.at, widest.id))
