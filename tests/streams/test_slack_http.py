"""Clicks that Slack tells of over HTTP: what it signed is taken in, and nothing else."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry
from slack_sdk.signature import SignatureVerifier

from streams.settings.config import Config, MonitorSettings, Organisation, Route, Slack, SlackHttp
from streams.stages.endpoint import CannotListen
from streams.stages.metrics import Metrics
from streams.stages.slack_http import SlackHttpServer

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PAYLOAD = {"type": "block_actions", "user": {"id": "U0ADA"}, "text": "国勢調査"}
CONFIG = Config(
    organisation=Organisation(name="Census Office"),
    monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
    receivers=(Slack(name="comms", channel="C0CENSUS"),),
    routes=(Route(receivers=("comms",)),),
)


class Door:
    """A server, and what came in."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, Any]] = []
        self.metrics = Metrics(CONFIG, "notify", CollectorRegistry())
        self.server = SlackHttpServer(SlackHttp(port=0), SECRET, self.take, self.metrics)

    async def take(self, payload: Mapping[str, Any]) -> None:
        self.taken.append(payload)

    async def knock(self, body: bytes, headers: Mapping[str, str]) -> int:
        async with ClientSession() as session, session.post(self.address, data=body, headers=headers) as answer:
            assert await answer.read() == b"" or answer.status >= 400
            return answer.status

    def counted(self, outcome: str) -> float | None:
        return self.metrics.registry.get_sample_value("groundswell_slack_clicks_total", {"outcome": outcome})

    address = ""


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    opened = Door()
    opened.address = await opened.server.start()
    yield opened
    await opened.server.stop()


def body(payload: object = PAYLOAD) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()


def signed(sent: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    timestamp = f"{(at or datetime.now(UTC)).timestamp():.0f}"
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=sent)
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/x-www-form-urlencoded",
    }


async def test_what_slack_signed_is_taken_in(door: Door) -> None:
    assert await door.knock(body(), signed(body())) == 200
    assert door.taken == [PAYLOAD]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(body(), secret="another"),
        signed(body({"type": "other"})),
        signed(body(), at=datetime.now(UTC) - timedelta(minutes=6)),
        signed(body()) | {"X-Slack-Request-Timestamp": "soon"},
        signed(body()) | {"X-Slack-Request-Timestamp": "9" * 400},
        signed(body()) | {"X-Slack-Signature": "v0=ä"},
        {"X-Slack-Signature": "v0=0"},
    ],
)
async def test_what_slack_did_not_sign_changes_nothing_and_is_counted(door: Door, headers: dict[str, str]) -> None:
    assert await door.knock(body(), headers) == 401
    assert door.taken == []
    assert door.counted("forged") == 1


@pytest.mark.parametrize("sent", [b"", b"payload=", b"payload=[1]", b"a=b", b"payload=" + b"[" * 9000])
async def test_what_is_signed_and_no_click_is_refused(door: Door, sent: bytes) -> None:
    assert await door.knock(sent, signed(sent)) == 400
    assert door.taken == []
    assert door.counted("unreadable") == 1


async def test_a_body_that_is_no_text_is_not_from_slack(door: Door) -> None:
    assert await door.knock(b"\xff\xfe", signed(b"x")) == 401


async def test_a_port_that_is_taken_is_named(door: Door) -> None:
    port = int(door.address.split(":")[2].split("/")[0])
    with pytest.raises(CannotListen, match=r"slack_http: cannot listen at 127.*in use.*another slack_http\.port"):
        await SlackHttpServer(SlackHttp(port=port), SECRET, door.take, door.metrics).start()
