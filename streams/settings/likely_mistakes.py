"""What can be meant, but most often is not: warnings about a config that is right by the letter."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from alerting.alert import Severity
from detectors.detection import Audience
from detectors.known_claim import KnownClaim
from detectors.registry import load_detectors
from streams.encoding.languages import primary_code
from streams.settings.attention import mistakes_of_attention
from streams.settings.config import Config, Slack, severity
from streams.settings.plan import covered_languages
from streams.settings.receivers import mistakes_of_receiver
from streams.settings.route_checks import covers
from streams.settings.secret import SecretError, read_secret

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{6,}")
_CUT_QUERY = re.compile(r"\s*(?:-\s+)?query:\s+[^'\"|>\s].*\s#\w")
_LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}


def likely_mistakes(config: Config, claims: Sequence[KnownClaim], text: str) -> list[str]:
    """One sentence each, with the remedy. `text` is the config file's; secrets are looked for where they would be."""
    return [
        *_slack(config),
        *(sentence for receiver in config.receivers for sentence in mistakes_of_receiver(receiver)),
        *_kafka(config),
        *_unused_receivers(config),
        *_untold_operations(config),
        *mistakes_of_attention(config),
        *_queries(config, text),
        *_uncovered_claims(config, claims),
        *_ports(config),
    ]


def _slack(config: Config) -> Iterable[str]:
    for slack in config.receivers:
        if not isinstance(slack, Slack):
            continue
        yield from _secret(f"the Slack token of {slack.name}", slack.token_file, slack.token_env)
        if not _CHANNEL.fullmatch(slack.channel):
            yield f'{slack.name}: channel "{slack.channel}" is no id; Slack shows it (C…) in the channel\'s details'
        url = urlsplit(slack.base_url)
        if url.scheme != "https" and url.hostname not in _LOOPBACK:
            yield f"{slack.name}: base_url is not https, so the token would cross the network in plain sight"


def _secret(what: str, file: str | None, env: str | None) -> Iterable[str]:
    try:
        read_secret(what, file=file, env=env)
    except SecretError as error:
        yield str(error)


def _kafka(config: Config) -> Iterable[str]:
    kafka, security = config.kafka, config.kafka.security
    if kafka.bootstrap is None:
        if kafka.replication > 1:
            yield f"kafka: the local broker is one node, and cannot keep {kafka.replication} copies (replication)"
        return
    if security.protocol.startswith("SASL"):
        yield from _secret("the Kafka password", security.password_file, security.password_env)
    for name in (security.ca_file, security.cert_file, security.key_file):
        if name is not None and not Path(name).expanduser().is_file():
            yield f"kafka: there is no file {name}"
    hosts = {broker.strip().rpartition(":")[0] for broker in kafka.bootstrap.split(",")}
    if "PLAINTEXT" in security.protocol and not hosts <= _LOOPBACK:
        yield f"kafka: {security.protocol} does not encrypt; what crosses the network can be read on the way"
    if kafka.replication < 3 and not hosts <= _LOOPBACK:
        yield f"kafka: replication is {kafka.replication}; a cluster that may lose a broker needs 3"


def _unused_receivers(config: Config) -> Iterable[str]:
    used = {name for route in config.routes for name in route.receivers}
    for receiver in config.receivers:
        if receiver.name not in used:
            yield f"{receiver.name}: no route names this receiver, so it hears of nothing"


def _untold_operations(config: Config) -> Iterable[str]:
    """What concerns those who run the system reaches nobody, or only those who answer the public."""
    known = load_detectors()
    public = {name for each in config.routes if each.audience == "public" for name in each.receivers}
    shared = {each.name for each in config.receivers if isinstance(each, Slack)} & public
    for monitor in config.monitors:
        for detector in monitor.detectors:
            if known[detector].audience is not Audience.OPERATIONS:
                continue
            routes = [route for route in config.routes if covers(route, monitor.name, detector, Audience.OPERATIONS)]
            # It is never more than a warning: see the table in alerting/severity.py.
            told = {name for each in routes if severity(each.at_least) <= Severity.WARNING for name in each.receivers}
            if not told:
                yield f'{monitor.name}: nobody is told of {detector}; add a route with "audience: operations"'
            elif told <= shared:
                names = ", ".join(sorted(told))
                yield f"{monitor.name}: {detector} is told only in {names}, where the public's stories are told too"


def _queries(config: Config, text: str) -> Iterable[str]:
    for number, line in enumerate(text.split("\n"), 1):
        if _CUT_QUERY.match(line):
            yield f"line {number}: YAML takes what follows # in a query for a comment; put the query in quotes"
    seen: dict[str, str] = {}
    for monitor in config.monitors:
        twin = seen.setdefault(" ".join(monitor.query.split()), monitor.name)
        if twin != monitor.name:
            yield f"{monitor.name}: has the same query as {twin}, so both tell of the same mentions"


def _uncovered_claims(config: Config, claims: Sequence[KnownClaim]) -> Iterable[str]:
    covered = covered_languages(config)
    outside = [claim for claim in claims if covered.isdisjoint(map(primary_code, claim.languages))]
    if covered and outside:
        names = ", ".join(claim.id for claim in outside[:5])
        yield f"claims: the encoder does not cover the language of {names}; mentions of it are not recognised"


def _ports(config: Config) -> Iterable[str]:
    ports = [port for port in (config.metrics.match, config.metrics.detect, config.metrics.notify) if port]
    if len(set(ports)) < len(ports):
        yield "metrics: two stages have the same port, and only one of them can open it on one machine"
