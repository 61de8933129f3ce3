"""Texts to vectors: cleans a text, says its language, and embeds it where the model covers it.

A text that the model does not cover is marked and never embedded: vectors of a language that the model has not learned
are all alike, and would make one story of everything said in it.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import regex
from cachetools import LRUCache
from msgspec import Struct
from numpy.typing import NDArray

from detectors.mention import Encoding, Mention, Uncovered
from streams.encoding.exported_model import BrokenExport, LoadedModel, export_of, open_export, padded
from streams.encoding.languages import UNKNOWN, identify, is_usual_script, primary_code
from streams.encoding.outcomes import Outcome, outcome_of
from streams.encoding.sentence_model import (
    EncoderUnavailable,
    SentenceModel,
    declared_languages,
    find_model,
    is_on_hub,
    prefix_of,
)
from streams.encoding.text_cleaning import cleaned, has_words
from streams.settings.config import Encoder as EncoderSettings

_logger = logging.getLogger(__name__)

MOST_UNKNOWN = 0.05
"""Share of tokens that the tokenizer does not know, above which it shatters a text."""
MOST_TOKENS_PER_CHARACTER = 0.8
"""Above which it shatters a text: a covered language has about .3, letters one by one have 1."""
MANY_LANGUAGES = 20
"""A model of so many is given texts of unknown language too: they are likely in one of them."""
LONGEST = 2_500
"""Characters that are tokenized: more than the 256 or 512 tokens that are embedded."""
CACHED_TEXTS = 32_768
"""About 40 MB."""


class EncoderStats(Struct, kw_only=True):
    """Mentions since the start, by what became of their text."""

    encoded: int = 0
    cached: int = 0
    """Known from an earlier or the same batch, whatever came of it then."""
    language: int = 0
    uncalibrated: int = 0
    shattered: int = 0
    no_words: int = 0


class _SortedOut(Struct):
    language: str
    uncovered: Uncovered | None = None
    token_ids: list[int] | None = None
    """Where it is to be encoded."""

    @property
    def outcome(self) -> Outcome:
        return self.uncovered or ("no_words" if self.token_ids is None else "encoded")


class Encoder:
    """Encodes mentions. Calls from several threads wait for each other.

    Args:
        loaded: The model.
        languages: What it covers, as ISO 639 codes.
        prefix: What its makers put before every text.
        calibrated: The languages for which it is known how close vectors of one story are; None for all. Texts in
            others are not embedded: nobody could say what their cosines mean.
    """

    def __init__(
        self,
        loaded: LoadedModel,
        languages: frozenset[str],
        prefix: str = "",
        calibrated: frozenset[str] | None = None,
    ) -> None:
        self.model = loaded.manifest.model
        """Its id and version: vectors of different models never meet."""
        self.dimensions = loaded.manifest.dimensions
        self.languages = languages
        """ISO 639 codes."""
        self.stats = EncoderStats()
        self._manifest = loaded.manifest
        self._tokenizer = loaded.tokenizer
        self._engine = loaded.engine
        self._prefix = prefix
        self._calibrated = calibrated
        self._special = loaded.tokenizer.num_special_tokens_to_add(is_pair=False)
        self._lowercases = _lowercases(loaded)
        self._cache: LRUCache[bytes, Encoding] = LRUCache(CACHED_TEXTS)
        self._lock = Lock()

    def encode(self, mentions: Sequence[Mention]) -> list[Encoding]:
        """One encoding a mention, of its title and text together; equal texts are encoded once."""
        return self.encodings([_whole_text(mention) for mention in mentions], [mention.lang for mention in mentions])

    def encodings(self, texts: Sequence[str], given: Sequence[str | None]) -> list[Encoding]:
        """The same for bare texts, with what is said of their language: for claims, which may be uncovered too."""
        keyed = [self._keyed(text, lang) for text, lang in zip(texts, given, strict=True)]
        with self._lock:
            found = {key: self._cache[key] for key, _, _ in keyed if key in self._cache}
            new = {key: (text, lang) for key, text, lang in keyed if key not in found}
            self.stats.cached += len(keyed) - len(new)
            for key, encoding in zip(new, self._encodings(list(new.values())), strict=True):
                self._cache[key] = found[key] = encoding
                self._count(encoding)
        return [found[key] for key, _, _ in keyed]

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit length rows, shape (n, d), whatever the language: for texts that somebody has chosen."""
        with self._lock:
            return self._vectors(self._token_ids([self._as_read(text) for text in texts]))

    def _keyed(self, text: str, given: str | None) -> tuple[bytes, str, str]:
        """The cache's key, the text as the model reads it, and the language stated for it."""
        text, stated = self._as_read(text), primary_code(given)
        return hashlib.blake2b(f"{stated}\0{text}".encode(), digest_size=16).digest(), text, stated

    def _as_read(self, text: str) -> str:
        text = cleaned(text)[:LONGEST]
        return text.lower() if self._lowercases else text

    def outcomes(self, mentions: Sequence[Mention]) -> list[tuple[str, Outcome]]:
        """Each mention's language, and what `encode` would make of it: without the work of embedding."""
        keyed = [self._keyed(_whole_text(mention), mention.lang) for mention in mentions]
        texts = {key: (text, stated) for key, text, stated in keyed}
        with self._lock:
            sorted_out = dict(zip(texts, self._sorted_out(list(texts.values())), strict=True))
        return [(each.language, each.outcome) for each in (sorted_out[key] for key, _, _ in keyed)]

    def _encodings(self, texts: Sequence[tuple[str, str]]) -> list[Encoding]:
        sorted_out = self._sorted_out(texts)
        token_ids = [each.token_ids for each in sorted_out if each.token_ids is not None]
        vectors = iter(self._vectors(token_ids).astype("<f2"))
        return [
            Encoding(
                model=self.model,
                language=each.language,
                vector=None if each.token_ids is None else next(vectors).tobytes(),
                uncovered=each.uncovered,
            )
            for each in sorted_out
        ]

    def _sorted_out(self, texts: Sequence[tuple[str, str]]) -> list["_SortedOut"]:
        """For each text and the language stated for it."""
        sorted_out = [self._by_language(text, stated) for text, stated in texts]
        open_yet = [
            (each, text)
            for each, (text, _) in zip(sorted_out, texts, strict=True)
            if each.uncovered is None and has_words(text)
        ]
        for (each, text), ids in zip(open_yet, self._token_ids([text for _, text in open_yet]), strict=True):
            if self._shatters(text, ids):
                each.uncovered = "shattered"
            else:
                each.token_ids = ids
        return sorted_out

    def _by_language(self, text: str, stated: str) -> "_SortedOut":
        if not has_words(text):
            return _SortedOut(UNKNOWN)
        language = identify(text, stated)
        return _SortedOut(language, self._uncovered(text, language))

    def _uncovered(self, text: str, language: str) -> Uncovered | None:
        """Why a text in this language is not embedded, as far as the language decides it."""
        if language == UNKNOWN:
            is_covered = len(self.languages) >= MANY_LANGUAGES
        else:
            is_covered = language in self.languages and is_usual_script(text, language)
        if not is_covered:
            return "language"
        return None if self._calibrated is None or language in self._calibrated else "uncalibrated"

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        return [each.ids for each in self._tokenizer.encode_batch_fast([self._prefix + text for text in texts])]

    def _shatters(self, text: str, ids: Sequence[int]) -> bool:
        if len(ids) - self._special > MOST_TOKENS_PER_CHARACTER * len(self._prefix + text):
            return True
        unknown_id = self._manifest.unknown_id
        if unknown_id is None or ids.count(unknown_id) <= MOST_UNKNOWN * len(ids):
            return False
        # Emoji and other signs are unknown to many tokenizers and say nothing of how it takes the words.
        ids = self._tokenizer.encode(_not_words.sub(" ", text)).ids
        return ids.count(unknown_id) > MOST_UNKNOWN * (len(ids) - self._special)

    def _vectors(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Unit length rows. Texts of like length run together: padding is computed for nothing."""
        vectors = np.zeros((len(token_ids), self.dimensions), dtype=np.float32)
        by_length = sorted(range(len(token_ids)), key=lambda row: len(token_ids[row]))
        for start in range(0, len(by_length), self._engine.batch):
            rows = by_length[start : start + self._engine.batch]
            ids, mask = padded([self._cut(token_ids[row]) for row in rows], self._manifest.pad_id)
            vectors[rows] = self._engine.run(ids, mask)
        return vectors

    def _cut(self, ids: Sequence[int]) -> Sequence[int]:
        """As many tokens as the model takes, the closing one among them."""
        most = self._manifest.max_tokens
        return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]

    def _count(self, encoding: Encoding) -> None:
        outcome = outcome_of(encoding)
        setattr(self.stats, outcome, getattr(self.stats, outcome) + 1)


def open_encoder(
    settings: EncoderSettings, calibrated: Callable[[str], frozenset[str] | None] = lambda model: None
) -> Encoder:
    """The encoder that is configured: on a GPU where there is one, else by OpenVINO, else by torch on the CPU.

    The first call for a model exports it, which takes half a minute and is logged; later ones take a second.

    Args:
        settings: Which model, and what it covers.
        calibrated: Gives the languages that the model of an id is calibrated for; None for all.

    Raises:
        EncoderUnavailable: With what to do about it.
    """
    languages = declared_languages(settings)
    loaded = _load(settings)
    _logger.info("opened the encoder", extra={"model": loaded.manifest.model, "engine": type(loaded.engine).__name__})
    return Encoder(loaded, languages, prefix_of(settings.model), calibrated(loaded.manifest.model))


def _load(settings: EncoderSettings) -> LoadedModel:
    from streams.encoding import model_export

    if settings.device != "cpu" and model_export.has_gpu():
        return model_export.load_with_torch(find_model(settings), "cuda")
    if settings.device == "cuda":
        raise EncoderUnavailable("encoder.device is cuda, but torch finds no NVIDIA GPU here; set it to auto or cpu")
    cache = Path(settings.cache).expanduser()
    if is_on_hub(settings.model) and (known := export_of(cache, settings.model)):
        loaded = _open_cached(known)
        if loaded is not None:
            return loaded
    model = find_model(settings)
    return _open_cached(model_export.export_folder(model, cache)) or _export_and_open(model, cache)


def _open_cached(folder: Path) -> LoadedModel | None:
    try:
        return open_export(folder)
    except FileNotFoundError:
        return None
    except BrokenExport as error:
        _logger.warning(
            "an exported model is broken, and is made anew", extra={"folder": folder.name, "why": str(error)}
        )
    except ImportError:
        _logger.warning("OpenVINO is not installed")
    return None


def _export_and_open(model: SentenceModel, cache: Path) -> LoadedModel:
    from streams.encoding import model_export

    try:
        return open_export(model_export.export(model, cache))
    except (ImportError, BrokenExport, model_export.ExportFailed) as error:
        _logger.warning(
            "the model cannot be run by OpenVINO; torch runs it, several times slower",
            extra={"model": model.id, "why": str(error)},
        )
        return model_export.load_with_torch(model, "cpu")


def _whole_text(mention: Mention) -> str:
    if mention.title and not mention.text.startswith(mention.title):
        return f"{mention.title}. {mention.text}"
    return mention.text


def _lowercases(loaded: LoadedModel) -> bool:
    """Whether case makes no difference to the model: then it makes none to the cache either."""
    probe = [loaded.tokenizer.encode(text).ids for text in ("The CENSUS Office", "the census office")]
    return probe[0] == probe[1]


_not_words = regex.compile(r"[^\p{L}\p{M}\p{N}\p{P}\s]+")
