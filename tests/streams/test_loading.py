"""A whole config: what fits together is loaded, and what does not is told, all of it, each with its line."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct

from detectors.contract import Detector
from detectors.detection import Detection
from detectors.mention import Mention
from detectors.registry import by_name, detector, load_detectors
from streams.settings.config import Slack, Terminal
from streams.settings.loading import ConfigError, base_folder, load, load_claims_of

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"


class Quiet(Detector):
    """What both detectors here share: they find nothing."""

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        sensitivity: Annotated[Literal["low", "medium", "high"], Meta(description="Its dial.")] = "medium"
        after: Annotated[timedelta, Meta(description="How long.")] = timedelta(hours=6)
        least: Annotated[int, Meta(ge=1, description="How many.")] = 5

    class State(Struct, kw_only=True):
        pass

    def observe(self, mention: Mention) -> None:
        return

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return ()


@detector("silence")
class Silence(Quiet):
    """Nothing is heard.

    Fails when: it is always quiet.
    """


@detector("noise")
class Noise(Quiet):
    """Much is heard.

    Fails when: it is always loud.
    """

    reads_vectors = True


DETECTORS: Mapping[str, type[Detector]] = by_name([Silence, Noise])

GOOD = """\
organisation: {name: Census Office, timezone: Europe/Oslo}
monitors:
  - name: census
    query: census OR zensus
    detectors: {silence: {sensitivity: high}, noise: }
receivers:
  - {name: console, type: terminal}
  - {name: press, type: slack, channel: C0123456789}
routes:
  - {receivers: [console, press]}
"""


def written(folder: Path, text: str, name: str = "a.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, text: str) -> list[str]:
    """What is said of a config, without the folder that it stands in."""
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), DETECTORS)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def instead(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def test_a_good_config_is_loaded_with_the_params_of_its_detectors(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD), DETECTORS)
    [monitor] = config.monitors
    assert monitor.detectors == {"silence": Silence.Params(sensitivity="high"), "noise": Noise.Params()}
    assert config.receivers == (Terminal(name="console"), Slack(name="press", channel="C0123456789"))
    assert config.routes[-1].receivers == ("console", "press")


WRONG = """\
organisation:
  name: Census Office
  timezone: Europe/Osloo  #! no time zone is called "Europe/Osloo"; did you mean "Europe/Oslo"?
colour: red  #! unknown key "colour"; expected organisation
kafka:
  partitions: four  #! "partitions" is "four"; expected a whole number from 1 to 256
  replication: 0  #! "replication" is the number 0; expected a whole number of at least 1
  bootstrap: broker  #! "bootstrap" has "broker" in it; expected host:port
claims:
  - nowhere.yaml  #! there is no claims file
  - claims.yaml
