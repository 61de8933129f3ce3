"""How well languages are told apart, and what letters find where no model covers the language.

    python -m tests.benchmarks.languages --bench FOLDER

FOLDER holds `languages`. A post's language is said from its text alone, as where a source says nothing. The label `hi`
means posts by Indians: a third is in English and nearly all others are in Latin letters, so that no classifier can be
right by these labels; beside the figure over all posts stands that over the seven other languages.

Pairs of Japanese and Korean sentences go through the stream, encoded with the offline model, which covers neither: two
texts match where they end in one narrative.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import click
from msgspec import Struct

from detectors.contract import MonitorContext
from detectors.mention import Encoding, Mention
from detectors.narrative import NarrativeDetector
from streams.encoding.encoder import Encoder, open_encoder
from streams.encoding.languages import UNKNOWN, identify
from streams.encoding.text_cleaning import cleaned
from streams.narratives.assignments import assigned
from streams.settings.config import Encoder as EncoderSettings
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure

UNCOVERED = ("ja", "ko")
INDIAN = "hi"
PARAPHRASE = 4.0
"""Score of a pair from which it says the same."""
_TOGETHER = 150
"""Pairs that are shuffled together: the texts of one are never further apart than what is remembered."""
_START = datetime(2030, 4, 1, tzinfo=UTC)


class Told(Struct, frozen=True):
    """Shares of posts."""

    posts: int
    wrong: float
    left_open: float

    def __str__(self) -> str:
        return f"{self.posts:6} posts, wrong {self.wrong:.2%}, left open {self.left_open:.2%}"


class Found(Struct, frozen=True):
    """What letters made of pairs."""

    texts: int
    embedded: int
    random_pairs: float
    """Share of any two texts that end in one narrative."""
    paraphrases: float
    """Share of the pairs that say the same."""

    def __str__(self) -> str:
        return (
            f"{self.texts} texts, {self.embedded} embedded, random pairs that match {self.random_pairs:.3%}, "
            f"paraphrases found {self.paraphrases:.2f}"
        )


class _Watched:
    """An encoder, and how many texts it gave a vector."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.stats = encoder.stats
        self.embedded = 0

    def encode(self, mentions: Sequence[Mention]) -> list[Encoding]:
        made = self._encoder.encode(mentions)
        self.embedded += sum(encoding.vector is not None for encoding in made)
        return made


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--models", type=click.Path(path_type=Path), default=Path(".groundswell/models"), show_default=True)
def main(bench: Path, models: Path) -> None:
    """Print the tables."""
    labels, said, each = read_posts(bench / "languages")
    for language in (*sorted(set(labels)), ""):
        click.echo(f"{language or 'all':4} {told(labels, said, language)}")
    mistaken = Counter(pair for pair in zip(labels, said, strict=True) if pair[0] != pair[1] and pair[1] != UNKNOWN)
    click.echo(
        "labelled, and taken for: "
        + ", ".join(f"{label} {code} {count}" for (label, code), count in mistaken.most_common(8))
    )
    click.echo(f"{each * 1e6:.0f} µs a text")
    encoder = open_encoder(EncoderSettings(cache=str(models)))
    for language in UNCOVERED:
        click.echo(f"{language:4} {found(read_pairs(bench / 'languages', language), language, encoder)}")


def measure(place: Place) -> list[Figure]:
    """Nothing where no labelled data is given."""
    if place.bench is None:
        place.say("skipped: --bench does not name a folder with languages/")
        return []
    folder = place.bench / "languages"
    labels, said, each = read_posts(folder, place.pick(1, 1, 50))
    encoder = open_encoder(EncoderSettings(cache=str(place.models)))
    pairs = {language: read_pairs(folder, language)[: place.pick(5_000, 5_000, 60)] for language in UNCOVERED}
    by_letters = {language: found(some, language, encoder) for language, some in pairs.items()}
    return [*_of_posts(labels, said, each), *_of_letters(by_letters)]


def read_posts(folder: Path, every: int = 1) -> tuple[list[str], list[str], float]:
    """Each post's label, the language that is said of it, and the seconds that one takes."""
    posts = [json.loads(line) for line in (folder / "posts.jsonl").read_bytes().splitlines()][::every]
    identify("This only opens the classifiers: xyzzy qwrt", None)
    started = process_time()
    said = [identify(cleaned(post["text"]), None) for post in posts]
    return [post["lang"] for post in posts], said, (process_time() - started) / len(posts)


