"""`volume_spike` over the tweet counts of the Numenta Anomaly Benchmark, as its scorer sees it.

    python -m tests.benchmarks.nab --nab FOLDER

FOLDER holds `data/*.csv`, `combined_windows.json`, `combined_labels.json`, `nab_score.py`. Beside every threshold stand
what people are told (each firing, also one that comes back after two quiet hours), the same streams with some of their
tweets left out by chance (labels and settings stay: what holds only for exactly these numbers shows), and the controls.
"""

import csv
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import click
import numpy as np
from msgspec import Struct

from detectors.volume.bins import bin_of
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtLeast, AtMost, Figure
from tests.benchmarks.volume_counts import MEDIUM, Heard, starts

Rows = Sequence[tuple[datetime, int]]
Marks = Mapping[str, set[int]]
"""Places of rows by file name."""
THRESHOLDS = (2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3, 3.4)
KEPT = (0.25, 0.5, 0.7, 0.85, 0.95)
"""Shares of the tweets."""
_PROBATION, _MOST_PROBATION = 0.15, 750
_COMES_BACK_BINS = 24


class Score(Struct, frozen=True):
    """What the benchmark's scorer says."""

    standard: float
    low_fp: float
    """Where a false alert costs twice as much."""
    false_a_day: float
    windows: int

    def __str__(self) -> str:
        return (
            f"{self.standard:5.1f} / {self.low_fp:5.1f}  {self.windows:2} windows  {self.false_a_day:.3f} false a day"
        )


@click.command()
@click.option("--nab", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--thinned", default=3, show_default=True, help="Times that each share of the tweets is drawn.")
def main(nab: Path, thinned: int) -> None:
    """Print the scores: standard / low-FP."""
    streams = read_all(nab)
    severities = judge(streams)
    others = [judge(thin(streams, kept, seed)) for kept in KEPT for seed in range(thinned)]
    for threshold in THRESHOLDS:
        default = "  (default)" if threshold == MEDIUM else ""
        click.echo(f"\nthreshold {threshold}{default}")
        click.echo(f"  alerts            {score(nab, streams, beginnings(severities, threshold))}")
        click.echo(f"  told, also again  {score(nab, streams, firings(severities, threshold))}")
        found = [score(nab, streams, beginnings(each, threshold)) for each in others]
        means = [fmean(getattr(each, name) for each in found) for name in Score.__struct_fields__]
        if found:
            click.echo(
                f"  tweets left out   {means[0]:5.1f} / {means[1]:5.1f}  {means[3]:4.1f} windows  "
                f"{means[2]:.3f} false a day (mean of {len(found)})"
            )
    click.echo("\ncontrols")
    marks = beginnings(severities, MEDIUM)
    click.echo(f"  random            {score(nab, streams, at_random(streams, marks))}")
    click.echo(f"  null              {score(nab, streams, {name: set() for name in streams})}")


def measure(place: Place) -> list[Figure]:
    """At the default; nothing where no labelled data is given."""
    if place.bench is None:
        place.say("skipped: --bench does not name a folder with nab/")
        return []
    nab = place.bench / "nab"
    streams = read_all(nab)
    if place.size == "tiny":
        name = next(iter(streams))
        rows = float(len(judge({name: streams[name][:4000]})[name]))
        return [Figure(group="NAB", name="rows", samples=(rows,), unit="", how="only that it runs")]
    found = score(nab, streams, beginnings(judge(streams), MEDIUM))
    kept = KEPT if place.size == "full" else KEPT[2:3]
    others = [score(nab, streams, beginnings(judge(thin(streams, share, 0)), MEDIUM)) for share in kept]
    how = f"NAB realTweets, {len(streams)} streams, one configuration, at the default sensitivity"
    thinned = f"the same with {', '.join(f'{share:.0%}' for share in kept)} of the tweets"

    def figure(name: str, samples: Sequence[float], goal: AtLeast | AtMost | None, how: str = how) -> Figure:
        return Figure(group="NAB", name=name, samples=tuple(samples), unit="", goal=goal, how=how)

    return [
        figure("standard", [found.standard], AtLeast(91)),
        figure("low-FP", [found.low_fp], AtLeast(88)),
        figure("false alerts a stream and day", [found.false_a_day], AtMost(0.06)),
        figure("standard, tweets left out", [each.standard for each in others], None, thinned),
        figure("low-FP, tweets left out", [each.low_fp for each in others], None, thinned),
    ]


def read_all(nab: Path) -> dict[str, Rows]:
    """Every stream by file name."""
    return {path.name: read(path) for path in sorted((nab / "data").glob("*.csv"))}


def read(path: Path) -> Rows:
    """When each bin of a file begins, and its count."""
    with path.open(newline="") as lines:
        return [
            (datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), int(float(row["value"])))
            for row in csv.DictReader(lines)
        ]


