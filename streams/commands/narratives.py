"""`groundswell narratives`: the narratives of a recording, and which of them each document belongs to."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from streams.progress import progress

if TYPE_CHECKING:
    from detectors.detection import Evidence
    from streams.narratives.survey import Survey

_SHOWN = 20


@click.command("narratives")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write them as one page.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines, one narrative a line, for programs.")
@click.option("--assignments", type=click.Path(path_type=Path), metavar="OUT", help="Write where each document went.")
@click.option("--id-field", metavar="NAME", help="Of a document, for --assignments: where it is not called as usual.")
@click.option("--text-field", metavar="NAME", help="The same of its text.")
def command(
    paths: tuple[Path, ...],
    html: Path | None,
    as_json: bool,
    assignments: Path | None,
    id_field: str | None,
    text_field: str | None,
) -> None:
    """Show the narratives of a recording, the most pressing first: `narratives CONFIG FILE...`.

    FILE holds mentions as for `groundswell backtest`.

    With --assignments, `narratives [CONFIG] FILE` writes for each document of a JSON-lines file (may be .gz), in the
    file's order, a line with its `id` as it stands there, the narrative that it was given when it came (`arrival`), and
    the one it belongs to at the end (`end`). Without --id-field and --text-field, fields are looked for that are called
    as usual: `id`, `Id`, `doc_id`; `text`, `textCleaned`, `tweet`, `content`. What was taken is said on standard error.
    Documents are taken in by the times in their field `at` (2030-04-01T12:00:00Z, or seconds since 1970) if all have
    one, else in the file's order. CONFIG says which model encodes them (offline without it) and, by its first monitor
    with narratives, with which settings. Documents that do not say their language in `lang` are taken to be in the one
    that nearly all of them are in.

    Of a document without an id null is written, two with one id have a line each, and one without text belongs to
    nothing. A line that is no JSON object is an error, and nothing is written.
    """
    from streams.backtest.bad_input import BadInput
    from streams.backtest.choosing import CannotChoose
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError

    try:
        if assignments is not None:
            if html is not None or as_json:
                raise click.UsageError(
                    "--html and --json show narratives, --assignments documents: ask for one of them"
                )
            _assign(paths, assignments, id_field, text_field)
        else:
            _survey(paths, html, as_json)
    except (ConfigError, CannotChoose, EncoderUnavailable, BadInput, OSError) as error:
        raise click.ClickException(str(error)) from error


def _survey(paths: tuple[Path, ...], html: Path | None, as_json: bool) -> None:
    from streams.backtest.recordings import Mentions, opened
    from streams.backtest.writing import refuse_to_overwrite, write_whole
    from streams.narratives.survey import only_narratives, survey
    from streams.settings.loading import base_folder, load

    if len(paths) < 2:
        raise click.UsageError("name a config and a recording: groundswell narratives CONFIG FILE")
    config, *recordings = paths
    chosen = only_narratives(load(config), config)
    refuse_to_overwrite({"--html": html}, paths)
    files = opened(recordings)
    if not isinstance(files, Mentions):
        raise click.UsageError(f"{recordings[0]} holds counts, which have no texts: give a recording of mentions")
    with progress("reading", files.size) as advance:
        found = survey(chosen, base_folder(config), files, lambda lines: advance(files.bytes_read), config)
    if html is not None:
        from streams.narratives.page import page

        over = ", ".join(path.name for path in recordings)
        write_whole(html, page(found, f"{config.name} over {over}"))
    if as_json:
        for one in found.narratives:
            click.echo(msgspec.json.encode(one))
    else:
        _print(found)


def _print(found: "Survey") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from alerting import wording
    from streams.backtest.page import notes
    from streams.narratives.cards import card
    from streams.narratives.page import headline

    console = Console(highlight=False)
    console.print(Text(headline(found), style="bold"))
    for note in notes(found.report):
        console.print(Text(note))
    if not found.narratives:
        return
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    for rank, one in enumerate(found.narratives[:_SHOWN], 1):
        shown = card(rank, one, found.timezone(one.monitor))
        told = Text(f"{shown.verdict}\n", style="bold" if one.alert else "")
        told.append(Text(f"{wording.name(one.monitor)}, {shown.when}: {_size(one.evidence)}\n", style="not bold"))
        told.append(Text(shown.said, style="not bold"))
        table.add_row(str(rank), told)
    console.print(table)
    if len(found.narratives) > _SHOWN:
        console.print(f"{len(found.narratives) - _SHOWN:,} more: --html FILE shows more, --json prints all.")


def _size(evidence: "Evidence") -> str:
    from alerting import wording

    return f"{wording.counted(evidence.mentions, 'mention')} by {wording.counted(evidence.authors or 0, 'author')}"


def _assign(paths: tuple[Path, ...], out: Path, id_field: str | None, text_field: str | None) -> None:
    from alerting.wording import counted
    from detectors.contract import MonitorContext
    from detectors.narrative import NarrativeDetector
    from streams.backtest.writing import refuse_to_overwrite, write_whole
    from streams.calibrating.stored import calibrations_for
    from streams.encoding.encoder import open_encoder
    from streams.monitors import monitors
    from streams.narratives.assignments import assigned
    from streams.narratives.documents import documents, not_understood
    from streams.narratives.survey import only_narratives
    from streams.settings import config as settings
    from streams.settings.loading import load

    if len(paths) > 2:
        raise click.UsageError("--assignments takes one file of documents: groundswell narratives [CONFIG] FILE")
    *configs, path = paths
    refuse_to_overwrite({"--assignments": out}, paths)
    encoding, context, params = settings.Encoder(), MonitorContext(), NarrativeDetector.Params()
    for config in configs:
        chosen = only_narratives(load(config), config)
        encoding, monitor = chosen.encoder, monitors(chosen, (), calibrations_for(chosen.encoder, config))[0]
        context, params = monitor.context, msgspec.convert(monitor.detectors[0][1], NarrativeDetector.Params)
    given = documents(path, id_field, text_field)
    for note in given.notes:
        click.echo(note, err=True)
    encoder = open_encoder(encoding)
    with progress("taking in", len(given.mentions)) as advance:
        found = assigned(given.mentions, encoder, context, params, advance)
    lines = ({"id": name, "arrival": one.arrival, "end": one.end} for name, one in zip(given.ids, found, strict=True))
    write_whole(out, "".join(f"{json.dumps(line)}\n" for line in lines))
    narratives = len({one.end for one in found})
    if unread := not_understood(encoder.stats):
        click.echo(unread, err=True)
    told = f"{counted(len(found), 'document')}, {counted(narratives, 'narrative')} at the end: {out}"
    click.echo(told, err=True)
