"""The stage `match` as a live worker: against its bare encoder, and where nothing matches.

Both sides of the ratio take the same texts, none of which they have seen before, and take turns: half of the texts are
encoded before the worker has them and half after, so that other work on the machine hits both.
"""

from collections.abc import Sequence
from time import perf_counter

from detectors.mention import Mention
from streams import records
from streams.app import TAKE
from streams.encoder import Encoder, open_encoder
from streams.ingesting import LINES_A_RECORD
from streams.loading import load
from streams.records import Batch
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import NARRATIVE, VOLUME_SPIKE, Place, Reader, paused, rate
from tests.benchmarks.figures import AtLeast, Figure
from tests.live import Live, running

GROUP = "match"
AT_ONCE = TAKE * LINES_A_RECORD
"""Texts that the worker gives its encoder at once, when there is enough to do."""


def measure(place: Place) -> list[Figure]:
    return [*_against_encoder(place), _without_match(place)]


def _against_encoder(place: Place) -> list[Figure]:
    rounds, count = place.pick(3, 1, 1), place.pick(4 * AT_ONCE, 2 * AT_ONCE, 64)
    config = place.config("match-all", {"census": ("census", NARRATIVE)})
    bare: list[float] = []
    lived: list[float] = []
    with running(config, config.parent) as live:
        worker = live.start("match")
        encoder = open_encoder(load(config).encoder)
        worker.wait_until_ready(120)
        _warm_up(live, encoder, place)
        for number in range(rounds):
            texts = [made_up.text(number * count + each) for each in range(count)]
            half = count // 2
            seconds = _encode(encoder, texts[:half], number * count)
            lived.append(_live_rate(live, texts, number * count))
            seconds += _encode(encoder, texts[half:], number * count + half)
            bare.append(count / seconds)
            place.say(f"match {lived[-1]:,.0f} mentions/s, bare encoder {bare[-1]:,.0f} texts/s")
        worker.stop()
    how = f"{rounds} x {count:,} new texts of about 25 words, {LINES_A_RECORD} to a record, one narrative monitor"
    return [
        Figure(group=GROUP, name="the bare encoder", samples=tuple(bare), unit="texts/s", how=f"{AT_ONCE:,} at once"),
        Figure(group=GROUP, name="live worker, everything matches", samples=tuple(lived), unit="mentions/s", how=how),
        Figure(
            group=GROUP,
            name="live worker / bare encoder",
            samples=tuple(one / other for one, other in zip(lived, bare, strict=True)),
            unit="",
            goal=AtLeast(0.95),
            how="the same texts in the same minute; from the first reading to the last sending",
        ),
    ]


def _warm_up(live: Live, encoder: Encoder, place: Place) -> None:
    texts = [made_up.text(-1 - number) for number in range(place.pick(AT_ONCE, AT_ONCE, 32))]
    _encode(encoder, texts, -len(texts))
    _live_rate(live, texts, -len(texts))


def _encode(encoder: Encoder, texts: Sequence[str], first: int) -> float:
    """Seconds."""
    mentions = [
        Mention(id=f"x:{number}", channel="x", at=made_up.BEGIN, text=text, lang="en")
        for number, text in enumerate(texts, first)
    ]
    started = perf_counter()
    for start in range(0, len(mentions), AT_ONCE):
        encoder.encode(mentions[start : start + AT_ONCE])
    return perf_counter() - started


def _live_rate(live: Live, texts: Sequence[str], first: int) -> float:
    """Mentions a second, from the moment at which the first record was read until the last batch was sent."""
    lines = [made_up.line(number, made_up.BEGIN, text) for number, text in enumerate(texts, first)]
    recording = made_up.write(live.folder / "mentions.jsonl", lines)
    worker = live.workers[0]
    done = worker.metrics()["groundswell_mention_age_seconds_count"] + len(texts)
    with Reader(live, live.topics.monitored) as reader:
        live.ingest(recording)
        live.wait_until(
            "all were encoded", lambda: worker.metrics()["groundswell_mention_age_seconds_count"] >= done, 300
        )
        read = [(each.at, records.monitored(each.value)) for each in reader.news()]
    batches = [(at, value) for at, value in read if isinstance(value, Batch)]
    assert sum(len(batch.mentions) for _, batch in batches) == len(texts)
    begun = min(batch.came_at.timestamp() for _, batch in batches)
    return len(texts) / (max(at for at, _ in batches) - begun)


def _without_match(place: Place) -> Figure:
    rounds, count, repeats = place.pick(3, 1, 1), place.pick(32_000, 32_000, 640), place.pick(8, 4, 1)
    lines = [made_up.line(number, made_up.BEGIN, made_up.text(number)) for number in range(count)]
    config = place.config("match-none", {"harbour": ("harbour OR ferry", VOLUME_SPIKE)})
    recording = made_up.write(config.parent / "mentions.jsonl", lines)
    rates: list[float] = []
    with running(config, config.parent) as live:
        worker = live.start("match")
        worker.wait_until_ready()
        for number in range(1, rounds + 1):
            with paused(worker):
                for _ in range(repeats):
                    live.ingest(recording)
            rates.append(rate(worker, "groundswell_mentions_total", number * repeats * count))
            place.say(f"match without a match {rates[-1]:,.0f} mentions/s")
    return Figure(
        group=GROUP,
        name="live worker, nothing matches",
        samples=tuple(rates),
        unit="mentions/s",
        goal=AtLeast(10_000),
        how=f"{rounds} x {repeats * count:,} mentions of about 25 words, {LINES_A_RECORD} to a record, one monitor",
    )
