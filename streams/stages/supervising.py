"""Runs the three stages as processes of their own on one machine, and sees to it that they run.

A worker that stops is started again, later each time it stops soon; one that says that only a person can help ends them
all. Stopping is orderly: each saves what it has, and is given time for it.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic

logger = logging.getLogger(__name__)

CANNOT_RUN = 78
"""Exit code of a worker that would fail again in the same way (EX_CONFIG of sysexits.h)."""
STOP_WITHIN = timedelta(seconds=15)
"""Then it is killed: nothing is lost by it, some work is done twice."""
FIRST_PAUSE = timedelta(seconds=1)
RAN_WELL = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(seconds=30)


async def supervise(
    commands: Mapping[str, Sequence[str]],
    until: asyncio.Event,
    *,
    stop_within: timedelta = STOP_WITHIN,
    first_pause: timedelta = FIRST_PAUSE,
) -> int:
    """Run all commands until `until` is set, or one cannot run. Gives the exit code.

    Args:
        commands: By the name of the stage.
        until: Set it for an orderly stop.
        stop_within: How long each has for that.
        first_pause: Before a worker that stopped is started again; it doubles each time it stops soon.
    """
    workers = [
        _Worker(name, command, until, stop_within.total_seconds(), first_pause.total_seconds())
        for name, command in commands.items()
    ]
    codes = await asyncio.gather(*(worker.keep_running() for worker in workers))
    if not any(codes):
        logger.info("all stages have stopped, and nothing is lost: started again, they go on here")
    return next(filter(None, codes), 0)


def command_of(stage: str, config: str, options: Sequence[str]) -> list[str]:
    """How a worker of a stage is started."""
    return [sys.executable, "-m", "streams", "run", config, "--stage", stage, *options]


def stop_on_signals(until: asyncio.Event) -> None:
    """Set it on Ctrl-C and SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, until.set)


class _Worker:
    """One process after the other, until it is time to stop."""

    def __init__(
        self, name: str, command: Sequence[str], until: asyncio.Event, stop_seconds: float, pause_seconds: float
    ) -> None:
        self._name = name
        self._command = command
        self._until = until
        self._stop_seconds = stop_seconds
        self._pause_seconds = pause_seconds

    async def keep_running(self) -> int:
        """Gives `CANNOT_RUN` where this worker ended everything, else 0."""
        pause = self._pause_seconds
        while not self._until.is_set():
            started = monotonic()
            # A session of its own: Ctrl-C in a terminal goes to all of one group, and it is we who stop them.
            process = await asyncio.create_subprocess_exec(*self._command, start_new_session=True)
            code = await self._run(process)
            if self._until.is_set():
                break
            if code == CANNOT_RUN:
                self._until.set()
                return code
            pause = self._pause_seconds if monotonic() - started > RAN_WELL.total_seconds() else pause
            logger.warning(
                "a worker stopped, and is started again",
                extra={"worker": self._name, "code": code, "in_seconds": pause},
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._until.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE.total_seconds())
        return 0

    async def _run(self, process: asyncio.subprocess.Process) -> int:
        """Wait for the end of a process, and bring it about when it is time to stop. Gives its exit code."""
        ended = asyncio.ensure_future(process.wait())
        stop = asyncio.ensure_future(self._until.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        with suppress(ProcessLookupError):  # it ended by itself at the same moment
            if not ended.done():
                process.terminate()
                await asyncio.wait({ended}, timeout=self._stop_seconds)
            if not ended.done():
                logger.warning("a worker did not stop in time, and is killed", extra={"worker": self._name})
                process.kill()
        return await ended
