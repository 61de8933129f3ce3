"""Models of two layers and thirty words stand in for real ones: all that is done to a model can be done to them."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from streams.encoding import model_export
from streams.encoding.encoder import Encoder, open_encoder
from streams.encoding.exported_model import MANIFEST, TOKENIZER, WEIGHTS, BrokenExport, OpenVinoEngine, open_export
from streams.encoding.model_export import TorchEngine
from streams.encoding.sentence_model import EncoderUnavailable, declared_languages, find_model
from streams.settings.config import Encoder as EncoderSettings

TEXTS = ["they sell our census", "no", "the office says that it will never sell it to anybody"]


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder as anybody could train it, of random weights."""
    folder = tmp_path_factory.mktemp("tiny") / "tiny-model"
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of libraries while they are imported
        sentence_transformers = import_module("sentence_transformers")
        models = import_module("sentence_transformers.models")
        transformers = import_module("transformers")
        torch = import_module("torch")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(" ".join(TEXTS).split()))]
    (folder / "vocab.txt").write_text("\n".join(words))
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    torch.manual_seed(1)
    config = transformers.BertConfig(vocab_size=len(words), initializer_range=0.4, **shape)
    transformers.BertModel(config).save_pretrained(folder)
    transformers.BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are older than the library's newest version
        transformer = models.Transformer(str(folder), max_seq_length=16)
        pooling = models.Pooling(32, pooling_mode="cls")
        sentence_transformers.SentenceTransformer(modules=[transformer, pooling]).save(str(folder))
    return folder


