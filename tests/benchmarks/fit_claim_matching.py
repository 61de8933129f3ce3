"""Fits the weights in `detectors/narratives/claims/weights.py`, and prints them as they stand there.

    python -m tests.benchmarks.fit_claim_matching FOLDER [--vectors FILE] [--models FOLDER]

FOLDER holds `claims.jsonl` and `posts.jsonl`; FILE keeps the vectors between runs. How good the fit is on posts that it
has not seen is told by `tests/benchmarks/claims.py`.

First candidates learn to be ranked (conditional logit, with "none of these" as one more choice), then the best one's
probability is learned from its closeness and its lead (logistic regression). The lead is learned from posts that the
ranking was not fitted to, as it is smaller there.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from detectors.narratives.claims.matching import evidence
from detectors.narratives.claims.weights import Weights
from tests.benchmarks.claim_probes import Array, Probe, probes, read

RANKING_L2 = 1e-3
EVIDENCE_L2 = 20.0
"""Of standardised features; the result hardly depends on it from 5 to 100."""
_STEPS = 25
_SMALLEST = 5


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.option("--vectors", type=click.Path(path_type=Path))
@click.option("--models", type=click.Path(path_type=Path), default=Path(".groundswell/models"))
def main(folder: Path, vectors: Path | None, models: Path) -> None:
    claims, posts = read(folder, vectors, models)
    for name, by_meaning in (("BY_MEANING", True), ("BY_LETTERS", False)):
        put = [
            probe for titled in (True, False) for probe in probes(claims, posts, by_meaning=by_meaning, titled=titled)
        ]
        fitted = fit(put)
        click.echo(f"{name} = Weights(")
        click.echo(f"    closeness={_written(fitted.closeness)},")
        click.echo(f"    unrelated={fitted.unrelated:.3f},")
        click.echo(f"    evidence={_written(fitted.evidence)},")
        click.echo(f"    intercept={fitted.intercept:.3f},")
        click.echo(f"    second_best={fitted.second_best:.3f},\n)")


def fit(put: Sequence[Probe]) -> Weights:
    """The weights for all probes; those of one fold are ranked by what the other folds teach."""
    folds = sorted({probe.fold for probe in put})
    # The same as for the final ranking's scores: its scale hardly differs from that of four folds of five.
    by_fold = {fold: fit_ranking([probe for probe in put if probe.fold != fold]) for fold in folds}
    unrelated = float(np.median([ranked(probe, by_fold[probe.fold])[0][1] for probe in put if _is_short(probe)]))
    rows, right, others = [], [], []
    for probe in put:
        scores, close, is_right = ordered(probe, by_fold[probe.fold])
        rows.append(evidence(close, scores, unrelated, probe.size))
        right.append(bool(is_right[0]))
        if not is_right[0]:
            others.append(bool(is_right.any()))
    weights, intercept = _logistic_regression(np.array(rows), np.array(right))
    return Weights(
        closeness=tuple(map(float, fit_ranking(put))),
        unrelated=unrelated,
        evidence=tuple(map(float, weights)),
        intercept=intercept,
        second_best=float(np.mean(others)),
    )


def ordered(probe: Probe, weights: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """The candidates' scores, closeness and whether each is right; the best first."""
    scores = probe.close @ weights
    order = np.argsort(-scores, kind="stable")
    return scores[order], probe.close[order], probe.right[order]


def ranked(probe: Probe, weights: Array) -> tuple[Array, NDArray[np.bool_]]:
    scores, _, right = ordered(probe, weights)
    return scores, right


def fit_ranking(put: Sequence[Probe]) -> Array:
    """Conditional logit: each probe chooses among its candidates and none of them. By Newton's method."""
    rows = np.concatenate([probe.close for probe in put])
    centre, width = rows.mean(0), rows.std(0) + 1e-9
    most = max(len(probe.close) for probe in put)
    design = np.zeros((len(put), most + 1, rows.shape[1] + 1))
    open_to, chosen = np.zeros((len(put), most + 1), bool), np.zeros((len(put), most + 1))
    for number, probe in enumerate(put):
        count = len(probe.close)
        design[number, 1 : count + 1, :-1] = (probe.close - centre) / width
        design[number, 1 : count + 1, -1] = 1.0
        open_to[number, : count + 1] = True
        if probe.right.any():
            chosen[number, 1 : count + 1] = probe.right / probe.right.sum()
        else:
            chosen[number, 0] = 1.0
    penalty = RANKING_L2 * len(put) * np.diag([1.0] * rows.shape[1] + [0.0])
    weights, best, step = np.zeros(design.shape[2]), np.inf, np.zeros(design.shape[2])
    for _ in range(_STEPS):
        scores = np.where(open_to, design @ (weights - step), -np.inf)
        share = np.exp(scores - scores.max(1, keepdims=True))
        share /= share.sum(1, keepdims=True)
        with np.errstate(divide="ignore"):
            lost = -(chosen * np.log(share, where=chosen > 0, out=np.zeros_like(share))).sum()
        lost += 0.5 * float((weights - step) @ penalty @ (weights - step))
        if lost > best:
            step /= 4  # Newton's step was too long, as it is far from the best
            continue
        weights, best = weights - step, lost
        gradient = np.einsum("nk,nkf->f", share - chosen, design) + penalty @ weights
        mean = np.einsum("nk,nkf->nf", share, design)
        flat = design.reshape(-1, design.shape[2])
        curvature = (flat * share.reshape(-1, 1)).T @ flat - mean.T @ mean + penalty
        step = np.linalg.solve(curvature + 1e-6 * np.eye(len(weights)), gradient)
    found: Array = weights[:-1] / width
    return found


def _is_short(probe: Probe) -> bool:
    """Whether the second of its list is likely to have nothing to do with the post."""
    return not probe.is_listed and probe.size == _SMALLEST and len(probe.close) > 1


def _logistic_regression(rows: Array, right: NDArray[np.bool_]) -> tuple[Array, float]:
    """With L2 on standardised features, by Newton's method; weights for the plain features."""
    centre, width = rows.mean(0), rows.std(0) + 1e-9
    design = np.column_stack([(rows - centre) / width, np.ones(len(rows))])
    penalty = EVIDENCE_L2 * np.diag([1.0] * rows.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(30):
        probability = 1 / (1 + np.exp(-design @ weights))
        gradient = penalty @ weights + design.T @ (probability - right)
        curvature = penalty + (design * (probability * (1 - probability))[:, None]).T @ design
        weights -= np.linalg.solve(curvature, gradient)
    plain = weights[:-1] / width
    return plain, float(weights[-1] - plain @ centre)


def _written(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(f"{number:.3f}" for number in numbers) + ")"


if __name__ == "__main__":
    main()
