"""Every benchmark runs, at sizes that measure nothing, so that none rots unseen."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtLeast, AtMost, Figure, percentile, shown, write_json
from tests.benchmarks.run import BENCHMARKS

_LABELLED = ("nab", "languages", "stance", "rumours", "narratives", "claims")


@pytest.mark.kafka
@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", list(BENCHMARKS))
def test_a_benchmark_runs_and_finds_figures(
    name: str, kafka: str, model_cache: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    bench: Path | None = request.getfixturevalue("bench") if name in _LABELLED else None
    place = Place(bootstrap=kafka, folder=tmp_path, models=model_cache, bench=bench, size="tiny")

    figures = BENCHMARKS[name](place)

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

    console = Console(width=80, record=True, file=io.StringIO())
    console.print(shown([figure, figure]))
    assert console.export_text().count("match: live") == 2
    assert '"measured": 1.5' in (tmp_path / "bench.json").read_text()
