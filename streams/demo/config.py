"""The config of a demonstration: a given one, with topics, ports and receivers of its own.

What people wrote is changed node by node and not read as values, so that `no` stays a word and `10m` a duration.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

RECEIVER = "demo"


class SlackChannel(Struct, frozen=True):
    """Where the alerts are posted as well."""

    channel: str
    token_env: str = "SLACK_BOT_TOKEN"
    base_url: str | None = None
    """Of the Web API, where it is not Slack's own."""


def slack_from(environment: Mapping[str, str]) -> SlackChannel | None:
    """As `SLACK_BOT_TOKEN`, `SLACK_CHANNEL` and, where it is not Slack's own, `SLACK_API_URL` say.

    None without a token or a channel.
    """
    channel, url = (environment.get(name, "").strip() for name in ("SLACK_CHANNEL", "SLACK_API_URL"))
    return SlackChannel(channel, base_url=url or None) if channel and environment.get("SLACK_BOT_TOKEN") else None


def adapted(text: str, folder: Path, *, prefix: str, told_to: Path, slack: SlackChannel | None) -> str:
    """The text of the demonstration's config.

    Args:
        text: A config that has been loaded without a problem.
        folder: Where it stands: its claims files are named from there.
        prefix: Of topics and groups.
        told_to: The file to which the alerts are written.
        slack: Where they go as well.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)  # it has been loaded
    _set(root, "metrics", {"match": 0, "detect": 0, "notify": 0})
    kafka = _mapping(root, "kafka")
    _set(kafka, "topic_prefix", prefix)
    receivers: list[dict[str, str]] = [{"name": RECEIVER, "type": "terminal", "file": str(told_to)}]
    if slack is not None:
        receiver = {"name": "slack", "type": "slack", "channel": slack.channel, "token_env": slack.token_env}
        receivers.append(receiver | ({} if slack.base_url is None else {"base_url": slack.base_url}))
    _set(root, "receivers", receivers)
    for route in _items(root, "routes"):
        _set(route, "receivers", [receiver["name"] for receiver in receivers])
        # Hours pass in seconds: what is told every minute of event time would be all that one sees.
        _set(route, "update_every", "30m")
        # What waits for a digest or for the morning would come after the end, so that Slack had fewer than the
        # terminal, and which ones would depend on the hour.
        _set(route, "interrupts_a_day", None)
        _set(route, "quiet", [])
    for claims in _items(root, "claims"):
        claims.value = str((folder / claims.value).resolve())
    written: str = yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=120)
    return written


def _items(root: yaml.MappingNode, key: str) -> list[Any]:
    found = next((value for name, value in root.value if name.value == key), None)
    return list(found.value) if isinstance(found, yaml.SequenceNode) else []


def _mapping(root: yaml.MappingNode, key: str) -> yaml.MappingNode:
    """The mapping under a key; an empty one is put there where there is none."""
    found = next((value for name, value in root.value if name.value == key), None)
    if isinstance(found, yaml.MappingNode):
        return found
    _set(root, key, {})
    return _mapping(root, key)


def _set(node: yaml.MappingNode, key: str, value: object) -> None:
    """Put plain data under a key, in place of what stands there."""
    fresh = yaml.compose(yaml.safe_dump({key: value}, allow_unicode=True), Loader=yaml.SafeLoader)
    assert isinstance(fresh, yaml.MappingNode)
    node.flow_style = False
    node.value = [pair for pair in node.value if pair[0].value != key] + fresh.value