def windows_of(nab: Path, name: str) -> list[tuple[datetime, datetime]]:
    """The labelled windows of a stream, both ends inclusive."""
    labelled = json.loads((nab / "combined_windows.json").read_text())[f"realTweets/{name}"]
    return [(_time(start), _time(end)) for start, end in labelled]


def quiet_bins(nab: Path, name: str, rows: Rows) -> list[bool]:
    """Which bins are outside all windows and after the probation of the benchmark: its first 15 %, at most 750."""
    windows = windows_of(nab, name)
    probation = min(int(_PROBATION * len(rows)), _MOST_PROBATION)
    return [
        number >= probation and not any(start <= at <= end for start, end in windows)
        for number, (at, _) in enumerate(rows)
    ]


def thin(streams: Mapping[str, Rows], kept: float, seed: int) -> dict[str, Rows]:
    """Each tweet is kept with that chance."""
    dice = np.random.default_rng(seed)
    return {
        name: [(at, int(count)) for (at, _), count in zip(rows, _kept(rows, kept, dice), strict=True)]
        for name, rows in streams.items()
    }


def judge(streams: Mapping[str, Rows]) -> dict[str, list[float]]:
    """The severity of each row."""
    return {
        name: Heard(number=bin_of(rows[0][0])).severities(count for _, count in rows) for name, rows in streams.items()
    }


def beginnings(severities: Mapping[str, Sequence[float]], threshold: float) -> Marks:
    """Rows in which an alert begins."""
    return {name: set(starts(each, threshold)) for name, each in severities.items()}


def firings(severities: Mapping[str, Sequence[float]], threshold: float) -> Marks:
    """Rows in which an alert begins to fire, or fires again after two quiet hours."""
    marks = {}
    for name, each in severities.items():
        beyond = [number for number, severity in enumerate(each) if severity >= threshold]
        again = {number for before, number in pairwise(beyond) if number - before > _COMES_BACK_BINS}
        marks[name] = {*beyond[:1], *again}
    return marks


def at_random(streams: Mapping[str, Rows], marks: Marks) -> Marks:
    """As many alerts, anywhere."""
    dice = random.Random(0)
    return {name: set(dice.sample(range(len(rows)), len(marks[name]))) for name, rows in streams.items()}


def score(nab: Path, streams: Mapping[str, Rows], marks: Marks) -> Score:
    """What the benchmark's own scorer says."""
    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.csv"
        with scores.open("w", newline="") as lines:
            out = csv.writer(lines)
            out.writerow(["file", "timestamp", "anomaly_score"])
            for name, rows in streams.items():
                out.writerows(
                    [name, at.replace(tzinfo=None), int(number in marks[name])] for number, (at, _) in enumerate(rows)
                )
        arguments = ["--windows", nab / "combined_windows.json", "--labels", nab / "combined_labels.json"]
        scorer = [sys.executable, nab / "nab_score.py", *arguments, "--category", "realTweets", "--threshold", "0.5"]
        found = subprocess.run([*map(str, scorer), "--json", str(scores)], check=True, capture_output=True, text=True)
    by_profile = json.loads(found.stdout)
    standard = by_profile["standard"]
    return Score(
        standard["score"],
        by_profile["reward_low_FP_rate"]["score"],
        standard["ops"]["false_per_day"],
        standard["hit"],
    )


def _kept(rows: Rows, share: float, dice: np.random.Generator) -> Sequence[int]:
    drawn: list[int] = dice.binomial([count for _, count in rows], share).tolist()
    return drawn


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC, microsecond=0)


if __name__ == "__main__":
    main()
