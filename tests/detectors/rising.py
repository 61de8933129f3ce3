"""Made-up talk for the tests of volume_spike: calm days, and a rise behind them."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from detectors.contract import MonitorContext
from detectors.detection import Detection, Share
from detectors.mention import Author, Mention
from detectors.volume_spike import VolumeSpike

START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATENESS = timedelta(seconds=30)
BEGINS = START + 96 * HOUR
SMALL_TALK = (
    *("the", "census", "office", "counts", "all", "again", "form", "people", "letter", "came", "today", "question"),
    *("house", "street", "number", "what", "when", "who", "said", "would", "answer", "night", "young", "garden"),
    *("window", "summer", "winter", "morning", "evening", "river", "mountain", "forest", "table", "chair", "bread"),
)


def mention(at: datetime, number: int = 0, **fields: Any) -> Mention:
    known = {"channel": "news", "text": "a", "id": f"{at.timestamp()}-{number}"}
    return Mention(at=at, **(known | fields))


def calm(hours: float = 96, each_hour: int = 24, *, accounts: int = 2000, **fields: Any) -> list[Mention]:
    """Small talk about the census, mostly on bluesky, each time by somebody else."""
    dice = random.Random(7)
    mentions = [
        mention(
            START + hours * HOUR * dice.random(),
            number,
            **{
                "channel": dice.choices(("bluesky", "x", "news"), (8, 1, 1))[0],
                "lang": "en",
                "text": " ".join(["Census", *dice.sample(SMALL_TALK, 6)]),
                "author": person(dice.randrange(accounts)),
                "links": ("https://census.example.org/form",) if dice.random() < 0.4 else (),
            }
            | fields,
        )
        for number in range(int(hours * each_hour))
    ]
    return sorted(mentions, key=lambda each: each.at)


def rise(mentions: int, *, accounts: int = 10_000, length: timedelta = 8 * MINUTE, **fields: Any) -> list[Mention]:
    """Beginning when the calm ends, by so many accounts that no calm knows."""
    known = {"text": "The census office sells data to insurers", "lang": "en"} | fields
    return [
        mention(
            BEGINS + length * number / mentions,
            number,
            **({"author": Author(id=f"new{number % accounts}", handle=f"new{number % accounts}.example")} | known),
        )
        for number in range(mentions)
    ]


def person(number: int) -> Author:
    return Author(id=f"person{number}", handle=f"person{number}.example", followers=number)


def spike(**params: Any) -> VolumeSpike:
    return VolumeSpike(MonitorContext(lateness=LATENESS), VolumeSpike.Params(**params))


def tell(detector: VolumeSpike, mentions: Iterable[Mention], *, peeks: bool = True) -> list[Detection]:
    """All that it says while it hears the mentions, as a pipeline would tell them."""
    found: list[Detection] = []
    newest = START
    for each in sorted(mentions, key=lambda each: each.at):
        newest = each.at
        detector.observe(each)
        found += detector.advance(newest - LATENESS)
        found += detector.peek(newest) if peeks else ()
    return [*found, *detector.advance(newest + 5 * MINUTE)]


def told(mentions: Iterable[Mention]) -> Detection:
    """The last thing that is said of them, when all of them are heard."""
    return tell(spike(), mentions)[-1]


def later(mentions: Iterable[Mention], by: timedelta) -> list[Mention]:
    return [msgspec.structs.replace(each, id=f"later-{each.id}", at=each.at + by) for each in mentions]


def named(detection: Detection, dimension: str) -> list[str]:
    return [share.name for share in shares(detection, dimension)]


def shares(detection: Detection, dimension: str) -> list[Share]:
    return [share for share in detection.evidence.shares if share.dimension == dimension]
