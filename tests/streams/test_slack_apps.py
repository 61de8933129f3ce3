"""Which receivers have buttons, and which share an app."""

from pathlib import Path

import pytest

from streams.settings.config import Config, Slack
from streams.settings.loading import ConfigError, load
from streams.settings.secret import SecretError
from streams.stages.slack_apps import bot_token_now, hears_clicks, signing_secret, slack_apps

CONFIG = """
organisation: {{name: Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: comms, type: slack, channel: C0COMMS{more}}}
  - {{name: legal, type: slack, channel: C0LEGAL}}
  - {{name: risk, type: slack, channel: C0RISK, app_token_env: RISK_APP_TOKEN}}
routes:
  - {{receivers: [comms, legal, risk]}}
{end}
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    for name in ("SLACK_APP_TOKEN", "RISK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)


def config(tmp_path: Path, more: str = "", end: str = "") -> Config:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG.format(more=more, end=end))
    return load(file)


def buttons(config: Config) -> list[bool]:
    return [hears_clicks(config, receiver) for receiver in config.receivers if isinstance(receiver, Slack)]


def test_without_an_app_level_token_there_are_no_buttons(tmp_path: Path) -> None:
    loaded = config(tmp_path)
    assert buttons(loaded) == [False, False, False]
    assert slack_apps(loaded) == ()


def test_receivers_of_one_app_share_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("RISK_APP_TOKEN", "xapp-2")
    apps = slack_apps(config(tmp_path, more=", may_act: [U0ADA, S0DESK]"))
    assert [(app.app_token, [one.name for one in app.receivers]) for app in apps] == [
        ("xapp-1", ["comms", "legal"]),
        ("xapp-2", ["risk"]),
    ]
    assert [one.may_act for one in apps[0].receivers] == [("U0ADA", "S0DESK"), None]


def test_a_file_that_is_named_for_the_token_must_be_there(tmp_path: Path) -> None:
    loaded = config(tmp_path, more=", app_token_file: gone.txt")
    with pytest.raises(SecretError, match=r"app-level token of the receiver comms cannot be read from gone\.txt"):
        slack_apps(loaded)


def test_a_token_that_is_none_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISK_APP_TOKEN", "xapp-ä")
    with pytest.raises(SecretError, match="risk is no token"):
        slack_apps(config(tmp_path))


def test_over_http_all_have_buttons_and_the_secret_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = config(tmp_path, end="slack_http: {port: 0}")
    assert buttons(loaded) == [True, True, True]
    assert [app.app_token for app in slack_apps(loaded)] == [None]
    with pytest.raises(SecretError, match="SLACK_SIGNING_SECRET"):
        signing_secret(loaded)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "8f742231")
    assert signing_secret(loaded) == "8f742231"


def test_who_may_act_is_named_by_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='"may_act" has "ada" in it; expected ids of users'):
        config(tmp_path, more=", may_act: [ada]")


def test_a_token_in_a_file_is_read_as_it_stands_now(tmp_path: Path) -> None:
    file = tmp_path / "token"
    receiver = Slack(name="comms", channel="C0COMMS", token_file=str(file))
    assert bot_token_now(receiver) is None
    for token in ("xoxb-1", "xoxb-2"):
        file.write_text(f"{token}\n")
        assert bot_token_now(receiver) == token
