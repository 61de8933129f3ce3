"""`groundswell slack check`: what it prints, and its exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.commands.slack import command
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, in_thread

CONFIG = """\
organisation: {{name: Corner Bakery}}
monitors:
  - {{name: bakery, query: bakery, detectors: {{volume_spike: }}}}
receivers:
  - {{name: comms, type: slack, channel: {channel}, base_url: "{url}"}}
  - {{name: legal, type: slack, channel: {channel}, base_url: "{url}", app_token_file: no-such-file}}
  - {{name: console, type: terminal}}
routes:
  - {{receivers: [comms, legal, console]}}
"""


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with in_thread(FakeSlack()) as server:
        yield server


def run(slack: FakeSlack, folder: Path, *arguments: str, token: str | None = TOKEN, channel: str = CHANNEL) -> Result:
    config = folder / "bakery.yaml"
    config.write_text(CONFIG.format(url=slack.base_url, channel=channel))
    secrets = {"SLACK_BOT_TOKEN": token, "SLACK_APP_TOKEN": "xapp-1-fake", "COLUMNS": "200"}
    return CliRunner().invoke(command, ["check", str(config), *arguments], env=secrets)


def test_a_receiver_that_has_all_is_ready(slack: FakeSlack, tmp_path: Path) -> None:
    done = run(slack, tmp_path, "--receiver", "comms")
    assert done.exit_code == 0, done.output
    assert "comms, channel C0CENSUS" in done.stdout
    assert "✔ channel" in done.stdout
    assert "#press, public, not archived, and the app is in it" in done.stdout
    assert "2 receivers of this config share it" in done.stdout
    assert done.stdout.endswith("Ready: stories can be told.\n")
    assert slack.messages == {CHANNEL: []}


def test_all_slack_receivers_are_looked_at_and_what_is_missing_counts(slack: FakeSlack, tmp_path: Path) -> None:
    done = run(slack, tmp_path)
    assert done.exit_code == 1
    assert "legal, channel" in done.stdout
    assert "✘ buttons" in done.stdout
    assert "no-such-file" in done.stdout
    assert done.stderr == "1 thing missing, marked ✘ above.\n"


def test_without_a_token_it_says_where_one_comes_from(slack: FakeSlack, tmp_path: Path) -> None:
    done = run(slack, tmp_path, "--receiver", "comms", token=None)
    assert done.exit_code == 1
    assert "set the environment variable SLACK_BOT_TOKEN" in done.stdout
    assert "deploy/slack-app-manifest.yaml" in done.stdout
    assert slack.calls == []


def test_a_sample_is_posted_when_asked_for(slack: FakeSlack, tmp_path: Path) -> None:
    done = run(slack, tmp_path, "--receiver", "comms", "--post-sample")
    assert done.exit_code == 0, done.output
    assert "posted: look at it in Slack" in done.stdout
    assert len(slack.stories()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("--receiver", "coms"), 'did you mean "comms"?'), (("--receiver", "console"), "no Slack receiver is called")],
)
def test_a_receiver_that_is_not_there_is_said(
    slack: FakeSlack, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(slack, tmp_path, *arguments)
    assert done.exit_code == 1
    assert said in done.stderr


def test_neither_token_is_ever_shown(slack: FakeSlack, tmp_path: Path) -> None:
    for token in (TOKEN, "xoxp-secret-1", "xoxb-\u2010secret"):
        done = run(slack, tmp_path, token=token)
        assert not any(secret in done.output for secret in (token, "xapp-1-fake", "secret"))
