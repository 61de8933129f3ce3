"""The stage `match` as a live worker: against its bare encoder, and where nothing matches.

Both sides of the ratio take the same texts, none of which they have seen before, and take turns: half of the texts are
encoded before the worker has them and half after, so that other work on the machine hits both.
"""

from collections.abc import Sequence
from time import perf_counter, process_time

import psutil
from msgspec import Struct

from detectors.mention import Mention
from streams import records
from streams.app import TAKE
from streams.encoding.encoder import Encoder, open_encoder
from streams.ingesting import LINES_A_RECORD
from streams.records import Batch
from streams.settings.loading import load
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import NARRATIVE, VOLUME_SPIKE, Place, Reader, paused, rate
from tests.benchmarks.figures import AtLeast, Figure
from tests.live import Live, Worker, running

GROUP = "match"
AT_ONCE = TAKE * LINES_A_RECORD
"""Texts that the worker gives its encoder at once, when there is enough to do."""


def measure(place: Place) -> list[Figure]:
    return [*_against_encoder(place), _without_match(place)]


def _against_encoder(place: Place) -> list[Figure]:
    rounds = place.pick(3, 1, 1)
    config = place.config("match-all", {"census": ("census", NARRATIVE)})
    bare: list[_Spent] = []
    lived: list[_Spent] = []
    with running(config, config.parent) as live:
        worker = live.start("match")
        encoder = open_encoder(load(config).encoder)
        worker.wait_until_ready(120)
        count = _warm_up(live, encoder, place)
        for number in range(rounds):
            texts = [made_up.text(number * count + each) for each in range(count)]
            half = count // 2
            before = _encode(encoder, texts[:half], number * count)
            lived.append(_live(live, texts, number * count))
            after = _encode(encoder, texts[half:], number * count + half)
            bare.append(_Spent(before.seconds + after.seconds, before.processor_seconds + after.processor_seconds))
            place.say(f"match {count / lived[-1].seconds:,.0f} mentions/s, encoder {count / bare[-1].seconds:,.0f}")
    how = f"{rounds} x {count:,} new texts of about 25 words, {LINES_A_RECORD} to a record, one narrative monitor"
    pairs = list(zip(bare, lived, strict=True))
    return [
        Figure(
            group=GROUP,
            name="the bare encoder",
            samples=tuple(count / spent.seconds for spent in bare),
            unit="texts/s",
            how=f"the same texts in a process of its own, up to {AT_ONCE:,} at once",
        ),
        Figure(
            group=GROUP,
            name="live worker, everything matches",
            samples=tuple(count / spent.seconds for spent in lived),
            unit="mentions/s",
            how=how,
        ),
        Figure(
            group=GROUP,
            name="live worker / bare encoder",
            samples=tuple(one.seconds / live.seconds for one, live in pairs),
            unit="",
            goal=AtLeast(0.95),
            how="in the same minute; the worker's time is from its first reading to its last sending",
        ),
        Figure(
            group=GROUP,
            name="live worker / bare encoder, by processor time",
            samples=tuple(one.processor_seconds / max(live.processor_seconds, 1e-3) for one, live in pairs),
            unit="",
            how="the same; what other programs do at the time shows less in it",
        ),
    ]


class _Spent(Struct, frozen=True):
    """On the same work."""

    seconds: float
    processor_seconds: float


def _warm_up(live: Live, encoder: Encoder, place: Place) -> int:
    """Gives how many texts make a round, by how fast they are encoded here."""
    texts = [made_up.text(-1 - number) for number in range(place.pick(1024, 512, 32))]
    seconds = _encode(encoder, texts, -len(texts)).seconds
    _live(live, texts, -len(texts))
    return max(2 * len(texts), min(4 * AT_ONCE, int(place.pick(10, 8, 0) * len(texts) / seconds)))


def _encode(encoder: Encoder, texts: Sequence[str], first: int) -> _Spent:
    mentions = [
        Mention(id=f"x:{number}", channel="x", at=made_up.BEGIN, text=text, lang="en")
        for number, text in enumerate(texts, first)
    ]
    started, started_processor = perf_counter(), process_time()
    for start in range(0, len(mentions), AT_ONCE):
        encoder.encode(mentions[start : start + AT_ONCE])
    return _Spent(perf_counter() - started, process_time() - started_processor)


def _live(live: Live, texts: Sequence[str], first: int) -> _Spent:
    """From the moment at which the first record was read until the last batch was sent."""
    lines = [made_up.line(number, made_up.BEGIN, text) for number, text in enumerate(texts, first)]
    recording = made_up.write(live.folder / "mentions.jsonl", lines)
    worker = live.workers[0]
    done = worker.metrics()["groundswell_mention_age_seconds_count"] + len(texts)
    processor_before = _processor_seconds(worker)
    with Reader(live, live.topics.monitored) as reader:
        live.ingest(recording)
        live.wait_until(
            "all were encoded", lambda: worker.metrics()["groundswell_mention_age_seconds_count"] >= done, 300
        )
        processor_seconds = _processor_seconds(worker) - processor_before
        read = [(each.at, records.monitored(each.value)) for each in reader.news()]
    batches = [(at, value) for at, value in read if isinstance(value, Batch)]
    assert sum(len(batch.mentions) for _, batch in batches) == len(texts)
    begun = min(batch.came_at.timestamp() for _, batch in batches)
    return _Spent(max(at for at, _ in batches) - begun, processor_seconds)


def _processor_seconds(worker: Worker) -> float:
    times = psutil.Process(worker.process.pid).cpu_times()
    return float(times.user + times.system)


def _without_match(place: Place) -> Figure:
    rounds, count, repeats = place.pick(3, 1, 1), place.pick(32_000, 32_000, 640), place.pick(4, 4, 1)
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
