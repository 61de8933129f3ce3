"""How many texts a second the encoder makes, against its engine alone: `python -m tests.benchmarks.bench_encoder`.

The engine alone is given token ids that are ready and sorted; the encoder cleans, hashes, identifies languages,
tokenizes, and packs as well. With `--device cuda` its vectors are compared with those of torch on the CPU.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click
import msgspec
import numpy as np

from detectors.mention import Encoding
from streams.encoding import model_export
from streams.encoding.encoder import Encoder, open_encoder
from streams.encoding.languages import identify
from streams.encoding.sentence_model import find_model
from streams.encoding.text_cleaning import cleaned
from streams.settings.config import Encoder as EncoderSettings

Made = TypeVar("Made")

AT_ONCE = 64
"""Texts in one call, as the stage `match` does it."""

_EXAMPLES = ("The census office sells our answers to insurers, they say.", "Nobody asked me, again!", "Who counts us?")


@click.command()
@click.option("--posts", type=click.Path(path_type=Path, exists=True), help="JSON lines with text and perhaps lang.")
@click.option("--texts", "count", default=2000, show_default=True)
@click.option("--model", default="offline", show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--cache", default=".groundswell/models", show_default=True)
@click.option("--languages", help="What the model covers, with commas; else what is known of it.")
@click.option("--at-once", default=AT_ONCE, show_default=True, help="Texts in one call.")
def bench(
    posts: Path | None, count: int, model: str, device: str, cache: str, languages: str | None, at_once: int
) -> None:
    codes = tuple(languages.split(",")) if languages else None
    settings = msgspec.convert(
        {"model": model, "device": device, "cache": cache, "languages": codes}, type=EncoderSettings
    )
    started = time.perf_counter()
    encoder = open_encoder(settings)
    _tell("opened", f"{encoder.model} ({type(encoder._engine).__name__}) in {time.perf_counter() - started:.1f} s")
    posts_read = _posts(posts, count)
    given = [lang for _, lang in posts_read]
    texts = [cleaned(text) for text, _ in posts_read]
    token_ids = encoder._token_ids([text for text in texts if text])
    _tell("texts", f"{len(texts)}, {np.mean([len(ids) for ids in token_ids]):.1f} tokens on average")
    _parts(texts, given, encoder)
    _against_engine(encoder, [text for text, _ in posts_read], given, at_once)
    if device == "cuda":
        _compare_with_cpu(encoder, settings, [text for text in texts if text][:500])


def _posts(file: Path | None, count: int) -> list[tuple[str, str | None]]:
    if file is None:
        return [(f"{_EXAMPLES[number % 3]} {number}", "en") for number in range(count)]
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    chosen = random.Random(7).sample(lines, min(count, len(lines)))
    return [(line["text"], line.get("lang")) for line in chosen]


def _parts(texts: Sequence[str], given: Sequence[str | None], encoder: Encoder) -> None:
    """What is done to each text beside running the engine."""
    identify("they sell it to everybody", None)  # loads the classifier
    _per_text("cleaning", texts, lambda: [cleaned(text) for text in texts])
    _per_text("language", texts, lambda: [identify(text, lang) for text, lang in zip(texts, given, strict=True)])
    _per_text("tokens", texts, lambda: encoder._token_ids(texts))


def _against_engine(encoder: Encoder, texts: Sequence[str], given: Sequence[str | None], at_once: int) -> None:
    """Both over the same texts, those that are embedded; in turns, as other work on the machine comes and goes."""
    parts = [slice(start, start + at_once) for start in range(0, len(texts), at_once)]
    cold, encodings = _timed(lambda: [each for part in parts for each in encoder.encodings(texts[part], given[part])])
    warm, _ = _timed(lambda: [encoder.encodings(texts[part], given[part]) for part in parts])
    stats = encoder.stats
    _tell("outcomes", ", ".join(f"{value} {name}" for name, value in msgspec.structs.asdict(stats).items()))
    _tell("encoder, texts of all kinds", f"{len(texts) / cold:.0f} texts/s")
    _tell("encoder, all cached", f"{len(texts) / warm:.0f} texts/s")
    embedded = _embedded(texts, encodings)
    ids = [
        sorted(encoder._token_ids([encoder._as_read(text) for text in batch]), key=len)
        for batch in _batches(embedded, at_once)
    ]
    seconds = {"engine": 0.0, "encoder": 0.0}
    for batch, batch_ids in zip(_batches(embedded, at_once), ids, strict=True):
        encoder._cache.clear()
        with _adding(seconds, "engine"):
            encoder._vectors(batch_ids)
        with _adding(seconds, "encoder"):
            encoder.encodings(batch, ["en"] * len(batch))
    for name, spent in seconds.items():
        _tell(f"{name}, embedded texts", f"{len(embedded) / spent:.0f} texts/s")
    _tell("encoder / engine", f"{seconds['engine'] / seconds['encoder']:.3f}")


def _compare_with_cpu(encoder: Encoder, settings: EncoderSettings, texts: Sequence[str]) -> None:
    on_cpu = Encoder(model_export.load_with_torch(find_model(settings), "cpu"), encoder.languages)
    cosines = (encoder.encode_texts(texts) * on_cpu.encode_texts(texts)).sum(axis=1)
    _tell("cosine to torch fp32 on the CPU", f"mean {cosines.mean():.6f}, least {cosines.min():.6f}")


def _embedded(texts: Sequence[str], encodings: Sequence[Encoding]) -> list[str]:
    return list({each.vector: text for text, each in zip(texts, encodings, strict=True) if each.vector}.values())


def _batches(texts: Sequence[str], size: int) -> list[Sequence[str]]:
    return [texts[start : start + size] for start in range(0, len(texts), size)]


def _per_text(name: str, texts: Sequence[str], work: Callable[[], object]) -> None:
    seconds, _ = _timed(work)
    _tell(name, f"{seconds / len(texts) * 1e6:.0f} µs a text")


def _timed(work: Callable[[], Made]) -> tuple[float, Made]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


@contextmanager
def _adding(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] += time.perf_counter() - started


def _tell(name: str, value: str) -> None:
    click.echo(f"{name:34}{value}")


if __name__ == "__main__":
    bench()
