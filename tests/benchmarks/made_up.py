"""Made-up mentions for the benchmarks: texts, JSON lines as producers send them, batch records as `match` does.

Every text is another one, so that no cache makes a stage look faster than it is. Vectors are made up too: most mentions
of a monitor tell one of its stories, with popularity as in real talk (Zipf), the others are about nothing in common.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from detectors.mention import Author, Encoding, Mention
from detectors.narratives.clustering.reference import REFERENCE
from streams import records
from streams.records import Batch, Source, Tick

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
DIMENSIONS = 384
STORIES = 60
"""That a monitor's mentions tell."""
TELLING = 0.7
"""Share of mentions that tell one of them."""
CLOSENESS = 0.85
"""Cosine of a mention to the story that it tells."""
TICK_EVERY = 3000
"""Mentions: one tick comes a second, and as many mentions are the goal."""

_SAID = (
    "people here say that nobody asked them about the new form and the letter that came last week with questions on "
    "income health school rent work and family while the office promised answers would stay private for years but "
    "neighbours heard another story from friends who read it somewhere online yesterday evening"
)
_WORDS = _SAID.split()


def text(number: int, about: str = "census", *, words: int = 22) -> str:
    """The same for the same number, and unlike all others."""
    chance = random.Random(number)
    chosen = chance.choices(_WORDS, k=words)
    chosen[chance.randrange(words)] = about
    return f"{' '.join(chosen).capitalize()} ({number})."


def line(number: int, at: datetime, said: str) -> bytes:
    """A mention as producers send it."""
    author = {"id": f"a{number % 5000}", "followers": number % 900, "created_at": BEGIN - timedelta(days=number % 900)}
    channel = ("x", "bluesky", "mastodon")[number % 3]
    mention = {"id": f"x:{number}", "channel": channel, "at": at, "text": said, "lang": "en", "author": author}
    return msgspec.json.encode(mention)


def write(path: Path, lines: Sequence[bytes]) -> Path:
    """As a recording."""
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def monitored(
    monitors: Sequence[str],
    mentions: int,
    *,
    a_record: int,
    span: timedelta,
    begin: datetime = BEGIN,
    first: int = 0,
    has_vectors: bool = True,
) -> Iterator[tuple[bytes | None, bytes]]:
    """Keys and records of `monitored`, of one partition, in the order of time: the monitors take turns.

    Args:
        monitors: Who hears of it, each of its share.
        mentions: Of all monitors together; a whole number of records is made.
        a_record: Mentions in one record.
        span: Event time between the first and the last.
        begin: Event time of the first.
        first: Number of the first mention: ids and texts follow from it.
        has_vectors: Whether a monitor reads them.
    """
    chance = np.random.default_rng(first)
    count = mentions // a_record
    turns = max(1, count // len(monitors))
    for number in range(count):
        monitor = number % len(monitors)
        turn = number // len(monitors)
        from_, until = begin + span * (turn / turns), begin + span * ((turn + 1) / turns)
        vectors = _vectors(chance, monitor, a_record) if has_vectors else None
        made = [
            _mention(first + number * a_record + row, from_ + (until - from_) * (row / a_record), vectors, row)
            for row in range(a_record)
        ]
        batch = Batch(monitor=monitors[monitor], came_at=until, mentions=tuple(made))
        yield monitors[monitor].encode(), records.encode(batch)
        if (number + 1) % max(1, TICK_EVERY // a_record) == 0 or number + 1 == count:
            yield None, tick(until)


def tick(now: datetime) -> bytes:
    """Stream time has come to `now`; as a record of `monitored`."""
    source = Source(partition=0, newest=now, newest_came_at=now, heard_at=now, at_end=False)
    return records.encode(Tick(clock=now, worker="bench", sources=(source,)))


def _mention(number: int, at: datetime, vectors: NDArray[np.float16] | None, row: int) -> Mention:
    mention = Mention(
        id=f"x:{number}",
        channel=("x", "bluesky", "mastodon")[number % 3],
        at=at,
        arrived_at=at,
        text=text(number),
        lang="en",
        author=Author(id=f"a{number % 5000}", followers=number % 900, created_at=BEGIN - timedelta(days=number % 900)),
    )
    if vectors is None:
        return mention
    # As if of the offline model: of one that is not calibrated, workers would compare the texts by their letters.
    encoding = Encoding(model=REFERENCE.model, language="en", vector=vectors[row].tobytes())
    return structs.replace(mention, encoding=encoding)


def _vectors(chance: np.random.Generator, monitor: int, rows: int) -> NDArray[np.float16]:
    """Unit length rows, shape (rows, 384)."""
    centres = _unit(np.random.default_rng(10_000 + monitor).standard_normal((STORIES, DIMENSIONS)))
    noise = _unit(chance.standard_normal((rows, DIMENSIONS)))
    told = np.minimum(chance.zipf(1.3, rows), STORIES) - 1
    tells = (chance.random(rows) < TELLING)[:, None]
    near = CLOSENESS * centres[told] + np.sqrt(1 - CLOSENESS**2) * noise
    made: NDArray[np.float16] = _unit(np.where(tells, near, noise)).astype("<f2")
    return made


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
