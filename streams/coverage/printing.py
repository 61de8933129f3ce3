"""Coverage told to a person on a terminal, within 80 columns, and to programs as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from alerting import wording
from alerting.language_names import language_name
from streams.coverage.counting import Cell, Coverage, Row, by_channel, by_language, total
from streams.coverage.verdicts import advice, rest, verdict, worth_a_verdict
from streams.encoding.languages import UNKNOWN
from streams.settings.config import Encoder as EncoderSettings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

MOST_CHANNELS = 5
"""That have a column, the most heard first."""
BAR = 16
"""Characters."""
_MEANING, _LETTERS, _NOTHING = "█", "▒", "·"


def print_coverage(
    found: Coverage, settings: EncoderSettings, covered: frozenset[str], console: "Console | None" = None
) -> None:
    """The sentences first, then the tables they come from."""
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    for line in _headline(found, settings):
        console.print(line)
    rows = by_language(found.heard)
    if not rows:
        return
    console.print()
    told = worth_a_verdict(rows)
    for row in told:
        console.print(Text(verdict(row, settings, covered), style=_style(row)))
    for said in rest(rows):
        console.print(Text(said))
    for said in advice(told, settings, covered):
        console.print(Text(said, style="bold"))
    console.print()
    console.print(_languages(found.heard))
    legend = f"{_MEANING} by meaning  {_LETTERS} by letters  {_NOTHING} no words"
    console.print(Text(legend, style="dim"))
    for table in (_channels(found.heard), _monitors(found.by_monitor)):
        if table.row_count:
            console.print()
            console.print(table)


def as_json(found: Coverage, settings: EncoderSettings, covered: frozenset[str]) -> bytes:
    """All figures: of all that was heard, and of each monitor."""
    rows = by_language(found.heard)
    whole = {
        "model": settings.model,
        "covers": sorted(covered),
        "lines": found.lines,
        "malformed": found.malformed,
        "heard": _as_builtins(found.heard),
        "monitors": {monitor: _as_builtins(cells) for monitor, cells in found.by_monitor.items()},
        "verdicts": {row.language: verdict(row, settings, covered) for row in worth_a_verdict(rows)},
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def _headline(found: Coverage, settings: EncoderSettings) -> Iterator["Text"]:
    from rich.text import Text

    whole = total(found.heard)
    yield Text(
        f"{wording.counted(whole.heard, 'mention')} heard: {_share(whole.encoded, whole)} compared by meaning, "
        f"{_share(whole.letters, whole)} matched by letters only, {_share(whole.no_words, whole)} without words "
        f"(model {settings.model})",
        style="bold",
    )
    if found.malformed:
        said = f"{wording.counted(found.malformed, 'line')} not read"
        if found.first_malformed is not None:
            number, why = found.first_malformed
            said += f"; the first is line {number:,} of all: {why}"
        yield Text(said)
    if not found.by_monitor:
        yield Text("No monitor of this config compares texts: none of its detectors reads vectors.")


def _languages(cells: Mapping[Cell, int]) -> "Table":
    from rich.text import Text

    table = _table("language", "mentions", "share", "by meaning", "by letters")
    table.add_column("", no_wrap=True)
    rows = by_language(cells)
    heard = sum(row.heard for row in rows)
    shown = _shown(rows)
    for row in shown:
        name = Text.assemble(language_name(row.language), (f" {row.language}", "dim"))
        table.add_row(name, *_figures(row, heard), _bar(row))
    few = {row.language for row in rows if row not in shown}
    if few:
        merged = total({cell: count for cell, count in cells.items() if cell[0] in few})
        table.add_row(Text(wording.counted(len(few), "other"), style="dim"), *_figures(merged, heard), _bar(merged))
    return table


def _channels(cells: Mapping[Cell, int]) -> "Table":
    """Mentions by language and channel; beside them the share by meaning where it is neither none nor all."""
    from rich.text import Text

    heard: Counter[str] = Counter()
    for (_, channel, _), count in cells.items():
        heard[channel] += count
    columns = [channel for channel, _ in heard.most_common(MOST_CHANNELS)]
    more = len(heard) - len(columns)
    table = _table("mentions in", *map(wording.name, columns), *([f"{more} more"] if more else []))
    if len(heard) < 2:
        return table
    channels = by_channel(cells)
    for row in _shown(by_language(cells)):
        by_name = {each.channel: each for each in channels[row.language]}
        shown = [by_name.get(channel) for channel in columns]
        others = row.heard - sum(each.heard for each in shown if each)
        texts = [Text("–", style="dim") if each is None else Text(_cell(each), style=_style(each)) for each in shown]
        table.add_row(language_name(row.language), *texts, *([wording.number(others)] if more else []))
    return table


def _cell(row: Row) -> str:
    by_meaning = row.encoded / max(1, row.heard - row.no_words)
    beside = f" ({by_meaning:.0%})" if 0 < by_meaning < 0.995 else ""
    return f"{wording.number(row.heard)}{beside}"


def _shown(rows: Sequence[Row]) -> list[Row]:
    worth = worth_a_verdict(rows)
    return [row for row in rows if row in worth or row.language == UNKNOWN]


def _table(first: str, *others: str) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(Text(heading), justify="right", no_wrap=True)  # a channel's name is foreign: no markup
    return table


def _figures(row: Row, heard: int) -> list[str]:
    return [
        wording.number(row.heard),
        _percent(row.heard, heard),
        wording.number(row.encoded),
        wording.number(row.letters),
    ]


def _monitors(by_monitor: Mapping[str, Mapping[Cell, int]]) -> "Table":
    from rich.text import Text

    table = _table("monitor", "matched", "by meaning", "by letters")
    table.add_column("by letters above all")
    for monitor, cells in by_monitor.items():
        whole = total(cells)
        worst = sorted((row for row in by_language(cells) if row.letters), key=lambda row: -row.letters)[:3]
        said = ", ".join(f"{row.language} {wording.number(row.letters)}" for row in worst)
        figures = [wording.number(each) for each in (whole.heard, whole.encoded, whole.letters)]
        table.add_row(Text(wording.name(monitor), style="cyan"), *figures, said or "–")
    return table


def _bar(row: Row) -> "Text":
    from rich.text import Text

    encoded = round(BAR * row.encoded / max(1, row.heard))
    letters = min(BAR - encoded, round(BAR * row.letters / max(1, row.heard)))
    nothing = BAR - encoded - letters
    return Text.assemble((_MEANING * encoded, "green"), (_LETTERS * letters, "yellow"), (_NOTHING * nothing, "dim"))


def _style(row: Row) -> str:
    return "yellow" if row.letters > row.encoded else ""


def _share(count: int, whole: Row) -> str:
    return f"{wording.number(count)} ({_percent(count, whole.heard)})"


def _percent(count: int, of: int) -> str:
    share = 100 * count / of if of else 0.0
    return f"{share:.1f} %" if 0 < share < 10 else f"{share:.0f} %"


def _as_builtins(cells: Mapping[Cell, int]) -> dict[str, Any]:
    channels = by_channel(cells)
    return {
        "total": _as_record(total(cells)),
        "languages": [
            _as_record(row) | {"channels": [_as_record(each) for each in channels[row.language]]}
            for row in by_language(cells)
        ],
    }


def _as_record(row: Row) -> dict[str, Any]:
    letters = {"language": row.not_covered, "uncalibrated": row.uncalibrated, "shattered": row.shattered}
    record: dict[str, Any] = {"language": row.language, "channel": row.channel, "heard": row.heard}
    return record | {"encoded": row.encoded, "letters": letters, "no_words": row.no_words}
