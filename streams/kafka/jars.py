"""The jars of Kafka, fetched once for each user of this machine.

They come from Maven Central, or from the mirror called `central` in jgo's own config file. What is fetched stands in a
folder of its own that gets its name only when it is complete, so that an interrupted fetch leaves nothing half done.
"""

import fcntl
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = "4.3.1"
_COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",  # without one of its back ends Kafka logs nothing
)

Progress = Callable[[str], None]
"""Is told in a few words what is being done."""


class JarsError(Exception):
    """The jars could not be fetched; says why, and what to do."""


def jars(progress: Progress) -> list[Path]:
    """All jars of the class path. Fetches them at the first call on a machine (45 MB).

    Raises `JarsError`, and `ModuleNotFoundError` where jgo is not installed.
    """
    folder = _cache() / f"kafka-{VERSION}"
    if not folder.exists():
        _cache().mkdir(parents=True, exist_ok=True)
        with _alone(_cache() / "kafka.lock", progress):
            if not folder.exists():
                _fetch(folder, progress)
    return sorted(folder.rglob("*.jar"))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "groundswell"


@contextmanager
def _alone(path: Path, progress: Progress) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is fetching Kafka; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, progress: Progress) -> None:
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    progress(f"fetching Kafka {VERSION} from Maven, once (45 MB)")
    try:
        _check(_resolve(partial, progress))
        partial.rename(folder)
    except ModuleNotFoundError:
        raise
    # jgo lets errors of HTTP (which are OSErrors), of XML and of its own through.
    except (OSError, RuntimeError, ValueError, SyntaxError, zipfile.BadZipFile) as error:
        raise JarsError(
            f"Kafka's jars could not be fetched: {error}\n"
            "Is there a network, a proxy to be named in HTTPS_PROXY, and 100 MB of disk space? A mirror of Maven "
            "Central can be named in ~/.config/jgo.conf ([repositories], central = …). Or use a Kafka that you have: "
            "kafka.bootstrap in the config."
        ) from error


def _resolve(repository: Path, progress: Progress) -> list[Path]:
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext, PythonResolver

    descriptions = 0

    @contextmanager
    def count(filename: str, size_bytes: int) -> Iterator[Callable[[int], None]]:
        nonlocal descriptions
        descriptions += filename.endswith(".pom")
        if descriptions % 20 == 1 and filename.endswith(".pom"):
            progress(f"reading what Kafka is made of: {descriptions} descriptions")
        yield lambda chunk_bytes: None

    context = MavenContext(
        resolver=PythonResolver(progress_callback=count),
        repo_cache=repository,
        remote_repos={"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories},
        timeout=30,
    )
    wanted = [context.create_dependency(coordinates) for coordinates in _COORDINATES]
    named, others = context.resolver.resolve(wanted)
    needed = [*named, *(other for other in others if other.scope in ("compile", "runtime"))]
    return _download([dependency.artifact for dependency in needed], progress)


def _download(artifacts: list[Any], progress: Progress) -> list[Path]:
    paths: list[Path] = []
    with ThreadPoolExecutor(8) as pool:
        for path in pool.map(lambda artifact: artifact.resolve(), artifacts):
            paths.append(path)
            if len(paths) % 15 == 0 or len(paths) == len(artifacts):
                progress(f"fetching Kafka {VERSION}: {len(paths)} of {len(artifacts)} jars")
    return paths


def _check(paths: list[Path]) -> None:
    # jgo only warns of a wrong checksum, which is how a broken transfer shows.
    for path in paths:
        with zipfile.ZipFile(path) as jar:
            if damaged := jar.testzip():
                raise zipfile.BadZipFile(f"{path.name} is damaged at {damaged}")
