"""The one home of sentence-transformers and torch: exports a model once, or runs it on a GPU or without OpenVINO.

Importing them takes 13 s and 1.7 GB, so a worker whose export is cached never comes here. torch's dynamic int8 is not
offered: it turns vectors away from the model's own (cosine .943).
"""

import errno
import logging
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from streams.encoding.exported_model import (
    FORMAT,
    MANIFEST,
    NETWORK,
    TOKENIZER,
    WEIGHTS,
    BrokenExport,
    Ids,
    LoadedModel,
    Manifest,
    file_hash,
    open_export,
    padded,
)
from streams.encoding.sentence_model import EncoderUnavailable, SentenceModel

if TYPE_CHECKING:
    import torch

_logger = logging.getLogger(__name__)

LIKE_TORCH = 0.999
"""Least cosine between what the export and torch make of a text; OpenVINO in bf16 reaches .9999."""
_PROBES = ("The census counts everybody who lives here.", "No.", "Who says so? They say that it is not true at all.")


class ExportFailed(Exception):  # noqa: N818 - the house names errors for what is wrong
    """OpenVINO cannot take this model, or makes something else of it: torch has to run it."""


def has_gpu() -> bool:
    """Whether torch can use an NVIDIA GPU here. Does not import torch where there is no such device."""
    if not any(Path("/dev").glob("nvidia[0-9]*")) and not Path("/dev/dxg").exists():
        return False
    import torch

    return torch.cuda.is_available()


def export_folder(model: SentenceModel, cache: Path) -> Path:
    """Where the model's export is, or will be."""
    return cache / f"{model.id}-{FORMAT}"


def export(model: SentenceModel, cache: Path) -> Path:
    """Export the model, unless another process has just done so, and return its folder.

    The result is compared with torch before anybody can see it. Two processes at once are safe: the second waits.

    Raises:
        EncoderUnavailable: The disk is full, or the cache cannot be written.
        ExportFailed: The export is not possible, or not the same model.
        ImportError: OpenVINO is not installed.
    """
    from filelock import FileLock

    folder = export_folder(model, cache)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{folder.name}.lock"):
            if not _is_sound(folder):
                _refuse_full_disk(model, cache)
                _export(model, folder)
    except OSError as error:
        raise EncoderUnavailable(_cannot_write(cache, error)) from error
    return folder


def load_with_torch(model: SentenceModel, device: Literal["cpu", "cuda"]) -> LoadedModel:
    """The model run by torch: in half precision on a GPU, in full on the CPU."""
    network = _load(model, device)
    if device == "cuda":
        network = network.half()
    return LoadedModel(
        manifest=_manifest(model, network),
        tokenizer=network.tokenizer.backend_tokenizer,
        engine=TorchEngine(network, device),
    )


class TorchEngine:
    """A sentence-transformers model with its own pooling, and unit length."""

    def __init__(self, network: Any, device: Literal["cpu", "cuda"]) -> None:
        self._network = _with_unit_length(network).eval()
        self._device = device
        self.batch = 32 if device == "cpu" else 512

    def run(self, ids: Ids, mask: Ids) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            rows = self._network(torch.from_numpy(ids).to(self._device), torch.from_numpy(mask).to(self._device))
            vectors: NDArray[np.float32] = rows.float().cpu().numpy()
        return vectors


def _export(model: SentenceModel, folder: Path) -> None:
    _logger.info("exporting the sentence model, once; this takes half a minute", extra={"model": model.id})
    for left in folder.parent.glob(f".{folder.name}-*"):  # of a process that died; we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _build(model, building)
        if folder.exists():
            folder.rename(building / "replaced")
            (building / "replaced").rename(folder.parent / f"{building.name}-replaced")
        building.chmod(0o755)  # others may read it, which temporary folders do not allow
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)
        shutil.rmtree(folder.parent / f"{building.name}-replaced", ignore_errors=True)
    _logger.info("exported the sentence model", extra={"model": model.id, "folder": folder.name})


