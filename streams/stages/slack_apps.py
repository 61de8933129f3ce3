"""The Slack apps of a config: which receivers share one, and by what their clicks are heard."""

import os
from collections.abc import Callable
from functools import partial

from msgspec import Struct

from alerting.slack_classic import is_slack
from streams.settings.config import Config, Slack
from streams.settings.secret import SecretError, read_secret


class ClickedReceiver(Struct, frozen=True, kw_only=True):
    """A Slack receiver, as far as clicks concern it."""

    name: str
    channel: str
    bot_token: str
    may_act: tuple[str, ...] | None
    """Ids of users (U…, W…) and of groups of users (S…); None for everybody in the channel."""
    read_token: Callable[[], str | None] = lambda: None
    """Gives the bot token as it stands now."""
    is_classic: bool = False
    """Whether its windows are made of sections, and not of rich text."""


class SlackApp(Struct, frozen=True, kw_only=True):
    """Receivers that share an app, and so its connection."""

    base_url: str
    app_token: str | None
    """None where its clicks come over HTTP alone."""
    receivers: tuple[ClickedReceiver, ...]


def slack_apps(config: Config) -> tuple[SlackApp, ...]:
    """Those that hear of clicks. Raises `SecretError` where a token that is named cannot be read."""
    shared: dict[tuple[str, str | None], list[ClickedReceiver]] = {}
    for receiver in config.receivers:
        if isinstance(receiver, Slack) and hears_clicks(config, receiver):
            clicked = ClickedReceiver(
                name=receiver.name,
                channel=receiver.channel,
                bot_token=bot_token(receiver),
                read_token=partial(bot_token_now, receiver),
                may_act=receiver.may_act,
                is_classic=is_classic(receiver),
            )
            shared.setdefault((receiver.base_url, app_token(receiver)), []).append(clicked)
    return tuple(
        SlackApp(base_url=base_url, app_token=token, receivers=tuple(receivers))
        for (base_url, token), receivers in shared.items()
    )


def hears_clicks(config: Config, receiver: Slack) -> bool:
    """Whether its messages have buttons. Raises `SecretError`, as `app_token`."""
    return config.slack_http is not None or app_token(receiver) is not None


def is_classic(receiver: Slack) -> bool:
    """Whether its messages are made of the blocks that every server and page knows."""
    return receiver.blocks == "classic" or (receiver.blocks == "auto" and not is_slack(receiver.base_url))


def bot_token(receiver: Slack) -> str:
    """Raises `SecretError` where it is missing."""
    return read_secret(f"the token of the receiver {receiver.name}", file=receiver.token_file, env=receiver.token_env)


def bot_token_now(receiver: Slack) -> str | None:
    """As it stands now where it is kept: a file may hold another one than at the start. None where there is none."""
    try:
        return bot_token(receiver)
    except SecretError:
        return None


def app_token(receiver: Slack) -> str | None:
    """None where the environment has none. Raises `SecretError` where a file is named that cannot be read."""
    if receiver.app_token_file is None and not os.environ.get(receiver.app_token_env, "").strip():
        return None
    what = f"the app-level token of the receiver {receiver.name}"
    token = read_secret(what, file=receiver.app_token_file, env=receiver.app_token_env)
    if not (token.isascii() and token.isprintable()):
        raise SecretError(f"{what} is no token: copy it again, it begins with xapp-")
    return token


def signing_secret(config: Config) -> str:
    """Of the app whose clicks come over HTTP. Raises `SecretError` where it is missing."""
    http = config.slack_http
    assert http is not None
    return read_secret("Slack's signing secret", file=http.signing_secret_file, env=http.signing_secret_env)
