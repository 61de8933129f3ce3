"""Bursts of mentions, each of a monitor of its own, over a steady load; and the calm day before them."""

import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import sleep

from kafka import KafkaProducer
from msgspec import Struct

from detectors.volume.bins import bin_of, start_of
from streams.kafka import client as kafka_client
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import Place
from tests.live import Live

HISTORY = timedelta(hours=26)
HISTORY_EVERY = timedelta(minutes=10)
GAP = timedelta(minutes=30)
"""Between the history and what comes live."""
BURST = 32
"""Mentions: one record."""
BIN = timedelta(minutes=5)
WAITING = timedelta(seconds=30)
"""Of each bin, in which a burst is not judged yet."""
EVERY = timedelta(seconds=0.05)


class Burst(Struct, kw_only=True):
    """One burst, and when it was heard of."""

    monitor: str
    phase: timedelta
    """After the beginning of its bin."""
    sent_at: datetime
    decided_at: datetime | None = None
    slack_at: datetime | None = None
    terminal_at: datetime | None = None


def word_of(monitor: str) -> str:
    return monitor.replace("spike-", "harbour")


def _begin() -> datetime:
    """Of the bin in which the bursts lie; the one before the present."""
    return start_of(bin_of(datetime.now(UTC)) - 1)


def feed_history(live: Live, monitors: Sequence[str]) -> None:
    """A day and more of calm talk, in the order of time; returns when it was taken in."""
    begin = _begin() - GAP - HISTORY
    steps = HISTORY // HISTORY_EVERY
    lines = [
        made_up.line(
            number := step * len(monitors) + each,
            begin + HISTORY_EVERY * (step + each / len(monitors)),
            f"The census office and {word_of(monitor)} as always, they say ({number % 7}).",
        )
        for step in range(steps)
        for each, monitor in enumerate(monitors)
    ]
    live.ingest(made_up.write(live.folder / "history.jsonl", lines))
    detect = next(worker for worker in live.workers if worker.stage == "detect")
    # Every mention is one of its own monitor's and one of the background's.
    live.wait_until(
        "the history was taken in",
        lambda: detect.metrics().get("groundswell_heard_mentions_total", 0) >= 2 * len(lines),
        300,
    )


def send_bursts(live: Live, phases: Mapping[str, timedelta], load_a_second: float, place: Place) -> list[Burst]:
    """Send the bursts in their time, over the load."""
    access = kafka_client.access(live.config.kafka)
    producer = KafkaProducer(**kafka_client.for_kafka_python(access), linger_ms=0, acks="all")
    lead = timedelta(seconds=place.pick(15, 12, 3))
    offset = datetime.now(UTC) - (_begin() + min(phases.values()) - lead)
    is_over = threading.Event()
    background = threading.Thread(target=_send_load, args=(producer, live, load_a_second, offset, is_over))
    background.start()
    bursts = []
    try:
        begin = start_of(bin_of(datetime.now(UTC) - offset + lead))
        for number, (monitor, phase) in enumerate(phases.items()):
            _sleep_until(begin + phase + offset)
            sent_at = datetime.now(UTC)
            said = [made_up.text(10**8 + number * BURST + each, word_of(monitor)) for each in range(BURST)]
            lines = [
                made_up.line(10**8 + number * BURST + each, sent_at - offset, f"{text} census")
                for each, text in enumerate(said)
            ]
            producer.send(live.topics.mentions, value=b"\n".join(lines))
            bursts.append(Burst(monitor=monitor, phase=sent_at - offset - begin, sent_at=sent_at))
        # So that stream time goes on by the load, as it would.
        _sleep_until(bursts[-1].sent_at + timedelta(seconds=3))
    finally:
        is_over.set()
        background.join()
        producer.close(timeout=10)
    return bursts


def _send_load(
    producer: KafkaProducer, live: Live, a_second: float, offset: timedelta, is_over: threading.Event
) -> None:
    begun, sent = datetime.now(UTC), 0
    while not is_over.wait(EVERY.total_seconds()):
        now = datetime.now(UTC)
        due = int((now - begun).total_seconds() * a_second) - sent
        lines = [
            made_up.line(number, now - offset, made_up.text(number))
            for number in range(10**9 + sent, 10**9 + sent + due)
        ]
        for start in range(0, due, BURST):
            producer.send(live.topics.mentions, value=b"\n".join(lines[start : start + BURST]))
        sent += due


def _sleep_until(moment: datetime) -> None:
    sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
