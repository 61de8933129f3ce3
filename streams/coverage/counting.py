"""What the model understands of a recording: counted by language and channel, of all that was heard and per monitor."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from msgspec import Struct, field

from detectors.mention import Mention
from streams.encoding.outcomes import Outcome
from streams.reading import Malformed, read_mention

CHUNK = 512
"""Lines that are read together."""

Cell = tuple[str, str, Outcome]
"""Language, channel, and what becomes of the text."""


class Matches(Protocol):
    """Which monitors a mention is for, as `Matcher.matches`."""

    def matches(self, mention: Mention) -> Sequence[str]: ...


class Judges(Protocol):
    """What would become of texts, as `Encoder.outcomes`."""

    def outcomes(self, mentions: Sequence[Mention]) -> list[tuple[str, Outcome]]: ...


class Row(Struct, frozen=True, kw_only=True):
    """One language in one channel, or in all."""

    language: str
    """ISO 639, `und` where it is not known."""
    channel: str | None = None
    heard: int
    encoded: int
    """Compared by meaning."""
    not_covered: int
    """Compared by letters alone, as are the next two: the language is none of the model's."""
    uncalibrated: int
    shattered: int
    no_words: int
    """Compared with nothing."""

    @property
    def letters(self) -> int:
        return self.not_covered + self.uncalibrated + self.shattered


class Coverage(Struct, kw_only=True):
    """All that was found."""

    lines: int = 0
    malformed: int = 0
    first_malformed: tuple[int, str] | None = None
    """Which line of all was the first that is no mention, from 1, and why it is none."""
    heard: Counter[Cell] = field(default_factory=Counter)
    by_monitor: dict[str, Counter[Cell]] = {}
    """What matched. Only monitors that compare texts."""


def count(
    lines: Iterable[bytes],
    matcher: Matches,
    judge: Judges,
    monitors: Sequence[str],
    started_at: datetime,
    progress: Callable[[int], None] = lambda lines: None,
) -> Coverage:
    """Take in a recording.

    Args:
        lines: Of mentions, as JSON.
        matcher: Knows the monitors' queries.
        judge: Says what becomes of texts.
        monitors: Those that are reported on.
        started_at: When this happens.
        progress: Is told how many lines were read.
    """
    found = Coverage(by_monitor={monitor: Counter() for monitor in monitors})
    for chunk in _chunks(lines):
        read = [read_mention(line, started_at) for line in chunk]
        mentions = [each for each in read if not isinstance(each, Malformed)]
        if found.first_malformed is None:
            numbered = enumerate(read, found.lines + 1)
            bad = ((number, each.detail) for number, each in numbered if isinstance(each, Malformed))
            found.first_malformed = next(bad, None)
        found.lines += len(chunk)
        found.malformed += len(chunk) - len(mentions)
        for mention, (language, outcome) in zip(mentions, judge.outcomes(mentions), strict=True):
            cell = language, mention.channel, outcome
            found.heard[cell] += 1
            for monitor in matcher.matches(mention):
                if monitor in found.by_monitor:
                    found.by_monitor[monitor][cell] += 1
        progress(found.lines)
    return found


def by_language(cells: Mapping[Cell, int]) -> list[Row]:
    """A row for each language, the most heard first."""
    outcomes: dict[str, Counter[str]] = {}
    for (language, _, outcome), heard in cells.items():
        outcomes.setdefault(language, Counter())[outcome] += heard
    return _ranked(_of(language, None, each) for language, each in outcomes.items())


def by_channel(cells: Mapping[Cell, int]) -> dict[str, list[Row]]:
    """By language a row for each channel in which it was heard, the most heard first."""
    outcomes: dict[str, dict[str, Counter[str]]] = {}
    for (language, channel, outcome), heard in cells.items():
        outcomes.setdefault(language, {}).setdefault(channel, Counter())[outcome] += heard
    return {
        language: _ranked(_of(language, channel, each) for channel, each in channels.items())
        for language, channels in outcomes.items()
    }


def total(cells: Mapping[Cell, int]) -> Row:
    """All languages in one row, called `mul` as in ISO 639."""
    outcomes: Counter[str] = Counter()
    for (_, _, outcome), heard in cells.items():
        outcomes[outcome] += heard
    return _of("mul", None, outcomes)


def _of(language: str, channel: str | None, outcomes: Counter[str]) -> Row:
    return Row(
        language=language,
        channel=channel,
        heard=outcomes.total(),
        encoded=outcomes["encoded"],
        not_covered=outcomes["language"],
        uncalibrated=outcomes["uncalibrated"],
        shattered=outcomes["shattered"],
        no_words=outcomes["no_words"],
    )


def _ranked(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.heard, row.language, row.channel or ""))


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    lines = iter(lines)
    while chunk := list(islice(lines, CHUNK)):
        yield chunk