monitors:
  - name: census
    query: (census OR zensus  #! query:
    qwner: me  #! unknown key "qwner"; did you mean "owner"?
    lateness: 30  #! did you mean "30s"?
    detectors:
      silense: {}  #! no detector is called "silense"; did you mean "silence"?
      noise:
        sensitivity: higher  #! "sensitivity" is "higher"; expected one of high, low, medium; did you mean "high"?
        least: 0  #! "least" is the number 0; expected a whole number of at least 1
        after: soon  #! "after" is "soon"; expected a duration
  - name: census  #! a monitor called "census" stands already in line 13
    query: zensus
    query: censo  #! the key "query" is given twice, first in line 24
    resolve_after: 0s  #! "resolve_after" is no time at all
    detectors: {silence: }
  - name: no detectors  #! "name" is "no detectors"; expected a name of lower-case letters
    query: 12  #! "query" is the number 12; expected text that is not empty; put it in quotes
    detectors: {}  #! "detectors" has nothing in it; expected at least one
receivers:
  - {name: console, type: terminal}
  - {name: console, type: terminal}  #! a receiver called "console" stands already in line 32
  - {name: press, type: slak}  #! expected one of slack, terminal, alertmanager, webhook, email; did you mean "slack"?
  - {name: risk, type: slack}  #! the key "channel" is missing
  - name: leak
    type: slack
    channel: C1
    token_env: xoxb-1234567890-abcdefgh  #! a Slack token or hook stands here in plain sight
routes:
  - receivers: [consol]  #! no receiver is called "consol"; did you mean "console"?
    monitors: [cencus]  #! no monitor is called "cencus"; did you mean "census"?
    detectors: [noice]  #! no detector is called "noice"; did you mean "noise"?
  - receivers: [press]
    monitors: [census]
    update_every: 10m
    remind_every: 5m  #! "remind_every" is 5m; expected at least "update_every", which is 10m
  - receivers: [risk]  #! this route never matches: the route in line 44 comes first and takes all that it would
    monitors: [census]
    at_least: critical
metrics:
  match: 70000  #! "match" is the number 70000; expected a whole number from 0 to 65,535
"""


def test_every_mistake_in_a_bad_config_is_told_at_once_and_with_its_own_line(tmp_path: Path) -> None:
    written(tmp_path, "- {id: a, claim: b, verdict: c}", "claims.yaml")
    told = complaints(tmp_path, WRONG)
    lines = WRONG.split("\n")
    expected = [(at, line.partition("#! ")[2]) for at, line in enumerate(lines, 1) if "#! " in line]
    for line, text in expected:
        assert [t for t in told if t.startswith(f"a.yaml:{line}: ") and text in t], f"line {line}: {text}"
    assert [t for t in told if t.startswith("a.yaml") and int(t.split(":")[1]) not in dict(expected)] == []
    assert 'claims.yaml:1: the key "checked_by" is missing; expected text' in told


@pytest.mark.parametrize(
    ("routes", "complaint"),
    [
        ("- {receivers: [console], monitors: [census]}", 'the last route must match every story; take out "monitors"'),
        ("- {receivers: [console], at_least: warning}", 'the last route must match every story; take out "at_least"'),
        (
            "- {receivers: [console]}\n- {receivers: [press]}",
            "this route never matches: the route in line 10 comes first",
        ),
        (
            "- {receivers: [press], detectors: [noise]}\n- {receivers: [press], detectors: [silence]}\n"
            "- {receivers: [console], monitors: [census]}\n- {receivers: [console]}",
            "this route never matches: the routes in line 10 and line 11 come first and take all",
        ),
        ("- {receivers: [press, press]}", '"press" stands here twice; expected once'),
        ("- {receivers: [press], update_every: 0s, remind_every: 0s}", '"remind_every" is no time at all'),
        ("- {receivers: []}", '"receivers" has nothing in it; expected at least one'),
        ("- {receivers: [press], monitors: []}\n- {receivers: [press]}", '"monitors" is empty, so nothing matches'),
    ],
)
def test_a_route_that_does_nothing_or_leaves_something_out_is_told(tmp_path: Path, routes: str, complaint: str) -> None:
    assert complaint in "\n".join(complaints(tmp_path, instead("  - {receivers: [console, press]}", routes)))


@pytest.mark.parametrize("timeout", ["5s", "31m"])
def test_a_session_timeout_that_kafka_refuses_is_told(tmp_path: Path, timeout: str) -> None:
    told = complaints(tmp_path, f"{GOOD}kafka: {{session_timeout: {timeout}}}\n")
    assert "must be between 6s and 30m" in "\n".join(told)


@pytest.mark.parametrize(
    "routes",
    [
        "- {receivers: [press], at_least: critical}\n- {receivers: [press], at_least: info}",
        "- {receivers: [press], detectors: [noise]}\n- {receivers: [console]}",
        "- {receivers: [press], monitors: [census], at_least: warning}\n- {receivers: [console]}",
    ],
)
def test_routes_from_the_special_to_the_general_are_right(tmp_path: Path, routes: str) -> None:
    text = instead("  - {receivers: [console, press]}", routes)
    assert len(load(written(tmp_path, text), DETECTORS).routes) > 1


@pytest.mark.parametrize(
    ("query", "line", "caret"),
    [
        ("    query: (census OR zensus", 4, 4),
        ("    query: |\n      census OR\n      (zensus\n      OR censo", 6, 14),
        ("    query: >\n      国勢 OR\n\n      (zensus", 7, 12),
        ("    query: 'census OR\n      (zensus'", 5, 14),
    ],
)
def test_a_wrong_query_is_told_with_its_line_and_a_caret(tmp_path: Path, query: str, line: int, caret: int) -> None:
    [told] = complaints(tmp_path, instead("    query: census OR zensus", query))
    first, excerpt, under = told.split("\n")
    assert first.startswith(f"a.yaml:{line}: query: ")
    assert "(zensus" in excerpt or "(census" in excerpt
    assert under == " " * caret + "^"


@pytest.mark.parametrize(
    ("security", "complaint"),
    [
        ("{protocol: SASL_SSL}", 'SASL_SSL needs the key "username"'),
        ("{protocol: SASL_SSL, username: a}", 'SASL_SSL needs the key "password_file" or "password_env"'),
        ("{username: a}", '"protocol" is PLAINTEXT, which knows no user'),
        ("{protocol: SASL_SSL, username: a, password_file: b, password_env: c}", "both"),
        ("{protocol: SSL, cert_file: a}", '"cert_file" and "key_file" belong together'),
        ("{protocol: SASL_SSL, username: a, password: hunter2}", 'unknown key "password"; did you mean "password_'),
    ],
)
def test_a_half_said_security_is_told(tmp_path: Path, security: str, complaint: str) -> None:
    told = "\n".join(complaints(tmp_path, GOOD + f"kafka: {{security: {security}}}\n"))
    assert complaint in told
    assert "hunter2" not in told


def test_a_model_that_nobody_knows_needs_its_languages(tmp_path: Path) -> None:
    [told] = complaints(tmp_path, GOOD + "encoder:\n  model: our-own-model\n")
    assert told.startswith("a.yaml:12: encoder.languages is missing")
    text = GOOD + "encoder: {model: our-own-model, languages: [no, sv]}\n"
    assert load(written(tmp_path, text), DETECTORS).encoder.languages == ("no", "sv")


@pytest.mark.parametrize("token", ["xoxb-1234567890-abcdefgh", "xapp-1-A0123456789-abcdef", "xoxe.xoxp-1-abcdefghijk"])
def test_a_token_in_plain_sight_is_refused_even_in_a_comment_and_never_repeated(tmp_path: Path, token: str) -> None:
    [told] = complaints(tmp_path, GOOD + f"# token: {token}\n")
    assert told.startswith("a.yaml:11: a Slack token")
    assert token not in told


def test_a_file_that_is_no_config_is_told_for_what_it_is(tmp_path: Path) -> None:
    def told(path: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            load(path, DETECTORS)
        return str(caught.value)

    written(tmp_path, GOOD, "census.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"organisation:\n  name: Volksz\xe4hlung\n")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)) * 20)
    assert 'there is no such file; did you mean "census.yaml"?' in told(tmp_path / "cencus.yaml")
    assert "this is a folder; expected a YAML file" in told(tmp_path)
    assert "latin.yaml:2: byte 0xe4 is not UTF-8; save it as UTF-8" in told(tmp_path / "latin.yaml")
    assert "is not UTF-8" in told(tmp_path / "binary.yaml")
    assert "the file is empty" in told(written(tmp_path, "\n\n", "empty.yaml"))
    assert "it cannot be read" in told(tmp_path / ("x" * 300))


def test_a_config_from_windows_is_read_and_its_lines_are_right(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(tmp_path / "a.yaml", DETECTORS).organisation.name == "Census Office"


def test_claims_of_all_files_are_loaded_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    written(tmp_path, "- {id: a, claim: b, verdict: c, checked_by: d}", "claims/one.yaml")
    written(tmp_path, "- {id: b, claim: b, verdict: c, checked_by: d}", "two.yaml")
    path = written(tmp_path, GOOD + "claims: [claims/one.yaml, two.yaml]\n")
    claims = load_claims_of(load(path, DETECTORS), base_folder(path))
    assert [claim.id for claim in claims] == ["a", "b"]


@pytest.mark.parametrize("name", ["census", "health", "receivers"])
def test_the_examples_are_right(name: str) -> None:
    path = EXAMPLES / f"{name}.yaml"
    config = load(path)
    for monitor in config.monitors:
        for detector_name, params in monitor.detectors.items():
            assert isinstance(params, load_detectors()[detector_name].Params)
    assert any(claim.answer for claim in load_claims_of(config, base_folder(path)))
