"""Words of harm and officials: listed in the config, found in what is heard, told in the plan."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from alerting.alert import Severity
from detectors.detection import Effect
from streams.monitors import matcher
from streams.settings.loading import ConfigError, load
from streams.settings.plan import sections
from streams.stages.starting import backtest_of
from tests.building import mention, time

CONFIG = """
organisation:
  name: Northland Health Agency
  harm: {harm}
  officials: minister OR "chief physician"
monitors: [{{name: measles, query: measles, detectors: {{volume_spike: {{sensitivity: high}}}}}}]
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
"""


def config(folder: Path, harm: str = "bleach* OR (drink NEAR/3 chlorine)") -> Path:
    path = folder / "health.yaml"
    path.write_text(CONFIG.format(harm=harm))
    return path


def test_what_the_plan_says_is_what_is_found(tmp_path: Path) -> None:
    path = config(tmp_path)
    loaded = load(path)
    heading = sections(loaded, (), path)[0]
    assert [word for word, _ in heading.rows] == ["harm", "officials"]
    found = matcher(loaded)
    said = mention("The minister: never drink bleach against measles!")
    assert found.marked(said, found.matches(said)).marks == ("harm", "officials")


def test_a_query_for_them_that_is_wrong_is_shown_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(config(tmp_path, harm="bleach AND ("))
    (problem,) = raised.value.problems
    assert problem.line == 4
    assert problem.text.startswith("harm: ")


def test_many_words_of_harm_make_a_rise_more_severe(tmp_path: Path) -> None:
    start = time("2026-04-01T00:00")
    loud = start + timedelta(days=3)
    calm = [mention(f"measles, {number}", at=start + timedelta(minutes=20 * number)) for number in range(216)]
    rise = [mention(f"bleach cures measles {s}", at=loud + timedelta(seconds=s), id=f"{s}") for s in range(0, 3600, 20)]
    lines = [*calm, *rise]
    report = backtest_of(config(tmp_path)).run([msgspec.json.encode(line) for line in lines])
    last = report.alerts[-1]
    assert Effect.HARM in last.effects
    assert last.severity is Severity.LIFE_SAFETY
    assert max(change.evidence.marks.get("harm", 0) for change in report.changes) > 10
