"""The demonstration, step by step: a Kafka, topics, a model, three stages, a recording; then what they make of it.

Everything that it starts is ended when it is closed, however it ends.

DemoError   a step failed; says why, and what to do
"""

import fcntl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from alerting.alert import Alert, State
from streams.demo.config import SlackChannel, adapted
from streams.demo.stages import Progress, Stages, StagesFailed, stop_leftovers
from streams.ingesting import Recording, Sender, Sent
from streams.kafka import broker, topics
from streams.kafka import client as kafka_client
from streams.kafka.client import AccessError
from streams.kafka.server import BrokerError
from streams.settings.config import Config
from streams.settings.loading import ConfigError, load
from streams.stages.starting import reads_vectors

if TYPE_CHECKING:
    from kafka import KafkaAdminClient

FOLDER = Path(".groundswell/demo")
EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
PREFIX = "demo-"
READY_SECONDS = 120
DONE_SECONDS = 240
QUIET_SECONDS = 3
"""How long nothing must change before it is over."""


class DemoError(Exception):
    """A step failed; says why, and what a person can do."""


class Demo:
    """One demonstration. Its methods are its steps, in the order in which they stand here; `close` at any time.

    Args:
        base: The config that it follows.
        slack: Where the alerts go as well.
        environment: For the stages: how they write to the terminal.
    """

    def __init__(self, base: Path, slack: SlackChannel | None, environment: Mapping[str, str]) -> None:
        self._base = base
        self.slack = slack
        self._environment = environment
        self._cleaning = ExitStack()
        self._stages: Stages | None = None
        self._started = False
        self.folder = FOLDER.resolve()
        self.config_file = self.folder / "config.yaml"
        self.alerts_file = self.folder / "alerts.txt"
        self.recording = Recording(EXAMPLES / "census.jsonl.gz")
        self.prefix = f"{PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}."

    def prepare(self) -> Config:
        """Its folder, without what an earlier one left there, and its config."""
        if not EXAMPLES.is_dir():
            raise DemoError("the example is part of the source tree, and is not here: run this in a checkout")
        try:
            load(self._base)
            self.folder.mkdir(parents=True, exist_ok=True)
            self._cleaning.enter_context(_alone(self.folder))
            stop_leftovers(self.folder)
            self.alerts_file.write_text("")
            text = self._base.read_text("utf-8-sig")
            self.config_file.write_text(
                adapted(text, self._base.parent, prefix=self.prefix, told_to=self.alerts_file, slack=self.slack),
                encoding="utf-8",
            )
            self.config = load(self.config_file)
        except ConfigError as error:
            raise DemoError(str(error)) from error
        except OSError as error:
            raise DemoError(f"cannot write to {self.folder}: {error.strerror}") from error
        return self.config

    def start_kafka(self, progress: Callable[[str], None]) -> tuple[str, bool]:
        """Its address, and whether it ran already; one that the config names is never started or stopped."""
        if self.config.kafka.bootstrap is not None:
            return self.config.kafka.bootstrap, True
        try:
            running = broker.status()
            if running is None:
                self._started = True
                self._cleaning.callback(broker.stop)
                return broker.start(progress=progress).bootstrap, False
            return broker.start(progress=progress).bootstrap, True  # it may be starting: wait until it answers
        except BrokerError as error:
            raise DemoError(str(error)) from error

    def create_topics(self) -> int:
        """How many. They are deleted in the end, and those of demonstrations that were killed now."""
        try:
            access = kafka_client.access(self.config.kafka)
            with kafka_client.admin(access) as client:
                if self.config.kafka.bootstrap is None:
                    _delete_topics(client, PREFIX)
                created = topics.create_missing(client, topics.required(self.config.kafka))
        except (AccessError, topics.TopicError) as error:
            raise DemoError(str(error)) from error
        self._cleaning.callback(self._delete_own_topics)
        return len(created)

    def prepare_model(self) -> bool:
        """See that the model can be run by the stages. False where no detector needs one.

        In a process of its own, which can be ended at any time: the first time loads torch for half a minute.
        """
        if not reads_vectors(self.config):
            return False
        log = self.folder / "model.log"
        with log.open("wb") as opened:
            process = subprocess.Popen(
                [sys.executable, "-c", _OPEN_ENCODER, str(self.config_file)],
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=opened,
                start_new_session=True,
            )
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if code != 0:
            last = [*log.read_text(encoding="utf-8", errors="replace").splitlines(), "no reason is known"]
            raise DemoError(f"the model cannot be run: {last[-2] if len(last) > 1 else last[0]} (see {log})")
        return True

    def start_stages(self) -> Stages:
        """Match, detect and notify; returns when each says that it is well."""
        self._started = True
        self._stages = Stages(self.config_file, self.folder, self._environment)
        self._cleaning.callback(self._stages.stop)
        try:
            self._stages.wait_until_ready(READY_SECONDS)
        except StagesFailed as error:
            raise DemoError(str(error)) from error
        return self._stages

    def send(self) -> Sent:
        """The recording, moved so that it ends now, as fast as can be."""
        now = datetime.now(UTC)
        try:
            with Sender.open(self.config.kafka) as sender:
                self.sent = sender.send(self.recording, now=now)
        except (AccessError, OSError) as error:
            raise DemoError(f"the recording cannot be sent: {error}") from error
        self._ends_at = now
        return self.sent

    def follow(self) -> Iterator[Progress]:
        """How far it is, again and again until everything is told. Raises `DemoError` where that takes too long."""
        assert self._stages is not None
        started = changed = monotonic()
        before = Progress()
        while True:
            self.check()
            now = self._stages.progress() or before
            if (now.read, now.heard, now.done) != (before.read, before.heard, before.done):
                changed = monotonic()
            yield now
            before = now
            if self._is_over(now) and monotonic() - changed > QUIET_SECONDS:
                return
            if monotonic() - started > DONE_SECONDS:
                raise DemoError(
                    f"not everything was told within {DONE_SECONDS} s: {now.read:,} of {self.sent.lines:,} lines read, "
                    f"{now.heard:,} of {now.matched:,} matches judged, {now.done:,} of {now.decided:,} notifications "
                    f"told. Is the machine busy? The log is {self._stages.log}"
                )

    def alerts(self) -> list[Alert]:
        """Those that fire, from the topic in which each stands as it is now; the most severe first."""
        from kafka import KafkaConsumer, TopicPartition

        topic = topics.names(self.config.kafka).alerts
        newest: dict[bytes, Alert] = {}
        consumer = KafkaConsumer(**kafka_client.for_kafka_python(kafka_client.access(self.config.kafka)))
        try:
            parts = [TopicPartition(topic, number) for number in range(self.config.kafka.partitions)]
            consumer.assign(parts)
            consumer.seek_to_beginning()
            ends = consumer.end_offsets(parts)
            while any(consumer.position(part) < end for part, end in ends.items()):
                for records in consumer.poll(timeout_ms=1000).values():
                    newest.update({record.key: _alert(record.value) for record in records})
        finally:
            consumer.close()
        firing = [alert for alert in newest.values() if alert.state is State.FIRING]
        return sorted(firing, key=lambda alert: (-alert.severity, alert.starts_at, alert.fingerprint))

    def check(self) -> None:
        """Raise `DemoError` where the stages have ended."""
        assert self._stages is not None
        try:
            self._stages.check()
        except StagesFailed as error:
            raise DemoError(str(error)) from error

    @property
    def has_started(self) -> bool:
        """Whether there is something to end."""
        return self._started

    def close(self) -> None:
        """End all that was started, the newest first."""
        self._cleaning.close()

    def _is_over(self, now: Progress) -> bool:
        """All is read and told, and the watermark is past the last mention: nothing is held back."""
        passed = now.reached > self._ends_at.timestamp()
        return now.read >= self.sent.lines and now.is_told and passed

    def _delete_own_topics(self) -> None:
        try:
            with kafka_client.admin(kafka_client.access(self.config.kafka), patience=timedelta(seconds=5)) as client:
                _delete_topics(client, self.prefix)
        except AccessError:
            pass  # it is gone already, or stops: the next demonstration deletes them


_alert = msgspec.json.Decoder(Alert).decode

# What a person reads of it is its last line.
_OPEN_ENCODER = """
import sys
from pathlib import Path
from streams.encoding.encoder import open_encoder
from streams.settings.loading import load
from streams.encoding.sentence_model import EncoderUnavailable
try:
    open_encoder(load(Path(sys.argv[1])).encoder)
except (EncoderUnavailable, OSError) as error:
    sys.exit(str(error))
"""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"another demonstration runs in {folder}: wait for it, or end it") from None
        yield


def _delete_topics(client: "KafkaAdminClient", prefix: str) -> None:
    found: list[Any] = [name for name in client.list_topics() if name.startswith(prefix)]
    if found:
        client.delete_topics(found)