def _build(model: SentenceModel, folder: Path) -> None:
    import openvino
    import torch

    network = _load(model, "cpu")
    example = torch.ones((2, 8), dtype=torch.int64)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # Traced code warns of branches on shapes; whether they matter is what the comparison below finds out.
            warnings.simplefilter("ignore")
            converted = openvino.convert_model(_with_unit_length(network).eval(), example_input=(example, example))
            openvino.save_model(converted, folder / NETWORK, compress_to_fp16=False)
    except OSError:
        raise
    except Exception as error:  # converters raise anything, and torch can still run the model
        raise ExportFailed(f"{type(error).__name__} while converting") from error
    network.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    files = {name: file_hash(folder / name) for name in (NETWORK, WEIGHTS, TOKENIZER)}
    manifest = structs.replace(_manifest(model, network), files=files)
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
    _compare(network, folder)


def _compare(network: Any, folder: Path) -> None:
    """Raises `ExportFailed` where the export does not say what torch says, in batches of other shapes than traced."""
    try:
        exported = open_export(folder)
    except BrokenExport as error:
        raise ExportFailed(str(error)) from error
    token_ids = [exported.tokenizer.encode(text).ids for text in _PROBES]
    ids, mask = padded(token_ids, exported.manifest.pad_id)
    ours, theirs = exported.engine.run(ids, mask), TorchEngine(network, "cpu").run(ids, mask)
    least = float((ours * theirs).sum(axis=1).min())
    if not least >= LIKE_TORCH:
        raise ExportFailed(f"its vectors are not the model's: cosine {least:.4f}")


def _load(model: SentenceModel, device: str) -> Any:
    """The sentence-transformers model from its folder. It asks no network, and runs no code of the model's makers."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers is typed in part
    logging.getLogger("transformers").setLevel(logging.ERROR)
    try:
        network = SentenceTransformer(str(model.folder), device=device, local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise EncoderUnavailable(
            f'encoder.model: "{model.source}" cannot be loaded by sentence-transformers ({type(error).__name__})'
        ) from error
    # Cutting and padding are ours: the share of unknown tokens is judged on the whole text.
    network.tokenizer.backend_tokenizer.no_truncation()
    network.tokenizer.backend_tokenizer.no_padding()
    return network.float()  # also where its makers saved it in half precision


def _with_unit_length(network: Any) -> "torch.nn.Module":
    """The whole model as one module of (ids, mask), its own pooling inside, whose rows have unit length."""
    import torch

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: "torch.Tensor", attention_mask: "torch.Tensor") -> "torch.Tensor":
            made = self.network({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(made["sentence_embedding"].float(), dim=-1)

    return Whole()


def _manifest(model: SentenceModel, network: Any) -> Manifest:
    shortest = np.array([network.tokenizer.backend_tokenizer.encode(".").ids])
    return Manifest(
        model=model.id,
        source=model.source,
        dimensions=TorchEngine(network, network.device.type).run(shortest, np.ones_like(shortest)).shape[1],
        max_tokens=network.max_seq_length or 512,
        pad_id=network.tokenizer.pad_token_id or 0,
        unknown_id=network.tokenizer.unk_token_id,
    )


def _is_sound(folder: Path) -> bool:
    try:
        open_export(folder)
    except (FileNotFoundError, BrokenExport):
        return False
    return True


def _refuse_full_disk(model: SentenceModel, cache: Path) -> None:
    """An export is as large as the model's own files; a disk that fills up half-way gives worse errors than this."""
    needed = sum(file.stat().st_size for file in model.folder.glob("*") if file.suffix in {".safetensors", ".bin"})
    if shutil.disk_usage(cache).free < needed * 1.1 + 10_000_000:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _cannot_write(cache: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return (
            f"encoder.cache: the disk of {cache} has no room for the exported model; make some, or name another folder"
        )
    return f"encoder.cache: the model cannot be exported to {cache}: {error.strerror or type(error).__name__}"
