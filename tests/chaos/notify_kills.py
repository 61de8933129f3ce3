"""Kills the work of `notify` at random moments while stories change: none may be lost, and none told twice.

Its Slack enforces its limits, loses answers now and then, and runs in fast time. One of five desks has a budget that is
too small, so that what it is not called for must be in its digests.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from kafka import KafkaProducer
from msgspec import Struct, structs

from alerting.alert import Notification
from streams import records
from streams.kafka import client as kafka_client
from streams.kafka import topics
from streams.records import Tick
from streams.settings.config import Config
from streams.settings.loading import load
from tests.benchmarks.hasty_notify import CHANNELS, channel_of
from tests.benchmarks.shown_stories import BEGIN, ShownSlack, made_up, wrong_in
from tests.chaos.lone_notify import READY
from tests.fake_slack import TOKEN, in_thread
from tests.slack_weather import Sky, Weather

SECOND = 0.02
"""Of Slack's, in ours."""
LONGEST_LIFE = 2.0
"""Of a process, after it took over."""
CHANGES_A_SECOND = 12
BUDGET = 4
"""Interruptions a day at the desk with too few."""
POOR_DESK = f"desk-{CHANNELS - 1}"
TICK_EVERY = timedelta(minutes=20)
"""Of the clock in the ticks, ten of which come in a second."""
WEATHER = Weather(error=0.01, lost=0.03, reset=0.01, slow=0.02)


class Verdict(Struct, kw_only=True):
    """What was found; `problems` is empty where all is as it must be."""

    kills: int = 0
    changes: int = 0
    stories: int = 0
    """Messages at top level, without the digests."""
    digests: int = 0
    in_digests: int = 0
    """Stories that only digests told."""
    calls: int = 0
    problems: list[str] = []


def run(
    folder: Path, *, bootstrap: str, kills: int, seed: int = 1, say: Callable[[str], None] = lambda text: None
) -> Verdict:
    """One crash test.

    Args:
        folder: For the config and the log.
        bootstrap: Of a Kafka.
        kills: How many.
        seed: Of what changes, and when it is killed.
        say: Told how it goes on.
    """
    with in_thread(ShownSlack(SECOND)) as slack:
        slack.sky = Sky(structs.replace(WEATHER, seed=seed))
        path = _write_config(folder, bootstrap, slack.base_url)
        config = load(path)
        with kafka_client.admin(kafka_client.access(config.kafka)) as admin:
            topics.create_missing(admin, topics.required(config.kafka))
        told = list(_telling(kills, seed))
        sending = threading.Thread(target=_send, args=(config, told), daemon=True)
        sending.start()
        chance = random.Random(seed)
        with _nursery(path, folder) as born:
            for number in range(kills):
                pid = born()
                sleep(chance.uniform(0, LONGEST_LIFE))
                _kill(pid, folder)
                if (number + 1) % 20 == 0:
                    say(f"{number + 1} of {kills} kills, {len(slack.calls)} calls of Slack")
            pid = born()
            try:
                sending.join()
                _until_quiet(slack)
            finally:
                _kill(pid, folder)
        return _judged(told, slack, kills)


def _telling(kills: int, seed: int) -> Iterator[Notification]:
    seconds = max(20.0, kills * 2.5)
    for change in made_up(int(seconds * CHANGES_A_SECOND), seconds / SECOND, seed):
        route = "poor" if change.told.receiver == POOR_DESK else "rich"
        yield structs.replace(change.told, route=route)


def _send(config: Config, told: Sequence[Notification]) -> None:
    """All of it in as long as the kills take, with ticks in between, and a day of ticks at the end."""
    producer = KafkaProducer(**kafka_client.for_kafka_python(kafka_client.access(config.kafka)), linger_ms=5)
    topic, clock = topics.names(config.kafka).notifications, BEGIN
    batch = max(1, CHANGES_A_SECOND // 10)
    try:
        for number, each in enumerate(told):
            producer.send(topic, key=each.receiver.encode(), value=records.encode(each))
            if number % batch == 0:
                clock += TICK_EVERY
                _tick(producer, config, topic, clock)
                producer.flush()
                sleep(0.1)
        for _ in range(80):
            clock += TICK_EVERY
            _tick(producer, config, topic, clock)
            sleep(0.05)
        producer.flush()
    finally:
        producer.close(timeout=10)


def _tick(producer: KafkaProducer, config: Config, topic: str, clock: datetime) -> None:
    value = records.encode(Tick(clock=clock, worker="test", sources=()))
    for partition in range(config.kafka.partitions):
        producer.send(topic, value=value, partition=partition)


@contextmanager
def _nursery(path: Path, folder: Path) -> Iterator[Callable[[], int]]:
    """Gives what begins a process: it returns the id of one that has taken over a partition at least."""
    command = [sys.executable, "-m", "tests.chaos.lone_notify", str(path), str(SECOND)]
    environment = {**os.environ, "SLACK_BOT_TOKEN": TOKEN}
    pipe = subprocess.PIPE
    with (folder / "lone.log").open("a") as log:
        nursery = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log, text=True, env=environment)
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    stdin, stdout, known = nursery.stdin, nursery.stdout, set[int]()

    def born() -> int:
        stdin.write("one more\n")
        stdin.flush()
        for line in stdout:
            pid = int(line.removeprefix(READY))
            if pid not in known:  # those before may have said it for several partitions
                known.add(pid)
                return pid
        raise AssertionError(f"it did not come up:\n{(folder / 'lone.log').read_text()[-4000:]}")

    try:
        yield born
    finally:
        nursery.kill()
        nursery.wait()
        stdin.close()
        stdout.close()


