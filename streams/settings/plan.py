"""What a config will do, told in plain words: the lines that `groundswell check` prints."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from alerting.alert import Severity
from alerting.wording import counted
from detectors.contract import Detector
from detectors.detection import Audience
from detectors.known_claim import KnownClaim
from detectors.registry import load_detectors
from streams.encoding.sentence_model import EncoderUnavailable, declared_languages
from streams.queries.query import parse
from streams.settings.attention import attention_in_words
from streams.settings.config import Config, MonitorSettings, Receiver, Route, Slack, Terminal, severity
from streams.settings.duration import spell
from streams.settings.gate_plan import gates_in_words
from streams.settings.receivers import other_receiver
from streams.settings.route_checks import covers

Steps = list[tuple[Severity, Route]]
"""From which severity upwards which route matches."""


class Section(Struct, frozen=True):
    """A heading, and under it what there is to know: a word and a sentence each."""

    heading: str
    rows: tuple[tuple[str, str], ...]


def sections(config: Config, claims: Sequence[KnownClaim], path: Path) -> list[Section]:
    """The whole plan. The claims are those of the config's files."""
    monitors = [_monitor(monitor, config) for monitor in config.monitors]
    receivers = Section("Receivers", tuple((receiver.name, _receiver(receiver)) for receiver in config.receivers))
    known = ((("claims", _claims(config, claims)),) if config.claims else ()) + (("encoder", _encoder(config)),)
    runs = (*known, ("kafka", _kafka(config)), ("metrics", _metrics(config)))
    routes = [each.name or f"route-{number}" for number, each in enumerate(config.routes, 1)]
    attention = attention_in_words(config, routes)
    calls = [Section("Calls people", attention)] if attention else []
    gates = gates_in_words(config, routes)
    held = [Section("Gates", gates)] if gates else []
    heading = f"{config.organisation.name}, {counted(len(config.monitors), 'monitor')} ({path})"
    return [Section(heading, _listed_words(config)), *monitors, receivers, *calls, *held, Section("Runs with", runs)]


def _listed_words(config: Config) -> tuple[tuple[str, str], ...]:
    organisation = config.organisation
    listed = {"harm": organisation.harm, "officials": organisation.officials}
    return tuple((name, parse(query).describe()) for name, query in listed.items() if query is not None)


def told(monitor: MonitorSettings, routes: Sequence[Route]) -> list[tuple[tuple[str, ...], Steps]]:
    """Who hears of a monitor: for each group of detectors that share it, the route from each severity upwards."""
    known = load_detectors()
    by_detector = {name: _steps(monitor.name, name, known[name].audience, routes) for name in monitor.detectors}
    groups: list[tuple[tuple[str, ...], Steps]] = []
    for detector, steps in by_detector.items():
        at = next((at for at, (_, other) in enumerate(groups) if other == steps), None)
        if at is None:
            groups.append(((detector,), steps))
        else:
            groups[at] = ((*groups[at][0], detector), steps)
    return groups


def parameters_in_words(detector: type[Detector], params: Any) -> str:
    """The sensitivity and what differs from the defaults, and the false alerts that come of it."""
    words = [
        f"{field.name} {value_in_words(value)}"
        for field in structs.fields(params)
        if (value := getattr(params, field.name)) != _usual(field) or field.name == "sensitivity"
    ]
    told, cost = ", ".join(words) or "with its usual parameters", detector.false_alerts(params)
    return f"{told} ({cost})" if cost else told


def covered_languages(config: Config) -> frozenset[str]:
    """What the encoder's model covers, as ISO 639 codes; none where nobody says."""
    try:
        return declared_languages(config.encoder)
    except EncoderUnavailable:
        return frozenset()


