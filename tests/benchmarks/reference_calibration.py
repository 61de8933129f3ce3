"""Draws `narratives/clustering/reference.py` anew: what is usual of unrelated English texts, where our thresholds hold.

    python -m tests.benchmarks.reference_calibration --bench FOLDER

To be run when the offline model changes, or what we make of a text: its cleaning, its words, its vector. The thresholds
themselves are those of `detectors/narratives/clustering/space.py`, whatever they are.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from detectors.mention import Author, Encoding, Mention
from detectors.narratives.clustering.calibration import Spread, measure
from detectors.narratives.clustering.lexical import cleaned, words
from detectors.narratives.state import Heard, hear
from streams.calibrating.drawing import figures_of_pairs
from streams.encoding.encoder import Encoder, open_encoder
from streams.settings.config import Encoder as EncoderSettings

WRITTEN = Path(__file__).parents[2] / "detectors" / "narratives" / "reference.py"
MOST_TEXTS = 4_000
"""Of a stream."""

_MODULE = '''"""What is usual of unrelated English texts to the offline model: there our thresholds were found.

Written by tests/benchmarks/reference_calibration.py; not to be changed by hand.
"""

from detectors.narratives.clustering.calibration import Calibration, PairFigures, Spread

REFERENCE = Calibration(
    model="{model}",
    dimensions={dimensions},
    language="en",
    texts={texts},
    pairs={pairs},
    dense={dense},
    compared={compared},
    directions={directions},
    known={known},
)
'''


@click.command()
@click.option("--bench", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--cache", type=click.Path(path_type=Path), default=Path(tempfile.gettempdir()) / "groundswell-bench")
def main(bench: Path, cache: Path) -> None:
    encoder = open_encoder(EncoderSettings(cache=str(cache / "models"), device="cpu"))
    measured = []
    for name, texts in _streams(bench):
        found = measure(_heard(texts[:: len(texts) // MOST_TEXTS + 1], encoder))
        click.echo(f"{name}: {found.texts} texts, {found.pairs} pairs, dense {found.dense}, compared {found.compared}, "
                   f"{found.directions} directions")  # fmt: skip
        measured.append(found)
    same, different = _pairs(bench, encoder)
    known = figures_of_pairs(same, different, np.concatenate([each.cosines for each in measured]))
    module = _MODULE.format(
        model=encoder.model,
        dimensions=encoder.dimensions,
        texts=sum(each.texts for each in measured),
        pairs=sum(each.pairs for each in measured),
        dense=_mean([each.dense for each in measured]),
        compared=_mean([each.compared for each in measured]),
        directions=round(float(np.mean([each.directions for each in measured])), 1),
        known=known,
    )
    WRITTEN.write_text(module)
    click.echo(module)


def _streams(bench: Path) -> Iterator[tuple[str, list[str]]]:
    """Each is measured alone: how alike texts of different streams are says nothing of a monitor."""
    for name in ("News", "News-T"):
        yield name, [each["textCleaned"] for each in _lines(bench / "clusters" / name)]
    yield "rumours", [each["text"] for each in _lines(bench / "rumours" / "mentions.jsonl")]
    yield "claims", [each["claim"] for each in _lines(bench / "claims" / "claims.jsonl")]
    yield "claim posts", [each["text"] for each in _lines(bench / "claims" / "posts.jsonl")]
    yield "posts", [each["text"] for each in _lines(bench / "languages" / "posts.jsonl") if each["lang"] == "en"]


def _pairs(bench: Path, encoder: Encoder) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Cosines of claims with their own headlines, and with the headline that shares the most words with each."""
    claims = _lines(bench / "claims" / "claims.jsonl")[::5]
    spoken = [set(words(cleaned(each["title"]))) for each in claims]
    having: dict[str, set[int]] = defaultdict(set)
    for number, each in enumerate(spoken):
        for word in each:
            having[word].add(number)
    said = encoder.encode_texts([each["claim"] for each in claims])
    titled = encoder.encode_texts([each["title"] for each in claims])
    rivals = [_rival(number, set(words(cleaned(each["claim"]))), having) for number, each in enumerate(claims)]
    return np.einsum("ij,ij->i", said, titled), np.einsum("ij,ij->i", said, titled[rivals])


def _rival(own: int, spoken: set[str], having: dict[str, set[int]]) -> int:
    shared: dict[int, float] = defaultdict(float)
    for word in sorted(spoken):
        for other in having.get(word, ()):
            shared[other] += 1.0 / len(having[word])
    shared.pop(own, None)
    return max(shared, key=lambda number: (shared[number], -number), default=(own + 1) % 100)


def _heard(texts: Sequence[str], encoder: Encoder) -> list[Heard]:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    rows = encoder.encode_texts(texts).astype("<f2")
    return [
        hear(
            Mention(
                id=str(number),
                channel="bench",
                at=at,
                text=text,
                author=Author(id=str(number)),
                encoding=Encoding(model=encoder.model, language="en", vector=row.tobytes()),
            )
        )
        for number, (text, row) in enumerate(zip(texts, rows, strict=True))
    ]


def _mean(spreads: Sequence[Spread]) -> Spread:
    return Spread(
        median=round(float(np.mean([each.median for each in spreads])), 4),
        p99=round(float(np.mean([each.p99 for each in spreads])), 4),
        p995=round(float(np.mean([each.p995 for each in spreads])), 4),
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


if __name__ == "__main__":
    main()
