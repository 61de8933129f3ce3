"""Receivers of the types alertmanager, webhook and email: their settings, and what is built of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerting.alertmanager import AlertmanagerNotifier
from alerting.email import EmailNotifier
from alerting.webhook import WebhookNotifier
from streams.commands.check import command as check
from streams.settings.config import Alertmanager, Email, Webhook
from streams.settings.loading import ConfigError, load
from streams.settings.secret import SecretError
from streams.stages.starting import notifiers

SECRET = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtMTIzNA=="

CONFIG = """\
organisation: {name: Census Office}
monitors:
  - {name: census, query: census, detectors: {volume_spike: {}}}
receivers:
RECEIVERS
routes:
  - receivers: [NAMES]
encoder: {model: offline}
"""

GOOD = """\
  - name: am
    type: alertmanager
    urls: [http://127.0.0.1:9093, https://am-2.example.org/alerts]
    username: groundswell
    password_env: AM_PASSWORD
  - name: hook
    type: webhook
    url: https://hooks.example.org/s3cr3t-path
    secret_env: HOOK_SECRET
  - name: mail
    type: email
    server: mail.example.org
    sender: groundswell@census.example
    to: [press@census.example, risk@census.example]
"""

WRONG = """\
  - {name: none, type: alertmanager}  #! the key "urls" is missing
  - {name: empty, type: alertmanager, urls: []}  #! "urls" has nothing in it
  - name: am
    type: alertmanager
    username: "a:b"  #! "username" has a colon in it
    urls:
      - am-1:9093  #! "urls" has one that is "am-1:9093"; expected https://…
      - http://am-2:9093/api/v2/alerts  #! expected what comes before /api
      - https://ada:hunter2@am-3  #! "urls" has one that holds a user or a password
      - http://am-4
      - http://am-4  #! "urls" has "http://am-4" twice
      - http://am-5:port  #! cannot be read as an address
    expires_after: 10s  #! "expires_after" is 10s; expected at least 5m
    password_env: P
  - {name: locked, type: alertmanager, urls: [http://am], username: ada}  #! a "username" needs the key "password_file"
  - {name: hook, type: webhook, url: hooks.example.org/x}  #! "url" is "hooks.example.org/x"; expected https://…
  - {name: ftp, type: webhook, url: ftp://hooks.example.org}  #! "url" is "ftp://hooks.example.org"; expected https://…
  - name: leak
    type: webhook
    url: https://hooks.example.org
    mode: both  #! "mode" is "both"; expected one of binary, structured
    secret_env: whsec_hunter2  #! "secret_env" is no name of an environment variable
  - name: mail
    type: email
    server: mail.example.org:587  #! expected the name of a mail server alone, the port under "port"
    sender: groundswell  #! "sender" is "groundswell"; expected an address
    to:
      - press@census.example
      - "Ada <ada@census.example>"  #! "to" has "Ada <ada@census.example>" in it; expected an address
      - "ada@census.example\\r\\nBcc: b@evil.example"  #! in it; expected an address
    tls: ssl  #! "tls" is "ssl"; expected one of none, starttls, tls
    port: 0  #! "port" is the number 0
    password_env: P  #! both "password_file" and "password_env" are given; expected one
    password_file: p  #! "password_file" is given, but the key "username" is missing
"""


def written(folder: Path, receivers: str) -> Path:
    names = ", ".join(dict.fromkeys(re.findall(r"- {?name: ([\w-]+)", receivers)))
    path = folder / "a.yaml"
    path.write_text(CONFIG.replace("RECEIVERS\n", receivers).replace("NAMES", names))
    return path


def checked(path: Path, **environment: str) -> Any:
    return CliRunner().invoke(check, [str(path)], env={"COLUMNS": "400", **environment})


def test_good_receivers_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AM_PASSWORD", "p")
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    config = load(written(tmp_path, GOOD))
    assert [type(receiver) for receiver in config.receivers] == [Alertmanager, Webhook, Email]
    built = {name: type(make()) for name, make in notifiers(config).items()}
    assert built == {"am": AlertmanagerNotifier, "hook": WebhookNotifier, "mail": EmailNotifier}


def test_check_says_in_words_whom_each_tells_and_keeps_secrets(tmp_path: Path) -> None:
    found = checked(written(tmp_path, GOOD), AM_PASSWORD="hunter2", HOOK_SECRET=SECRET)
    assert found.exit_code == 0, found.output
    for line in (
        "Alertmanager at 127.0.0.1:9093, am-2.example.org, as groundswell with the password from the environment "
        "variable AM_PASSWORD",
        "the webhook at hooks.example.org, whole events in the body, signed with the secret from the environment "
        "variable HOOK_SECRET",
        "mail to press@census.example, risk@census.example, from groundswell@census.example over "
        "mail.example.org:587 by STARTTLS",
    ):
        assert line in found.stdout
    for secret in ("hunter2", SECRET, "s3cr3t-path"):
        assert secret not in found.output
    assert "Ready." in found.stdout


def test_every_mistake_is_told_with_its_line_and_no_secret(tmp_path: Path) -> None:
    path = written(tmp_path, WRONG)
    with pytest.raises(ConfigError) as caught:
        load(path)
    told = [str(problem) for problem in caught.value.problems]
    expected = [
        (number, line.partition("#! ")[2])
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if "#! " in line
    ]
    for number, text in expected:
        assert [one for one in told if one.startswith(f"{path}:{number}: ") and text in one], f"{number}: {text}"
    assert len(told) == len(expected), "\n".join(told)
    assert "hunter2" not in "\n".join(told)


@pytest.mark.parametrize(
    ("environment", "wrong"),
    [
        (
            {"HOOK_SECRET": SECRET},
            "the password of the receiver am is missing: set the environment variable AM_PASSWORD",
        ),
        ({"AM_PASSWORD": "p"}, "the signing secret of the receiver hook is missing: set the environment variable"),
        (
            {"AM_PASSWORD": "p", "HOOK_SECRET": "hunter2"},
            "the signing secret of the receiver hook cannot be used: it does not begin with whsec_; make one with: "
            'echo "whsec_$(openssl rand -base64 32)"',
        ),
    ],
)
def test_a_secret_that_is_missing_is_told_by_check_and_stops_the_worker(
    environment: dict[str, str], wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, GOOD)
    found = checked(path, **environment)
    assert wrong in found.stdout
    assert "hunter2" not in found.output
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SecretError, match=re.escape(wrong)):
        notifiers(load(path))


def test_check_warns_of_what_can_be_read_on_the_way(tmp_path: Path) -> None:
    receivers = GOOD.replace("https://am-2", "http://am-2").replace("https://hooks", "http://hooks") + "    tls: none\n"
    found = checked(written(tmp_path, receivers), AM_PASSWORD="p", HOOK_SECRET=SECRET)
    for warning in (
        "am: am-2.example.org is not https, so the password can be read on the way",
        "hook: url is not https, so what is told can be read on the way",
        "mail: tls is none, so what is told can be read on the way",
        "Ready with 3 warnings.",
    ):
        assert warning in found.stdout
