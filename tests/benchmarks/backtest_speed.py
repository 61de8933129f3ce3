"""How long `groundswell backtest` takes over a million mentions that need no encoding, and over as many in counts."""

import math
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec

from tests.benchmarks import made_up
from tests.benchmarks.bench_place import VOLUME_SPIKE, Place
from tests.benchmarks.figures import AtMost, Figure

MONITORS = {
    "census": ("census OR zensus", VOLUME_SPIKE),
    "website": ("(census OR zensus) AND (website OR login OR server NEAR/8 down)", VOLUME_SPIKE),
}
DAYS = 30
TALK_OF_IT = 0.4
"""Share of mentions that match a monitor."""
GOAL_SECONDS = 60.0
_SEED = 20261122


def measure(place: Place) -> list[Figure]:
    """Runs the command as people do, from its start to its end."""
    count = place.pick(1_000_000, 100_000, 500)
    config = place.config("backtest", MONITORS)
    place.say(f"writing {count:,} mentions")
    mentions = write_mentions(config.parent / "mentions.jsonl", count)
    counts = write_counts(config.parent / "counts.csv", count)
    how = (
        f"wall time of `groundswell backtest`, two monitors with volume_spike over {DAYS} days; mentions are JSON "
        f"lines of {mentions.stat().st_size // count} bytes, {TALK_OF_IT:.0%} of them match"
    )
    repetitions = place.pick(3, 1, 1)
    goal = AtMost(GOAL_SECONDS) if place.size == "full" else None
    return [
        Figure(group="backtest", name=f"{count:,} {file.stem}", samples=samples, unit="s", goal=goal, how=how)
        for file in (mentions, counts)
        for samples in [tuple(seconds(config, file) for _ in range(repetitions))]
    ]


def seconds(config: Path, file: Path) -> float:
    """Of one run, with the start of Python."""
    started = perf_counter()
    program = [sys.executable, "-m", "streams", "backtest", str(config), str(file), "--json"]
    subprocess.run(program, check=True, capture_output=True)
    return perf_counter() - started


def write_mentions(path: Path, count: int) -> Path:
    """The same ones every time, in order of time."""
    with path.open("wb") as file:
        for number, at in enumerate(_times(count)):
            file.write(_line(number, at) + b"\n")
    return path


def write_counts(path: Path, count: int) -> Path:
    """As many in rows of five minutes."""
    bins = DAYS * 288
    rows = (
        f"{made_up.BEGIN + number * timedelta(minutes=5):%Y-%m-%d %H:%M:%S},"
        f"{count * (number + 1) // bins - count * number // bins}\n"
        for number in range(bins)
    )
    path.write_text("timestamp,value\n" + "".join(rows))
    return path


def _times(count: int) -> Iterator[datetime]:
    """Three times as dense by day as by night."""
    chance = random.Random(_SEED)
    moments: list[float] = []
    while len(moments) < count:
        moment = chance.random() * DAYS * 86_400
        if chance.random() < (2 - math.cos(moment / 86_400 * math.tau)) / 3:
            moments.append(moment)
    return (made_up.BEGIN + timedelta(seconds=moment) for moment in sorted(moments))


def _line(number: int, at: datetime) -> bytes:
    chance = random.Random(number)
    said = made_up.text(number, "census" if chance.random() < TALK_OF_IT else "school")
    author = {"id": f"a{number % 60_000}", "handle": f"u{number % 60_000}.example", "followers": number % 9_000}
    return msgspec.json.encode(
        {
            "id": f"at://post/{number}",
            "channel": chance.choice(["bluesky", "bluesky", "news", "youtube"]),
            "url": f"https://example.org/post/{number}",
            "at": at,
            "arrived_at": at + timedelta(seconds=2),
            "author": author,
            "text": said,
            "lang": chance.choice(["en", "en", "de", "es"]),
            "metrics": {"likes": number % 20},
        }
    )
