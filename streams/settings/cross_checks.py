"""What must fit together in a config beyond the types: names, queries, time zones, detectors, routes.

Everything is reported to the `Reader` that read the config, which knows the lines.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from msgspec import Struct

from detectors.contract import Detector
from streams.encoding.sentence_model import EncoderUnavailable, declared_languages
from streams.queries.query import QueryError
from streams.queries.query import parse as parse_query
from streams.settings import query_problems
from streams.settings.config import Config, MonitorSettings, Security, Slack, Terminal
from streams.settings.gate_checks import check_gates
from streams.settings.problem import did_you_mean, quoted
from streams.settings.receivers import check_receiver
from streams.settings.route_checks import check_routes
from streams.settings.strict_yaml import Reader
from streams.settings.yaml_nodes import Listing, Node, Scalar
from streams.settings.yaml_nodes import Mapping as Keys

Parameters = list[dict[str, Any]]
"""For each monitor, in the order of the config: the `Params` of its detectors by name."""

_BROKER = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WHO = re.compile(r"[UWS][A-Z0-9]{1,30}")
_NO_TIME = timedelta(0)
_SESSION = timedelta(seconds=6), timedelta(minutes=30)
"""What a broker takes, unless it was told otherwise (`group.min.session.timeout.ms` and `group.max...`)."""


def check(config: Config, root: Node, text: str, known: Mapping[str, type[Detector]], reader: Reader) -> Parameters:
    """Report all that does not fit. `root` and `text` are what `config` was read from."""
    _zone(config.organisation, config.organisation.timezone, reader)
    for route in config.routes:
        _zone(route, route.timezone, reader)
    for field in ("harm", "officials"):
        _query(config.organisation, field, text, reader)
    _kafka(config, reader)
    monitors = _unique_names(root, "monitors", reader)
    receivers = _unique_names(root, "receivers", reader)
    parameters = check_monitors(config.monitors, text, known, reader)
    if any(known[name].reads_vectors for names in parameters for name in names):
        _encoder(config, reader)
    for receiver in config.receivers:
        if isinstance(receiver, Slack):
            _slack(receiver, reader)
        elif not isinstance(receiver, Terminal):
            check_receiver(receiver, reader)
    check_routes(config, receivers=receivers, monitors=monitors, detectors=known, reader=reader)
    check_gates(config, monitors=monitors, detectors=known, reader=reader)
    return parameters


def check_monitors(
    monitors: Sequence[MonitorSettings], text: str, known: Mapping[str, type[Detector]], reader: Reader
) -> Parameters:
    """Report what does not fit within each of them, wherever they are written."""
    parameters = []
    for monitor in monitors:
        _monitor(monitor, text, reader)
        parameters.append(_detectors(monitor, known, reader))
    return parameters


def _zone(owner: Struct, name: str | None, reader: Reader) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones()) or "; expected an IANA name such as Europe/Berlin"
        reader.report_field(owner, "timezone", f"no time zone is called {quoted(name)}{hint}")


def _kafka(config: Config, reader: Reader) -> None:
    brokers = [] if config.kafka.bootstrap is None else config.kafka.bootstrap.split(",")
    for broker in brokers:
        if not _BROKER.fullmatch(broker.strip()):
            text = f'"bootstrap" has {quoted(broker)} in it; expected host:port, several with commas'
            reader.report_field(config.kafka, "bootstrap", text)
    if config.kafka.retention <= _NO_TIME:
        reader.report_field(config.kafka, "retention", '"retention" is no time at all; expected for example 7d')
    if not _SESSION[0] <= config.kafka.session_timeout <= _SESSION[1]:
        text = '"session_timeout" must be between 6s and 30m, for Kafka takes no other; expected for example 20s'
        reader.report_field(config.kafka, "session_timeout", text)
    _security(config.kafka.security, reader)


def _security(security: Security, reader: Reader) -> None:
    passwords = [field for field in ("password_file", "password_env") if getattr(security, field) is not None]
    if security.protocol.startswith("SASL"):
        if security.username is None:
            reader.report(reader.line(security), f'{security.protocol} needs the key "username"')
        if not passwords:
            text = f'{security.protocol} needs the key "password_file" or "password_env"'
            reader.report(reader.line(security), text)
    elif security.username is not None or passwords:
        text = f'"protocol" is {security.protocol}, which knows no user; expected SASL_SSL or SASL_PLAINTEXT'
        reader.report_field(security, "protocol", text)
    if len(passwords) > 1:
        reader.report_field(security, passwords[1], 'both "password_file" and "password_env" are given; expected one')
    if (security.cert_file is None) != (security.key_file is None):
        reader.report(reader.line(security), '"cert_file" and "key_file" belong together; one of them is missing')


def _unique_names(root: Node, key: str, reader: Reader) -> list[str]:
    """Report names that come twice. Returns all names, also those of entries that could not be read."""
    first: dict[str, int] = {}
    entries = root.get(key) if isinstance(root, Keys) else None
    for entry in entries.items if isinstance(entries, Listing) else ():
        name = entry.get("name") if isinstance(entry, Keys) else None
        if not isinstance(name, Scalar):
            continue
        if name.text in first:
            kind = key.removesuffix("s")
            text = (
                f"a {kind} called {quoted(name.text)} stands already in line {first[name.text]}; expected another name"
            )
            reader.report(name.line, text)
        first.setdefault(name.text, name.line)
    return list(first)


def _monitor(monitor: MonitorSettings, text: str, reader: Reader) -> None:
    _zone(monitor, monitor.timezone, reader)
    if monitor.resolve_after <= _NO_TIME:
        reader.report_field(monitor, "resolve_after", '"resolve_after" is no time at all; expected for example 2h')
    _query(monitor, "query", text, reader)


def _query(owner: Struct, field: str, text: str, reader: Reader) -> None:
    node, query = reader.node(owner, field), getattr(owner, field)
    if query is None or not isinstance(node, Scalar) or reader.is_broken(owner, field):
        return
    try:
        parse_query(query)
    except QueryError as error:
        line = query_problems.line_of(node, text, error.position)
        reader.report(line, f"{field}: {error.message}\n{query_problems.excerpt(query, error.position)}")


def _detectors(monitor: MonitorSettings, known: Mapping[str, type[Detector]], reader: Reader) -> dict[str, Any]:
    parameters = {}
    node = reader.node(monitor, "detectors")
    for name, entry in node.entries.items() if isinstance(node, Keys) else ():
        if name in known:
            parameters[name] = reader.read(entry.value, known[name].Params, f'"{name}"')
        else:
            hint = did_you_mean(name, known) or f"; expected one of {', '.join(known)}"
            reader.report(entry.key.line, f"no detector is called {quoted(name)}{hint}")
    return parameters


def _encoder(config: Config, reader: Reader) -> None:
    try:
        declared_languages(config.encoder)
    except EncoderUnavailable as error:
        reader.report_field(config.encoder, "model", str(error))


def _slack(slack: Slack, reader: Reader) -> None:
    if not slack.base_url.startswith(("https://", "http://")):
        reader.report_field(slack, "base_url", f'"base_url" is {quoted(slack.base_url)}; expected https://…')
    for field, variable in (("token_env", slack.token_env), ("app_token_env", slack.app_token_env)):
        if not _VARIABLE.fullmatch(variable):
            text = f'"{field}" is {quoted(variable)}; expected the name of an environment variable'
            reader.report_field(slack, field, text)
    for one in slack.may_act or ():
        if not _WHO.fullmatch(one):
            text = f'"may_act" has {quoted(one)} in it; expected ids of users (U…, W…) or of groups of users (S…)'
            reader.report_field(slack, "may_act", text)
