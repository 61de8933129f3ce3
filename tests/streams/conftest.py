"""The offline model, opened once a session; what the tests of partitions share; and fixtures that are made of builders
and stand beside them.
"""

from pathlib import Path

import pytest

from streams.encoding.encoder import Encoder, open_encoder
from streams.settings.config import Encoder as EncoderSettings
from streams.stages import assignment
from tests.streams.clicking import desk, slack
from tests.streams.notifying import stage
from tests.streams.outboxes import outbox

__all__ = ["desk", "outbox", "slack", "stage"]


@pytest.fixture(scope="session")
def encoder(model_cache: Path) -> Encoder:
    """The offline model (English). Shared: its cache and its stats go on from test to test."""
    return open_encoder(EncoderSettings(cache=str(model_cache), device="cpu"))


@pytest.fixture
def acked() -> list[int]:
    """Offsets of events, in the order in which they were acknowledged."""
    return []


@pytest.fixture
def saving_may_take_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what is due does not hang on how fast this machine is."""
    monkeypatch.setattr(assignment, "SAVING_SHARE", float("inf"))
