"""What `silence` costs in false alarms, and how soon it tells of a real outage.

    python -m tests.benchmarks.bench_silence [--nab FOLDER] [--days 60] [--reps 8]

Counts are made up over a day/night and a weekend season, in seven kinds: Poisson, over-dispersed, autocorrelated, in
clusters, with holidays at 30 % of the usual, with viral hours at fifty times the usual, and in office hours only.
Each stream is heard once as it is (whatever is told is false), and once cut off at a random hour, for good. Then two
channels with seasons of their own are heard, and one is cut off. FOLDER holds `data/*.csv` of the Numenta Anomaly
Benchmark, real counts of tweets, in which the collector was down on 11 March 2015.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import click
import numpy as np

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.silence import Silence
from detectors.snapshot import snapshot
from tests.benchmarks.made_counts import (
    BIN,
    DAY,
    MONDAY,
    Counts,
    Rates,
    autocorrelated,
    clustered,
    hours_and_days,
    overdispersed,
    poisson,
    season,
)
from tests.benchmarks.nab import read

RATES = (0.1, 1.0, 10.0, 100.0)
OUTAGE_DAYS = 10


def with_holidays(mean: Rates, dice: np.random.Generator) -> Counts:
    """Every tenth day from the fourth week on."""
    days = np.arange(len(mean)) // DAY
    off = dice.choice(np.arange(21, days[-1] + 1), size=max(1, days[-1] // 10), replace=False)
    return dice.poisson(mean * np.where(np.isin(days, off), 0.3, 1.0))


def viral(mean: Rates, dice: np.random.Generator) -> Counts:
    """Eight times, fifty times the usual, fading within hours."""
    rate, fading = mean.copy(), 50 * np.exp(-np.arange(300) / 30)
    for start in dice.integers(0, len(mean) - 300, 8):
        rate[start : start + 300] += mean.mean() * fading
    return dice.poisson(rate)


def office_hours(mean: Rates, dice: np.random.Generator) -> Counts:
    """Nothing at night and at weekends."""
    hour, day = hours_and_days(len(mean))
    at_work = (day < 5) & (hour >= 7) & (hour < 19)
    rate: Rates = mean.mean() * at_work / at_work.mean()
    return dice.poisson(rate)


KINDS: Mapping[str, Callable[[Rates, np.random.Generator], Counts]] = {
    "Poisson": poisson,
    "over-dispersed": overdispersed,
    "autocorrelated": autocorrelated,
    "clustered": clustered,
    "holidays": with_holidays,
    "viral": viral,
    "office hours": office_hours,
}


@click.command()
@click.option("--nab", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--days", default=60, show_default=True)
@click.option("--reps", default=8, show_default=True, help="Streams of each kind and rate.")
def main(nab: Path | None, days: int, reps: int) -> None:
    """Print the tables."""
    if nab is not None:
        click.echo("real counts: what is told, and how much was missing when it was told first")
        for path in sorted((nab / "data").glob("*.csv")):
            _print_real(path)
    click.echo(f"\nmade-up counts, {reps} streams of {days} days each, learning included")
    click.echo(
        f"{'kind':15} {'rate':>5}  false a month   told after, hours (median, worst)   not in {OUTAGE_DAYS} days"
    )
    for kind, make in KINDS.items():
        for rate in RATES:
            _print_made_up(kind, make, rate, days, reps)
    click.echo("\ntwo channels: the second is cut off; the first has ten times its rate, by day and night")
    for rate in RATES[:3]:
        _print_channels(rate, days, reps)
    _print_cost()


def hear(streams: Mapping[str, Counts], starts_at: datetime = MONDAY) -> list[Detection]:
    """What is told of counts by channel."""
    silence, found = Silence(MonitorContext(), Silence.Params()), list[Detection]()
    for number in range(max(map(len, streams.values()))):
        at = starts_at + number * BIN
        for channel, counts in streams.items():
            mention = Mention(id="", channel=channel, at=at, text="")
            for _ in range(counts[number]):
                silence.observe(mention)
        found += silence.advance(at + BIN)
    return found


def episodes(found: Sequence[Detection]) -> list[Detection]:
    """The first detection of each silence."""
    first: dict[tuple[str, datetime], Detection] = {}
    for detection in found:
        first.setdefault((detection.subject, detection.starts_at), detection)
    return list(first.values())


def _print_real(path: Path) -> None:
    rows = read(path)
    counts = np.array([count for _, count in rows])
    found = hear({"twitter": counts}, rows[0][0])
    told = [f"{each.starts_at:%m-%d %H:%M} at {each.at:%H:%M} ({each.evidence.usual:.0f})" for each in episodes(found)]
    click.echo(f"{path.stem:22} mean {counts.mean():5.1f}, {(counts == 0).mean():4.0%} empty: {'; '.join(told) or '-'}")


def _print_made_up(
    kind: str, make: Callable[[Rates, np.random.Generator], Counts], rate: float, days: int, reps: int
) -> None:
    dice, false, hours, missed = np.random.default_rng(1), 0, list[float](), 0
    for _ in range(reps):
        counts = make(rate * season(days * DAY), dice)
        false += len(episodes(hear({"one": counts})))
        cut = (days - OUTAGE_DAYS) * DAY - int(dice.integers(7 * DAY))
        delay = _delay(hear({"one": _cut_off(counts, cut)}), cut)
        hours += [] if delay is None else [delay]
        missed += delay is None
    _print_row(kind, rate, false / (reps * days / 30), hours, missed)


def _print_channels(rate: float, days: int, reps: int) -> None:
    dice, false, hours, missed = np.random.default_rng(1), 0, list[float](), 0
    for _ in range(reps):
        first = poisson(10 * rate * season(days * DAY), dice)
        second = overdispersed(rate * season(days * DAY, night=0.05, weekend=0.2, latest=13), dice)
        false += len(episodes(hear({"first": first, "second": second})))
        cut = (days - OUTAGE_DAYS) * DAY - int(dice.integers(7 * DAY))
        delay = _delay(hear({"first": first, "second": _cut_off(second, cut)}), cut)
        hours += [] if delay is None else [delay]
        missed += delay is None
    _print_row("second channel", rate, false / (reps * days / 30), hours, missed)


def _print_row(kind: str, rate: float, false: float, hours: Sequence[float], missed: int) -> None:
    delays = f"{median(hours):6.2f} {max(hours):6.2f}" if hours else "     -      -"
    click.echo(f"{kind:15} {rate:5g}  {false:13.2f}   {delays:>33}   {missed:13}")


def _cut_off(counts: Counts, at: int) -> Counts:
    return np.where(np.arange(len(counts)) < at, counts, 0)


def _delay(found: Sequence[Detection], cut: int) -> float | None:
    """Hours from the cut to the first detection that lasts; None where nothing was told in ten days."""
    cut_at = MONDAY + cut * BIN
    told = [each.at for each in found if each.at > cut_at]
    if not told or told[0] > cut_at + OUTAGE_DAYS * DAY * BIN:
        return None
    return (told[0] - cut_at) / timedelta(hours=1)


def _print_cost() -> None:
    """Of a mention, of a closed bin, and of the state, with the most channels that are remembered."""
    silence, dice = Silence(MonitorContext(), Silence.Params()), np.random.default_rng(1)
    mentions, bins, observing, closing = 0, 21 * DAY, 0.0, 0.0
    for number in range(bins):
        at = MONDAY + number * BIN
        heard = [Mention(id="", channel=f"channel-{name}", at=at, text="") for name in dice.integers(12, size=20)]
        started = time.process_time()
        for mention in heard:
            silence.observe(mention)
        observed = time.process_time()
        silence.advance(at + BIN)
        closing += time.process_time() - observed
        observing += observed - started
        mentions += len(heard)
    size = sum(map(len, snapshot(silence).values()))
    click.echo(
        f"\ncost with 12 channels: {1e6 * observing / mentions:.2f} µs a mention, "
        f"{1e6 * closing / bins:.0f} µs a closed bin, {size:,} bytes of state"
    )


if __name__ == "__main__":
    main()
