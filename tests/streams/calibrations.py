"""Texts, vectors and calibrations of a test's own making."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from detectors.mention import Author, Encoding, Mention
from detectors.narratives.clustering.calibration import Calibration
from detectors.narratives.clustering.reference import REFERENCE
from detectors.narratives.state import Heard, hear

Vectors = NDArray[np.float64]

START = datetime(2030, 4, 1, tzinfo=UTC)
DICE = np.random.default_rng(1)
CONFIG = """\
organisation: {name: Census Office}
monitors:
  - {name: census, query: census, detectors: {narrative: , vector_drift: }}
receivers: [{name: console, type: terminal}]
routes:
  - {receivers: [console], audience: operations}
  - {receivers: [console]}
encoder: {model: offline, device: cpu, cache: CACHE, languages: [LANGUAGES]}
"""


def heard(vectors: Vectors, language: str = "en") -> tuple[Heard, ...]:
    """Texts that share no words, with these vectors."""
    return tuple(
        hear(
            Mention(
                id=str(number),
                channel="x",
                at=START + timedelta(minutes=number),
                text=" ".join(f"word{number}x{each}" for each in range(8)),
                author=Author(id=str(number)),
                encoding=Encoding(
                    model="m-1", language=language, vector=(vector / np.linalg.norm(vector)).astype("<f2").tobytes()
                ),
            )
        )
        for number, vector in enumerate(vectors)
    )


def cloud(count: int = 600, dimensions: int = 64, common: float = 0.0) -> Vectors:
    vectors: Vectors = DICE.normal(size=(count, dimensions)) / np.sqrt(dimensions)
    vectors[:, 0] += common
    return vectors


def calibration(language: str = "en", model: str = "m-1") -> Calibration:
    return structs.replace(REFERENCE, language=language, model=model)


def written(folder: Path, cache: Path, languages: str = "en") -> Path:
    path = folder / "a.yaml"
    path.write_text(CONFIG.replace("CACHE", str(cache)).replace("LANGUAGES", languages))
    return path


def recording(folder: Path, texts: Sequence[str], lang: str = "en") -> Path:
    path = folder / f"said-{lang}.jsonl"
    lines = [
        {"id": str(number), "channel": "x", "at": (START + timedelta(minutes=number)).isoformat(), "text": text,
         "lang": lang, "author": {"id": str(number)}}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


SUBJECTS = ("The mayor", "A farmer", "My neighbour", "The court", "An old ship", "This bakery", "Their football club",
            "The hospital", "A young singer", "The weather service", "Our school", "The railway")  # fmt: skip
DEEDS = ("sells", "paints", "forgets", "welcomes", "cancels", "repairs", "loses", "hides", "praises", "counts",
         "burns", "rents")  # fmt: skip
THINGS = ("seven violins", "the frozen harbour", "tax letters", "a broken bridge", "wild mushrooms",
          "the night bus", "cheap insurance", "votes by post", "plastic toys", "a lost cat", "the summer concert",
          "spare tyres")  # fmt: skip


def english() -> list[str]:
    return [f"{who} {does} {what}" for who in SUBJECTS for does in DEEDS for what in THINGS][::4]
