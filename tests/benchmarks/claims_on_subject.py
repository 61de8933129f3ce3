"""How well posts are matched to claims where all talk is about one subject, as in a monitor of one organisation.

    python -m tests.benchmarks.claims_on_subject --bench FOLDER [--vectors FILE] [--models FOLDER]

FOLDER and FILE are as in `claims.py`. A post's subject is the 60 posts nearest to it; what is usual in such a monitor,
and the list, come of them. Each post is put to its list with its claims on it and with them taken off, as if nothing
were known of the subject, and as if the monitor had heard it. The weights have seen these posts both times.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from detectors.known_claim import KnownClaim
from detectors.mention import Vector
from detectors.narratives.claims.closeness import Rarity, query
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.matching import POSSIBLE, rank
from detectors.narratives.claims.text import spoken
from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import GRID
from detectors.narratives.clustering.lexical import Frequencies, words
from detectors.narratives.clustering.texts import LEXICAL_WEIGHT
from detectors.narratives.judging import subject_of
from tests.benchmarks.claim_probes import Post, read
from tests.benchmarks.claims import Judged, result_of

_NEAREST = 60
_SIZES = (5, 20)


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--vectors", type=click.Path(path_type=Path))
@click.option("--models", type=click.Path(path_type=Path), default=Path(".groundswell/models"))
def main(bench: Path, vectors: Path | None, models: Path) -> None:
    """Print the table."""
    claims, posts = read(bench / "claims", vectors, models)
    posts = [post for post in posts if post.vector is not None]
    for size in _SIZES:
        for name, knows in (("subject not known", False), ("subject known", True)):
            judged = list(_judged(claims, posts, size, knows=knows))
            result = result_of(judged)
            alone = [each.probability >= POSSIBLE for each in judged if not each.is_listed]
            click.echo(
                f"{name:17}, {size:2} claims: recall at 95 % {result.recall:.3f}, calibration error "
                f"{result.calibration_error:.3f}, from .9 on: recall {result.told:.3f}, precision "
                f"{result.told_precision:.3f}; posts without a claim that match possibly {np.mean(alone):.3f}"
            )


def _judged(claims: Sequence[KnownClaim], posts: Sequence[Post], size: int, *, knows: bool) -> Iterator[Judged]:
    vectors = np.array([post.vector for post in posts], np.float32)
    for number, post in enumerate(posts):
        near = [int(row) for row in np.argsort(-(vectors @ vectors[number]), kind="stable") if row != number][:_NEAREST]
        subject = _subject(vectors[near]) if knows else None
        frequencies = Frequencies()
        for row in near:
            frequencies.learn(words(spoken(posts[row].text)))
        others = dict.fromkeys(claim for row in near for claim in sorted(posts[row].claims - post.claims))
        for is_listed in (True, False):
            rows = [*list(others)[:size], *(sorted(post.claims) if is_listed else ())]
            index = ClaimIndex([claims[row] for row in rows])
            asked = query(spoken(post.text), post.vector, subject=subject)
            found = rank(asked, index, Rarity(index, frequencies))
            right = tuple(rows[row] in post.claims for row, _, _ in found[:5]) or (False,)
            yield Judged(0, is_listed, found[0][1] if found else 0.0, right, len(post.claims))


def _subject(vectors: NDArray[np.float32]) -> Vector | None:
    """As a monitor learns it."""
    background = Background(vectors.shape[1])
    for vector in np.rint(vectors * (GRID * (1 - LEXICAL_WEIGHT) ** 0.5)).astype(np.float64):
        background.hear(vector)
    background.learn(datetime(2026, 1, 1, tzinfo=UTC))
    return subject_of(background)


if __name__ == "__main__":
    main()
