"""The stage `detect` as a live worker, and its work alone in this process."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import process_time

from msgspec import Struct
from threadpoolctl import threadpool_limits

from streams.calibrating.stored import calibrations_for
from streams.kafka import topics
from streams.monitors import monitors
from streams.settings.loading import load
from streams.stages.checkpoint import Restored
from streams.stages.detect import DetectWork
from streams.stages.metrics import Metrics
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import BOTH, VOLUME_SPIKE, Place, paused, rate, send
from tests.benchmarks.figures import AtLeast, Figure
from tests.live import running

GROUP = "detect"
MONITORS = tuple(f"monitor-{number}" for number in range(10))


class Case(Struct, frozen=True, kw_only=True):
    """What the worker is given."""

    name: str
    detectors: str
    a_record: int
    """Mentions in a record: 64 where there is much to catch up with; about 8 where 3,000 a second come live."""
    a_second: float
    """Mentions in a second of event time."""
    goal: AtLeast | None = None


CASES = (
    Case(name="volume_spike, catching up", detectors=VOLUME_SPIKE, a_record=64, a_second=0.5),
    Case(name="both detectors, catching up", detectors=BOTH, a_record=64, a_second=0.5, goal=AtLeast(3000)),
    Case(name="both detectors, as live", detectors=BOTH, a_record=8, a_second=100.0, goal=AtLeast(3000)),
)
WARM_UP = timedelta(seconds=60)
"""Of event time: longer than the lateness, so that as many mentions are gathered as come."""


def measure(place: Place) -> list[Figure]:
    figures = []
    for case in CASES if place.size != "tiny" else CASES[-1:]:
        count, rounds = place.pick(20_000, 10_000, 640), place.pick(3, 1, 1)
        how = (
            f"{rounds} x {count:,} mentions of {len(MONITORS)} monitors, {case.a_record} to a record, "
            f"{case.a_second:g} a second of event time"
        )
        live, alone = _live(place, case, count, rounds), _alone(place, case, count)
        place.say(f"{case.name}: live {live[0]:,.0f}, work alone {alone:,.0f} mentions/s")
        figures += [
            Figure(group=GROUP, name=case.name, samples=tuple(live), unit="mentions/s", goal=case.goal, how=how),
            Figure(
                group=GROUP,
                name=f"{case.name}, work alone",
                samples=(alone,),
                unit="mentions/s",
                how="the same in this process, without Kafka; by processor time",
            ),
        ]
    return figures


def _rounds(case: Case, count: int, rounds: int) -> Iterator[list[tuple[bytes | None, bytes]]]:
    """Records of a warm-up, and then of each round; they follow on each other in event time."""
    begin, first = made_up.BEGIN, 0
    warm_up = max(int(WARM_UP.total_seconds() * case.a_second), len(MONITORS) * case.a_record)
    for mentions in (warm_up, *[count] * rounds):
        span = timedelta(seconds=mentions / case.a_second)
        made = made_up.monitored(
            MONITORS,
            mentions,
            a_record=case.a_record,
            span=span,
            begin=begin,
            first=first,
            has_vectors=case.detectors == BOTH,
        )
        yield list(made)
        begin, first = begin + span, first + mentions


def _live(place: Place, case: Case, count: int, rounds: int) -> list[float]:
    """Mentions a second, one value a round."""
    config = place.config("detect", dict.fromkeys(MONITORS, ("census", case.detectors)))
    rates: list[float] = []
    total = 0
    with running(config, config.parent) as live:
        worker = live.start("detect")
        worker.wait_until_ready(120)
        for made in _rounds(case, count, rounds):
            with paused(worker):
                total += send(live.config, live.topics.monitored, made)
            batches = sum(key is not None for key, _ in made)
            records_a_second = rate(worker, "groundswell_judging_seconds_count", total)
            rates.append(records_a_second * batches * case.a_record / len(made))
    return rates[1:]


def _alone(place: Place, case: Case, count: int) -> float:
    config = load(place.config("detect-alone", dict.fromkeys(MONITORS, ("census", case.detectors))))
    metrics = Metrics(config, "detect")
    watched = monitors(config, (), calibrations_for(config.encoder))
    work = DetectWork(0, Restored(-1, {}), watched, 1, topics.names(config.kafka), metrics)
    warm_up, batches = _rounds(case, count, 1)
    seconds_to_handle(work, warm_up)
    return count / seconds_to_handle(work, batches)


def seconds_to_handle(work: DetectWork, batches: Sequence[tuple[bytes | None, bytes]], first_offset: int = 0) -> float:
    """Of processor time, with matrices multiplied by one thread, as the worker does it."""
    with threadpool_limits(1, user_api="blas"):
        started = process_time()
        for offset, (_, value) in enumerate(batches, first_offset):
            work.handle(value, offset)
        return process_time() - started
