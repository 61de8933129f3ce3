"""`groundswell detectors`: which detectors there are, and what each does and can be told."""

import inspect
import re
from collections.abc import Mapping

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from detectors.contract import Detector
from detectors.registry import description, load_detectors
from streams.settings.plan import value_in_words
from streams.settings.problem import did_you_mean
from streams.settings.yaml_values import expected_words


@click.command("detectors")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the detectors, or tell all about the one called NAME."""
    known = load_detectors()
    console = Console(highlight=False)
    if name is None:
        _show_all(known, console)
    elif name in known:
        _show_one(known[name], console)
    else:
        hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
        raise click.ClickException(f"no detector is called {name!r}{hint}")


def _show_all(known: Mapping[str, type[Detector]], console: Console) -> None:
    table = Table.grid(padding=(0, 2))
    for name, detector in known.items():
        table.add_row(Text(name, style="bold", no_wrap=True), Text(_paragraphs(detector)[0]))
    console.print(table)


def _show_one(detector: type[Detector], console: Console) -> None:
    console.print(Text(detector.name, style="bold"))
    for paragraph in _paragraphs(detector):
        console.print(Text(paragraph))
        console.print()
    table = Table("parameter", "default", "meaning", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for field in msgspec.structs.fields(detector.Params):
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        kind = expected_words(msgspec.inspect.type_info(field.type))
        meaning = Text.assemble(description(field.type) or "", "\n", (f"Expects {kind}.", "dim"))
        table.add_row(Text(field.name, style="cyan"), Text(value_in_words(default)), meaning)
    console.print(table)


def _paragraphs(detector: type[Detector]) -> list[str]:
    """The docstring as running text, for the terminal is seldom as wide as the code; lists stay lists."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(detector.__doc__ or "").strip())
    return [re.sub(r"\n\s*(?![-*\s])", " ", paragraph) for paragraph in paragraphs]
