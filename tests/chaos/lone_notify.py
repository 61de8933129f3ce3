"""The work of `notify` alone in a process, in fast time, for crash tests: without Faust, whose groups need many seconds
after each kill, but with its checkpoints, its outbox and its Slack receivers as they are.

    python -m tests.chaos.lone_notify CONFIG SECOND

begins a process, a fork with everything imported, for each line that it reads, and says its id when it has taken over.
"""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from streams.kafka import client as kafka_client
from streams.kafka import topics
from streams.kafka.producing import Producer
from streams.settings.loading import load
from streams.stages.allowance import allowances, watchers
from streams.stages.assignment import Assignment
from streams.stages.checkpoint import Checkpoints, read_state
from streams.stages.metrics import Metrics
from streams.stages.notify import NotifyWork
from tests.benchmarks.hasty_notify import hasty_notifiers, hasty_patience

READY = "took over"
SAVE_EVERY = timedelta(seconds=0.5)


class Place(Struct, frozen=True):
    """Where a record stands."""

    partition: int
    offset: int


class Event(Struct, frozen=True):
    """A record, as `Assignment` wants it."""

    message: Place
    value: Any

    def ack(self) -> None:
        """The next process begins where the checkpoint says."""


async def run(config_path: Path, second: float) -> None:
    from aiokafka import AIOKafkaConsumer, TopicPartition

    config = load(config_path)
    client = kafka_client.for_aiokafka(kafka_client.access(config.kafka))
    names = topics.names(config.kafka)
    producer, metrics = Producer(client), Metrics(config, "notify")
    notifiers = hasty_notifiers(config, second)

    def begin(number: int, restored: Any) -> NotifyWork:
        print(READY, os.getpid(), flush=True)  # noqa: T201 - what the test waits for
        return NotifyWork(
            number,
            restored,
            notifiers,
            names,
            metrics,
            allowances(config),
            watchers(config),
            patience=hasty_patience(second),
        )

    prefix = config.kafka.topic_prefix
    assignment = Assignment(
        lambda number: Checkpoints(client, names.notify_state, number, f"{prefix}notify-{number}"),
        begin,
        producer.send,
        save_every=SAVE_EVERY,
    )
    await producer.start()
    consumer = AIOKafkaConsumer(**client, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    partitions = [TopicPartition(names.notifications, number) for number in range(config.kafka.partitions)]
    consumer.assign(partitions)
    for partition in partitions:
        # As a group would: from the last record that was acknowledged.
        saved = await read_state(client, names.notify_state, partition.partition)
        consumer.seek(partition, max(0, saved.offset))
    while True:
        for records in (await consumer.getmany(timeout_ms=100, max_records=200)).values():
            for record in records:
                await assignment.handle(Event(Place(record.partition, record.offset), record.value))
        await assignment.save_due()


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if os.fork() == 0:
            asyncio.run(run(Path(sys.argv[1]), float(sys.argv[2])))
