"""`groundswell match`: which mentions of a file match which monitor, and by which words."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerting.plain_text import cut, literal
from detectors.mention import Mention
from streams.ingesting import Recording
from streams.queries.matching import Matcher, why
from streams.queries.query import Query, parse
from streams.reading import Malformed, read_mention
from streams.settings.loading import ConfigError, load
from streams.settings.problem import did_you_mean

TEXT_SHOWN = 240
"""Characters of a mention's text."""


class _Tally(Struct):
    """What was met in the file."""

    matches: Counter[str]
    """Mentions by monitor."""
    lines: int = 0
    mentions_matched: int = 0
    unreadable: int = 0


@click.command("match")
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--monitor", "wanted", metavar="NAME", help="Only this monitor.")
@click.option("--limit", default=20, show_default=True, metavar="N", help="Show at most N mentions of each monitor.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, for programs; no limit applies.")
def command(config: Path, file: Path, wanted: str | None, limit: int, as_json: bool) -> None:
    """Show which mentions of FILE match which monitor of CONFIG, and why.

    FILE holds one mention as JSON a line, may be compressed (.gz), and is standard input where it is `-`. Nothing is
    sent anywhere.
    """
    queries = _queries(config, wanted)
    matcher = Matcher(queries)
    tally = _Tally(Counter(dict.fromkeys(queries, 0)))
    console = Console(highlight=False)
    for number, line in _numbered(Recording(None if str(file) == "-" else file)):
        tally.lines += 1
        mention = read_mention(line, datetime.now(UTC))
        if isinstance(mention, Malformed):
            tally.unreadable += 1
            _tell_unreadable(number, mention, as_json, shown=tally.unreadable <= limit)
            continue
        monitors = matcher.matches(mention)
        if not monitors:
            continue
        tally.mentions_matched += 1
        tally.matches.update(monitors)
        reasons = {name: why(queries[name], mention) for name in monitors if as_json or tally.matches[name] <= limit}
        if as_json:
            click.echo(_as_json(number, mention, reasons))
        elif reasons:
            _show(mention, reasons, console)
    if as_json:
        click.echo(_summary_as_json(tally))
    else:
        _show_summary(tally, limit, console)


def _queries(config: Path, wanted: str | None) -> dict[str, Query]:
    try:
        queries = {monitor.name: parse(monitor.query) for monitor in load(config).monitors}
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    if wanted is None:
        return queries
    if wanted not in queries:
        raise click.ClickException(f"no monitor is called {wanted!r}{did_you_mean(wanted, queries)}")
    return {wanted: queries[wanted]}


def _numbered(recording: Recording) -> Iterator[tuple[int, bytes]]:
    try:
        yield from recording.numbered()
    except OSError as error:
        raise click.ClickException(str(error)) from None


def _show(mention: Mention, reasons: Mapping[str, Sequence[str]], console: Console) -> None:
    handle = f"@{cut(literal(mention.author.handle), 40)}" if mention.author.handle else ""
    place = f"{mention.at:%Y-%m-%d %H:%M}  {literal(mention.channel)}  {handle}".rstrip()
    console.print(Text(place, style="dim"), soft_wrap=True)
    for name, parts in reasons.items():
        console.print(Text.assemble((name, "bold cyan"), "  matches by  ", (", ".join(parts), "green")), soft_wrap=True)
    text = f"{mention.title}: {mention.text}" if mention.title else mention.text
    console.print(Text(cut(literal(text), TEXT_SHOWN)), soft_wrap=True)
    console.print()


def _tell_unreadable(number: int, malformed: Malformed, as_json: bool, *, shown: bool) -> None:
    if as_json:
        click.echo(json.dumps({"line": number, "reason": malformed.reason, "detail": malformed.detail}))
    elif shown:
        click.echo(f"line {number} is no mention: {literal(malformed.detail)}", err=True)


def _as_json(number: int, mention: Mention, reasons: Mapping[str, Sequence[str]]) -> str:
    # Only ASCII goes out, so that no control or direction character reaches a terminal.
    shown = {"line": number, "id": mention.id, "at": mention.at.isoformat(), "channel": mention.channel}
    return json.dumps(shown | {"title": mention.title, "text": mention.text, "monitors": reasons})


def _summary_as_json(tally: _Tally) -> str:
    counts = {"lines": tally.lines, "unreadable": tally.unreadable, "matched": tally.mentions_matched}
    return json.dumps({"summary": counts | {"monitors": tally.matches}})


def _show_summary(tally: _Tally, limit: int, console: Console) -> None:
    table = Table("monitor", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("mentions", justify="right")
    table.add_column("")
    for name, count in tally.matches.items():
        hidden = f"the first {limit} are shown" if count > limit else ""
        table.add_row(Text(name, style="cyan"), f"{count:,}", Text(hidden, style="dim"))
    console.print(table)
    unreadable = f"; {tally.unreadable:,} could not be read" if tally.unreadable else ""
    console.print(f"{tally.mentions_matched:,} of {tally.lines:,} lines match{unreadable}.")