def value_in_words(value: Any) -> str:
    """A value as the config writes it."""
    if value is None:
        return "–"
    if hasattr(value, "total_seconds"):
        return spell(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return "[" + ", ".join(value_in_words(item) for item in value) + "]"
    return str(value)


def _usual(field: structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _monitor(monitor: MonitorSettings, config: Config) -> Section:
    rows = [("hears", parse(monitor.query).describe())]
    known, detectors = load_detectors(), monitor.detectors.items()
    rows += _labelled("detects", [f"{name}: {parameters_in_words(known[name], params)}" for name, params in detectors])
    groups = told(monitor, config.routes)
    rows += _labelled(
        "tells", [sentence for names, steps in groups for sentence in _who(names if len(groups) > 1 else (), steps)]
    )
    rows += [("waits", _waits(monitor)), ("clock", monitor.timezone or config.organisation.timezone)]
    owner = f"owned by {monitor.owner}" if monitor.owner else "owned by nobody"
    return Section(f"Monitor {monitor.name}, {owner}", tuple(rows))


def _labelled(label: str, sentences: Sequence[str]) -> list[tuple[str, str]]:
    return [("" if at else label, sentence) for at, sentence in enumerate(sentences)]


def _steps(monitor: str, detector: str, audience: Audience, routes: Sequence[Route]) -> Steps:
    """The first route that matches at each severity, where it changes; none where nobody is told."""
    matching = [route for route in routes if covers(route, monitor, detector, audience)]
    firsts = ((level, next((r for r in matching if severity(r.at_least) <= level), None)) for level in Severity)
    found = [(level, route) for level, route in firsts if route is not None]
    return [next(group) for _, group in groupby(found, key=lambda step: routes.index(step[1]))]


def _who(detectors: Sequence[str], steps: Steps) -> list[str]:
    """A sentence for each step; `detectors` are named where they are not all of the monitor's."""
    prefix = f"{' and '.join(detectors)}: " if detectors else ""
    if not steps:
        return [f"{prefix}nobody"]
    ends = [Severity(level - 1) for level, _ in steps[1:]] + [max(Severity)]
    return [
        f"{prefix}{_levels(first, last)} to {_and(route.receivers)}{_rhythm(route)}"
        for (first, route), last in zip(steps, ends, strict=True)
    ]


def _levels(first: Severity, last: Severity) -> str:
    if (first, last) == (min(Severity), max(Severity)):
        return "everything"
    if first == last:
        return first.label
    if last == max(Severity):
        return f"{first.label} and above"
    return f"{first.label} {'and' if last == first + 1 else 'to'} {last.label}"


def _rhythm(route: Route) -> str:
    updates = f"new numbers at most every {spell(route.update_every)}"
    reminder = f", a reminder every {spell(route.remind_every)}" if route.remind_every else ""
    return f" ({updates}{reminder})"


def _waits(monitor: MonitorSettings) -> str:
    return (
        f"{spell(monitor.lateness)} for mentions that come late; an alert is over after {spell(monitor.resolve_after)} "
        f"without more, and counts as come back within {spell(monitor.reopen_within)} of that"
    )


def _receiver(receiver: Receiver) -> str:
    if isinstance(receiver, Slack):
        source = f"file {receiver.token_file}" if receiver.token_file else f"environment variable {receiver.token_env}"
        return f"Slack channel {receiver.channel}, token from the {source}; {_buttons(receiver)}"
    if isinstance(receiver, Terminal):
        return "this terminal" if receiver.file is None else f"the file {receiver.file}"
    return other_receiver(receiver)


def _buttons(receiver: Slack) -> str:
    """What is needed for them, and for whom they are."""
    file, env = receiver.app_token_file, receiver.app_token_env
    needed = f"with the app-level token from the file {file}" if file else f"where {env} holds an app-level token"
    people = "everybody in the channel" if receiver.may_act is None else f"{', '.join(receiver.may_act) or 'nobody'}"
    return f"buttons {needed}, for {people}"


def _claims(config: Config, claims: Sequence[KnownClaim]) -> str:
    answered = sum(claim.answer is not None for claim in claims)
    return f"{len(claims)} known, {answered} with an approved answer ({', '.join(config.claims)})"


def _encoder(config: Config) -> str:
    encoder = config.encoder
    covered = sorted(covered_languages(config))
    languages = f"{len(covered)} languages ({' '.join(covered)})" if len(covered) > 1 else _and(covered)
    device = {"auto": "a GPU where there is one", "cpu": "the CPU", "cuda": "the GPU"}[encoder.device]
    return f"{encoder.model} on {device}; covers {languages}"


def _kafka(config: Config) -> str:
    kafka = config.kafka
    place = "the local broker (groundswell broker start)" if kafka.bootstrap is None else kafka.bootstrap
    security = "" if kafka.security.protocol == "PLAINTEXT" else f" by {kafka.security.protocol}"
    prefix = f", all named {kafka.topic_prefix}…" if kafka.topic_prefix else ""
    kept = f"{counted(kafka.partitions, 'partition')} a topic{prefix}, mentions kept for {spell(kafka.retention)}"
    return f"{place}{security}; {kept}"


def _metrics(config: Config) -> str:
    metrics = config.metrics
    ports = {"match": metrics.match, "detect": metrics.detect, "notify": metrics.notify}
    said = (f"{stage} {f'on port {port}' if port else 'on a free port'}" for stage, port in ports.items())
    return f"http://{metrics.host}, {', '.join(said)}: /metrics and /healthz"


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else "nobody"
