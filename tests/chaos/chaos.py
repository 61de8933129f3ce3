"""Kills, stops and pauses workers while a stream runs, then compares all that came of it with a run without faults.

The run without faults needs no workers: what `detect` does is a function of its input partition's log, so the same log
is given to the same code once more, in one go. Its outputs and its state must be those of the workers that were hit,
and each story must stand in the (fake) Slack once.
"""

import asyncio
import random
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

from msgspec import Struct

from streams import records
from streams.encoding.claim_vectors import with_vectors
from streams.kafka import broker
from streams.kafka import client as kafka_client
from streams.monitors import monitors
from streams.records import Tick
from streams.settings.loading import base_folder, load_claims_of
from streams.stages.checkpoint import Checkpoints, Restored
from streams.stages.detect import DetectWork
from streams.stages.metrics import Metrics
from tests.chaos import stream
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, in_thread
from tests.live import Live, Worker, running

SESSION_SECONDS = 6
PAUSE_SECONDS = SESSION_SECONDS * 2
DAYS = 3
FAULTS = ("kill -9", "SIGTERM", "SIGSTOP past the session")
KAFKA_AWAY = "kill -9 of Kafka, which comes back"
AWAY_SECONDS = 5
KAFKA_EVERY = 7


class Verdict(Struct, kw_only=True):
    """What was found; `problems` is empty where all is as it must be."""

    faults: list[str] = []
    problems: list[str] = []
    events: int = 0
    outputs: int = 0
    repeats: int = 0
    rows: int = 0
    stories: int = 0
    recovery_seconds: list[float] = []


def run(
    folder: Path,
    *,
    kafka: Path,
    models: Path,
    faults: int,
    seed: int = 1,
    stages: Sequence[str] = ("detect",),
    say: Callable[[str], None] = lambda text: None,
) -> Verdict:
    """One crash test.

    Args:
        folder: For the stream, the config and the logs.
        kafka: The folder of a local Kafka, which is killed too: once in every `KAFKA_EVERY` faults.
        models: Where exported models are kept.
        faults: How many.
        seed: What falls when.
        stages: Those whose workers are hit; of each of them there are two.
        say: Told what happens.
    """
    verdict = Verdict()
    with in_thread(FakeSlack()) as slack:
        config = _write_config(folder, models, broker.start(kafka).bootstrap, slack.base_url, f"chaos-{seed}-")
        recording = folder / "stream.jsonl"
        stream.write(recording, days=DAYS, seed=seed)
        with running(config, folder, {"SLACK_BOT_TOKEN": TOKEN}) as live:
            _hit_while_streaming(live, recording, kafka, faults, random.Random(seed), stages, verdict, say)
            say("waiting until everything was told")
            live.wait_until("all stages have read all", lambda: _all_read(live, stages), 180)
            # What detect would still have been sent is part of the log, and so of what is expected of it.
            live.drain()
            asyncio.run(_compare(live, verdict))
            _compare_slack(live, slack, verdict)
    return verdict


def _hit_while_streaming(
    live: Live,
    recording: Path,
    kafka: Path,
    faults: int,
    chance: random.Random,
    stages: Sequence[str],
    verdict: Verdict,
    say: Callable[[str], None],
) -> None:
    for stage in ("match", "detect", "notify"):
        for _ in range(2 if stage in stages else 1):
            live.start(stage)
    for worker in live.workers:
        if worker.stage not in stages:
            worker.wait_until_ready()
    # All days in as long as the faults take.
    seconds = max(30.0, faults * 5.0)
    sending = threading.Thread(target=lambda: live.ingest(recording, speed=DAYS * 86400 / seconds))
    sending.start()
    for number in range(faults):
        _pause(live, chance.uniform(2, 4), verdict)
        if number % KAFKA_EVERY == KAFKA_EVERY - 1:
            say(f"{number + 1}/{faults}: {KAFKA_AWAY}")
            verdict.faults.append(KAFKA_AWAY)
            broker.stop(kafka, at_once=True)
            _pause(live, AWAY_SECONDS, verdict)
            broker.start(kafka)
            continue
        worker = chance.choice([each for each in live.workers if each.stage in stages and each.is_running])
        fault = FAULTS[number % len(FAULTS)]
        say(f"{number + 1}/{faults}: {fault} of a worker of {worker.stage}")
        verdict.faults.append(fault)
        _hit(live, worker, fault, verdict)
    while sending.is_alive():
        _pause(live, 1, verdict)
    sending.join()


def _hit(live: Live, worker: Worker, fault: str, verdict: Verdict) -> None:
    if fault == "kill -9":
        worker.signal(signal.SIGKILL)
    elif fault == "SIGTERM":
        worker.signal(signal.SIGTERM)
    else:
        worker.signal(signal.SIGSTOP)
        _pause(live, PAUSE_SECONDS, verdict)
        worker.signal(signal.SIGCONT)


def _pause(live: Live, seconds: float, verdict: Verdict) -> None:
    """Let time pass; whoever has ended is started again, as any supervisor would do."""
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        for worker in [each for each in live.workers if not each.is_running]:
            live.workers.remove(worker)
            live.start(worker.stage)
        sleep(0.2)


