"""Who is told of silence: those who run the system, by routes that name them, and never a press desk by default."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.commands.check import command as check
from streams.settings.loading import ConfigError, load

CONFIG = """\
organisation: {name: Census Office}
monitors:
  - name: census
    query: census
    detectors: {DETECTORS}
receivers:
  - {name: console, type: terminal}
  - {name: press, type: slack, channel: C0PRESSDESK}
  - {name: on-call, type: slack, channel: C0ONCALL00}
routes:
"""
BOTH = "{volume_spike: {}, silence: {}}"


def written(folder: Path, *routes: str, detectors: str = BOTH) -> Path:
    path = folder / "a.yaml"
    path.write_text(CONFIG.replace("{DETECTORS}", detectors) + "".join(f"  - {{{route}}}\n" for route in routes))
    return path


def checked(path: Path) -> str:
    done = CliRunner().invoke(check, [str(path)], env={"COLUMNS": "200", "SLACK_BOT_TOKEN": "set"})
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def complaints(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return str(caught.value)


def test_check_says_who_is_told_of_silence(tmp_path: Path) -> None:
    text = checked(written(tmp_path, "audience: operations, receivers: [on-call]", "receivers: [press, console]"))
    assert "volume_spike: everything to press and console" in text
    assert "silence: everything to on-call" in text
    assert "Warnings" not in text


def test_a_route_without_an_audience_is_not_for_silence_and_check_warns(tmp_path: Path) -> None:
    text = checked(written(tmp_path, "receivers: [press, console, on-call]"))
    assert "silence: nobody" in text
    assert 'census: nobody is told of silence; add a route with "audience: operations"' in text


def test_a_route_for_more_than_a_warning_never_tells_of_silence(tmp_path: Path) -> None:
    at_night = "audience: operations, at_least: critical, receivers: [on-call]"
    assert "nobody is told of silence" in checked(written(tmp_path, at_night, "receivers: [press, console]"))


def test_check_warns_where_only_the_press_desk_is_told_of_silence(tmp_path: Path) -> None:
    shared = checked(written(tmp_path, "audience: operations, receivers: [press]", "receivers: [press, console]"))
    assert "census: silence is told only in press, where the public's stories are told too" in shared
    terminal = checked(written(tmp_path, "audience: operations, receivers: [console]", "receivers: [press, console]"))
    assert "where the public's stories are told too" not in terminal


def test_routes_of_two_audiences_may_stand_in_any_order(tmp_path: Path) -> None:
    routes = "receivers: [press]", "audience: operations, monitors: [census], receivers: [on-call]"
    assert len(load(written(tmp_path, *routes)).routes) == 2
    assert len(load(written(tmp_path, *reversed(routes))).routes) == 2


def test_a_monitor_that_only_listens_for_silence_needs_no_route_for_the_public(tmp_path: Path) -> None:
    path = written(tmp_path, "audience: operations, receivers: [on-call]", detectors="{silence: {}}")
    assert load(path).routes[0].audience == "operations"


@pytest.mark.parametrize(
    ("routes", "detectors", "complaint"),
    [
        (("audience: operations, receivers: [on-call]",), BOTH, "no route is for the public's stories"),
        (
            ("audience: operations, receivers: [on-call]", "receivers: [press]"),
            "{volume_spike: {}}",
            "none of its detectors tells those who run the system",
        ),
        (
            ("detectors: [silence], receivers: [on-call]", "receivers: [press]"),
            BOTH,
            'its detectors tell those who run the system; add "audience: operations"',
        ),
        (
            ("audience: operations, receivers: [on-call]", "receivers: [press], monitors: [census]"),
            BOTH,
            'the last route must match every story; take out "monitors"',
        ),
        (("audience: engineers, receivers: [on-call]", "receivers: [press]"), BOTH, "engineers"),
    ],
)
def test_a_route_that_can_tell_nobody_is_refused(
    tmp_path: Path, routes: tuple[str, ...], detectors: str, complaint: str
) -> None:
    assert complaint in complaints(written(tmp_path, *routes, detectors=detectors))