def _kill(pid: int, folder: Path) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        raise AssertionError(f"it ended by itself:\n{(folder / 'lone.log').read_text()[-4000:]}") from None
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        sleep(0.005)


def _until_quiet(slack: ShownSlack, quiet_seconds: float = 6.0, most_seconds: float = 240.0) -> None:
    """Until nothing has been asked of Slack for a while: longer than any pause in fast time."""
    deadline = monotonic() + most_seconds
    calls, since = len(slack.calls), monotonic()
    while monotonic() < deadline and monotonic() - since < quiet_seconds:
        sleep(0.2)
        if len(slack.calls) != calls:
            calls, since = len(slack.calls), monotonic()


def _judged(told: Sequence[Notification], slack: ShownSlack, kills: int) -> Verdict:
    of_story: dict[str, list[Notification]] = {}
    for each in told:
        of_story.setdefault(each.story.id, []).append(each)
    digests, standing = Counter[str](), set()
    for channel, messages in slack.messages.items():
        for message in [each for each in messages if "thread_ts" not in each]:
            kind, payload = message["metadata"]["event_type"], message["metadata"]["event_payload"]
            if kind == "groundswell_digest":
                digests[f"{channel} {payload['notification']}"] += 1
            else:
                standing.add(payload["story"])
    only_digested = {story for story, tellings in of_story.items() if _is_digested(slack, tellings[-1])} - standing
    with_message = {story: tellings for story, tellings in of_story.items() if story not in only_digested}
    problems = [*wrong_in(with_message, slack)]
    problems += [f"digest {id_} stands there {count} times" for id_, count in digests.items() if count > 1]
    if not only_digested:
        problems.append("no story was told by a digest alone: the budget holds nothing back")
    return Verdict(
        kills=kills,
        changes=len(told),
        stories=len(standing),
        digests=len(digests),
        in_digests=len(only_digested),
        calls=len(slack.calls),
        problems=problems,
    )


def _is_digested(slack: ShownSlack, newest: Notification) -> bool:
    """Whether a digest tells of the story: by its headline, of which each story has its own."""
    return any(
        newest.story.headline in str(message["blocks"])
        for message in slack.messages[channel_of(int(newest.receiver.removeprefix("desk-")))]
        if message["metadata"]["event_type"] == "groundswell_digest"
    )


def _write_config(folder: Path, bootstrap: str, slack: str) -> Path:
    desks = [f"desk-{number}" for number in range(CHANNELS)]
    receivers = "".join(
        f"  - {{name: {desk}, type: slack, channel: {channel_of(number)}, base_url: '{slack}'}}\n"
        for number, desk in enumerate(desks)
    )
    hours = ", ".join(f"'{hour:02}:00'" for hour in range(24))
    path = folder / "kills.yaml"
    path.write_text(
        "organisation: {name: Chaos}\n"
        "monitors:\n  - {name: census, query: census, detectors: {volume_spike: {}}}\n"
        f"receivers:\n{receivers}"
        "routes:\n"
        f"  - {{name: poor, receivers: [{POOR_DESK}], at_least: warning, interrupts_a_day: {BUDGET}, "
        f"digest: [{hours}]}}\n"
        f"  - {{name: rich, receivers: [{', '.join(desks[:-1])}], interrupts_a_day: null}}\n"
        f"kafka: {{bootstrap: '{bootstrap}', topic_prefix: kills-{uuid.uuid4().hex[:6]}-, partitions: 3}}\n"
        "metrics: {match: 0, detect: 0, notify: 0}\n"
    )
    return path
