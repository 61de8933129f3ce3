"""What the claim matcher is fitted to and judged by: real posts against lists of claims of many lengths.

Each post is put to each list twice: with the claims that it repeats on the list, and with them taken off. Lists are all
claims, or few: an organisation's list is short and about one thing, so half of the short ones hold the nearest claims.
Half of the short ones meet a monitor that has heard little yet.
"""

import json
import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from detectors.known_claim import KnownClaim
from detectors.narratives.claims.closeness import Rarity, candidates, closeness, query
from detectors.narratives.claims.index import ClaimIndex
from detectors.narratives.claims.matching import CANDIDATES
from detectors.narratives.claims.text import spoken, tags_apart, without_signature
from detectors.narratives.clustering.lexical import Frequencies, words

Array = NDArray[np.float64]
SIZES = (2, 5, 20, 200, None)
FOLDS = 5


class Post(Struct, frozen=True):
    """A post, and the rows of the claims that it repeats."""

    text: str
    vector: NDArray[np.float32] | None
    claims: frozenset[int]
    fold: int
    """Posts that repeat one claim are in one fold."""


class Probe(Struct, frozen=True):
    """A post against a list."""

    post: int
    fold: int
    size: int
    """Of the list."""
    is_listed: bool
    """Whether its claim is on the list."""
    close: Array
    """One row a candidate, as in `CLOSENESS`."""
    right: NDArray[np.bool_]
    """Of the candidates."""
    to_find: int
    """How many claims it repeats."""


def read(
    folder: Path, vectors: Path | None, models: Path, most: int | None = None
) -> tuple[list[KnownClaim], list[Post]]:
    """The claims and posts of a folder, encoded by the offline model.

    Args:
        vectors: Where they are kept; never with `most`.
        most: So many claims only, and the posts about them.
    """
    claims = _lines(folder / "claims.jsonl")[:most]
    ids = {claim["id"] for claim in claims}
    posts = [post for post in _lines(folder / "posts.jsonl") if ids.issuperset(post["claims"])]
    texts = [tags_apart(" ".join(without_signature(post["text"]))) for post in posts]
    encoded = _vectors(
        [text for each in claims for text in (each["claim"], each["title"] or each["claim"])] + texts, vectors, models
    )
    listed = [
        KnownClaim(
            id=each["id"],
            claim=each["claim"],
            title=each["title"] or None,
            verdict="?",
            checked_by="?",
            vectors=tuple(row.astype("<f2").tobytes() for row in encoded[2 * number : 2 * number + 2]),
        )
        for number, each in enumerate(claims)
    ]
    row_of = {claim.id: row for row, claim in enumerate(listed)}
    return listed, [
        Post(
            text=" ".join(without_signature(post["text"])),
            vector=vector if vector.any() else None,
            claims=frozenset(row_of[claim] for claim in post["claims"]),
            fold=zlib.crc32(post["claims"][0].encode()) % FOLDS,
        )
        for post, vector in zip(posts, encoded[2 * len(claims) :], strict=True)
    ]


def probes(claims: Sequence[KnownClaim], posts: Sequence[Post], *, by_meaning: bool, titled: bool) -> Iterator[Probe]:
    """All of them. Those without titles are fewer; without `by_meaning` no post has a vector."""
    if not titled:
        claims = [structs.replace(claim, title=None, vectors=claim.vectors[:1]) for claim in claims]
    whole = ClaimIndex(claims)
    much = _heard([*(claim.claim for claim in claims), *(post.text for post in posts)])
    little = _heard([post.text for post in posts[::20]])
    own = np.array([np.frombuffer(claim.vectors[0], "<f2") for claim in claims], np.float32)
    chance = random.Random(3)
    for number, post in enumerate(posts):
        asked = query(spoken(post.text), post.vector if by_meaning else None)
        gold = np.array(sorted(post.claims), dtype=np.intp)
        nearest = np.argsort(-(own @ own[gold[0]]), kind="stable")[:400]
        for size in SIZES if titled else (chance.choice(SIZES[:-1]), None):
            rows, index, frequencies = np.arange(len(claims)), whole, much
            if size is not None:
                near, any_of = nearest[: 2 * size : 2], np.array(chance.sample(range(len(claims)), size))
                rows = np.union1d(near if chance.random() < 0.5 else any_of, gold)
                index, frequencies = ClaimIndex([claims[int(row)] for row in rows]), chance.choice((much, little))
            found = candidates(asked, index, CANDIDATES + len(gold))
            close = closeness(asked, index, found, Rarity(index, frequencies))
            right = np.isin(rows[found.rows], gold)
            for is_listed in (True, False):
                kept = np.flatnonzero(~right | is_listed)[:CANDIDATES]
                if len(kept):
                    yield Probe(number, post.fold, size or len(claims), is_listed, close[kept], right[kept], len(gold))


def _heard(texts: Sequence[str]) -> Frequencies:
    frequencies = Frequencies()
    for text in texts:
        frequencies.learn(words(spoken(text)))
    return frequencies


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _vectors(texts: Sequence[str], path: Path | None, models: Path) -> NDArray[np.float32]:
    """As `groundswell claims match` encodes them; rows of zeros for what the model does not cover."""
    if path is not None and path.exists():
        return np.asarray(np.load(path), dtype=np.float32)
    from streams.encoding.encoder import open_encoder
    from streams.settings.config import Encoder as EncoderSettings

    encoder = open_encoder(EncoderSettings(cache=str(models)))
    found = np.zeros((len(texts), encoder.dimensions), np.float32)
    for start in range(0, len(texts), 1000):
        some = texts[start : start + 1000]
        for row, encoding in enumerate(encoder.encodings(some, ["en"] * len(some))):
            if encoding.vector is not None:
                found[start + row] = np.frombuffer(encoding.vector, "<f2")
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, found)
    return found
