"""`groundswell test`: whether made-up mentions lead to the alerts that a scenario file expects."""

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click
import msgspec

from alerting import wording
from streams.settings.problem import ConfigError, Problem

if TYPE_CHECKING:
    from streams.scenarios.run import Result
    from streams.scenarios.scenario_file import Ready

BAD_FILE = 2


@click.command("test")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--only", metavar="WORDS", help="Only scenarios whose name holds these words.")
@click.option("--show", "with_alerts", is_flag=True, help="Show all alerts of each scenario.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 1000), metavar="N",
              help="Run each scenario N times, each time with other chance.")  # fmt: skip
@click.option("--save", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
              help="Write the mentions of each scenario there, for groundswell backtest.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One line a scenario, for machines.")
def command(
    files: tuple[Path, ...], only: str | None, with_alerts: bool, seeds: int, save: Path | None, as_json: bool
) -> None:
    """Run the scenarios in FILES: mentions that are made up, and the alerts expected of them.

    \b
    config: census.yaml              # beside this file; "monitors:" may stand here instead
    scenarios:
      - name: a rumour triples the talk for three hours
        monitor: census
        days: 14
        mentions:
          - seasonal: {per_hour: 120}
          - burst: {at: day 12 14:00, for: 3h, times: 3}
        expect:
          - {alert: volume_spike, within: 30m, of: day 12 14:00, at_least: warning}
          - {no_alert: any, before: day 12 14:00}

    Mentions are calm, seasonal, burst, ramp, level_shift, bot_wave, outage, late, clock_ahead or said (one that is
    written out); deploy/examples/README.md tells what each takes. What is left to chance has a seed, so the same file
    always gives the same result.

    The exit code is 1 where something else happens than is expected, and 2 where a file cannot be used.
    """
    from rich.console import Console
    from rich.text import Text

    from streams.scenarios.showing import as_record, show, summary

    scenarios = _loaded(files, only)
    console = Console(highlight=False)
    results: list[list[Result]] = []
    began, file = monotonic(), ""
    for ready in scenarios:
        if not as_json and ready.file != file:
            console.print(Text(wording.sentence(ready.file), style="bold"), soft_wrap=True)
        file, before = ready.file, monotonic()
        of_scenario = _results(ready, seeds, save)
        results.append(of_scenario)
        if as_json:
            for result in of_scenario:
                click.echo(msgspec.json.encode(as_record(result)))
        else:
            show(of_scenario, timedelta(seconds=monotonic() - before), console, with_alerts=with_alerts)
    if not as_json:
        console.print(summary(results, timedelta(seconds=monotonic() - began)))
    if any(not result.passed for of_scenario in results for result in of_scenario):
        raise SystemExit(1)


def _loaded(files: Sequence[Path], only: str | None) -> "list[Ready]":
    """The wanted scenarios of all files, or an end with all that is wrong with any of them."""
    from streams.scenarios.scenario_file import load_scenarios

    found: list[Ready] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found += load_scenarios(file)
        except ConfigError as error:
            problems += error.problems
    if problems:
        click.echo(str(ConfigError(list(dict.fromkeys(problems)))), err=True)
        click.echo(f"{wording.counted(len(problems), 'problem')}; nothing was run.", err=True)
        raise SystemExit(BAD_FILE)
    wanted = [ready for ready in found if only is None or only.casefold() in ready.scenario.name.casefold()]
    if not wanted:
        click.echo(f'no scenario has "{wording.sentence(only or "")}" in its name; there are:', err=True)
        for ready in found:
            click.echo(f"  {wording.sentence(ready.scenario.name)}", err=True)
        raise SystemExit(BAD_FILE)
    return wanted


def _results(ready: "Ready", seeds: int, save: Path | None) -> "list[Result]":
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.scenarios.run import run

    def keep(lines: list[bytes]) -> None:
        if save is not None:
            save.mkdir(parents=True, exist_ok=True)
            (save / f"{file_name(ready.scenario.name)}.jsonl").write_bytes(b"\n".join([*lines, b""]))

    try:
        first = run(ready, keep=keep)
        return [first, *(run(ready, first.seed + more) for more in range(1, seeds))]
    except (EncoderUnavailable, OSError) as error:
        click.echo(f"{ready.file}:{ready.line}: {error}", err=True)
        raise SystemExit(BAD_FILE) from None


def file_name(name: str) -> str:
    """A scenario's name as the name of a file."""
    return re.sub(r"\W+", "-", name.casefold()).strip("-")[:80] or "scenario"
