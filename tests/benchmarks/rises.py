"""Which rises `volume_spike` finds: clean ones on made-up counts, and real crises laid over real streams.

    python -m tests.benchmarks.rises [--bench FOLDER]

Clean rises: a stream of 10 mentions in five minutes with seasons of day and week, and then 2, 3 or 5 times as many for
three hours, at 240 moments after three weeks. Crises: what each labelled window of the Numenta Anomaly Benchmark
(FOLDER/nab) holds beyond its usual, scaled to so many times the hourly mean of another stream, at moments of that
stream when nothing is labelled. Found is what an alert begins in.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from statistics import fmean, median

import click
import numpy as np
from msgspec import Struct

from detectors.volume.bins import bin_of
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtLeast, Figure
from tests.benchmarks.made_counts import DAY, Counts, Rates, poisson, season
from tests.benchmarks.nab import Rows, judge, quiet_bins, read_all, windows_of
from tests.benchmarks.volume_counts import MEDIUM, Heard, starts, threshold_for

RATE = 10.0
WEEKS = 8
RISE_BINS = 36
TIMES = (2.0, 3.0, 5.0)
A_WEEK = 1 / 7
FALSE_A_DAY = 0.05
"""A stream: at which others were measured."""
CRISIS = timedelta(hours=6, minutes=30)
AMPLITUDES = (2.0, 4.0, 8.0)
_LEARNED = 21 * DAY
_BASELINE = 1.5
"""Of a window's usual: what is beyond is the crisis."""


class Found(Struct, frozen=True):
    """What became of the rises of one kind."""

    share: float
    minutes: float | None
    """Median from the beginning to the alert, of those found."""


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(bench: Path | None) -> None:
    """Print the shares."""
    calm, threshold = calm_streams(6)
    for what, at in (("one false alert a week", threshold), ("the default", MEDIUM)):
        for times in TIMES:
            found = clean_rises(calm, times, at, 40)
            click.echo(f"{times:g} times for 3 h, {what} (severity {at:.2f}): {_written(found)}")
    if bench is not None:
        nab = bench / "nab"
        for what, at in ((f"{FALSE_A_DAY:g} false alerts a day", budgeted(nab)), ("the default", MEDIUM)):
            for amplitude in AMPLITUDES:
                found = crises(nab, amplitude, at, 60)
                click.echo(f"crises at +{amplitude:g} times, {what} (severity {at:.2f}): {_written(found)}")


def measure(place: Place) -> list[Figure]:
    """At one false alert a week, and at the default."""
    streams, each = place.pick(6, 2, 1), place.pick(40, 20, 3)
    place.say("rises on made-up counts")
    calm, threshold = calm_streams(streams)
    figures = []
    for times, goal in ((2.0, AtLeast(0.5)), (3.0, AtLeast(0.9))):
        for what, at in (("one false alert a week", threshold), ("default", MEDIUM)):
            found = clean_rises(calm, times, at, each)
            how = f"{streams * each} rises for 3 h on Poisson counts of 10 in five minutes, seasons of day and week"
            name = f"{times:g} times, {what}"
            figures.append(Figure(group="rises found", name=name, samples=(found.share,), unit="", goal=goal, how=how))
    if place.bench is not None and place.size != "tiny":
        place.say("crises laid over real streams")
        nab = place.bench / "nab"
        how = "crises of labelled windows at +4 times the hourly mean of other streams, where nothing is labelled"
        for what, at in ((f"{FALSE_A_DAY:g} false a day", budgeted(nab)), ("default", MEDIUM)):
            share = crises(nab, 4.0, at, place.pick(60, 20, 3)).share
            name = f"crises, {what}"
            figures.append(
                Figure(group="rises found", name=name, samples=(share,), unit="", goal=AtLeast(0.6), how=how)
            )
    return figures


class Calm(Struct, frozen=True):
    """A stream in which nothing happens, and what was learned at some moments of it."""

    rate: Rates
    counts: Counts
    learned: Mapping[int, Heard]
    """By bin: before it."""


