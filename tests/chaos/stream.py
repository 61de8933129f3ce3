"""A made-up stream for the crash tests: calm talk about a few organisations, in which now and then something builds."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

ORGANISATIONS = ("census", "waterworks", "railway", "hospital", "library", "harbour")
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)

_CALM = (
    "Went to the {name} today, friendly people as always",
    "Anyone know the opening hours of the {name} on Saturday?",
    "My cousin starts a new job at the {name} next month",
    "The {name} has published its yearly report",
    "Long queue at the {name} this morning but it moved quickly",
)
_RUMOUR = (
    "They say the {name} will close for good on Friday",
    "Heard that the {name} closes for good this Friday, is it true?",
    "BREAKING the {name} is closing for good on Friday!!",
    "Friends told me the {name} shuts down for ever on Friday",
)


def write(path: Path, *, days: float, seed: int = 7, a_day: int = 250) -> int:
    """Write a stream as JSON lines, in order of time. Gives the number of lines."""
    mentions = sorted(_mentions(random.Random(seed), days, a_day), key=lambda mention: str(mention["at"]))
    path.write_bytes(b"".join(msgspec.json.encode(mention) + b"\n" for mention in mentions))
    return len(mentions)


def _mentions(chance: random.Random, days: float, a_day: int) -> Iterator[dict[str, object]]:
    number = 0
    for name in ORGANISATIONS:
        for at in (BEGIN + timedelta(days=days * chance.random()) for _ in range(int(days * a_day))):
            number += 1
            yield _mention(number, at, chance.choice(_CALM).format(name=name), chance)
        # Two rises, after the day in which the detectors learn what is normal.
        for begin in (BEGIN + timedelta(days=1.2 + (days - 1.4) * chance.random()) for _ in range(2)):
            for _ in range(90):
                number += 1
                at = begin + timedelta(minutes=40 * chance.random())
                yield _mention(number, at, chance.choice(_RUMOUR).format(name=name), chance)


def _mention(number: int, at: datetime, text: str, chance: random.Random) -> dict[str, object]:
    author = chance.randrange(400)
    return {
        "id": f"x:{number}",
        "channel": chance.choice(("x", "bluesky", "mastodon")),
        "at": at,
        "text": f"{text} ({chance.randrange(60)})",
        "lang": "en",
        "author": {"id": f"a{author}", "followers": author * 37, "created_at": BEGIN - timedelta(days=author * 5)},
    }
