"""Made-up talk for the tests of silence: steady streams, office hours, and what is missing from them."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.silence import Silence
from detectors.silences.channels import Channel

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BIN, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
OSLO = ZoneInfo("Europe/Oslo")

Rate = Callable[[datetime], float]
"""Mentions that are usual in five minutes."""


def always(rate: float) -> Rate:
    return lambda at: rate


def office_hours(rate: float, zone: ZoneInfo = OSLO) -> Rate:
    """Nothing at night and nothing at weekends, by the clocks of a place."""

    def at_work(at: datetime) -> float:
        local = at.astimezone(zone)
        return rate if local.weekday() < 5 and 8 <= local.hour < 18 else 0.0

    return at_work


def but(rate: Rate, since: datetime, until: datetime, part: float) -> Rate:
    return lambda at: rate(at) * (part if since <= at < until else 1.0)


def mentions(
    rate: Rate, days: float, *, channel: str = "bluesky", seed: int = 1, starts: datetime = MONDAY
) -> list[Mention]:
    dice, found = random.Random(seed), list[Mention]()
    for number in range(round(days * DAY / BIN)):
        begins = starts + number * BIN
        found += [said(begins + dice.random() * BIN, channel) for _ in range(poisson(dice, rate(begins)))]
    return sorted(found, key=lambda each: each.at)


def said(at: datetime, channel: str = "bluesky") -> Mention:
    return Mention(id=f"{channel}/{at.isoformat()}", channel=channel, at=at, text="census")


def id_of(channel: str) -> str:
    return Channel(name=channel, learned=0).id


def poisson(dice: random.Random, mean: float) -> int:
    count, left = 0, dice.expovariate(1)
    while left < mean:
        count, left = count + 1, left + dice.expovariate(1)
    return count


def together(*streams: Sequence[Mention]) -> list[Mention]:
    return sorted((mention for stream in streams for mention in stream), key=lambda each: (each.at, each.id))


def listening(**params: Any) -> Silence:
    return Silence(MonitorContext(timezone=OSLO), Silence.Params(**params))


def hear(detector: Silence, heard: Iterable[Mention], until: datetime) -> list[Detection]:
    found: list[Detection] = []
    for mention in heard:
        detector.observe(mention)
        found += detector.advance(mention.at - timedelta(seconds=30))
    return [*found, *detector.advance(until)]


def told(rate: Rate, days: float, **params: Any) -> list[Detection]:
    return hear(listening(**params), mentions(rate, days), MONDAY + days * DAY)


def episodes(found: Iterable[Detection]) -> set[tuple[str, datetime]]:
    return {(detection.subject, detection.starts_at) for detection in found}


def talk(days: float, parts: Mapping[str, Rate]) -> list[Mention]:
    return together(*(mentions(rate, days, channel=name, seed=len(name)) for name, rate in parts.items()))
