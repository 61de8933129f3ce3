"""The offline model, opened once a session."""

from pathlib import Path

import pytest

from streams.encoding.encoder import Encoder, open_encoder
from streams.settings.config import Encoder as EncoderSettings


@pytest.fixture(scope="session")
def encoder(model_cache: Path) -> Encoder:
    """The offline model (English). Shared: its cache and its stats go on from test to test."""
    return open_encoder(EncoderSettings(cache=str(model_cache), device="cpu"))
