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
RAN_WELL = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(seconds=30)


async def supervise(commands: Mapping[str, Sequence[str]], until: asyncio.Event) -> int:
    """Run all commands until `until` is set, or one cannot run. Gives the exit code.

    Args:
        commands: By the name of the stage.
        until: Set it for an orderly stop.
    """
    failed: dict[str, int] = {}
    tasks = [asyncio.ensure_future(_keep_running(name, command, until, failed)) for name, command in commands.items()]
    await asyncio.gather(*tasks)
    return next(iter(failed.values()), 0)


def command_of(stage: str, config: str, options: Sequence[str]) -> list[str]:
    """How a worker of a stage is started."""
    return [sys.executable, "-m", "streams", "run", config, "--stage", stage, *options]


def stop_on_signals(until: asyncio.Event) -> None:
    """Set it on Ctrl-C and SIGTERM."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, until.set)


async def _keep_running(name: str, command: Sequence[str], until: asyncio.Event, failed: dict[str, int]) -> None:
    pause = 1.0
    while not until.is_set():
        started = monotonic()
        # A process group of its own: Ctrl-C in a terminal goes to all of one group, and it is we who stop them.
        process = await asyncio.create_subprocess_exec(*command, start_new_session=True)
        code = await _run(process, until)
        if until.is_set():
            return
        if code == CANNOT_RUN:
            failed[name] = code
            until.set()
            return
        pause = 1.0 if monotonic() - started > RAN_WELL.total_seconds() else pause
        logger.warning(
            "a worker stopped, and is started again", extra={"worker": name, "code": code, "in_seconds": pause}
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(until.wait(), pause)
        pause = min(pause * 2, LONGEST_PAUSE.total_seconds())


async def _run(process: asyncio.subprocess.Process, until: asyncio.Event) -> int:
    """Wait for the end of a process, and bring it about when it is time to stop. Gives its exit code."""
    ended = asyncio.ensure_future(process.wait())
    stop = asyncio.ensure_future(until.wait())
    await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not ended.done():
        process.terminate()
        await asyncio.wait({ended}, timeout=STOP_WITHIN.total_seconds())
    if not ended.done():
        process.kill()
    return await ended
