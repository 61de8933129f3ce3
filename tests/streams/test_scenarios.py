"""The scenarios of the examples hold, and the examples tell of all that can be written."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from streams.scenarios.run import run
from streams.scenarios.scenario import Expectation, Talk
from streams.scenarios.scenario_file import Ready, load_scenarios

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
FILES = sorted(EXAMPLES.glob("*.test.yaml"))
SCENARIOS = [ready for file in FILES for ready in load_scenarios(file)]
README = (EXAMPLES / "README.md").read_text()


@pytest.mark.parametrize("ready", SCENARIOS, ids=lambda ready: f"{Path(ready.file).name}: {ready.scenario.name}")
def test_an_example(ready: Ready) -> None:
    result = run(ready)
    instead = [f"{ready.calendar.say(each.known_at)} {each.alert.evidence.summary}" for each in result.known]
    assert [(failure.line, failure.expected) for failure in result.failures] == [], instead


def test_the_readme_shows_a_scenario_that_can_be_run(tmp_path: Path) -> None:
    (shown,) = re.findall(r"<!-- scenario -->\n```yaml\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "shown.test.yaml"
    path.write_text(shown.replace("config: census.yaml", f"config: {EXAMPLES / 'census.yaml'}"))
    assert [ready.scenario.name for ready in load_scenarios(path)] == ["a rumour triples the talk for three hours"]


def test_the_readme_tells_of_every_word() -> None:
    words = set(re.findall(r"`(\w+)", README))
    written = {field.encode_name for cls in (Talk, Expectation) for field in _fields(cls)}
    written |= {field.encode_name for talk in _fields(Talk) for field in _fields(_of_talk(talk.name))}
    assert written - words == set()


def _fields(cls: Any) -> Sequence[Any]:
    from msgspec import structs

    return structs.fields(cls)


def _of_talk(name: str) -> Any:
    from streams.scenarios import scenario

    return getattr(scenario, "".join(word.capitalize() for word in name.split("_")))
