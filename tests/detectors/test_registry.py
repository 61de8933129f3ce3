import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct

import detectors
from detectors import registry
from detectors.contract import Detector
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.registry import InvalidDetector, by_name, detector, load_detectors

PACKAGE = Path(detectors.__path__[0])


class GoodParams(Struct, frozen=True, forbid_unknown_fields=True):
    after: Annotated[int, Meta(description="How long.")] = 6


class Good(Detector):
    """Never speaks.

    Fails when: always.
    """

    Params = GoodParams

    class State(Struct):
        last: int = 0

    def observe(self, mention: Mention) -> None: ...

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return ()


def refused(cls: type[Detector], name: str = "good") -> str:
    with pytest.raises(InvalidDetector) as caught:
        detector(name)(cls)
    return str(caught.value)


def test_the_detectors_of_the_package_are_found_by_name() -> None:
    found = load_detectors()
    assert list(found) == sorted(found)
    assert found["volume_spike"].name == "volume_spike"


def test_a_detector_of_another_distribution_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="any", value="detectors.volume_spike:VolumeSpike", group=registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == registry.ENTRY_POINTS else [])
    assert [cls.name for cls in registry._of_other_distributions()] == ["volume_spike"]


def test_an_entry_point_that_is_no_detector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="any", value="pathlib:Path", group=registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    with pytest.raises(InvalidDetector, match=r"'any' \(pathlib:Path\) is not a class with @detector"):
        list(registry._of_other_distributions())


def test_two_detectors_of_one_name_are_an_error_that_names_both() -> None:
    class One(Good):
        """Fails when: never."""

    class Two(Good):
        """Fails when: never."""

    with pytest.raises(InvalidDetector, match=r"two detectors are called 'same': .*One and .*Two"):
        by_name([detector("same")(One), detector("same")(Two)])


def test_a_name_is_one_that_config_and_metrics_can_carry() -> None:
    assert "'Volume-Spike' must match" in refused(Good, "Volume-Spike")


def test_a_docstring_says_when_the_detector_fails() -> None:
    class Silent(Good):
        pass

    assert "Fails when" in refused(Silent)


def test_all_that_is_wrong_with_params_is_said_at_once() -> None:
    class Loose(Good):
        """Fails when: never."""

        class Params(Struct):
            after: int

    said = refused(Loose)
    assert "Params must be frozen" in said
    assert "Params must forbid unknown fields" in said
    assert "Params.after needs a default" in said
    assert "Params.after needs a description" in said


def test_a_state_builds_without_arguments() -> None:
    class Needy(Good):
        """Fails when: never."""

        class State(Struct):
            last: int

    assert "State must build without arguments, but needs last" in refused(Needy)


def test_a_state_holds_no_sets_at_any_depth() -> None:
    class Inner(Struct):
        seen: dict[str, set[int]]

    class Unordered(Good):
        """Fails when: never."""

        class State(Struct):
            inner: list[Inner] = []

    assert "State must hold no sets" in refused(Unordered)


def test_an_abstract_detector_is_refused() -> None:
    class Half(Detector):
        """Fails when: never."""

        Params, State = Good.Params, Good.State

        def observe(self, mention: Mention) -> None: ...

    assert "it lacks advance" in refused(Half)  # type: ignore[type-abstract]  # that is what is tested


def test_each_detector_has_a_test_file_and_a_row_in_the_readme() -> None:
    rows = re.findall(r"^\| `([a-z0-9_]+)` \|", (PACKAGE / "README.md").read_text(), flags=re.MULTILINE)
    ours = [name for name, cls in load_detectors().items() if cls.__module__.startswith("detectors.")]
    assert rows == ours
    missing = [name for name in ours if not (Path(__file__).parent / f"test_{name}.py").exists()]
    assert not missing


def test_loading_the_detectors_imports_nothing_heavy() -> None:
    heavy = {"torch", "sentence_transformers", "openvino", "faust", "kafka", "aiokafka", "slack_sdk", "lingua"}
    code = "import sys; from detectors.registry import load_detectors; load_detectors(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not heavy & set(found.split())
