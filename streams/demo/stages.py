"""The three stages of a demonstration, as one `groundswell run` beside it, and what their metrics tell.

StagesFailed   they ended, or did not become ready; holds the end of their log
"""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep

import msgspec
from msgspec import Struct

from streams.stages.starting import STAGES

STOP_SECONDS = 20
_ASK_SECONDS = 2


class StagesFailed(Exception):  # noqa: N818 - the house names errors for what is wrong
    """The stages cannot do their work; says why, as far as their log tells."""


class Progress(Struct, kw_only=True):
    """How far the stages have come, from their metrics."""

    read: int = 0
    """Lines that `match` read, those that are no mentions among them."""
    matched: int = 0
    """Mentions for monitors; one for two of them counts twice."""
    encoded: int = 0
    """Texts that the model was given."""
    uncovered: int = 0
    """Texts that the model does not cover."""
    heard: int = 0
    """Mentions that `detect` took in, repeats among them; comparable with `matched`."""
    reached: float = 0.0
    """The watermark of `detect`, in seconds since 1970."""
    decided: int = 0
    """Notifications that `detect` put in the outbox."""
    done: int = 0
    """Those that are delivered, or were replaced by newer ones before it."""
    delivered: int = 0
    firing: int = 0
    dead_letters: Mapping[str, int] = {}
    """By reason, where there are some."""

    @property
    def is_told(self) -> bool:
        """Whether what was matched has been judged, and what was decided has been told."""
        return self.heard >= self.matched and self.done >= self.decided


class Stages:
    """`groundswell run` as a process of its own, with its log in a file.

    Args:
        config: What to run.
        folder: For its log, and for the note by which the next demonstration finds what this one left behind.
        environment: Added to ours.
    """

    def __init__(self, config: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.log = folder / "stages.log"
        self._note = folder / "stages.pid"
        self._addresses: dict[str, str] = {}
        command = [sys.executable, "-m", "streams", "run", str(config), "--log", "json"]
        with self.log.open("wb") as log:
            # A session of its own: it is we who stop it, not the Ctrl-C that we get.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self._note.write_text(str(self._process.pid), encoding="ascii")

    def addresses(self) -> Mapping[str, str]:
        """Where each stage that is ready serves its metrics: `http://127.0.0.1:…/metrics`."""
        return {stage: self._addresses[stage] for stage in STAGES if stage in self._addresses}

    def wait_until_ready(self, seconds: float) -> None:
        """Until each says of itself that all is well. Raises `StagesFailed`."""
        deadline = monotonic() + seconds
        while True:
            self.check()
            self._find_addresses()
            waiting = [stage for stage in STAGES if not self._is_healthy(stage)]
            if not waiting:
                return
            if monotonic() > deadline:
                raise StagesFailed(self._told(f"{', '.join(waiting)} did not become ready within {seconds:.0f} s"))
            sleep(0.2)

    def check(self) -> None:
        """Raise `StagesFailed` where they have ended."""
        code = self._process.poll()
        if code is not None:
            raise StagesFailed(self._told(f"the stages ended with exit code {code}"))

    def progress(self) -> Progress | None:
        """What their metrics say now; None while one of them does not answer."""
        self._find_addresses()
        try:
            match, detect, notify = (_samples(_read(self._addresses[stage])) for stage in STAGES)
        except (OSError, KeyError, ValueError):
            return None
        encoded, told = match["groundswell_encoded_texts_total"], notify["groundswell_notifications_total"]
        heard = detect["groundswell_heard_mentions_total"]
        dead = {reason: int(count) for reason, count in match["groundswell_dead_letters_total"].items() if count}
        return Progress(
            read=int(sum(match["groundswell_mentions_total"].values())) + sum(dead.values()),
            matched=int(sum(match["groundswell_matches_total"].values())),
            encoded=int(encoded["encoded"] + encoded["cached"]),
            uncovered=int(encoded["language"] + encoded["shattered"]),
            heard=int(heard["heard"] + heard["repeat"] + heard["too_late"]),  # those that are late are heard as well
            reached=sum(detect["groundswell_watermark_timestamp_seconds"].values()),
            decided=int(sum(detect["groundswell_notifications_decided_total"].values())),
            done=int(told["delivered"] + told["superseded"] + told["repeat"]),
            delivered=int(told["delivered"]),
            firing=int(sum(detect["groundswell_alerts_firing"].values())),
            dead_letters=dead,
        )

    def stop(self) -> None:
        """End them in an orderly way, by force after `STOP_SECONDS`. Nothing of them is left."""
        _end(self._process.pid)
        self._process.wait()
        self._note.unlink(missing_ok=True)

    def _find_addresses(self) -> None:
        """The newest that each stage has logged: a worker that was started again has another port."""
        for line in self.log.read_bytes().splitlines():
            if b'"metrics"' in line:
                try:
                    ready = msgspec.json.decode(line, type=_Ready)
                except msgspec.DecodeError:
                    continue
                self._addresses[ready.stage] = ready.metrics

    def _is_healthy(self, stage: str) -> bool:
        if stage not in self._addresses:
            return False
        try:
            _read(self._addresses[stage].removesuffix("/metrics") + "/healthz")
        except OSError:
            return False
        return True

    def _told(self, what: str) -> str:
        """With the last thing of weight that their log says."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        weighty = [told for line in lines if (told := _weighty(line))]
        reason = f": {weighty[-1]}" if weighty else ""
        return f"{what}{reason}. Their log is {self.log}"


class _Ready(Struct):
    stage: str
    metrics: str


def stop_leftovers(folder: Path) -> bool:
    """End the stages that a demonstration left behind when it was killed. True if there were some."""
    note = folder / "stages.pid"
    try:
        pid = int(note.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return False
    found = _is_ours(pid, folder)
    if found:
        _end(pid)
    note.unlink(missing_ok=True)
    return found


def _is_ours(pid: int, folder: Path) -> bool:
    import psutil

    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return "run" in command and any(word.startswith(str(folder)) for word in command)


def _end(pid: int) -> None:
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        process.send_signal(signal.SIGTERM)  # it stops its workers, and ends after them
    except psutil.Error:
        return
    _, left = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for one in left:
        try:
            one.kill()
        except psutil.Error:
            continue
    psutil.wait_procs(left, timeout=5)


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=_ASK_SECONDS) as answer:  # on loopback only
        content: bytes = answer.read()
        return content.decode()


def _samples(text: str) -> Mapping[str, Mapping[str, float]]:
    """By name, then by the last word that tells series apart (outcome, reason or, where neither is, all together)."""
    from prometheus_client.parser import text_string_to_metric_families

    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.labels.get("outcome") or sample.labels.get("reason") or ""
            found[sample.name][key] += sample.value
    return found


def _weighty(line: str) -> str | None:
    """The message of a log line of level error, or a line that is no log line."""
    try:
        told = json.loads(line)
    except ValueError:
        return line.strip() or None
    if not isinstance(told, dict) or told.get("level") not in ("error", "critical"):
        return None
    return str(told.get("message"))
