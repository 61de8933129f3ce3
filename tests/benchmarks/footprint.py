"""What each stage takes of a machine, how soon it is ready, how it ends, and how soon another takes over from it.

Detectors and monitors as a small organisation has them. Recovery is from `kill -9` of a worker of `detect` until all
its partitions are at work again: taken over, which happens at their first record (a tick comes each second).
"""

import signal
from collections.abc import Callable
from time import monotonic, sleep

import psutil

from tests.benchmarks.bench_place import BOTH, PATIENCE, Place
from tests.benchmarks.figures import AtMost, Figure
from tests.chaos import stream
from tests.live import Live, Worker, running

GROUP = "footprint"
STAGES = ("match", "detect", "notify")
PARTITIONS = 4
TAKEN_OVER = "groundswell_take_over_seconds_count"


def measure(place: Place) -> list[Figure]:
    config = place.config("footprint", {name: (name, BOTH) for name in stream.ORGANISATIONS}, partitions=PARTITIONS)
    recording = config.parent / "stream.jsonl"
    lines = stream.write(recording, days=place.pick(6, 3, 1), a_day=place.pick(250, 250, 10))
    with running(config, config.parent) as live:
        figures = _starts(live, place)
        before = {worker.stage: _resident_mb(worker) for worker in live.workers}
        live.ingest(recording)
        live.wait_until("all was taken in", lambda: _is_read(live, lines), PATIENCE.total_seconds())
        figures += _memory(live, before, f"{lines:,} mentions of {len(stream.ORGANISATIONS)} monitors")
        if place.size != "tiny":
            figures += _recoveries(live, place)
        figures += _stops(live, place)
    return figures


def _starts(live: Live, place: Place) -> list[Figure]:
    """Starts all stages for good, after some that are ended again."""
    figures = []
    for stage in STAGES:
        seconds = []
        rounds = place.pick(3, 1, 1)
        for number in range(rounds):
            started = monotonic()
            worker = live.start(stage)
            worker.wait_until_ready(120)
            seconds.append(monotonic() - started)
            if number + 1 < rounds:
                worker.stop()
                live.workers.remove(worker)
        how = "process started -> /healthz is ok, one after the other; the encoder's export is cached"
        figures.append(_figure(f"{stage}, start", seconds, "s", how))
        place.say(f"{stage} started in {seconds[-1]:.1f} s")
    return figures


def _memory(live: Live, before: dict[str, float], load: str) -> list[Figure]:
    figures = []
    for worker in live.workers:
        name = f"{worker.stage}, memory"
        figures.append(_figure(f"{name} when ready", [before[worker.stage]], "MB", "resident set of the process"))
        figures.append(_figure(f"{name} after work", [_resident_mb(worker)], "MB", f"after {load}"))
    return figures


def _recoveries(live: Live, place: Place) -> list[Figure]:
    """With a new worker started at once, and with another one there already."""
    after = [_recovery_by_a_new_one(live, place) for _ in range(place.pick(2, 1, 1))]
    beside = [_recovery_by_the_other(live, place) for _ in range(place.pick(1, 0, 0))]
    timeout = live.config.kafka.session_timeout.total_seconds()
    how = f"until all {PARTITIONS} partitions are at work; session timeout {timeout:.0f} s"
    figures = [_figure("detect, recovery after kill -9 by a new worker", after, "s", f"started at once, {how}")]
    if beside:
        figures.append(_figure("detect, recovery after kill -9 by the other worker", beside, "s", f"of two, {how}"))
    return figures


def _recovery_by_a_new_one(live: Live, place: Place) -> float:
    started = _kill(live, _worker(live, "detect"))
    successor = live.start("detect")
    _wait(live, lambda: _metric(successor, TAKEN_OVER) >= PARTITIONS)
    place.say(f"a new worker was at work after {monotonic() - started:.1f} s")
    return monotonic() - started


def _recovery_by_the_other(live: Live, place: Place) -> float:
    killed, other = _worker(live, "detect"), live.start("detect")
    other.wait_until_ready()
    _wait(live, lambda: _metric(other, TAKEN_OVER) == PARTITIONS / 2)
    started = _kill(live, killed)
    # After a rebalance each of its partitions is taken over, the ones that it had before too.
    _wait(live, lambda: _metric(other, TAKEN_OVER) >= PARTITIONS / 2 + PARTITIONS)
    place.say(f"the other worker was at work with all after {monotonic() - started:.1f} s")
    return monotonic() - started


def _stops(live: Live, place: Place) -> list[Figure]:
    figures = []
    for stage in STAGES:
        worker = _worker(live, stage)
        started = monotonic()
        code = worker.stop(60)
        how = f"SIGTERM -> its process has ended, with code {code}"
        figures.append(_figure(f"{stage}, stop", [monotonic() - started], "s", how, AtMost(20)))
    return figures


def _kill(live: Live, worker: Worker) -> float:
    """Gives when."""
    worker.signal(signal.SIGKILL)
    started = monotonic()
    worker.process.wait()
    live.workers.remove(worker)
    return started


def _wait(live: Live, is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE.total_seconds()
    while not is_so():
        if monotonic() > deadline:
            live.wait_until("it goes on", is_so, 1)
        sleep(0.1)


def _worker(live: Live, stage: str) -> Worker:
    return next(worker for worker in live.workers if worker.stage == stage)


def _metric(worker: Worker, name: str) -> float:
    """0 as long as it does not answer."""
    try:
        return worker.metrics().get(name, 0.0)
    except OSError:
        return 0.0


def _is_read(live: Live, lines: int) -> bool:
    """Ticks come each second, so a record or two are always on their way."""
    read = _metric(_worker(live, "match"), "groundswell_mentions_total")
    return read >= lines and all(
        _metric(worker, "groundswell_lag_records") <= 2 * PARTITIONS for worker in live.workers
    )


def _resident_mb(worker: Worker) -> float:
    return float(psutil.Process(worker.process.pid).memory_info().rss) / 1e6


def _figure(name: str, samples: list[float], unit: str, how: str, goal: AtMost | None = None) -> Figure:
    return Figure(group=GROUP, name=name, samples=tuple(samples), unit=unit, goal=goal, how=how)