def calm_streams(streams: int) -> tuple[list[Calm], float]:
    """Made-up ones, and the threshold at which they give one false alert a week."""
    dice, calm, severities = np.random.default_rng(1), list[Calm](), list[list[float]]()
    for _ in range(streams):
        rate = RATE * season(WEEKS * 7 * DAY)
        counts = poisson(rate, dice)
        moments = sorted(dice.integers(_LEARNED, len(counts) - RISE_BINS, 60).tolist())
        found, learned = learn(Heard(), counts.tolist(), moments)
        calm.append(Calm(rate, counts, learned))
        severities.append(found)
    return calm, threshold_for(severities, A_WEEK * streams * WEEKS * 7)


def learn(heard: Heard, counts: Sequence[int], moments: Sequence[int]) -> tuple[list[float], dict[int, Heard]]:
    """All severities, and what was learned before each of the moments."""
    severities, learned, done = list[float](), dict[int, Heard](), 0
    for moment in moments:
        severities += heard.severities(counts[done:moment])
        learned[moment], done = heard.copy(), moment
    return severities + heard.severities(counts[done:]), learned


def clean_rises(calm: Sequence[Calm], times: float, threshold: float, each: int) -> Found:
    """So many times as much for three hours, at that many moments of each stream."""
    dice, minutes = np.random.default_rng(2), list[float | None]()
    for stream in calm:
        for moment, heard in [*stream.learned.items()][:each]:
            risen = dice.poisson(times * stream.rate[moment : moment + RISE_BINS]).tolist()
            minutes.append(_minutes(heard, risen, threshold))
    return _found(minutes)


def budgeted(nab: Path) -> float:
    """The threshold at which the real streams give so many alerts outside their labelled windows."""
    streams = read_all(nab)
    quiet = [quiet_bins(nab, name, rows) for name, rows in streams.items()]
    return threshold_for([*judge(streams).values()], FALSE_A_DAY * sum(map(sum, quiet)) / DAY, quiet)


def crises(nab: Path, amplitude: float, threshold: float, each: int) -> Found:
    """Laid over each stream at that many moments."""
    streams = read_all(nab)
    curves = {name: _curves(nab, name, rows) for name, rows in streams.items()}
    dice, minutes = np.random.default_rng(3), list[float | None]()
    for name, rows in streams.items():
        counts = [count for _, count in rows]
        hourly_mean = 12 * fmean(counts)
        length = int(CRISIS / timedelta(minutes=5))
        quiet = quiet_bins(nab, name, rows)
        possible = [
            number for number in range(5 * DAY, len(rows) - length) if all(quiet[number - DAY : number + length])
        ]
        moments = sorted(dice.choice(possible, each, replace=False).tolist())
        _, learned = learn(Heard(number=bin_of(rows[0][0])), counts, moments)
        others = [curve for other, found in curves.items() if other != name for curve in found]
        for moment, heard in learned.items():
            curve = others[dice.integers(len(others))]
            crisis = dice.poisson(amplitude * hourly_mean * curve)
            risen = [count + more for count, more in zip(counts[moment:], crisis.tolist(), strict=False)]
            minutes.append(_minutes(heard, risen, threshold))
    return _found(minutes)


def _curves(nab: Path, name: str, rows: Rows) -> list[Rates]:
    """What labelled windows hold beyond the usual around their peak; the busiest hour of each has a sum of one."""
    counts, curves = np.array([count for _, count in rows], dtype=np.float64), []
    for start, end in windows_of(nab, name):
        inside = [number for number, (at, _) in enumerate(rows) if start <= at <= end]
        peak = max(inside, key=lambda number: counts[number])
        usual = _BASELINE * np.median(counts[max(peak - 3 * DAY, 0) : peak - 12])
        beyond = np.maximum(counts[peak - 6 : peak + 72] - usual, 0)
        curves.append(beyond / np.convolve(beyond, np.ones(12)).max())
    return curves


def _minutes(heard: Heard, counts: Sequence[int], threshold: float) -> float | None:
    """From the first bin to the end of that in which an alert begins; None where none does."""
    found = starts(heard.copy().severities(counts), threshold)
    return 5.0 * (found[0] + 1) if found else None


def _found(minutes: Sequence[float | None]) -> Found:
    told = [each for each in minutes if each is not None]
    return Found(len(told) / len(minutes), median(told) if told else None)


def _written(found: Found) -> str:
    after = "" if found.minutes is None else f", {found.minutes:.0f} minutes after its beginning (median)"
    return f"{found.share:.2f} found{after}"


if __name__ == "__main__":
    main()
