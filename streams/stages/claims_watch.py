"""Reads the claims files again while a worker runs, so that a new fact-check needs no restart.

Claims are configuration and no part of the log: a worker that repeats work after a crash may know claims that it did
not know the first time. What it then writes has the same ids as before, and so is taken once.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from msgspec import structs

from detectors.known_claim import KnownClaim
from detectors.narratives.claims.index import index_of
from streams.claims_files.reading import ClaimsRead
from streams.encoding.claim_vectors import Texts, Vectors, encode_claims, made_of, with_known_vectors
from streams.encoding.sentence_model import EncoderUnavailable
from streams.settings.config import Config
from streams.settings.loading import ConfigError, claims_paths, read_claims_of
from streams.settings.problem import Problem
from streams.stages.metrics import Metrics

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 3.0
TRY_AGAIN_SECONDS = 60.0
"""Where the files are right and yet cannot be used: the model is missing, or the process that reads was killed."""
MOST_LOGGED = 5
"""Problems in one line of the log."""

Seen = tuple[tuple[str, int, int, int], ...]
"""What can be seen of files from outside: names, times, sizes, and which they are."""


def in_process() -> Executor:
    """For one call, in a process of its own."""
    # spawn: a fork of a process with threads may hang.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


class ClaimsWatch:
    """The claims files of one config, and what is known of them.

    Args:
        config: Says which files, and what to do where a row is wrong.
        folder: The config's.
        digest: As `digest_of` gave it before the claims were read.
        claims: As they were read, encoded where `encodes`.
        left_out: How many rows were wrong.
        encodes: Whether anybody compares vectors.
        reader: Where reading and encoding is done.
    """

    def __init__(
        self,
        config: Config,
        folder: Path,
        digest: bytes | None,
        claims: Sequence[KnownClaim],
        left_out: int,
        *,
        encodes: bool,
        reader: Callable[[], Executor] = in_process,
    ) -> None:
        self._config = structs.replace(config, monitors=())  # theirs are no concern of the process that reads
        self._folder = folder
        self._digest = digest
        self._claims = tuple(claims)
        self._left_out = left_out
        self._encodes = encodes
        self._reader = reader
        self._seen: Seen | None = None
        self._judged: Seen | None = None
        self._again_at: float | None = None

    async def run(self, metrics: Metrics, give: Callable[[tuple[KnownClaim, ...]], None]) -> None:
        """Look every few seconds, until cancelled; `give` gets the claims whenever they are others."""
        metrics.claims_known(len(self._claims), self._left_out)
        while self._config.claims:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            claims = await self.look(metrics)
            if claims is not None:
                give(claims)

    async def look(self, metrics: Metrics) -> tuple[KnownClaim, ...] | None:
        """All claims, where the files changed, stand still and can be used; None otherwise.

        A file that changed since the last look may be half written: it is read when it has not changed for one more.
        """
        before, self._seen = self._seen, await asyncio.to_thread(_seen_of, self._config, self._folder)
        is_due = self._again_at is not None and monotonic() >= self._again_at
        if self._seen != before or (self._seen == self._judged and not is_due):
            return None
        self._judged, self._again_at = self._seen, None
        digest = await asyncio.to_thread(digest_of, self._config, self._folder)
        if digest is not None and digest == self._digest:
            return None
        try:
            read, claims = await self._read()
        except (ConfigError, EncoderUnavailable, BrokenProcessPool, OSError) as error:
            if not isinstance(error, ConfigError):
                self._again_at = monotonic() + TRY_AGAIN_SECONDS
            self._digest = None  # to say that all is well when what was there before is put back
            metrics.claims_reloaded.set(0)
            why = told(error.problems) if isinstance(error, ConfigError) else str(error)
            logger.error("the claims files cannot be used; the claims known before stay", extra={"why": why})
            return None
        self._tell(read, claims)
        metrics.claims_known(len(claims), read.bad_rows)
        self._digest, self._claims = digest, claims
        if self._encodes:
            await asyncio.to_thread(index_of, claims)  # else the first narrative would hold up the loop to make it
        return claims

    async def _read(self) -> tuple[ClaimsRead, tuple[KnownClaim, ...]]:
        """In a process of its own: reading many claims takes seconds, and the model's memory is given back."""
        known: Vectors = {made_of(claim): claim.vectors for claim in self._claims} if self._encodes else {}
        process = self._reader()
        try:
            read, new = await asyncio.get_running_loop().run_in_executor(
                process, _read_and_encode, self._config, self._folder, frozenset(known), self._encodes
            )
        finally:
            process.shutdown(wait=False, cancel_futures=True)
        return read, with_known_vectors(read.claims, known | new) if self._encodes else read.claims

    def _tell(self, read: ClaimsRead, claims: Sequence[KnownClaim]) -> None:
        before, now = ({claim.id: claim for claim in each} for each in (self._claims, claims))
        changed = sum(before[id] != now[id] for id in before.keys() & now.keys())
        counts = {"claims": len(now), "new": len(now.keys() - before.keys()), "gone": len(before.keys() - now.keys())}
        logger.info("read the claims files again", extra=counts | {"changed": changed})
        tell_left_out(read)


def tell_left_out(read: ClaimsRead) -> None:
    """Log the rows that are wrong, where the config says that they are left out."""
    if read.problems:
        rows = {"rows": read.bad_rows, "why": told(read.problems)}
        logger.warning("rows of the claims files are wrong and left out", extra=rows)


def told(problems: Sequence[Problem]) -> str:
    """The first of them, for a line of the log."""
    more = f"; and {len(problems) - MOST_LOGGED:,} more" if len(problems) > MOST_LOGGED else ""
    return "; ".join(map(str, problems[:MOST_LOGGED])) + more


def digest_of(config: Config, folder: Path) -> bytes | None:
    """Of the names and contents of a config's claims files; None where they cannot all be read."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        for path in claims_paths(config, folder):
            content = hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
            digest.update(str(path).encode("utf-8", "surrogateescape") + b"\0" + content)
    except (ConfigError, OSError):
        return None
    return digest.digest()


def _seen_of(config: Config, folder: Path) -> Seen:
    """The same as long as nobody writes, empty where the files are not all there."""
    try:
        found = [(str(path), path.stat()) for path in claims_paths(config, folder)]
    except (ConfigError, OSError):
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in found)


def _read_and_encode(config: Config, folder: Path, known: Set[Texts], encodes: bool) -> tuple[ClaimsRead, Vectors]:
    """What the files hold, and the vectors of what is not `known`. Raises `ConfigError`, `EncoderUnavailable`."""
    read = read_claims_of(config, folder)
    new = [claim for claim in read.claims if made_of(claim) not in known] if encodes else []
    if not new:
        return read, {}
    from streams.encoding.encoder import open_encoder

    return read, {made_of(claim): claim.vectors for claim in encode_claims(new, open_encoder(config.encoder))}