@pytest.fixture
def settings(tiny_model: Path, tmp_path: Path) -> EncoderSettings:
    """With a cache in which nothing is yet."""
    return EncoderSettings(model=str(tiny_model), languages=("en",), device="cpu", cache=str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def tiny_export(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = EncoderSettings(model=str(tiny_model), languages=("en",))
    return model_export.export(find_model(settings), tmp_path_factory.mktemp("tiny-exports"))


@pytest.fixture
def cached(settings: EncoderSettings, tiny_export: Path) -> EncoderSettings:
    """The same, with an export in its cache."""
    shutil.copytree(tiny_export.parent, settings.cache)
    return settings


def exports(settings: EncoderSettings) -> list[Path]:
    return [path for path in Path(settings.cache).iterdir() if path.is_dir()]


def engine_of(encoder: Encoder) -> object:
    return encoder._engine


def test_an_export_says_what_torch_says(cached: EncoderSettings) -> None:
    exported = open_encoder(cached)
    by_torch = Encoder(model_export.load_with_torch(find_model(cached), "cpu"), exported.languages)
    assert isinstance(engine_of(exported), OpenVinoEngine)
    assert isinstance(engine_of(by_torch), TorchEngine)
    ours, theirs = exported.encode_texts(TEXTS), by_torch.encode_texts(TEXTS)
    assert (ours * theirs).sum(axis=1).min() > 0.999
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1)
    assert (ours @ ours.T)[0, 1] < 0.999
    assert exported.model == by_torch.model == f"tiny-model-{find_model(cached).version}"
    assert exported.dimensions == by_torch.dimensions == 32


def test_a_worker_with_a_cached_export_imports_no_torch(model_cache: Path) -> None:
    program = """
import sys
from streams.settings.config import Encoder
from streams.encoding.encoder import open_encoder
encoder = open_encoder(Encoder(cache=sys.argv[1]))
assert encoder.encode_texts(["the census"]).shape == (1, 384)
print(*sorted({"torch", "transformers", "sentence_transformers", "huggingface_hub"} & sys.modules.keys()))
"""
    if any(Path("/dev").glob("nvidia[0-9]*")):
        pytest.skip("where there is a GPU, torch is asked whether it can use it")
    done = subprocess.run([sys.executable, "-c", program, str(model_cache)], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_a_second_worker_uses_the_export_of_the_first(cached: EncoderSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_export, "_build", None)  # whoever exports again fails
    assert open_encoder(cached).encode_texts(TEXTS).shape == (3, 32)


@pytest.mark.parametrize(
    "harm", ["weights cut off", "weights changed", "manifest gone", "manifest cut off", "no tokenizer"]
)
def test_a_broken_export_is_never_opened(cached: EncoderSettings, harm: str) -> None:
    (folder,) = exports(cached)
    weights = (folder / WEIGHTS).read_bytes()
    match harm:
        case "weights cut off":
            (folder / WEIGHTS).write_bytes(weights[:100])
        case "weights changed":
            (folder / WEIGHTS).write_bytes(bytes(len(weights)))
        case "manifest gone":
            (folder / MANIFEST).unlink()
        case "manifest cut off":
            (folder / MANIFEST).write_bytes((folder / MANIFEST).read_bytes()[:40])
        case _:
            (folder / TOKENIZER).unlink()
    with pytest.raises(BrokenExport):
        open_export(folder)


def test_a_broken_export_is_told_and_made_anew(cached: EncoderSettings, caplog: pytest.LogCaptureFixture) -> None:
    (folder,) = exports(cached)
    expected = open_encoder(cached).encode_texts(TEXTS)
    (folder / WEIGHTS).write_bytes(b"")
    assert (open_encoder(cached).encode_texts(TEXTS) * expected).sum(axis=1).min() > 0.999
    assert "an exported model is broken, and is made anew" in caplog.messages
    assert exports(cached) == [folder]


def test_two_workers_at_once_make_one_export_where_a_third_was_killed(
    settings: EncoderSettings, caplog: pytest.LogCaptureFixture
) -> None:
    folder = model_export.export_folder(find_model(settings), Path(settings.cache))
    (folder.parent / f".{folder.name}-left").mkdir(parents=True)
    caplog.set_level("INFO")
    with ThreadPoolExecutor(2) as workers:
        made = [worker.result() for worker in [workers.submit(open_encoder, settings) for _ in range(2)]]
    assert made[0].model == made[1].model
    assert exports(settings) == [folder]
    assert caplog.messages.count("exported the sentence model") == 1


def test_another_version_of_the_model_is_another_model(settings: EncoderSettings, tmp_path: Path) -> None:
    changed = tmp_path / "tiny-model"
    shutil.copytree(settings.model, changed)
    pooling = json.loads((changed / "1_Pooling/config.json").read_text())
    (changed / "1_Pooling/config.json").write_text(json.dumps(pooling | {"note": "trained anew"}))
    before, after = (
        find_model(EncoderSettings(model=str(path), languages=("en",))) for path in (settings.model, changed)
    )
    assert before.name == after.name
    assert before.id != after.id


def test_where_openvino_is_missing_torch_runs_the_model(
    settings: EncoderSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    encoder = open_encoder(settings)
    assert isinstance(engine_of(encoder), TorchEngine)
    assert encoder.encode_texts(TEXTS).shape == (3, 32)
    assert "the model cannot be run by OpenVINO; torch runs it, several times slower" in caplog.messages
    assert exports(settings) == []


def test_an_export_that_says_something_else_than_torch_is_not_used(
    settings: EncoderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_export, "LIKE_TORCH", 1.1)
    assert isinstance(engine_of(open_encoder(settings)), TorchEngine)
    assert exports(settings) == []


def test_a_full_disk_is_said_to_be_full(settings: EncoderSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1))
    with pytest.raises(EncoderUnavailable, match="has no room for the exported model"):
        open_encoder(settings)


def test_a_cache_that_cannot_be_written_is_named(settings: EncoderSettings, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EncoderUnavailable, match=r"encoder\.cache: the model cannot be exported to"):
        open_encoder(settings)


def test_cuda_without_a_gpu_is_an_error_and_auto_is_not(
    cached: EncoderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_export, "has_gpu", lambda: False)
    with pytest.raises(EncoderUnavailable, match=r"encoder\.device is cuda, but"):
        open_encoder(EncoderSettings(model=cached.model, languages=("en",), device="cuda", cache=cached.cache))
    automatic = EncoderSettings(model=cached.model, languages=("en",), cache=cached.cache)
    assert isinstance(engine_of(open_encoder(automatic)), OpenVinoEngine)


def test_a_model_of_which_nothing_is_known_needs_its_languages(tiny_model: Path) -> None:
    with pytest.raises(EncoderUnavailable, match=r"encoder\.languages is missing"):
        find_model(EncoderSettings(model=str(tiny_model)))
    stated = EncoderSettings(model=str(tiny_model), languages=("en", "pt-BR", "iw"))
    assert declared_languages(stated) == {"en", "pt", "he"}


@pytest.mark.parametrize(
    ("model", "some", "fewest"),
    [
        ("offline", {"en"}, 1),
        ("paraphrase-multilingual-MiniLM-L12-v2", {"en", "ja", "no", "zh", "he"}, 49),
        ("intfloat/multilingual-e5-small", {"en", "ja", "sw", "fil"}, 90),
    ],
)
def test_known_models_declare_their_languages(model: str, some: set[str], fewest: int) -> None:
    languages = declared_languages(EncoderSettings(model=model))
    assert some <= languages
    assert fewest <= len(languages) <= 110


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="is no folder with a sentence model"):
        find_model(EncoderSettings(model=str(tmp_path), languages=("en",)))


def test_a_name_that_no_hub_gives_is_an_error(tmp_path: Path) -> None:
    program = """
import sys
from streams.settings.config import Encoder
from streams.encoding.encoder import open_encoder
from streams.encoding.sentence_model import EncoderUnavailable
try:
    open_encoder(Encoder(model="nobody/no-such-model", languages=("en",), device="cpu", cache=sys.argv[1]))
except EncoderUnavailable as error:
    print(error)
"""
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    command = [sys.executable, "-c", program, str(tmp_path / "cache")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert "neither a folder nor to be had from the model hub" in done.stdout


def test_a_hub_model_once_exported_needs_the_hub_no_more(
    cached: EncoderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = exports(cached)
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps(manifest | {"source": "somebody/tiny"}))
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    encoder = open_encoder(EncoderSettings(model="somebody/tiny", languages=("en",), device="cpu", cache=cached.cache))
    assert encoder.encode_texts(TEXTS).shape == (3, 32)
