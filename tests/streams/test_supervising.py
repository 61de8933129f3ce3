"""With real processes: each is a few lines of Python that write to files what they live through."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from streams.stages.supervising import CANNOT_RUN, command_of, stop_on_signals, supervise
from tests.waiting import until

SOON = timedelta(milliseconds=10)

NOTES_ITS_STARTS = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('a').write('x')\n"
RUNS_UNTIL_STOPPED = """
import pathlib, signal, sys, time
def stop(*_):
    pathlib.Path(sys.argv[1]).write_text('saved')
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
pathlib.Path(sys.argv[1]).write_text('runs')
while True: time.sleep(.05)
"""
IGNORES_SIGTERM = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
while True: time.sleep(.05)
"""


def program(text: str, note: Path) -> list[str]:
    return [sys.executable, "-S", "-c", text, str(note)]


def content(note: Path) -> str:
    return note.read_text() if note.exists() else ""


async def test_a_worker_that_crashes_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stop, note = asyncio.Event(), tmp_path / "note"
    crashes = program(NOTES_ITS_STARTS + "sys.exit(1)", note)
    task = asyncio.ensure_future(supervise({"match": crashes}, stop, first_pause=SOON))
    await until(lambda: len(content(note)) >= 3)
    stop.set()
    assert await asyncio.wait_for(task, 20) == 0
    pauses = [vars(record)["in_seconds"] for record in caplog.records if "started again" in record.message]
    assert pauses[:2] == [0.01, 0.02]


async def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    stop, note = asyncio.Event(), tmp_path / "note"
    killed = program(NOTES_ITS_STARTS + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", note)
    task = asyncio.ensure_future(supervise({"match": killed}, stop, first_pause=SOON))
    await until(lambda: len(content(note)) >= 2)
    stop.set()
    assert await asyncio.wait_for(task, 20) == 0


async def test_a_worker_that_only_a_person_can_help_ends_them_all(tmp_path: Path) -> None:
    note, other = tmp_path / "note", tmp_path / "other"
    # It waits for the other, so that there is something to end.
    cannot = f"import time\nwhile not pathlib.Path({str(other)!r}).exists(): time.sleep(.01)\nsys.exit({CANNOT_RUN})"
    commands = {
        "match": program(RUNS_UNTIL_STOPPED, other),
        "detect": program(NOTES_ITS_STARTS + cannot, note),
    }
    code = await asyncio.wait_for(supervise(commands, asyncio.Event(), first_pause=SOON), 20)
    assert code == CANNOT_RUN
    assert (content(note), content(other)) == ("x", "saved")


async def test_an_orderly_stop_lets_each_worker_save(tmp_path: Path) -> None:
    stop = asyncio.Event()
    notes = {name: tmp_path / name for name in ("match", "detect", "notify")}
    commands = {name: program(RUNS_UNTIL_STOPPED, note) for name, note in notes.items()}
    task = asyncio.ensure_future(supervise(commands, stop))
    await until(lambda: all(content(note) == "runs" for note in notes.values()))
    stop.set()
    assert await asyncio.wait_for(task, 20) == 0
    assert {content(note) for note in notes.values()} == {"saved"}


async def test_a_worker_that_does_not_stop_in_time_is_killed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    stop, note = asyncio.Event(), tmp_path / "note"
    commands = {"detect": program(IGNORES_SIGTERM, note)}
    task = asyncio.ensure_future(supervise(commands, stop, stop_within=timedelta(milliseconds=200)))
    await until(lambda: content(note) != "")
    stop.set()
    assert await asyncio.wait_for(task, 20) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(content(note)), 0)
    assert "is killed" in caplog.text


async def test_a_stop_while_a_worker_is_about_to_be_started_again_does_not_wait(tmp_path: Path) -> None:
    stop, note = asyncio.Event(), tmp_path / "note"
    crashes = program(NOTES_ITS_STARTS + "sys.exit(1)", note)
    task = asyncio.ensure_future(supervise({"match": crashes}, stop, first_pause=timedelta(hours=1)))
    await until(lambda: content(note) == "x")
    stop.set()
    assert await asyncio.wait_for(task, 20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_signals_stop_all_workers_though_they_are_in_groups_of_their_own(
    number: signal.Signals, tmp_path: Path
) -> None:
    note = tmp_path / "note"
    supervisor = (
        "import asyncio, sys\n"
        "from streams.stages.supervising import stop_on_signals, supervise\n"
        "async def main():\n"
        "    until = asyncio.Event()\n"
        "    stop_on_signals(until)\n"
        "    return await supervise({'match': [sys.executable, '-S', '-c', sys.argv[2], sys.argv[1]]}, until)\n"
        "sys.exit(asyncio.run(main()))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", supervisor, str(note), RUNS_UNTIL_STOPPED)
    await until(lambda: content(note) == "runs")
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert content(note) == "saved"


async def test_signals_set_the_event() -> None:
    until_then = asyncio.Event()
    stop_on_signals(until_then)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(until_then.wait(), 10)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(number)


def test_a_worker_is_started_by_this_very_python() -> None:
    assert command_of("match", "c.yaml", ["--log", "json"]) == [
        sys.executable, "-m", "streams", "run", "c.yaml", "--stage", "match", "--log", "json",
    ]  # fmt: skip
