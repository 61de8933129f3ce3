"""What `volume_spike` costs: time of each mention and of each bin that closes, and bytes of what lives long."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import process_time

import msgspec
from msgspec import Struct

from detectors.contract import MonitorContext
from detectors.mention import Author, Mention
from detectors.volume.bins import BIN_SECONDS
from detectors.volume_spike import VolumeSpike
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure
from tests.benchmarks.made_up import BEGIN, text

GROUP = "volume_spike"
CHANNELS = ("bluesky", "mastodon.social", "news", "reddit", "youtube", "x")
LANGUAGES = ("en", "de", "fr")
LINKED = 0.3
"""Share of mentions with a link."""
ACCOUNTS = 20_000

_BIN = timedelta(seconds=BIN_SECONDS)
_SEED = 20261122


class Cost(Struct, frozen=True):
    """Of one run."""

    mention: float
    """Microseconds."""
    closed_bin: float
    """Microseconds, after the first day, in which nothing is judged."""
    long_lived: int
    """Bytes: most that its baseline and its usual mix came to."""


def measure(place: Place) -> list[Figure]:
    figures = []
    for a_bin, bins in ((50, place.pick(2_016, 600, 3)), (1_000, place.pick(400, 320, 3))):
        costs = [cost(a_bin, bins, seed=_SEED + each) for each in range(place.pick(5, 3, 1))]
        about = f"with {a_bin:,} mentions a bin"
        how = (
            f"{bins:,} bins of about {a_bin:,} mentions, each with an id and a text of its own, by {ACCOUNTS:,} "
            f"accounts in {len(CHANNELS)} channels: processor time of observe, and of advance after a day; baseline "
            "and usual mix as MessagePack, at their largest"
        )
        figures += [
            Figure(group=GROUP, name=f"{what}, {about}", samples=samples, unit=unit, goal=goal, how=how)
            for what, samples, unit, goal in (
                ("a mention", tuple(each.mention for each in costs), "µs", AtMost(5)),
                ("a closed bin", tuple(each.closed_bin for each in costs), "µs", None),
                ("what lives long", tuple(float(each.long_lived) for each in costs), "bytes", AtMost(4_000)),
            )
        ]
    return figures


def cost(a_bin: int, bins: int, *, seed: int) -> Cost:
    """Of as many closed bins with about so many mentions each."""
    detector = VolumeSpike(MonitorContext(), VolumeSpike.Params())
    learning = min(detector.learns_for // _BIN, bins // 2)
    heard, observing, closing, long_lived = 0, 0.0, 0.0, 0
    for number, mentions in enumerate(_bins(a_bin, bins, random.Random(seed)), 1):
        started = process_time()
        for mention in mentions:
            detector.observe(mention)
        observed = process_time()
        detector.advance(BEGIN + number * _BIN)
        closed = process_time()
        heard += len(mentions)
        observing += observed - started
        if number > learning:
            closing += closed - observed
        state = detector.state
        long_lived = max(long_lived, len(msgspec.msgpack.encode((state.baseline, state.usual))))
    return Cost(1e6 * observing / heard, 1e6 * closing / (bins - learning), long_lived)


def _bins(a_bin: int, bins: int, chance: random.Random) -> Iterator[list[Mention]]:
    """Mentions of bins that follow each other, with up to a third more or less of them."""
    said = [text(number) for number in range(1_000)]
    for number in range(bins):
        count = round(a_bin * chance.uniform(2 / 3, 4 / 3))
        yield [_mention(BEGIN + _BIN * (number + each / count), chance.choice(said), chance) for each in range(count)]


def _mention(at: datetime, said: str, chance: random.Random) -> Mention:
    """Few accounts write often, and few pages are linked often."""
    account = int(ACCOUNTS * chance.random() ** 2)
    number = chance.getrandbits(48)
    page = f"https://news{int(50 * chance.random() ** 3)}.example.org/a/{chance.randrange(5)}?utm_source=x"
    return Mention(
        id=f"x:{number:x}",
        channel=chance.choice(CHANNELS),
        at=at,
        text=f"{said} ({number})",
        lang=chance.choice(LANGUAGES),
        url=f"https://x.example.org/{number:x}",
        links=(page,) if chance.random() < LINKED else (),
        author=Author(id=f"a{account:x}", handle=f"user{account}", followers=account),
    )
