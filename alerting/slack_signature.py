"""Clicks over HTTP: whether Slack sent a request, and what is in it.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock, SignatureVerifier

MOST_BYTES = 1_000_000
"""Of a request. Slack's are some kilobytes."""


def is_from_slack(body: bytes, headers: Mapping[str, str], signing_secret: str, now: datetime) -> bool:
    """Whether it is signed with the app's secret, and not older than five minutes."""
    try:
        return bool(SignatureVerifier(signing_secret, _At(now)).is_valid_request(body, dict(headers)))
    except (ValueError, TypeError, OverflowError):  # a time that is no number, a body or a signature that is no text
        return False


def payload_of(body: bytes) -> Mapping[str, Any] | None:
    """The payload of a click; None where there is none."""
    try:
        (payload,) = parse_qs(body.decode(), max_num_fields=10)["payload"]
        read = json.loads(payload)
    except (ValueError, KeyError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


class _At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()
