"""The app manifest in `deploy/` is one that Slack takes, and asks for what the code needs and nothing else.

Rules: https://docs.slack.dev/reference/app-manifest.
"""

import re
from pathlib import Path
from typing import Any

import yaml

from alerting.slack_check import APP_SCOPE, SCOPES

ROOT = Path(__file__).parents[1]
FILE = ROOT / "deploy" / "slack-app-manifest.yaml"
MANIFEST: dict[str, Any] = yaml.safe_load(FILE.read_text())

KNOWN_KEYS = {
    "_metadata": {"major_version", "minor_version"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "shortcuts", "slash_commands", "unfurl_domains"},
    "oauth_config": {"redirect_urls", "scopes", "token_management_enabled"},
    "settings": {
        "allowed_ip_address_ranges",
        "event_subscriptions",
        "incoming_webhooks",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    },
}
# Of each method that we call for a channel's sake: https://docs.slack.dev/reference/methods.
SCOPES_OF_METHODS: dict[str, set[str]] = {
    "auth.test": set(),
    "apps.connections.open": set(),  # the scope of the app-level token, which no manifest can hold
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "views.open": set(),
    "views.update": set(),
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.replies": {"channels:history", "groups:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "users.info": {"users:read"},
}
_METHOD = re.compile(r'"((?:admin|apps|auth|bots|chat|conversations|files|reactions|team|users|views)\.[A-Za-z.]+)"')


def test_every_part_is_one_that_slack_knows() -> None:
    assert set(MANIFEST) <= set(KNOWN_KEYS)
    for section, known in KNOWN_KEYS.items():
        assert set(MANIFEST.get(section, {})) <= known


def test_names_are_of_the_length_and_letters_that_slack_takes() -> None:
    shown, bot = MANIFEST["display_information"], MANIFEST["features"]["bot_user"]
    assert 1 <= len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}|#[0-9a-f]{3}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", bot["display_name"])
    assert isinstance(bot["always_online"], bool)


def test_clicks_come_over_socket_mode_and_nothing_needs_a_public_address() -> None:
    settings = MANIFEST["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["token_rotation_enabled"] is False
    assert "_url" not in FILE.read_text()


def test_scopes_are_those_that_the_code_needs_and_no_others() -> None:
    scopes = MANIFEST["oauth_config"]["scopes"]
    files = [*(ROOT / "alerting").glob("*.py"), *(ROOT / "streams" / "stages").glob("*.py")]
    called = {method for file in files for method in _METHOD.findall(file.read_text())}
    needed = {scope for method in called for scope in SCOPES_OF_METHODS[method]}
    assert {"chat.postMessage", "chat.update", "conversations.history", "conversations.info"} <= called
    assert set(scopes) == {"bot"}
    assert len(scopes["bot"]) == len(set(scopes["bot"]))
    assert set(scopes["bot"]) == needed == set(SCOPES)


def test_it_says_why_it_asks_for_each_scope() -> None:
    lines = FILE.read_text().splitlines()
    asked = [line for line in lines if re.match(r"\s+- \w+:\w+", line)]
    assert all("#" in line for line in asked)
    assert APP_SCOPE in FILE.read_text()
