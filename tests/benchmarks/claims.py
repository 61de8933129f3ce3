"""How well posts are matched to fact-checked claims: real posts, claims, and lists that do not hold the claim.

    python -m tests.benchmarks.claims --bench FOLDER [--vectors FILE] [--models FOLDER]

FOLDER holds `claims/claims.jsonl` and `claims/posts.jsonl`; FILE keeps the vectors between runs. All but the last two
lines are cross-validated: weights are fitted to four fifths of the posts and judged on the rest, posts about one claim
together. The probability from which on 95 % are right is read off the other four fifths, too. The last two lines are of
`groundswell claims match` as it is, whose weights have seen these posts; half of them have lost their claim there.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.narratives.claims.matching import log_odds, probability_of
from detectors.narratives.claims.weights import Weights
from tests.benchmarks.bench_place import Place
from tests.benchmarks.claim_probes import FOLDS, Array, Probe, probes, read
from tests.benchmarks.figures import AtLeast, AtMost, Figure
from tests.benchmarks.fit_claim_matching import fit, ordered

_PRECISION = 0.95
_HOW = (
    "CheckThat! 2022 task 2A, train and dev: each post with its claims on a list of this many and with them taken off; "
    "weights and the threshold from four fifths of the posts, judged on the rest"
)


class Judged(Struct, frozen=True):
    """What became of a post."""

    fold: int
    is_listed: bool
    probability: float
    """Of the first claim."""
    right: tuple[bool, ...]
    """The first five."""
    to_find: int


class Result(Struct, frozen=True):
    """Of posts against lists of one length."""

    map_5: float
    first: float
    """How often the first is right where one is listed."""
    recall: float
    """Of listed claims, from the probability on from which 95 % were right in the other folds."""
    precision: float
    """From there on."""
    calibration_error: float
    told: float
    """Recall of what is told as certain, from .9 on."""
    told_precision: float


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--vectors", type=click.Path(path_type=Path))
@click.option("--models", type=click.Path(path_type=Path), default=Path(".groundswell/models"))
def main(bench: Path, vectors: Path | None, models: Path) -> None:
    """Print the table."""
    folder = bench / "claims"
    claims, posts = read(folder, vectors, models)
    for name, by_meaning, titled in (
        ("by meaning", True, True),
        ("claims without titles", True, False),
        ("by letters alone", False, True),
    ):
        # The weights are for lists with titles and without.
        put = {each: list(probes(claims, posts, by_meaning=by_meaning, titled=each)) for each in (True, False)}
        for size, result in _cross_validated(put[True] + put[False], put[titled]).items():
            _say(f"{name}, {size:,} claims", result)
    for name, without in (("the command, all claims", False), ("the command, half of the claims", True)):
        _say(name, result_of(list(_by_command(folder, models, without=without))))


def measure(place: Place) -> list[Figure]:
    """For `make bench`."""
    if place.bench is None:
        return []
    most = None if place.size == "full" else place.pick(0, 4000, 600)
    claims, posts = read(place.bench / "claims", None, place.models, most)
    put = {each: list(probes(claims, posts, by_meaning=True, titled=each)) for each in (True, False)}
    results = _cross_validated(put[True] + put[False], put[True])
    return [
        Figure(group="claims", name=f"{name}, {size:,} claims", samples=(value,), unit="", goal=goal, how=_HOW)
        for size, result in results.items()
        for name, value, goal in (
            ("MAP@5", result.map_5, AtLeast(0.9)),
            ("recall at 95 % precision", result.recall, AtLeast(0.85)),
            ("calibration error", result.calibration_error, AtMost(0.03)),
        )
    ]


def _cross_validated(put: Sequence[Probe], judged: Sequence[Probe]) -> dict[int, Result]:
    """By the length of the list."""
    found: dict[int, list[Judged]] = {}
    for fold in range(FOLDS):
        weights = fit([probe for probe in put if probe.fold != fold])
        for probe in judged:
            if probe.fold == fold:
                found.setdefault(probe.size, []).append(_judge(probe, weights))
    return {size: result_of(found[size]) for size in sorted(found)}


def _judge(probe: Probe, weights: Weights) -> Judged:
    scores, close, right = ordered(probe, np.array(weights.closeness))
    return Judged(
        probe.fold,
        probe.is_listed,
        probability_of(log_odds(close, scores, weights, probe.size)),
        tuple(map(bool, right[:5])),
        probe.to_find,
    )


def result_of(judged: Sequence[Judged]) -> Result:
    probability = np.array([each.probability for each in judged])
    right = np.array([each.right[0] for each in judged])
    listed = np.array([each.is_listed for each in judged])
    fold = np.array([each.fold for each in judged])
    taken = np.zeros(len(judged), bool)
    for each in set(fold):
        others = fold != each if len(set(fold)) > 1 else fold == each
        taken |= (fold == each) & (probability >= _threshold(probability[others], right[others]))
    certain = probability >= 0.9
    return Result(
        map_5=float(np.mean([_average_precision(each) for each in judged if each.is_listed])),
        first=float(right[listed].mean()),
        recall=float(right[taken].sum() / listed.sum()),
        precision=float(right[taken].mean()) if taken.any() else 1.0,
        calibration_error=_calibration_error(probability, right),
        told=float(right[certain].sum() / listed.sum()),
        told_precision=float(right[certain].mean()) if certain.any() else 1.0,
    )


def _threshold(probability: Array, right: NDArray[np.bool_]) -> float:
    """The least probability from which on 95 % are right."""
    order = np.argsort(-probability, kind="stable")
    precise = np.flatnonzero(np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= _PRECISION)
    return float(probability[order][precise[-1]]) if len(precise) else 2.0


def _average_precision(judged: Judged) -> float:
    hits = np.flatnonzero(judged.right) + 1
    return float(sum(number / place for number, place in enumerate(hits, 1)) / min(5, judged.to_find))


def _calibration_error(probability: Array, right: NDArray[np.bool_]) -> float:
    """Expected, over ten equal bins."""
    bins = np.minimum((probability * 10).astype(int), 9)
    found = ((bins == each) for each in range(10) if (bins == each).any())
    return float(sum(abs(probability[rows].mean() - right[rows].mean()) * rows.mean() for rows in found))


def _by_command(folder: Path, models: Path, *, without: bool) -> Iterator[Judged]:
    """What `groundswell claims match` says; `without` takes the claims of every second post off the list."""
    posts = [json.loads(line) for line in (folder / "posts.jsonl").read_text().splitlines()]
    claims = [json.loads(line) for line in (folder / "claims.jsonl").read_text().splitlines()]
    gone = {claim for post in posts[::2] for claim in post["claims"]} if without else set()
    with tempfile.TemporaryDirectory() as name:
        listed, out, config = Path(name) / "claims.jsonl", Path(name) / "out.jsonl", Path(name) / "config.yaml"
        listed.write_text("".join(json.dumps(claim) + "\n" for claim in claims if claim["id"] not in gone))
        config.write_text(
            f"organisation: {{name: Bench}}\nencoder: {{cache: '{models.resolve()}'}}\n"
            "monitors: [{name: all, query: census, detectors: {narrative: {}}}]\n"
            f"receivers: [{{name: nobody, type: terminal, file: '{name}/told.txt'}}]\n"
            "routes: [{receivers: [nobody]}]\n"
        )
        program = [sys.executable, "-m", "streams", "claims", "match", str(listed), str(folder / "posts.jsonl")]
        subprocess.run([*program, "--out", str(out), "--config", str(config)], check=True, stderr=subprocess.DEVNULL)
        for post, line in zip(posts, out.read_text().splitlines(), strict=True):
            told, gold = json.loads(line)["claims"], set(post["claims"])
            right = tuple(claim["id"] in gold for claim in told[:5]) or (False,)
            first = told[0]["p"] if told else 0.0
            yield Judged(0, not gold & gone, first, right, len(gold))


def _say(name: str, result: Result) -> None:
    click.echo(
        f"{name:38} MAP@5 {result.map_5:.3f}, first right {result.first:.3f}; at 95 %: recall {result.recall:.3f} "
        f"(precision {result.precision:.3f}); calibration error {result.calibration_error:.3f}; "
        f"from .9 on: recall {result.told:.3f}, precision {result.told_precision:.3f}"
    )


if __name__ == "__main__":
    main()
