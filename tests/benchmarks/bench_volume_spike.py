"""Runs `volume_spike` over the tweet counts of the Numenta Anomaly Benchmark and scores it.

    python tests/benchmarks/bench_volume_spike.py --nab FOLDER [--threshold 2.0]

FOLDER holds `data/*.csv`, `combined_windows.json`, `combined_labels.json`, `nab_score.py`. An alert is a detection of
a new level in an episode (`new levels`), or the first detection after two silent hours (`told`), as people hear of it.
Beside it stand a detector that never fires and one that fires at random, at the same number of alerts.
"""

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from detectors.contract import MonitorContext
from detectors.detection import Detection
from detectors.mention import Author, Mention
from detectors.snapshot import snapshot
from detectors.volume.bins import bin_of
from detectors.volume_spike import VolumeSpike

Rows = Sequence[tuple[datetime, int]]
Alerts = Mapping[str, set[int]]
"""Numbers of bins by file name."""


@click.command()
@click.option("--nab", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--threshold", type=float, default=2.0, show_default=True)
def main(nab: Path, threshold: float) -> None:
    """Print the scores and the cost."""
    streams = {path.name: read(path) for path in sorted((nab / "data").glob("*.csv"))}
    mentions = sum(count for rows in streams.values() for _, count in rows)
    bins = sum(map(len, streams.values()))
    started = time.perf_counter()
    found = {name: detect(rows, threshold) for name, rows in streams.items()}
    seconds = time.perf_counter() - started
    click.echo(f"{mentions:,} mentions in {bins:,} bins: {seconds:.1f} s, {1e6 * seconds / mentions:.2f} µs a mention")
    levels = {name: {bin_of(each.at) for each in new_levels(detections)} for name, detections in found.items()}
    for what, alerts in {
        "new levels": levels,
        "told": {name: told(detections) for name, detections in found.items()},
        "random": at_random(streams, levels),
        "null": {name: set[int]() for name in streams},
    }.items():
        click.echo(f"\n== {what}: {sum(map(len, alerts.values()))} alerts")
        click.echo(score(nab, streams, alerts))


def read(path: Path) -> Rows:
    """When each bin of a file begins, and its count."""
    with path.open(newline="") as lines:
        return [
            (datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC), int(float(row["value"])))
            for row in csv.DictReader(lines)
        ]


def detect(rows: Rows, threshold: float) -> list[Detection]:
    """All detections over one stream; every mention is observed."""
    spike = VolumeSpike(MonitorContext(), VolumeSpike.Params(threshold=threshold))
    found: list[Detection] = []
    for at, count in rows:
        mention = Mention(id=str(at), channel="twitter", at=at, text="AAPL", lang="en", author=Author(id="a"))
        found += spike.advance(at)
        for _ in range(count):
            spike.observe(mention)
    found += spike.advance(rows[-1][0] + timedelta(minutes=10))
    size = sum(map(len, snapshot(spike).values()))
    click.echo(f"{len(found)} detections, state {size:,} bytes")
    return found


def new_levels(detections: Sequence[Detection]) -> list[Detection]:
    """Those that reach a level for the first time in their episode."""
    first: dict[tuple[datetime, int], Detection] = {}
    for detection in detections:
        first.setdefault((detection.starts_at, detection.level), detection)
    return list(first.values())


def told(detections: Sequence[Detection], resolve_after: timedelta = timedelta(hours=2)) -> set[int]:
    """Bins in which an alert begins to fire."""
    bins: set[int] = set()
    last: datetime | None = None
    for detection in detections:
        if last is None or detection.at - last > resolve_after:
            bins.add(bin_of(detection.at))
        last = detection.at
    return bins


def at_random(streams: Mapping[str, Rows], alerts: Alerts) -> Alerts:
    """As many alerts, anywhere."""
    dice = random.Random(0)
    return {
        name: {bin_of(at) for at, _ in dice.sample(list(rows), min(len(alerts[name]), len(rows)))}
        for name, rows in streams.items()
    }


def score(nab: Path, streams: Mapping[str, Rows], alerts: Alerts) -> str:
    """What the benchmark's scorer says of them."""
    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.csv"
        with scores.open("w", newline="") as lines:
            out = csv.writer(lines)
            out.writerow(["file", "timestamp", "anomaly_score"])
            for name, rows in streams.items():
                for at, _ in rows:
                    out.writerow([name, at.replace(tzinfo=None), int(bin_of(at) in alerts[name])])
        arguments = ["--windows", nab / "combined_windows.json", "--labels", nab / "combined_labels.json"]
        scorer = [sys.executable, nab / "nab_score.py", *arguments, "--category", "realTweets", "--threshold", "0.5"]
        return subprocess.run([*map(str, scorer), str(scores)], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
