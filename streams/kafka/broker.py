"""A real Kafka of one node on this machine, for trying out and for tests: no Docker and no installed Java is needed.

Everything of it stands in one folder: its data, its log, and `broker.json` with its ports and its process. The ports
are chosen once, so that it comes back where its clients look for it. It listens on loopback only, and outlives who
started it.

BrokerError   it cannot do what was asked; says why, and what to do
"""

import fcntl
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from streams.kafka import server as kafka_server
from streams.kafka.jars import Progress
from streams.kafka.server import HOST, BrokerError, extra_missing, log_file

DEFAULT_DATA = Path(".groundswell/kafka")
_NEEDED_BYTES = 300_000_000
_READY_SECONDS = 90
_GRACE_SECONDS = 20
_PORTS_SECONDS = 5


class _PortTakenError(Exception):
    """Another program listens on a port that was to be ours."""


class Running(Struct, frozen=True, kw_only=True):
    """A local Kafka that runs."""

    port: int
    pid: int
    data: Path

    @property
    def bootstrap(self) -> str:
        """`host:port`, as its clients want it."""
        return f"{HOST}:{self.port}"


class _Place(Struct, frozen=True, kw_only=True):
    """What `broker.json` remembers."""

    port: int
    controller_port: int
    pid: int | None = None


# Children that nobody waits for stay as zombies; those that we started are waited for here.
_children: dict[int, subprocess.Popen[bytes]] = {}


def start(data: Path = DEFAULT_DATA, *, progress: Progress = lambda text: None) -> Running:
    """Start it, or find it running. Returns when it answers; raises `BrokerError`.

    The first start on a machine fetches Kafka (about 20 s), the first in a folder prepares it (2 s).
    """
    data = _folder(data)
    with _alone(data, progress):
        if running := _one_that_answers(data):
            return running
        call = kafka_server.call(data, progress)
        _check_space(data)
        remembered = _remembered(data)
        if remembered is None:
            return _start_anywhere(data, call, progress)
        try:
            return _launch(data, remembered, call, progress)
        except _PortTakenError:
            raise BrokerError(
                f"the address of this Kafka, {HOST}:{remembered.port}, or its controller's port "
                f"{remembered.controller_port} is taken by another program. End that program, or delete "
                f"{data / 'broker.json'}: then it takes another address and keeps its data."
            ) from None


def stop(data: Path = DEFAULT_DATA, *, at_once: bool = False) -> bool:
    """End it, by force after 20 s, or `at_once` as a crash would. False where none was running."""
    running = status(data)
    if running is None:
        return False
    import psutil

    process = psutil.Process(running.pid)
    if not at_once:
        process.terminate()
    try:
        process.wait(0 if at_once else _GRACE_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(_GRACE_SECONDS)
    _reap()
    return True


def status(data: Path = DEFAULT_DATA) -> Running | None:
    """The Kafka of this folder if its process lives, though it may not answer yet."""
    data = data.resolve()
    place = _remembered(data)
    if place is None or place.pid is None or not _is_ours(place.pid, data):
        return None
    return Running(port=place.port, pid=place.pid, data=data)


def running_bootstrap(data: Path = DEFAULT_DATA) -> str | None:
    """Where its clients reach it, or None where none runs."""
    running = status(data)
    return running.bootstrap if running else None


def _folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BrokerError(f"cannot make the folder {data}: {error.strerror}. Name another with --data.") from error
    return data.resolve()


@contextmanager
def _alone(data: Path, progress: Progress) -> Iterator[None]:
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is starting this Kafka; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _one_that_answers(data: Path) -> Running | None:
    # One that was killed this moment still looks alive, and another process may have begun to start it.
    deadline = time.monotonic() + _READY_SECONDS
    while running := status(data):
        if kafka_server.speaks(running.port) and kafka_server.answers(running.bootstrap):
            return running
        if time.monotonic() > deadline:
            raise BrokerError(
                f"Kafka runs (process {running.pid}) but has not answered for {_READY_SECONDS} s. "
                f"End it with `groundswell broker stop`, and see {log_file(data)}."
            )
        time.sleep(0.05)
    return None


def _check_space(data: Path) -> None:
    free_bytes = shutil.disk_usage(data).free
    if free_bytes < _NEEDED_BYTES:
        raise BrokerError(
            f"the disk of {data} is nearly full: {free_bytes // 1_000_000} MB free, {_NEEDED_BYTES // 1_000_000} MB "
            "needed. Make room, or name a folder elsewhere with --data."
        )


def _remembered(data: Path) -> _Place | None:
    try:
        return msgspec.json.decode((data / "broker.json").read_bytes(), type=_Place)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        path = data / "broker.json"
        raise BrokerError(f"{path} cannot be read ({error}). Delete it: the data are kept.") from error


def _remember(data: Path, place: _Place) -> None:
    fresh = data / "broker.json.new"
    fresh.write_bytes(msgspec.json.encode(place))
    fresh.rename(data / "broker.json")


def _is_ours(pid: int, data: Path) -> bool:
    try:
        import psutil
    except ModuleNotFoundError as error:
        raise BrokerError(extra_missing(error)) from error
    _reap()
    try:
        return kafka_server.mark(data) in psutil.Process(pid).cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # a zombie counts as no such process
        return False


def _reap() -> None:
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]


