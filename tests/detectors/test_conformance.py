"""Every registered detector keeps every promise, and each check catches the detectors that were built to break it."""

import importlib.util
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from detectors.conformance import promises
from detectors.conformance.hearing import Stream
from detectors.conformance.promises import PROMISES, Broken, Check, check_speaks
from detectors.conformance.samples import sample_streams
from detectors.conformance.streams import HAPPENING_KINDS, Happening, Plan
from detectors.contract import Detector
from detectors.registry import load_detectors
from tests.detectors.sound import Sound

DETECTORS = load_detectors()
BROKEN = sorted((Path(__file__).parent / "broken").glob("*.py"))
# Weeks of talk for each: as long as all the others together.
EXAMPLES = {"bounded": 1}
ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham")


def bounded_examples(count: int) -> settings:
    # The same examples every time: a suite that fails now and then is not believed. Shrinking costs more than it shows.
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


happenings = st.builds(
    Happening,
    kind=st.sampled_from(HAPPENING_KINDS),
    begins=st.floats(-0.5, 0.9),
    minutes=st.sampled_from((3.0, 20.0, 60.0, 180.0)),
    mentions=st.sampled_from((20, 40)),
)
# There is always a burst, a silence and a drift to speak of, and a burst before anything is known.
told = st.tuples(
    st.builds(
        Happening,
        kind=st.just("burst"),
        begins=st.floats(0.0, 0.5),
        minutes=st.sampled_from((3.0, 20.0, 60.0)),
        mentions=st.sampled_from((40, 80)),
    ),
    st.builds(Happening, kind=st.just("gap"), begins=st.floats(0.6, 0.7), minutes=st.sampled_from((240.0, 400.0))),
    st.builds(
        Happening,
        kind=st.sampled_from(("burst", "bot wave")),
        begins=st.sampled_from((-0.9, -0.3, -0.02)),
        minutes=st.just(10.0),
        mentions=st.just(40),
    ),
    st.builds(
        Happening, kind=st.just("drift"), begins=st.floats(0.1, 0.9), minutes=st.just(180.0), mentions=st.just(80)
    ),
)
plans = st.builds(
    Plan,
    seed=st.integers(0, 2**32 - 1),
    hours=st.sampled_from((16, 24, 30)),
    an_hour=st.sampled_from((3.0, 4.0, 6.0)),
    happenings=st.builds(lambda sure, more: (*sure, *more), told, st.lists(happenings, max_size=3)),
    lateness=st.sampled_from((timedelta(seconds=30), timedelta(minutes=4), timedelta(minutes=12))),
    zone=st.sampled_from(ZONES),
    clock_changes=st.booleans(),
    clocks=st.sampled_from((timedelta(microseconds=1), timedelta(seconds=1), timedelta(minutes=1))),
)


def name_of(check: Check) -> str:
    return check.__name__.removeprefix("check_")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"broken_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("check", PROMISES, ids=name_of)
@pytest.mark.parametrize("name", DETECTORS)
def test_a_registered_detector_keeps_the_promise(name: str, check: Check) -> None:
    cls = DETECTORS[name]

    @bounded_examples(EXAMPLES.get(name_of(check), 3))
    @given(plans)
    def keeps_it(plan: Plan) -> None:
        check(cls, plan.stream(cls.learns_for))

    keeps_it()


@pytest.mark.parametrize("name", DETECTORS)
def test_the_generated_streams_make_every_detector_speak(name: str) -> None:
    cls = DETECTORS[name]
    heard: list[Stream] = []

    @bounded_examples(5)
    @given(plans)
    def listen(plan: Plan) -> None:
        heard.append(plan.stream(cls.learns_for))

    listen()
    check_speaks(cls, heard)


@pytest.mark.parametrize("name", DETECTORS)
def test_the_sample_streams_make_every_detector_speak(name: str) -> None:
    check_speaks(DETECTORS[name], sample_streams(DETECTORS[name]))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_detector_is_caught_by_the_check_of_its_promise(path: Path) -> None:
    module = load(path)
    check: Check = getattr(promises, f"check_{module.BREAKS}")
    cls: type[Detector] = module.BrokenDetector

    def check_all() -> None:
        for stream in sample_streams(cls):
            check(cls, stream)

    with pytest.raises(Broken):
        check_all()


def test_the_detector_that_the_broken_ones_spoil_keeps_every_promise() -> None:
    streams = sample_streams(Sound)
    check_speaks(Sound, streams)
    for stream in streams:
        for check in PROMISES:
            check(Sound, stream)


def test_every_promise_has_a_broken_detector() -> None:
    assert {name_of(check) for check in PROMISES} == {load(path).BREAKS for path in BROKEN}
