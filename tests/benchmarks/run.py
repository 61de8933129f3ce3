"""`make bench`: measures the stages as they run, on a Kafka of its own, and prints one table.

Figures are medians over the repetitions that stand beside them. Nothing fails because it is slow.
"""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

import click
from rich.console import Console

from streams.kafka import broker
from tests.benchmarks import (
    backtest_speed,
    bench_narrative,
    checkpoint_cost,
    claims,
    detect_throughput,
    false_alarms,
    footprint,
    languages,
    latency,
    match_throughput,
    matching_cost,
    nab,
    narrative_cost,
    notify_load,
    rises,
    rumours,
    stance,
    volume_cost,
)
from tests.benchmarks.bench_place import Place, Size
from tests.benchmarks.figures import Figure, shown, write_json

BENCHMARKS: Mapping[str, Callable[[Place], list[Figure]]] = {
    "matching": matching_cost.measure,
    "backtest": backtest_speed.measure,
    "match": match_throughput.measure,
    "detect": detect_throughput.measure,
    "checkpoint": checkpoint_cost.measure,
    "latency": latency.measure,
    "notify": notify_load.measure,
    "footprint": footprint.measure,
    "false alarms": false_alarms.measure,
    "rises": rises.measure,
    "nab": nab.measure,
    "volume cost": volume_cost.measure,
    "narrative cost": narrative_cost.measure,
    "narratives": bench_narrative.measure,
    "languages": languages.measure,
    "stance": stance.measure,
    "rumours": rumours.measure,
    "claims": claims.measure,
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(BENCHMARKS)), help="Several may be given.")
@click.option("--quick", is_flag=True, help="Fewer and smaller repetitions.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here too."
)
@click.option(
    "--models",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".groundswell/models"),
    show_default=True,
    help="Where the exported encoder is kept.",
)
@click.option(
    "--bench",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of labelled data; what needs it is left out where it is not there.",
)
def main(only: tuple[str, ...], quick: bool, json_file: Path | None, models: Path, bench: Path | None) -> None:
    """Measure, and print a table."""
    console = Console()
    size: Size = "quick" if quick else "full"
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="groundswell-bench-") as name:
        folder = Path(name)
        running = broker.start(folder / "kafka")
        try:
            for benchmark in only or tuple(BENCHMARKS):
                started = monotonic()
                console.print(f"measuring: {benchmark}", style="bold")
                place = Place(
                    bootstrap=running.bootstrap,
                    folder=folder / benchmark,
                    models=models.resolve(),
                    bench=bench if bench is not None and bench.is_dir() else None,
                    size=size,
                    say=lambda text: console.print(f"  {text}", style="dim", highlight=False),
                )
                figures += BENCHMARKS[benchmark](place)
                console.print(f"  took {monotonic() - started:.0f} s", style="dim")
        finally:
            broker.stop(folder / "kafka")
    console.print(shown(figures))
    if json_file is not None:
        write_json(figures, json_file)


if __name__ == "__main__":
    main()