def _start_anywhere(data: Path, call: list[str], progress: Progress) -> Running:
    for _ in range(5):
        try:
            port, controller_port = _free_ports()
            return _launch(data, _Place(port=port, controller_port=controller_port), call, progress)
        except _PortTakenError:  # between our look and Kafka's start
            (data / "broker.json").unlink(missing_ok=True)
    raise BrokerError(f"no free port was found on {HOST}")


def _free_ports() -> tuple[int, int]:
    # Below the ports that systems give to clients (from 32768 on Linux): while the broker is away, a client that tries
    # again and again could else be given the broker's own port, and even connect to itself.
    # Not from the shared generator: tests seed it, and two of them would then meet.
    candidates = random.SystemRandom().sample(range(20000, 32000), 2000)
    free = [port for port in candidates[:50] if _is_free(port)] or [port for port in candidates if _is_free(port)]
    if len(free) < 2:
        raise BrokerError(f"no free port was found on {HOST}")
    return free[0], free[1]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _launch(data: Path, place: _Place, call: list[str], progress: Progress) -> Running:
    _wait_until_free(place)
    (data / "server.properties").write_text(kafka_server.properties(place.port, place.controller_port))
    if not (data / "log/meta.properties").exists():
        progress("preparing the folder for Kafka's data")
        kafka_server.prepare(data, call)
    progress("starting Kafka")
    log = log_file(data)
    if log.exists():
        log.rename(log.with_suffix(".log.1"))
    child = _spawn(data, [*call, "kafka.Kafka", "server.properties"])
    try:
        _remember(data, _Place(port=place.port, controller_port=place.controller_port, pid=child.pid))
        _wait_until_it_answers(data, place, child)
    except BaseException:  # an interrupted start leaves nothing running
        child.kill()
        child.wait()
        _reap()
        raise
    return Running(port=place.port, pid=child.pid, data=data)


def _wait_until_free(place: _Place) -> None:
    # A Kafka that was killed this moment gives its ports back a little later.
    deadline = time.monotonic() + _PORTS_SECONDS
    while not (_is_free(place.port) and _is_free(place.controller_port)):
        if time.monotonic() > deadline:
            raise _PortTakenError
        time.sleep(0.05)


def _spawn(data: Path, call: list[str]) -> subprocess.Popen[bytes]:
    with log_file(data).open("wb") as log:
        child = subprocess.Popen(
            call,
            cwd=data,
            env=kafka_server.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for who started it
        )
    _children[child.pid] = child
    return child


def _wait_until_it_answers(data: Path, place: _Place, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while child.poll() is None:
        if kafka_server.speaks(place.port) and kafka_server.answers(f"{HOST}:{place.port}"):
            return
        if time.monotonic() > deadline:
            raise BrokerError(f"Kafka did not answer within {_READY_SECONDS} s; see {log_file(data)}")
        time.sleep(0.05)
    if "Address already in use" in log_file(data).read_text(errors="replace"):
        raise _PortTakenError
    raise BrokerError(kafka_server.why_it_ended(data, child.returncode))
