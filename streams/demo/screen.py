"""What a person sees of a demonstration: its steps, how far it is, the alerts as they come, and what came of it."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import which
from time import monotonic
from typing import TextIO

from msgspec import Struct
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from alerting import wording
from alerting.alert import Alert, Severity
from streams.demo.stages import Progress

_SAY_EVERY_SECONDS = 5
"""How far it is, where no terminal shows it all the time."""


class Step(Struct):
    """One step while it is done."""

    progress: Callable[[str], None]
    """Tell what is being done now."""
    outcome: str = ""


class Screen:
    """Writes to the terminal, or plainly to whatever standard output is."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style=style), soft_wrap=not self.console.is_terminal)

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[Step]:
        """Show that something is being done, and when it is done its outcome and how long it took."""
        started = monotonic()
        if self.console.is_terminal:
            with self.console.status(doing) as line:
                step = Step(lambda text: line.update(f"{doing}: {text}"))
                yield step
        else:
            step = Step(lambda text: None)
            yield step
        told = Text.assemble(("✓ ", "green"), (f"{done:<10}", "bold"), step.outcome)
        told.append(f"  {monotonic() - started:.1f} s", style="dim")
        self.console.print(told, soft_wrap=True)

    @contextmanager
    def reading(self, lines: int) -> Iterator[Callable[[Progress], None]]:
        """A bar, or a line now and then; call what it gives with how far it is."""
        if not self.console.is_terminal:
            yield _Plain(self, lines)
            return
        bar = Bar(
            TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[told]}"), console=self.console
        )
        task = bar.add_task("reading", total=lines, told="")
        with Live(bar, console=self.console, refresh_per_second=5, transient=True):
            yield lambda now: bar.update(task, completed=now.read, description=_phase(now, lines), told=_told(now))

    def show_new(self, alerts: TextIO) -> None:
        """What the terminal receiver has written since the last time; colours are kept, all else is text."""
        if new := alerts.read():
            self.console.print(Text.from_ansi(new.rstrip("\n")), soft_wrap=True)

    def standing(self, alerts: Sequence[Alert]) -> None:
        """Each alert as it is now: the panels above show how it was when it was first told."""
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for heading in ("severity", "monitor", "detector"):
            table.add_column(heading, no_wrap=True)
        table.add_column("as it stands now", overflow="fold")
        for alert in alerts:
            claim = alert.evidence.claim
            told = Text(wording.sentence(alert.evidence.summary))
            if claim is not None:
                told.append(f"\n{wording.claim_in_short(claim)}", style="magenta")
            style = {Severity.INFO: "blue", Severity.WARNING: "yellow"}.get(alert.severity, "red")
            word = Text(wording.severity_word(alert.severity), style=style)
            table.add_row(word, wording.name(alert.monitor), wording.name(alert.detector), told)
        self.console.print()
        self.console.print(table)

    def summary(self, now: Progress, lines: int, seconds: float) -> None:
        """What came of it, in numbers."""
        said = f"{lines:,} lines read: {now.matched:,} matches, {now.encoded:,} texts encoded"
        if now.uncovered:
            said += f", {now.uncovered:,} in languages that the model does not cover"
        if now.dead_letters:
            reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in now.dead_letters.items())
            said += f". {sum(now.dead_letters.values())} were no mentions and are dead letters: {reasons}"
        self.console.print()
        self.say(f"Done in {seconds:.0f} s.", style="bold green")
        self.say(f"{said}.")
        told = wording.counted(now.delivered, "notification")
        self.say(f"{wording.counted(now.firing, 'alert')} firing, {told} delivered.")

    def pointers(self, addresses: Mapping[str, str], alerts: Path, config: Path, *, keep: bool) -> None:
        """Where to look, and what to try next."""
        self.console.print()
        self.say("Metrics for Prometheus" + (", served now:" if keep else " were served at (they stay with --keep):"))
        for stage, address in addresses.items():
            self.say(f"  {stage:<7} {address}")
        self.say(f"The alerts stand in {alerts}, the config in {config}.")
        self.console.print()
        of_here = Path(sys.executable).with_name("groundswell")
        is_found = which("groundswell") is not None
        self.say("Try next" if is_found else f"Try next (groundswell is {of_here} here)", style="bold")
        example = "deploy/examples/census.yaml"
        for why, line in (
            ("what a config will do, in plain words", f"groundswell check {example}"),
            ("who hears which mention, and why", f"groundswell match {example} deploy/examples/census.jsonl.gz"),
            ("the same alerts without a Kafka", f"groundswell backtest {example} deploy/examples/census.jsonl.gz"),
            ("your own, edited", f"cp -r {example} deploy/examples/claims .; groundswell check census.yaml"),
            ("and live, on a Kafka of this machine", "groundswell broker start; groundswell run census.yaml"),
        ):
            self.console.print(Text.assemble(f"  {why}:\n", ("    " + line, "cyan")), soft_wrap=True)


class _Plain:
    """A line every few seconds."""

    def __init__(self, screen: Screen, lines: int) -> None:
        self._screen = screen
        self._lines = lines
        self._said_at = monotonic()

    def __call__(self, now: Progress) -> None:
        if monotonic() - self._said_at >= _SAY_EVERY_SECONDS:
            self._said_at = monotonic()
            self._screen.say(f"… {_phase(now, self._lines)}: {now.read:,} of {self._lines:,} lines read, {_told(now)}")


def _phase(now: Progress, lines: int) -> str:
    if now.read < lines:
        return "reading"
    return "judging" if not now.is_told else "waiting for latecomers"


def _told(now: Progress) -> str:
    when = (
        datetime.fromtimestamp(now.reached, UTC).astimezone().strftime("%a %d %b %H:%M")
        if now.reached
        else "the beginning"
    )
    return f"{now.encoded:,} encoded, {now.heard:,} of {now.matched:,} matches judged, at {when}"
