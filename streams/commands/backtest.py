"""`groundswell backtest`: what a config would have said about a recording."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
import msgspec
from msgspec import Struct

from alerting import wording
from streams.backtest.comparing import Aspect, Comparison, compare, printed
from streams.backtest.labels import Label
from streams.backtest.printing import print_report
from streams.backtest.run import Report
from streams.backtest.summary import summary

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OUTPUT = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--monitor", metavar="NAME", help="Run this monitor alone.")
@click.option("--labels", "labels_file", type=_FILE, metavar="FILE",
              help="Hold the alerts against what really happened: a CSV file, see below.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="For machines: one alert a line, then the summary; see below.")
@click.option("--html", type=_OUTPUT, metavar="FILE", help="Write one page with a chart of each monitor.")
@click.option("--scores", type=_OUTPUT, metavar="FILE",
              help="For one file of counts: write timestamp,value,anomaly_score for outside scorers.")  # fmt: skip
@click.option("--against", type=_FILE, metavar="OTHER_CONFIG",
              help="Run this config too, and show which alerts CONFIG keeps, gains and loses.")  # fmt: skip
@click.option("--fail-on", multiple=True, type=click.Choice(get_args(Aspect)),
              help="With --against: the exit code is 1 where an alert is so. May be given several times.")  # fmt: skip
def command(
    config: Path,
    files: tuple[Path, ...],
    monitor: str | None,
    labels_file: Path | None,
    as_json: bool,
    html: Path | None,
    scores: Path | None,
    against: Path | None,
    fail_on: tuple[Aspect, ...],
) -> None:
    """Say which alerts CONFIG would have given for what FILES hold, in order of time.

    The pipelines are those of the live workers, and no Kafka is needed. FILES are mentions, as JSON lines (gzipped or
    not) or as Parquet (columns named like the fields of a mention; needs the extra "parquet"), or they are counts: CSV
    with the header timestamp,value, where each row tells how many mentions there were in the interval that begins
    there. Times without a zone are UTC. Counts are given to every monitor, whatever its query, and only detectors that
    need no texts judge them.

    Beside the config stand four controls, so that no number has to be trusted alone: null never alerts, random alerts
    as often as the config but anywhere, z-score and spike ratio (ElastAlert's rule) are what simple tools do.

    \b
    --labels: windows in which something really happened, for example
        start,end,monitor,what
        2026-03-01 09:00,2026-03-01 15:00,census,website down
    monitor and what may be empty or missing. Adds precision, recall and delay.

    \b
    --json: each alert is an object on a line of its own, as the topic "alerts" has it when the alert is over, with
        known_at              when the live workers would first have published it
        came_back_at          when it fired again, in an episode that was told before; else null
    After them come
        {"summary": ...}      matched, detectors, monitors, controls; durations in seconds
        {"comparison": ...}   with --against
    so that `jq -c 'select(.fingerprint)'` leaves the alerts alone.

    --scores: every row as it was, with 1.0 where an episode began by the count of this row, else 0.0: not where it
    grew worse or came back, which is the same alert. With several monitors, say which by --monitor.
    """
    from streams.backtest.bad_input import BadInput
    from streams.backtest.choosing import CannotChoose
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.settings.loading import ConfigError

    if fail_on and against is None:
        raise click.UsageError("--fail-on says what may not differ from another config: name that by --against")
    try:
        done = _done(config, against, files, monitor, labels_file, html, scores)
    except (ConfigError, CannotChoose, EncoderUnavailable, BadInput, OSError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        _print_json(done)
    else:
        _print(done, against)
    _fail_on(fail_on, done.comparison)


class _Done(Struct, frozen=True):
    report: Report
    labels: Sequence[Label] | None
    comparison: Comparison | None


def _done(
    config: Path,
    against: Path | None,
    paths: tuple[Path, ...],
    monitor: str | None,
    labels_file: Path | None,
    html: Path | None,
    scores: Path | None,
) -> _Done:
    """Everything but the printing. What is wrong with what was asked for shows before the long run."""
    from streams.backtest import session
    from streams.backtest.bad_input import BadInput
    from streams.backtest.labels import read_labels
    from streams.backtest.scores import scores as scored
    from streams.backtest.scores import the_counts
    from streams.backtest.writing import refuse_to_overwrite, write_whole

    configs = [session.chosen(path, monitor) for path in (config, against) if path is not None]
    inputs = [*paths, *(path for each in configs for path in each.files), *([labels_file] if labels_file else [])]
    refuse_to_overwrite({"--html": html, "--scores": scores}, inputs)
    labels = read_labels(labels_file, {name for each in configs for name in each.known}) if labels_file else None
    files = session.open_files(paths, len(configs))
    counts = the_counts(files, configs[0].monitors) if scores else None
    ours, *others = session.run_all(configs, files, lambda text: click.echo(text, err=True))
    if ours.malformed and not ours.mentions:
        # Else a comparison in CI would pass on a file of something else.
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in ours.malformed.most_common())
        raise BadInput(paths[0], None, f"none of {ours.malformed.total():,} lines holds a mention ({reasons})")
    if html:
        from streams.backtest.page import page

        over = ", ".join(path.name for path in paths)
        write_whole(html, page(ours, f"{config.name} over {over}", labels or ()))
    if scores and counts:
        write_whole(scores, scored(counts, ours.levels))
    return _Done(ours, labels, compare(ours, others[0]) if others else None)


def _print(done: _Done, against: Path | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    print_report(done.report, done.labels, console)
    if done.comparison is not None and against is not None:
        console.print()
        console.print(printed(done.comparison, against.name))


def _print_json(done: _Done) -> None:
    for known in done.report.known:
        times = {"known_at": known.known_at, "came_back_at": known.came_back_at}
        click.echo(msgspec.json.encode(msgspec.to_builtins(known.alert) | times))
    click.echo(msgspec.json.encode({"summary": summary(done.report, done.labels)}))
    if done.comparison is not None:
        click.echo(msgspec.json.encode({"comparison": done.comparison}))


def _fail_on(aspects: Sequence[Aspect], comparison: Comparison | None) -> None:
    found = {aspect: len(comparison.of(aspect)) for aspect in aspects} if comparison else {}
    if any(found.values()):
        what = ", ".join(f"{wording.counted(count, 'alert')} {aspect}" for aspect, count in found.items() if count)
        click.echo(f"Failed: {what} (--fail-on)", err=True)
        raise SystemExit(1)
