"""What a checkpoint of one partition costs: the first with all its state, those after it, and the take-over from it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import perf_counter

from msgspec import Struct
from threadpoolctl import threadpool_limits

from streams.kafka import client as kafka_client
from streams.kafka import topics
from streams.monitors import monitors
from streams.settings.config import Config
from streams.settings.loading import load
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.detect import DetectWork
from streams.stages.metrics import Metrics
from streams.stages.worker import SAVE_EVERY
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import BOTH, Place
from tests.benchmarks.detect_throughput import seconds_to_handle
from tests.benchmarks.figures import Figure

GROUP = "checkpoint"
HISTORY = timedelta(hours=36)
A_RECORD = 4


class _Costs(Struct):
    """Samples of each quantity."""

    first_bytes: float = 0.0
    first_seconds: float = 0.0
    next_bytes: list[float] = []
    next_seconds: list[float] = []
    blocked_seconds: list[float] = []
    """In which the worker does nothing else: taking the rows out of the state."""
    tick_seconds: list[float] = []
    hour_seconds: float = 0.0
    """Of the tick with which an hour of event time ends."""
    take_over_seconds: list[float] = []


def measure(place: Place) -> list[Figure]:
    figures = []
    for count, each in (
        (10, place.pick(1_000, 200, 8)),
        (place.pick(1_000, 200, 20), place.pick(40, 20, 4)),
    ):
        costs = asyncio.run(_costs(place, count, each))
        place.say(f"checkpoint of {count:,} monitors: {costs.first_seconds:.2f} s, {costs.first_bytes:,.0f} bytes")
        figures += _figures(count, each, costs)
    return figures


def _figures(count: int, each: int, costs: _Costs) -> list[Figure]:
    def figure(name: str, samples: Sequence[float], unit: str, how: str) -> Figure:
        return Figure(group=GROUP, name=f"{count:,} monitors, {name}", samples=tuple(samples), unit=unit, how=how)

    history = f"{each:,} mentions a monitor in {HISTORY}, volume_spike and narrative; one partition"
    later = f"after {SAVE_EVERY.total_seconds():.0f} ticks, and {A_RECORD} mentions for one monitor in ten"
    return [
        figure("all state, size", [costs.first_bytes / 1e6], "MB", history),
        figure("all state, saving", [costs.first_seconds], "s", history),
        figure("next, size", [size / 1e6 for size in costs.next_bytes], "MB", later),
        figure("next, saving", costs.next_seconds, "s", later),
        figure("next, event loop blocked", [1e3 * s for s in costs.blocked_seconds], "ms", "rows out of the state"),
        figure("a tick", [1e3 * seconds for seconds in costs.tick_seconds], "ms", "processor time; one comes a second"),
        figure("the tick of a full hour", [1e3 * costs.hour_seconds], "ms", "processor time; what is due at an hour"),
        figure("take-over", costs.take_over_seconds, "s", "reading the state topic, and making the pipelines of it"),
    ]


async def _costs(place: Place, count: int, each: int) -> _Costs:
    names = [f"monitor-{number}" for number in range(count)]
    config = load(place.config(f"checkpoint-{count}", dict.fromkeys(names, ("census", BOTH))))
    with kafka_client.admin(kafka_client.access(config.kafka)) as admin:
        topics.create_missing(admin, topics.required(config.kafka))
    costs = _Costs()
    with threadpool_limits(1, user_api="blas"):
        work = _work(config, Restored(-1, {}))
        history = list(made_up.monitored(names, count * each, a_record=A_RECORD, span=HISTORY))
        seconds_to_handle(work, history)
        checkpoints = _checkpoints(config)
        await checkpoints.take_over()
        costs.first_seconds, _, costs.first_bytes = await _saved(checkpoints, work)
        costs.hour_seconds = _tick(work, made_up.BEGIN + HISTORY + timedelta(minutes=9))
        await _saved(checkpoints, work)
        for number in range(place.pick(5, 3, 1)):
            _two_seconds(work, names, number, costs)
            seconds, blocked, size = await _saved(checkpoints, work)
            costs.next_seconds.append(seconds)
            costs.blocked_seconds.append(blocked)
            costs.next_bytes.append(size)
        await checkpoints.close()
        for _ in range(place.pick(3, 1, 1)):
            started = perf_counter()
            checkpoints = _checkpoints(config)
            _work(config, await checkpoints.take_over())
            costs.take_over_seconds.append(perf_counter() - started)
            await checkpoints.close()
    return costs


def _two_seconds(work: DetectWork, names: Sequence[str], number: int, costs: _Costs) -> None:
    """What comes between two checkpoints."""
    begin = made_up.BEGIN + HISTORY + timedelta(minutes=10) + number * SAVE_EVERY
    some = names[number % 10 :: 10]
    made = made_up.monitored(
        some, A_RECORD * len(some), a_record=A_RECORD, span=SAVE_EVERY, begin=begin, first=10**9 + number * 10**6
    )
    seconds_to_handle(work, [each for each in made if each[0] is not None])
    for step in range(int(SAVE_EVERY.total_seconds())):
        costs.tick_seconds.append(_tick(work, begin + timedelta(seconds=step)))


def _tick(work: DetectWork, now: datetime) -> float:
    """Seconds of processor time that it takes when event time comes to `now`."""
    return seconds_to_handle(work, [(None, made_up.tick(now))])


async def _saved(checkpoints: Checkpoints, work: DetectWork) -> tuple[float, float, float]:
    """Seconds until it is in Kafka, seconds of them in which the rows were taken out of the state, and bytes."""
    started = perf_counter()
    changed = work.changed()
    blocked = perf_counter() - started
    size = await checkpoints.save(1, changed)
    return perf_counter() - started, blocked, size


def _checkpoints(config: Config) -> Checkpoints:
    client = kafka_client.for_aiokafka(kafka_client.access(config.kafka))
    state = topics.names(config.kafka).detect_state
    return Checkpoints(client, state, 0, f"{config.kafka.topic_prefix}bench-0")


def _work(config: Config, restored: Restored) -> DetectWork:
    return DetectWork(0, restored, monitors(config, ()), 1, topics.names(config.kafka), Metrics(config, "detect"))
