"""Steps in a terminal. All text is literal: nothing that others wrote restyles, links or moves the cursor."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from alerting.plain_text import literal
from streams.explaining.step import Step

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


def print_steps(steps: Sequence[Step], console: Console | None = None) -> None:
    """One heading each, and below it a line for each thing seen: ✓ for, ✗ against somebody being interrupted."""
    console = console or Console(highlight=False)
    for number, step in enumerate(steps):
        if number:
            console.print()
        console.print(Text(literal(step.heading), style="bold"))
        for line in step.lines:
            mark, style = _MARKS[line.verdict]
            console.print(Text.assemble("  ", (mark, style), " ", literal(line.text)), soft_wrap=True)
