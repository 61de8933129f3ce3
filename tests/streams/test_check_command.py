"""What `groundswell check` and `groundswell detectors` say, and how little they need to say it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.commands.check import command as check
from streams.commands.detectors import command as detectors

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
HEAVY = {"torch", "faust", "aiokafka", "kafka", "openvino", "sentence_transformers", "slack_sdk", "lingua", "aiohttp"}

LIKELY_WRONG = """\
organisation: {name: Census Office}
claims: [claims.yaml]
kafka: {bootstrap: "kafka.example.org:9092"}
monitors:
  - name: census
    query: census #zensus
    detectors: {volume_spike: }
receivers:
  - {name: console, type: terminal}
  - {name: press, type: slack, channel: "#press", token_env: NO_SUCH_TOKEN, base_url: "http://slack.example.org/api/"}
  - {name: unused, type: terminal}
routes:
  - {receivers: [press], at_least: critical, remind_every: 4h}
  - {receivers: [console]}
metrics: {match: 9101, detect: 9101}
"""


def run(*arguments: str, width: int = 80) -> Result:
    return CliRunner().invoke(check, arguments, env={"COLUMNS": str(width), "SLACK_BOT_TOKEN": "set"})


def said(text: str) -> str:
    """With every run of blanks as one: how it is wrapped does not matter."""
    return re.sub(r"\s+", " ", text)


def test_check_says_what_a_config_will_do() -> None:
    found = run(str(EXAMPLES / "health.yaml"), width=120)
    text = said(found.stdout)
    assert "Northland Health Agency, 3 monitors" in text
    assert "Monitor measles, owned by Outbreak desk" in text
    assert "volume_spike: sensitivity high (about one false alert a day)" in text
    assert "warning and above to outbreak-slack and console (new numbers at most every 1m, a reminder every 2h)" in text
    assert "Europe/Helsinki" in text
    assert "3 known, 3 with an approved answer (claims/health.yaml)" in text
    assert "the local broker (groundswell broker start)" in text
    assert "Slack channel C0OUTBREAK1, token from the environment variable SLACK_BOT_TOKEN" in text


@pytest.mark.parametrize(
    ("kafka", "start"),
    [("{}", "groundswell broker start, then groundswell run"), ('{bootstrap: "k.example:9092"}', "groundswell run")],
)
def test_check_says_how_to_start_it_and_that_nothing_was_tried(kafka: str, start: str, tmp_path: Path) -> None:
    config = tmp_path / "census.yaml"
    config.write_text(
        "organisation: {name: Census Office}\n"
        "monitors: [{name: census, query: census, detectors: {volume_spike: }}]\n"
        "receivers: [{name: console, type: terminal}]\n"
        f"routes: [{{receivers: [console]}}]\nkafka: {kafka}\n"
    )
    text = said(run(str(config)).stdout)
    assert f". Start it: {start} {config} This was only read: neither Kafka nor any receiver was asked." in text


def test_check_says_that_nothing_would_start_where_the_model_has_no_calibration() -> None:
    """And so no worker would, though the config is right."""
    config = EXAMPLES / "health.yaml"
    found = run(str(config), width=120)
    assert found.exit_code == 1
    text = said(found.stdout)
    assert "Not ready on this machine encoder: paraphrase-multilingual-MiniLM-L12-v2 was not used" in text
    assert f"it will not run before it is calibrated: groundswell calibrate {config} RECORDING" in text
    assert "Nothing is wrong with the config, but `groundswell run` would refuse to start here." in text
    assert "Ready" not in found.stdout


@pytest.mark.parametrize(
    ("detector", "sentence"),
    [
        (
            "volume_spike: {sensitivity: low}",
            "volume_spike: sensitivity low (about one false alert a month, up to three a month where fewer than 60 "
            "mentions a day come, in threads)",
        ),
        ("volume_spike: {sensitivity: high}", "volume_spike: sensitivity high (about one false alert a day)"),
        (
            "volume_spike: {at_least_mentions: 3}",
            "volume_spike: sensitivity medium, at_least_mentions 3 (how many false alerts that makes was only measured "
            "from at_least_mentions 8 on)",
        ),
        (
            "volume_spike: {threshold: 2}",
            "volume_spike: sensitivity medium, threshold 2.0 (the threshold overrides the sensitivity, and no number "
            "of false alerts is promised)",
        ),
        (
            "narrative: ",
            "narrative: sensitivity medium (about one false alert a week at most: none in 27 days of 400 headlines a "
            "day in random order)",
        ),
        (
            "narrative: {min_mentions: 4}",
            "narrative: sensitivity medium, min_mentions 4 (about one false alert a week is meant, and was only "
            "measured for 5 authors and 8 mentions in 6 hours)",
        ),
    ],
)
def test_check_says_what_the_parameters_cost_in_false_alerts(detector: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(LIKELY_WRONG.replace("volume_spike: ", detector).replace("claims: [claims.yaml]\n", ""))
    found = run(str(path), width=200)
    assert f"detects {sentence} tells" in said(found.stdout), found.output


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("name", ["census.yaml", "health.yaml"])
def test_check_stays_within_the_terminal(name: str, width: int) -> None:
    found = run(str(EXAMPLES / name), width=width)
    lines = found.stdout.splitlines()
    assert max(len(line.rstrip()) for line in lines[:-1] if str(EXAMPLES) not in line) <= width


def test_check_warns_of_what_is_likely_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text("- {id: a, claim: b, verdict: c, checked_by: d, languages: [ja]}")
    (tmp_path / "a.yaml").write_text(LIKELY_WRONG)
    found = run(str(tmp_path / "a.yaml"), width=200)
    assert found.exit_code == 0, found.output
    text = said(found.stdout)
    for warning in (
        "the Slack token of press is missing: set the environment variable NO_SUCH_TOKEN",
        'press: channel "#press" is no id',
        "press: base_url is not https",
        "unused: no route names this receiver",
        "line 6: YAML takes what follows # in a query for a comment",
        "kafka: PLAINTEXT does not encrypt",
        "claims: the encoder does not cover the language of a",
        "metrics: two stages have the same port",
    ):
        assert warning in text
    assert "info and warning to console" in text
    assert "critical and above to press" in text
    assert "Ready with 9 warnings." in text


def test_check_tells_all_problems_on_the_error_stream_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(LIKELY_WRONG.replace("type: terminal", "typ: terminal"))
    (tmp_path / "claims.yaml").write_text("- {}")
    found = run(str(path))
    assert found.exit_code == 1
    assert found.stdout == ""
    assert f'{path}:9: the key "type" is missing' in found.stderr
    assert f'{tmp_path / "claims.yaml"}:1: the key "id" is missing' in found.stderr
    assert "problems; nothing was started." in found.stderr


def test_check_imports_nothing_heavy() -> None:
    code = (
        "import sys; from streams.commands.check import command; from streams.commands.detectors import command as d;"
        f"command([{str(EXAMPLES / 'census.yaml')!r}], standalone_mode=False); d([], standalone_mode=False);"
        f"print('heavy:', sorted({HEAVY!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("heavy: []\n")


def test_detectors_are_listed_and_each_is_told_in_full() -> None:
    runner = CliRunner()
    listed = runner.invoke(detectors, env={"COLUMNS": "100"})
    assert listed.exit_code == 0
    assert {"volume_spike", "narrative"} <= {line.split()[0] for line in listed.stdout.splitlines() if line[:1].strip()}
    one = runner.invoke(detectors, ["volume_spike"], env={"COLUMNS": "100"})
    assert "Fails when" in one.stdout
    assert "sensitivity" in one.stdout
    none = runner.invoke(detectors, ["volume_spik"])
    assert none.exit_code == 1
    assert 'did you mean "volume_spike"?' in none.stderr