def told(labels: Sequence[str], said: Sequence[str], language: str = "", without: str = "") -> Told:
    """Of one language, or of all."""
    pairs = [
        (label, code) for label, code in zip(labels, said, strict=True) if language in ("", label) and label != without
    ]
    wrong = sum(code not in (label, UNKNOWN) for label, code in pairs)
    left_open = sum(code == UNKNOWN for _, code in pairs)
    return Told(len(pairs), wrong / max(1, len(pairs)), left_open / max(1, len(pairs)))


def read_pairs(folder: Path, language: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"pairs-{language}.jsonl").read_bytes().splitlines()]


def found(pairs: Sequence[Mapping[str, Any]], language: str, encoder: Encoder) -> Found:
    """The texts of all pairs through one stream, each text once."""
    texts = list(dict.fromkeys(_shuffled(pairs)))
    mentions = [
        Mention(id=str(number), channel="news", at=_START + number * timedelta(minutes=1), text=text, lang=language)
        for number, text in enumerate(texts)
    ]
    watched = _Watched(encoder)
    homes = [each.end for each in assigned(mentions, watched, MonitorContext(), NarrativeDetector.Params())]
    home_of = dict(zip(texts, homes, strict=True))
    joined = [home_of[pair["a"]] == home_of[pair["b"]] for pair in pairs]
    same = [is_joined for is_joined, pair in zip(joined, pairs, strict=True) if pair["score"] >= PARAPHRASE]
    # What was written as a pair is none of the random ones.
    together = sum(count * (count - 1) // 2 for count in Counter(homes).values()) - sum(joined)
    others = len(texts) * (len(texts) - 1) // 2 - len(pairs)
    return Found(
        texts=len(texts),
        embedded=watched.embedded,
        random_pairs=max(0, together) / others,
        paraphrases=sum(same) / max(1, len(same)),
    )


def _shuffled(pairs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    drawn = random.Random(7)
    order = drawn.sample(range(len(pairs)), len(pairs))
    for start in range(0, len(order), _TOGETHER):
        texts = [pairs[number][side] for number in order[start : start + _TOGETHER] for side in ("a", "b")]
        yield from drawn.sample(texts, len(texts))


def _of_posts(labels: Sequence[str], said: Sequence[str], each: float) -> list[Figure]:
    whole, seven = told(labels, said), told(labels, said, without=INDIAN)
    english = sum(pair == (INDIAN, "en") for pair in zip(labels, said, strict=True)) / len(labels)
    how = f"{whole.posts} posts of languages/, by the text alone; labels as they stand"
    but = f"{how}, but for {INDIAN}"
    indian = f"share of all: posts labelled {INDIAN} that are taken for English; of 70 of them read by a person, 66 are"

    def figure(name: str, value: float, goal: AtMost | None, how: str, unit: str = "") -> Figure:
        return Figure(group="languages", name=name, samples=(value,), unit=unit, goal=goal, how=how)

    return [
        figure("wrong", whole.wrong, AtMost(0.02), how),
        figure("left open", whole.left_open, AtMost(0.08), how),
        figure("wrong, seven languages", seven.wrong, AtMost(0.02), but),
        figure("left open, seven languages", seven.left_open, AtMost(0.08), but),
        figure("labelled Hindi, taken for English", english, None, indian),
        figure("identifying a text", each * 1e6, None, "process time, classifiers open", "µs"),
    ]


def _of_letters(by_letters: Mapping[str, Found]) -> list[Figure]:
    how = "pairs of languages/ through the stream, encoded with the offline model; a match is one narrative at the end"
    figures = []
    for language, made in by_letters.items():
        for name, value, goal in (
            ("random pairs that match", made.random_pairs, AtMost(0.005)),
            ("paraphrases found by letters", made.paraphrases, None),
            ("uncovered texts embedded", float(made.embedded), AtMost(1)),
        ):
            figures.append(
                Figure(group="languages", name=f"{language}: {name}", samples=(value,), unit="", goal=goal, how=how)
            )
    return figures


if __name__ == "__main__":
    main()
