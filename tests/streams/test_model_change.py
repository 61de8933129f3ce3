"""A model that changes under stored state: a clear stop, or a deliberate new start, and no comparison of the two."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from msgspec import structs

from alerting.dispatcher import DispatcherSettings
from detectors.contract import MonitorContext
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.reference import REFERENCE
from detectors.volume_spike import VolumeSpike
from streams.pipeline import ModelChanged, Monitor, Pipeline

START = datetime(2030, 4, 1, tzinfo=UTC)
DICE = np.random.default_rng(1)


def monitor(model: str, dimensions: int = 32, forgets: Sequence[str] = ()) -> Monitor:
    known = structs.replace(REFERENCE, model=model, dimensions=dimensions)
    return Monitor(
        name="census",
        context=MonitorContext(calibrations=(known,)),
        detectors=((NarrativeDetector, NarrativeDetector.Params()), (VolumeSpike, VolumeSpike.Params())),
        dispatching=DispatcherSettings(
            monitor="census",
            organisation="Census Office",
            owner=None,
            resolve_after=timedelta(hours=2),
            reopen_within=timedelta(hours=12),
            lateness=timedelta(minutes=11),
            routes=(),
        ),
        forgets=tuple(forgets),
    )


def said(number: int, model: str, dimensions: int = 32) -> Mention:
    vector = DICE.normal(size=dimensions)
    encoding = Encoding(model=model, language="en", vector=(vector / np.linalg.norm(vector)).astype("<f2").tobytes())
    return Mention(
        id=f"{model}-{number}",
        channel="x",
        at=START + timedelta(minutes=number),
        text=" ".join(f"word{number}x{each}" for each in range(8)),
        author=Author(id=str(number)),
        encoding=encoding,
    )


def rows(model: str = "old-1", dimensions: int = 32) -> dict[str, bytes]:
    pipeline = Pipeline(monitor(model, dimensions))
    pipeline.observe([said(number, model, dimensions) for number in range(50)], START + timedelta(hours=2))
    return pipeline.rows()


def test_narratives_of_the_same_model_go_on() -> None:
    saved = rows()
    assert Pipeline(monitor("old-1"), saved).rows() == saved


@pytest.mark.parametrize("dimensions", [32, 64])
def test_narratives_of_another_model_stop_the_worker(dimensions: int) -> None:
    """Also one of the same dimensions, whose vectors could be compared and would say nothing."""
    with pytest.raises(
        ModelChanged, match=r"monitor census holds narratives of the model old-1; the config says new-1"
    ):
        Pipeline(monitor("new-1", dimensions), rows())


def test_a_model_that_may_be_forgotten_is_and_all_else_goes_on() -> None:
    saved = rows()
    pipeline = Pipeline(monitor("new-1", 64, forgets=["old-1"]), saved)
    assert pipeline.warmed_up == ["narrative: it was learned with old-1"]
    anew = pipeline.rows()
    assert not [name for name in anew if name.startswith("narrative|wordings/")]
    assert {name: row for name, row in anew.items() if name.startswith("volume_spike|")} == {
        name: row for name, row in saved.items() if name.startswith("volume_spike|")
    }


def test_to_forget_another_model_than_it_is_stops_all_the_same() -> None:
    with pytest.raises(ModelChanged):
        Pipeline(monitor("new-1", forgets=["older-1"]), rows())


def test_once_it_is_forgotten_nobody_asks_again() -> None:
    again = Pipeline(monitor("new-1", 64, forgets=["old-1"]), rows())
    again.observe([said(number, "new-1", 64) for number in range(60, 90)], START + timedelta(hours=3))
    assert Pipeline(monitor("new-1", 64), again.rows()).warmed_up == []


def test_what_the_old_model_encoded_and_comes_later_is_compared_by_its_letters() -> None:
    """Batches that were under way when the model was replaced."""
    pipeline = Pipeline(monitor("new-1", 64))
    pipeline.observe([said(number, "old-1") for number in range(50)], START + timedelta(hours=2))
    assert Pipeline(monitor("newer-1"), pipeline.rows()).warmed_up == []


def test_a_pipeline_that_was_told_no_model_takes_any() -> None:
    told_none = structs.replace(monitor("old-1"), context=MonitorContext())
    assert Pipeline(told_none, rows()).warmed_up == []
