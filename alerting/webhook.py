"""Tells stories to any program that takes HTTP: each telling is a CloudEvent, signed as Standard Webhooks says.

https://github.com/cloudevents/spec (1.0) and https://www.standardwebhooks.com. Both are a few lines here, and the tests
hold them to the libraries of their makers.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
from msgspec import structs

from alerting import wording
from alerting.alert import Notification, Receipt, Severity, Story
from alerting.http_exchange import Answered, Exchange, host_of
from alerting.notifier import Delivered, Notifier, Outcome

Mode = Literal["structured", "binary"]
"""Where the event's attributes stand: in the body beside the data, or in headers (`ce-…`)."""

_PREFIX = "whsec_"
_KEY_BYTES = 24, 64
"""What Standard Webhooks asks for."""


class UnusableSecret(ValueError):  # noqa: N818 - the house names errors for what is wrong
    """A signing secret is not written as `whsec_…`; the message says what is wrong, and never what stands there."""


class WebhookNotifier(Notifier):
    """One receiver of type `webhook`.

    Whoever listens answers with 2xx once it has the event. A repeat has the same id.

    Args:
        url: Where to post.
        secret: Signs each request: `whsec_` and 24 to 64 bytes in base64. Several, with white space between, each sign
            it: so a secret is changed without a gap. Raises `UnusableSecret`.
        mode: Of CloudEvents' HTTP binding.
        timeout: For one request.
    """

    interrupts = False

    def __init__(
        self, *, url: str, secret: str, mode: Mode = "structured", timeout: timedelta = timedelta(seconds=15)
    ) -> None:
        self._url = url
        self._keys = signing_keys(secret)
        self._mode = mode
        self._exchange = Exchange(f"the webhook at {host_of(url)}", timeout=timeout)

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        headers, body = request_of(notification, self._mode)
        headers |= signature_headers(self._keys, notification.id, datetime.now(UTC), body)
        answer = await self._exchange.post(self._url, body, headers)
        return Delivered() if isinstance(answer, Answered) else answer

    async def close(self) -> None:
        await self._exchange.close()


def request_of(notification: Notification, mode: Mode) -> tuple[dict[str, str], bytes]:
    """The event of a telling as headers and body."""
    attributes, content = attributes_of(notification), data_of(notification)
    if mode == "structured":
        event = attributes | {"datacontenttype": "application/json", "data": content}
        return {"Content-Type": "application/cloudevents+json; charset=utf-8"}, msgspec.json.encode(event)
    headers = {f"ce-{key}": value for key, value in attributes.items()}
    return headers | {"Content-Type": "application/json"}, msgspec.json.encode(content)


def attributes_of(notification: Notification) -> dict[str, str]:
    """What CloudEvents wants to know of an event. All of it is ASCII, so that it can stand in headers."""
    return {
        "specversion": "1.0",
        "id": notification.id,
        "source": f"/groundswell/monitors/{notification.story.monitor}",
        "type": f"groundswell.story.{notification.reason}",
        "subject": notification.story.id,
        "time": msgspec.to_builtins(notification.at),
    }


def data_of(notification: Notification) -> dict[str, Any]:
    """The telling: why now, what a person would be told, and the whole record.

    The `words` are literal text. Under `story` everything is as it was found: what others wrote is hostile until
    whoever shows it has escaped it.
    """
    record: dict[str, Any] = msgspec.to_builtins(notification)
    for key in ("id", "receiver", "type"):
        record.pop(key, None)  # the envelope says them
    for severe in (record["story"], *record["story"]["alerts"]):
        severe["severity"] = Severity(severe["severity"]).label
    return {"words": _words(notification), **record}


def _words(notification: Notification) -> dict[str, str | None]:
    notification = structs.replace(notification, story=structs.replace(notification.story, timezone="UTC"))
    story: Story = notification.story
    claim = wording.matched_claim(story)
    return {
        "title": wording.title(story),
        "turn": wording.turn(notification),
        "why_now": wording.why_now(story),
        "claim": wording.claim_in_short(claim) if claim else None,
        "next_step": wording.next_step(story) or None,
    }


def signature_headers(keys: Sequence[bytes], event: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """What proves that we sent this body, and when: HMAC-SHA256 over id, time and body."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((event.encode(), timestamp.encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": event,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }


def signing_keys(secret: str) -> tuple[bytes, ...]:
    """The keys that a secret holds, in its order. Raises `UnusableSecret`."""
    keys = tuple(_key(word) for word in secret.split())
    if not keys:
        raise UnusableSecret("it is empty")
    return keys


def _key(word: str) -> bytes:
    if not word.startswith(_PREFIX):
        raise UnusableSecret(f"it does not begin with {_PREFIX}")
    try:
        key = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise UnusableSecret(f"what follows {_PREFIX} is not base64") from None
    least, most = _KEY_BYTES
    if not least <= len(key) <= most:
        raise UnusableSecret(f"it holds {len(key)} bytes where {least} to {most} are expected")
    return key
