"""A Socket Mode that greets nobody and tells of a click only what it must: clicks are heard all the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from alerting.action import ActionKind
from tests.fake_slack import CHANNEL
from tests.fake_slack_socket import ClickableSlack
from tests.streams.clicking import Desk


class SparseSlack(ClickableSlack):
    """No hello, and envelopes of three keys."""

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        self.connections.append(connection)
        try:
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    waiting = self._waiting.get(json.loads(message.data).get("envelope_id"))
                    if waiting is not None and not waiting.done():
                        waiting.set_result(asyncio.get_running_loop().time())
        finally:
            self.connections.remove(connection)
        return connection

    async def deliver(self, envelope: dict[str, Any]) -> Any:
        return await super().deliver({key: envelope[key] for key in ("envelope_id", "type", "payload")})


@pytest.fixture
async def sparse() -> AsyncIterator[SparseSlack]:
    async with SparseSlack() as server:
        yield server


async def test_a_click_needs_no_more_than_who_where_and_what(sparse: SparseSlack) -> None:
    desk = Desk(sparse)
    await desk.open()
    told = await desk.tell()
    whole = sparse.payload("groundswell_acknowledge")
    (clicked,) = whole["actions"]
    payload = {
        "type": "block_actions",
        "user": {"id": "U0ADA"},
        "channel": {"id": CHANNEL},
        "message": {"ts": whole["message"]["ts"]},
        "actions": [{key: clicked[key] for key in ("action_id", "block_id", "value")}],
    }
    sent = await sparse.send(payload)
    assert sent.seconds is not None
    (action,) = desk.actions
    assert (action.kind, action.story, action.by.name) == (ActionKind.ACKNOWLEDGE, told.id, "Ada")
    await desk.close()


async def test_a_window_that_cannot_be_opened_is_said_and_the_verdict_counts(sparse: SparseSlack) -> None:
    desk = Desk(sparse)
    await desk.open()
    await desk.tell()
    payload = sparse.payload("groundswell_judge", word="not_useful")
    del payload["trigger_id"]
    await sparse.send(payload)
    assert [action.kind for action in desk.actions] == [ActionKind.NOT_USEFUL]
    (whisper,) = sparse.whispers
    assert "did not open the window" in whisper["text"]
    await desk.close()