def _all_read(live: Live, stages: Sequence[str]) -> bool:
    _pause(live, 1, Verdict())
    try:
        found = [(worker.stage, worker.metrics()) for worker in live.workers]
    except OSError:
        return False
    lag = sum(metrics.get("groundswell_lag_records", 0) for _, metrics in found)
    waiting = sum(metrics.get("groundswell_notifications_waiting", 0) for _, metrics in found)
    partitions = {
        stage: sum(metrics.get("groundswell_partitions", 0) for name, metrics in found if name == stage)
        for stage in ("match", "detect", "notify")
    }
    everything_is_owned = all(count == live.config.kafka.partitions for count in partitions.values())
    marks = [
        metrics["groundswell_watermark_timestamp_seconds"]
        for stage, metrics in found
        if stage == "detect" and metrics["groundswell_partitions"]
    ]
    # The last mentions are judged when the watermark has passed them.
    everything_is_judged = bool(marks) and min(marks) > (stream.BEGIN + timedelta(days=DAYS)).timestamp()
    # Ticks come each second, so a record or two are always on their way.
    has_read = lag <= 3 * live.config.kafka.partitions
    return everything_is_owned and everything_is_judged and has_read and waiting == 0


async def _compare(live: Live, verdict: Verdict) -> None:
    """The outputs and the state of the workers, with those of one pass over the same log."""
    config = live.config
    claims = with_vectors(load_claims_of(config, base_folder(live.path)), config.encoder)
    watched, metrics = monitors(config, claims), Metrics(config, "detect")
    client = kafka_client.for_aiokafka(kafka_client.access(config.kafka))
    log = live.records(live.topics.monitored)
    expected: dict[str, list[tuple[bytes | None, bytes | None]]] = {}
    verdict.events = len(log)
    for number in range(config.kafka.partitions):
        checkpoints = Checkpoints(
            client, live.topics.detect_state, number, f"{config.kafka.topic_prefix}detect-{number}"
        )
        saved = await checkpoints.take_over()
        await checkpoints.close()
        work = DetectWork(number, Restored(-1, {}), watched, config.kafka.partitions, live.topics, metrics)
        rows: dict[str, Mapping[str, bytes]] = {}
        for record in (each for each in log if each.partition == number):
            if record.offset > saved.offset:
                rows |= {} if rows else work.changed()
            for output in work.handle(record.value, record.offset):
                expected.setdefault(output.topic, []).append((output.key, output.value))
            if record.offset == saved.offset:
                rows = dict(work.changed())
        verdict.rows += sum(map(len, saved.groups.values()))
        _compare_rows(number, saved.groups, rows, verdict)
    for topic in (live.topics.detections, live.topics.alerts, live.topics.notifications):
        _compare_outputs(live, topic, expected.get(topic, []), verdict)


def _compare_rows(
    number: int, found: Mapping[str, Mapping[str, bytes]], expected: Mapping[str, Mapping[str, bytes]], verdict: Verdict
) -> None:
    for group in sorted(found.keys() | expected.keys()):
        there, right = found.get(group, {}), expected.get(group, {})
        wrong = [name for name in sorted(there.keys() | right.keys()) if there.get(name) != right.get(name)]
        if wrong:
            verdict.problems.append(f"state of partition {number}, {group!r}: {len(wrong)} rows differ: {wrong[:3]}")


def _compare_outputs(
    live: Live, topic: str, expected: list[tuple[bytes | None, bytes | None]], verdict: Verdict
) -> None:
    found = [(record.key, record.value) for record in live.records(topic) if not _is_tick(record.value, live, topic)]
    verdict.outputs += len(expected)
    verdict.repeats += len(found) - len(set(found))
    missing, strange = set(expected) - set(found), set(found) - set(expected)
    if missing or strange:
        verdict.problems.append(
            f"{topic}: {len(missing)} outputs are missing, {len(strange)} should not be there; the first of each: "
            f"{min(missing, default=None, key=str)}, {min(strange, default=None, key=str)}"
        )


def _is_tick(value: bytes | None, live: Live, topic: str) -> bool:
    return topic == live.topics.notifications and isinstance(records.notified(value or b""), Tick)


def _compare_slack(live: Live, slack: FakeSlack, verdict: Verdict) -> None:
    """Each story stands in Slack once, and each turn of it once in its thread."""
    told = {}
    for record in live.records(live.topics.notifications):
        if not _is_tick(record.value, live, live.topics.notifications):
            notification = records.notified(record.value or b"")
            assert not isinstance(notification, Tick)
            told[notification.story.id] = notification
    stories = [message["metadata"]["event_payload"]["story"] for message in slack.stories()]
    verdict.stories = len(stories)
    if sorted(stories) != sorted(told):
        verdict.problems.append(f"Slack has {len(stories)} messages for {len(set(stories))} stories of {len(told)}")
    turns = [
        message["metadata"]["event_payload"]["notification"]
        for message in slack.messages[CHANNEL]
        if "thread_ts" in message
    ]
    if len(turns) != len(set(turns)):
        verdict.problems.append(f"{len(turns) - len(set(turns))} turns stand in a thread more than once")
    if not told:
        verdict.problems.append("nothing was told: the stream is too calm for this test")


def _write_config(folder: Path, models: Path, bootstrap: str, slack: str, prefix: str) -> Path:
    monitors = "".join(
        f"  - {{name: {name}, query: {name}, detectors: {{volume_spike: {{}}, narrative: {{}}}}}}\n"
        for name in stream.ORGANISATIONS
    )
    path = folder / "chaos.yaml"
    path.write_text(
        f"organisation: {{name: Chaos}}\nmonitors:\n{monitors}"
        f"receivers:\n  - {{name: slack, type: slack, channel: {CHANNEL}, base_url: '{slack}'}}\n"
        "routes:\n  - {receivers: [slack], update_every: 10m, interrupts_a_day: null}\n"
        f"kafka: {{bootstrap: '{bootstrap}', topic_prefix: {prefix}, session_timeout: {SESSION_SECONDS}s}}\n"
        f"encoder: {{cache: '{models}'}}\n"
        "metrics: {match: 0, detect: 0, notify: 0}\n"
    )
    return path
