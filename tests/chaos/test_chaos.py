"""The crash test that runs with all others; `make chaos N=200` runs it for longer."""

from pathlib import Path

import pytest

from streams.kafka import broker
from tests.chaos import chaos, notify_kills


@pytest.mark.kafka
@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_workers_that_are_killed_stopped_and_paused_do_what_they_would_have_done(
    tmp_path: Path, model_cache: Path
) -> None:
    kafka = tmp_path / "kafka"
    try:
        verdict = chaos.run(tmp_path, kafka=kafka, models=model_cache, faults=6)
    finally:
        broker.stop(kafka)

    assert verdict.problems == []
    assert len(verdict.faults) == 6
    assert verdict.stories > 0


@pytest.mark.kafka
@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_notify_that_is_killed_at_random_moments_loses_no_story_and_tells_none_twice(
    tmp_path: Path, kafka: str
) -> None:
    found = notify_kills.run(tmp_path, bootstrap=kafka, kills=8, seed=3)

    assert found.problems == []
    assert (found.stories > 0, found.in_digests > 0, found.kills) == (True, True, 8)
