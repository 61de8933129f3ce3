"""`groundswell demo`: the whole line on a bundled example, on this machine, from nothing to alerts."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

import click
from rich.console import Console

from streams.demo.config import slack_from
from streams.demo.run import EXAMPLES, Demo, DemoError
from streams.demo.screen import Screen
from streams.demo.stages import Progress

INTERRUPTED = 130
_WIDEST = 110


@click.command()
@click.option("--keep", is_flag=True, help="Stay up afterwards, until Ctrl-C.")
@click.option(
    "--config",
    "base",
    type=click.Path(path_type=Path),
    default=EXAMPLES / "census.yaml",
    show_default="the example's",
    help="Run this config on the example; its receivers are not used.",
)
def command(keep: bool, base: Path) -> None:
    """Show the whole line on an example: Kafka, three stages, a recording of two weeks, alerts.

    It starts what it needs, in the folder .groundswell, and ends it. The alerts are shown here; with SLACK_BOT_TOKEN
    and SLACK_CHANNEL (a channel's id) in the environment they are posted there too (SLACK_API_URL: of another Slack).
    """
    console = Console(highlight=False, markup=False, emoji=False)
    screen = Screen(console)
    demo = Demo(base, slack_from(os.environ), _environment(console))
    code = 0
    with _signals_interrupt():
        try:
            _run(demo, screen, keep=keep)
        except DemoError as error:
            click.echo(f"Error: {error}", err=True)
            code = 1
        except KeyboardInterrupt:
            code = INTERRUPTED
        finally:
            _close(demo, screen)
    sys.exit(code)


def _run(demo: Demo, screen: Screen, *, keep: bool) -> None:
    screen.say("An example: a census office, two calm weeks, then an evening of two false claims")
    config = demo.prepare()
    with screen.step("Starting Kafka", "Kafka") as step:
        address, ran = demo.start_kafka(step.progress)
        step.outcome = f"{'runs already' if ran else 'runs'} at {address}"
    with screen.step("Creating topics", "Topics") as step:
        step.outcome = f"{demo.create_topics()} created, called {demo.prefix}…"
    with screen.step("Preparing the sentence model (the first time it is exported: half a minute)", "Model") as step:
        step.outcome = f"{config.encoder.model} is ready" if demo.prepare_model() else "none is needed"
    with screen.step("Starting match, detect and notify", "Stages") as step:
        stages = demo.start_stages()
        step.outcome = "match, detect and notify run"
    started = monotonic()
    with screen.step("Sending the recording", "Recording") as step:
        sent = demo.send()
        step.outcome = f"{sent.lines:,} lines sent, moved so that the two weeks end now"
    screen.say("Alerts come below, and in Slack." if demo.slack else "Alerts come below.", style="dim")
    now = _follow(demo, screen, sent.lines)
    screen.standing(demo.alerts())
    screen.summary(now, sent.lines, monotonic() - started)
    screen.pointers(stages.addresses(), demo.alerts_file, demo.config_file, keep=keep)
    if keep:
        _stay(demo, screen)


def _follow(demo: Demo, screen: Screen, lines: int) -> Progress:
    now = Progress()
    with demo.alerts_file.open(encoding="utf-8", errors="replace") as alerts, screen.reading(lines) as show:
        for now in demo.follow():
            screen.show_new(alerts)
            show(now)
            sleep(0.25)
        screen.show_new(alerts)
    return now


def _stay(demo: Demo, screen: Screen) -> None:
    screen.say("It stays up. End it with Ctrl-C.", style="bold")
    try:
        with demo.alerts_file.open(encoding="utf-8", errors="replace") as alerts:
            alerts.seek(0, os.SEEK_END)
            while True:
                demo.check()
                screen.show_new(alerts)
                sleep(1)
    except KeyboardInterrupt:
        screen.console.print()


def _close(demo: Demo, screen: Screen) -> None:
    """To the end, however impatient: what was started must not be left behind."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if demo.has_started:
        screen.say("Ending what was started …", style="dim")
    demo.close()


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Being told to end, and the terminal being closed, are like Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _environment(console: Console) -> Mapping[str, str]:
    """So that the terminal receiver, which writes to a file, writes as for this terminal."""
    width = {"COLUMNS": str(min(console.width, _WIDEST))}
    return width | ({"FORCE_COLOR": "1"} if console.is_terminal else {"NO_COLOR": "1"})
