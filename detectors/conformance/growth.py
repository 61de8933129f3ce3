"""How much a detector remembers after weeks of ever new people, words and places."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from detectors.conformance.hearing import Stream, most_sensitive, moved_mention
from detectors.contract import Detector
from detectors.mention import Author, Mention
from detectors.snapshot import snapshot

_DAY = timedelta(days=1)
_LULL = timedelta(days=5)
_PAUSE = timedelta(hours=1)
_AT_ONCE = 25
"""Mentions before time advances: many detectors are quicker so, and this check is the longest."""


def sizes_when_busy(cls: type[Detector], stream: Stream, params: Struct | None = None, copies: int = 4) -> list[int]:
    """Bytes of state after each copy of the stream, one right after the other."""
    return _sizes(cls, stream, params, (_copy(stream, number, _PAUSE) for number in range(copies)))


def sizes_over_months(cls: type[Detector], stream: Stream, params: Struct | None = None, copies: int = 9) -> list[int]:
    """Bytes of state after each copy of the stream and five days in which one mention a day is heard.

    What is kept for a month has come and gone by the middle of it; what is kept for ever goes on growing.
    """

    def parts() -> Iterator[Iterable[Mention]]:
        for number in range(copies):
            part = [*_copy(stream, number, _LULL)]
            last = part[-1]
            yield [*part, *(_renamed(last, f"-day{day}", day * _DAY) for day in range(1, _LULL // _DAY))]

    return _sizes(cls, stream, params, parts())


def _sizes(cls: type[Detector], stream: Stream, params: Struct | None, parts: Iterable[Iterable[Mention]]) -> list[int]:
    detector = cls(stream.context, most_sensitive(cls) if params is None else params)
    sizes = []
    for part in parts:
        for number, mention in enumerate(part, 1):
            detector.observe(mention)
            if number % _AT_ONCE == 0:
                detector.advance(mention.at - stream.context.lateness)
        detector.advance(mention.at + _PAUSE - stream.context.lateness)
        sizes.append(sum(len(name) + len(row) for name, row in snapshot(detector).items()))
    return sizes


def _copy(stream: Stream, number: int, pause: timedelta) -> Iterator[Mention]:
    """The same later, by other people in other places and words, after a pause."""
    length = stream.mentions[-1].at - stream.mentions[0].at + pause
    return (_renamed(mention, f"-copy{number:02}", number * length) for mention in stream.mentions)


def _renamed(mention: Mention, suffix: str, by: timedelta) -> Mention:
    def other(name: str | None) -> str | None:
        return None if name is None else name + suffix

    mention = moved_mention(mention, by)
    author = mention.author
    return replace(
        mention,
        id=mention.id + suffix,
        channel=mention.channel + suffix,
        text=" ".join(word + suffix for word in mention.text.split()),
        url=other(mention.url),
        links=tuple(link + suffix for link in mention.links),
        author=author if author == Author() else replace(author, id=other(author.id), handle=other(author.handle)),
    )
