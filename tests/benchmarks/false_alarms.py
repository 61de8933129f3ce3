"""What each sensitivity of `volume_spike` really costs in false alarms: on counts in which nothing happens.

    python -m tests.benchmarks.false_alarms [--weeks 10] [--streams 4] [--bench FOLDER]

Made-up counts of four kinds of chance, at rates from 0.02 to 1,000 in five minutes, with seasons of day and week (and
once without), learning included; and the stretches of real streams (FOLDER/nab) that nobody labelled, where what is
counted as false is partly true.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import click
import numpy as np

from detectors.volume_spike import THRESHOLDS
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure
from tests.benchmarks.made_counts import DAY, Counts, Rates, autocorrelated, clustered, overdispersed, poisson, season
from tests.benchmarks.nab import quiet_bins, read_all
from tests.benchmarks.volume_counts import Heard, starts

BUDGETS = {"low": 1 / 30, "medium": 1 / 7, "high": 1.0}
"""False alerts a day."""
RATES = (0.02, 0.1, 0.5, 2.0, 10.0, 100.0, 1000.0)
KINDS: Mapping[str, Callable[[Rates, np.random.Generator], Counts]] = {
    "Poisson, no season": lambda mean, dice: dice.poisson(np.full(len(mean), mean.mean())),
    "Poisson": poisson,
    "over-dispersed": overdispersed,
    "autocorrelated": autocorrelated,
    "in threads": clustered,
}

Costs = Mapping[str, float]
"""False alerts a day, by sensitivity."""


@click.command()
@click.option("--weeks", default=10, show_default=True)
@click.option("--streams", default=4, show_default=True, help="Of each kind and rate.")
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(weeks: int, streams: int, bench: Path | None) -> None:
    """Print the table: false alerts a day at low / medium / high."""
    click.echo(f"{'mentions in 5 minutes':22}" + "".join(f"{rate:>20g}" for rate in RATES))
    for kind in KINDS:
        cells = (_written(costs(kind, rate, weeks, streams)) for rate in RATES)
        click.echo(f"{kind:22}" + "".join(f"  {cell:>18}" for cell in cells))
    if bench is not None:
        click.echo(f"{'real, not labelled':22}{_written(real_costs(bench / 'nab')):>20}")


def measure(place: Place) -> list[Figure]:
    """The dearest kind and rate of each sensitivity, and the mean of all."""
    weeks, streams = place.pick(10, 6, 2), place.pick(3, 1, 1)
    rates = RATES if place.size != "tiny" else RATES[3:4]
    found: dict[tuple[str, float], Costs] = {}
    for kind in KINDS:
        place.say(f"counts in which nothing happens: {kind}")
        found |= {(kind, rate): costs(kind, rate, weeks, streams) for rate in rates}
    real = real_costs(place.bench / "nab") if place.bench else None
    return [figure for sensitivity in BUDGETS for figure in _figures(sensitivity, found, real, weeks * streams)]


def costs(kind: str, rate: float, weeks: int, streams: int) -> Costs:
    """Of made-up streams."""
    dice = np.random.default_rng(1)
    heard = [Heard().severities(KINDS[kind](rate * season(weeks * 7 * DAY), dice)) for _ in range(streams)]
    days = streams * weeks * 7
    return {
        sensitivity: sum(len(starts(severities, threshold)) for severities in heard) / days
        for sensitivity, threshold in THRESHOLDS.items()
    }


def real_costs(nab: Path) -> Costs:
    """Of real streams, outside the labelled windows and after the first days, which the benchmark leaves out."""
    alerts, bins = dict.fromkeys(THRESHOLDS, 0), 0
    for name, rows in read_all(nab).items():
        quiet = quiet_bins(nab, name, rows)
        bins += sum(quiet)
        severities = Heard().severities(count for _, count in rows)
        for sensitivity, threshold in THRESHOLDS.items():
            alerts[sensitivity] += sum(quiet[number] for number in starts(severities, threshold))
    return {sensitivity: count * DAY / bins for sensitivity, count in alerts.items()}


def _figures(
    sensitivity: str, found: Mapping[tuple[str, float], Costs], real: Costs | None, weeks: int
) -> list[Figure]:
    made_up = {about: cost[sensitivity] for about, cost in found.items()}
    (kind, rate), worst = max(made_up.items(), key=lambda each: each[1])
    how = f"volume_spike over {len(found)} kinds of counts in which nothing happens, {weeks} weeks each"
    goal = AtMost(BUDGETS[sensitivity])
    group, unit = f"false alarms, {sensitivity}", "a day"
    figures = [
        Figure(
            group=group, name="mean", samples=(sum(made_up.values()) / len(made_up),), unit=unit, goal=goal, how=how
        ),
        Figure(group=group, name=f"dearest: {kind}, {rate:g}", samples=(worst,), unit=unit, goal=goal, how=how),
    ]
    if real is not None:
        how = "NAB realTweets outside labelled windows, where some of what is counted as false is true"
        figures.append(
            Figure(group=group, name="real streams", samples=(real[sensitivity],), unit=unit, goal=goal, how=how)
        )
    return figures


def _written(cost: Costs) -> str:
    return " / ".join(f"{cost[sensitivity]:.3f}".removeprefix("0") for sensitivity in BUDGETS)


if __name__ == "__main__":
    main()
