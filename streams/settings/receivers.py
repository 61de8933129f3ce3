"""Receivers of the types `alertmanager`, `webhook` and `email`: what is wrong with their settings, and what they mean.

Where a secret may stand by mistake, nothing of it is repeated.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from alerting.email import DEFAULT_PORTS
from alerting.http_exchange import host_of
from alerting.webhook import UnusableSecret, signing_keys
from streams.settings.config import Alertmanager, Email, Receiver, Webhook
from streams.settings.duration import spell
from streams.settings.problem import quoted
from streams.settings.secret import SecretError, read_secret
from streams.settings.strict_yaml import Reader

Other = Alertmanager | Webhook | Email

_SHORTEST_EXPIRY = timedelta(minutes=5)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*\]?")
_WITH_PORT = re.compile(r"[^:]+:[0-9]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_MODES = {"structured": "whole events in the body", "binary": "events with their attributes in headers"}
_TLS = {"starttls": "by STARTTLS", "tls": "by TLS", "none": "not encrypted"}


def check_receiver(receiver: Other, reader: Reader) -> None:
    """Report all that does not fit."""
    match receiver:
        case Alertmanager():
            _alertmanager(receiver, reader)
            _password(receiver, reader)
        case Webhook():
            if wrong := _wrong_url(receiver.url):
                reader.report_field(receiver, "url", f'"url" {wrong}')
            _variable(receiver, "secret_env", reader)
        case Email():
            _email(receiver, reader)
            _password(receiver, reader)


def mistakes_of_receiver(receiver: Receiver) -> Iterable[str]:
    """What can be meant, but most often is not: one sentence each."""
    match receiver:
        case Alertmanager():
            yield from _missing(receiver)
            for url in receiver.urls if receiver.username else ():
                if _in_plain_sight(urlsplit(url)):
                    yield f"{receiver.name}: {host_of(url)} is not https, so the password can be read on the way"
        case Webhook():
            yield from _unusable(receiver)
            if _in_plain_sight(urlsplit(receiver.url)):
                yield f"{receiver.name}: url is not https, so what is told can be read on the way"
        case Email():
            yield from _missing(receiver)
            if receiver.tls == "none" and receiver.server not in _LOOPBACK:
                yield f"{receiver.name}: tls is none, so what is told can be read on the way"


def other_receiver(receiver: Other) -> str:
    """Whom it tells, and how, in one line."""
    match receiver:
        case Alertmanager():
            peers = ", ".join(host_of(url) for url in receiver.urls)
            return f"Alertmanager at {peers}{_login(receiver)}"
        case Webhook():
            secret = _source(receiver.secret_file, receiver.secret_env)
            return (
                f"the webhook at {host_of(receiver.url)}, {_MODES[receiver.mode]}, signed with the secret from {secret}"
            )
        case Email():
            server = f"{receiver.server}:{receiver.port or DEFAULT_PORTS[receiver.tls]} {_TLS[receiver.tls]}"
            return f"mail to {', '.join(receiver.to)}, from {receiver.sender} over {server}{_login(receiver)}"


def secret_of(receiver: Webhook) -> str:
    """What signs its requests. Raises `SecretError`, also where it cannot be used as one."""
    what = f"the signing secret of the receiver {receiver.name}"
    secret = read_secret(what, file=receiver.secret_file, env=receiver.secret_env)
    try:
        signing_keys(secret)
    except UnusableSecret as error:
        remedy = 'make one with: echo "whsec_$(openssl rand -base64 32)"'
        raise SecretError(f"{what} cannot be used: {error}; {remedy}") from None
    return secret


def password_of(receiver: Alertmanager | Email) -> str:
    """Empty where it has no user. Raises `SecretError`."""
    if receiver.username is None:
        return ""
    what = f"the password of the receiver {receiver.name}"
    return read_secret(what, file=receiver.password_file, env=receiver.password_env)


def _alertmanager(receiver: Alertmanager, reader: Reader) -> None:
    for at, url in enumerate(receiver.urls):
        if wrong := _wrong_url(url):
            reader.report_field(receiver, "urls", f'"urls" has one that {wrong}', at)
        elif "/api/v" in url:
            text = (
                f'"urls" has {quoted(url)} in it; expected what comes before /api, such as http://alertmanager-1:9093'
            )
            reader.report_field(receiver, "urls", text, at)
        elif url in receiver.urls[:at]:
            reader.report_field(receiver, "urls", f'"urls" has {quoted(url)} twice', at)
    if receiver.expires_after < _SHORTEST_EXPIRY:
        text = f'"expires_after" is {spell(receiver.expires_after)}; expected at least {spell(_SHORTEST_EXPIRY)}'
        reader.report_field(receiver, "expires_after", text)


def _email(receiver: Email, reader: Reader) -> None:
    if not _HOST.fullmatch(receiver.server):
        hint = 'the port under "port"' if _WITH_PORT.fullmatch(receiver.server) else "such as mail.example.org"
        text = f'"server" is {quoted(receiver.server)}; expected the name of a mail server alone, {hint}'
        reader.report_field(receiver, "server", text)
    if not _ADDRESS.fullmatch(receiver.sender):
        text = f'"sender" is {quoted(receiver.sender)}; expected an address such as groundswell@example.org'
        reader.report_field(receiver, "sender", text)
    for at, address in enumerate(receiver.to):
        if not _ADDRESS.fullmatch(address):
            text = f'"to" has {quoted(address)} in it; expected an address such as press@example.org'
            reader.report_field(receiver, "to", text, at)


def _password(receiver: Alertmanager | Email, reader: Reader) -> None:
    given = [key for key in ("password_file", "password_env") if getattr(receiver, key) is not None]
    if receiver.username is not None and not given:
        text = 'a "username" needs the key "password_file" or "password_env"'
        reader.report_field(receiver, "username", text)
    if receiver.username is None and given:
        reader.report_field(receiver, given[0], f'"{given[0]}" is given, but the key "username" is missing')
    if len(given) > 1:
        reader.report_field(receiver, given[1], 'both "password_file" and "password_env" are given; expected one')
    if receiver.username is not None and ":" in receiver.username and isinstance(receiver, Alertmanager):
        reader.report_field(receiver, "username", '"username" has a colon in it, which ends a name in HTTP')
    _variable(receiver, "password_env", reader)


def _variable(receiver: Other, key: str, reader: Reader) -> None:
    name = getattr(receiver, key)
    if name is not None and (not _VARIABLE.fullmatch(name) or name.startswith("whsec_")):
        text = f'"{key}" is no name of an environment variable; the secret itself never stands in this file'
        reader.report_field(receiver, key, text)


def _wrong_url(url: str) -> str | None:
    """What is wrong with an address, as the rest of a sentence."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return "cannot be read as an address; expected https://…"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password, which stands in plain sight there"
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        return f"is {quoted(url)}; expected https://…"
    return None


def _missing(receiver: Alertmanager | Email) -> Iterable[str]:
    try:
        password_of(receiver)
    except SecretError as error:
        yield str(error)


def _unusable(receiver: Webhook) -> Iterable[str]:
    try:
        secret_of(receiver)
    except SecretError as error:
        yield str(error)


def _in_plain_sight(parts: SplitResult) -> bool:
    return parts.scheme != "https" and parts.hostname not in _LOOPBACK


def _login(receiver: Alertmanager | Email) -> str:
    if receiver.username is None:
        return ""
    return f", as {receiver.username} with the password from {_source(receiver.password_file, receiver.password_env)}"


def _source(file: str | None, env: str | None) -> str:
    return f"the file {file}" if file else f"the environment variable {env}"
