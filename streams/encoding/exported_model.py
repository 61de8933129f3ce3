"""A model as a worker runs it: exported once, read back by OpenVINO in under a second, without torch.

An export is a folder `<cache>/<model's id>-<format>/` with the network, its tokenizer, and a manifest that says what
belongs to it. It appears whole or not at all.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FORMAT = 1
"""Raise it when the export changes: older ones are then left alone and made anew."""

NETWORK = "network.xml"
WEIGHTS = "network.bin"
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"

Ids = NDArray[np.int64]
"""Token ids or attention mask, shape (texts, tokens)."""


class Engine(Protocol):
    """Runs the network."""

    batch: int
    """How many texts at a time are best for it."""

    def run(self, ids: Ids, mask: Ids) -> NDArray[np.float32]:
        """Unit length rows, one a text."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What an export is, and what its files hold."""

    format: int = FORMAT
    model: str
    """The model's id."""
    source: str
    dimensions: int
    max_tokens: int
    """Special ones included."""
    pad_id: int
    unknown_id: int | None
    """None where the tokenizer knows every character."""
    files: dict[str, str] = {}
    """SHA-256 by name."""


class LoadedModel(Struct, frozen=True, kw_only=True):
    """All that is needed to make vectors of texts."""

    manifest: Manifest
    tokenizer: "Tokenizer"
    engine: Engine


class BrokenExport(Exception):  # noqa: N818 - the house names errors for what is wrong
    """An export's files are not those that were written."""


def open_export(folder: Path) -> LoadedModel:
    """The model exported to `folder`.

    Raises:
        FileNotFoundError: There is none.
        BrokenExport: There is one that must not be used.
        ImportError: OpenVINO or tokenizers is not installed.
    """
    manifest = _manifest(folder)
    for name, expected in manifest.files.items():
        if file_hash(folder / name) != expected:
            raise BrokenExport(f"{name} is not as it was written")
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        engine = OpenVinoEngine(folder / NETWORK)
    except RuntimeError as error:
        raise BrokenExport(f"it cannot be loaded: {type(error).__name__}") from error
    return LoadedModel(manifest=manifest, tokenizer=tokenizer, engine=engine)


def export_of(cache: Path, source: str) -> Path | None:
    """The newest export made of a model with that name on the hub, for workers that cannot reach the hub."""
    found = []
    for folder in cache.glob(f"*-{FORMAT}"):
        try:
            if _manifest(folder).source == source:
                found.append(folder)
        except (BrokenExport, FileNotFoundError):
            continue
    return max(found, key=lambda folder: (folder / MANIFEST).stat().st_mtime, default=None)


def file_hash(file: Path) -> str:
    """SHA-256; empty where the file cannot be read."""
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""


def padded(token_ids: Sequence[Sequence[int]], pad_id: int) -> tuple[Ids, Ids]:
    """Ids and attention mask of one batch, as long as its longest text."""
    longest = max(len(ids) for ids in token_ids)
    ids = np.full((len(token_ids), longest), pad_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, each in enumerate(token_ids):
        ids[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return ids, mask


class OpenVinoEngine:
    """On the CPU, in OpenVINO's own choice of precision: bf16 where there are instructions for it, else f32."""

    batch = 32

    def __init__(self, network: Path) -> None:
        import openvino

        core = openvino.Core()
        compiled = core.compile_model(core.read_model(network), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
        self._request: Any = compiled.create_infer_request()

    def run(self, ids: Ids, mask: Ids) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = self._request.infer([ids, mask])[0]
        return vectors.copy()  # the request's own memory is written anew by the next batch


def _manifest(folder: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError) as error:
        if folder.exists():
            raise BrokenExport("it has no manifest") from None
        raise FileNotFoundError(folder) from error
    except OSError as error:
        raise BrokenExport(f"its manifest cannot be read: {error.strerror}") from error
    except msgspec.DecodeError as error:
        raise BrokenExport("its manifest cannot be read") from error
    if set(manifest.files) != {NETWORK, WEIGHTS, TOKENIZER} or manifest.format != FORMAT:
        raise BrokenExport("its manifest does not fit")
    return manifest
