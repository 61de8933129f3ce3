"""The rest of a Slack on the loopback interface: people who click, and Socket Mode by which an app hears of it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Self
from uuid import uuid4

from aiohttp import WSMsgType, web
from msgspec import Struct

from tests.fake_slack import CHANNEL, FakeSlack
from tests.slack_block_rules import view_problem

TEAM = "T0PRESS"
ADA = {"id": "U0ADA", "username": "ada", "name": "ada", "team_id": TEAM}
BEN = {"id": "U0BEN", "username": "ben", "name": "ben", "team_id": TEAM}
ACKNOWLEDGED_WITHIN = 3.0


class Sent(Struct, frozen=True):
    """What an app was sent, and how long it took to acknowledge it; None where it did not."""

    envelope: dict[str, Any]
    seconds: float | None


class ClickableSlack(FakeSlack):
    """`async with ClickableSlack() as slack:`; then `await slack.click("groundswell_acknowledge", by=ADA)`."""

    def __init__(self) -> None:
        super().__init__()
        self.feedback_allowed = True
        self.views: list[dict[str, Any]] = []
        """Windows that were opened, in order."""
        self.whispers: list[dict[str, Any]] = []
        """What one person alone was shown."""
        self.people = {
            "U0ADA": {"id": "U0ADA", "name": "ada", "profile": {"display_name": "Ada"}},
            "U0BEN": {"id": "U0BEN", "name": "ben", "profile": {"display_name": "", "real_name": "Ben Example"}},
        }
        self.groups: dict[str, list[str]] = {}
        self.connections: list[web.WebSocketResponse] = []
        self.opened = 0
        self._triggers: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._clicks = 0
        self._link = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/link/", self._connect)
        self._linked = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._linked.setup()
        await web.TCPSite(self._linked, "127.0.0.1", 0).start()
        host, port = self._linked.addresses[0][:2]
        self._link = f"ws://{host}:{port}/link/"
        self._loop = asyncio.get_running_loop()
        return await super().__aenter__()

    async def stop(self) -> None:
        await self.disconnect()
        await self._linked.cleanup()
        await super().stop()

    async def disconnect(self) -> None:
        """As a network that breaks."""
        for connection in [*self.connections]:
            await connection.close()

    async def ask_to_reconnect(self) -> None:
        """As Slack does every few hours."""
        for connection in [*self.connections]:
            await connection.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    async def until_connected(self, seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not self.connections:  # noqa: ASYNC110 - what it waits for has no event
                await asyncio.sleep(0.01)

    async def click(
        self, action_id: str, *, by: Mapping[str, str] = ADA, channel: str = CHANNEL, **chosen: Any
    ) -> Sent:
        """Click in the newest message of a channel, as Slack would tell of it.

        `chosen` replaces what the control says of itself: `word="1h"` chooses the option whose value ends so,
        `selected_user` a person, `value` another value.
        """
        return await self.send(self.payload(action_id, by=by, channel=channel, **chosen))

    def clicked(self, action_id: str, **how: Any) -> Sent:
        """As `click`, for tests that are not asynchronous while the server is in a thread of its own."""
        return asyncio.run_coroutine_threadsafe(self.click(action_id, **how), self._loop).result(10)

    def delivered(self, envelope: dict[str, Any]) -> Sent:
        """As `deliver`, likewise."""
        return asyncio.run_coroutine_threadsafe(self.deliver(envelope), self._loop).result(10)

    def payload(
        self, action_id: str, *, by: Mapping[str, str] = ADA, channel: str = CHANNEL, **chosen: Any
    ) -> dict[str, Any]:
        message = self.stories(channel)[-1]
        self._clicks += 1
        trigger = f"{self._clicks}.{uuid4().hex}"
        self._triggers[trigger] = asyncio.get_running_loop().time()
        return {
            "type": "block_actions",
            "user": dict(by),
            "api_app_id": "A1",
            "team": {"id": TEAM, "domain": "example"},
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": False,
            },
            "trigger_id": trigger,
            "channel": {"id": channel, "name": "press"},
            "message": {key: value for key, value in message.items() if key != "metadata"},
            "state": {"values": {}},
            "response_url": f"{self.base_url}response/1",
            "actions": [_clicked(message["blocks"], action_id, chosen, self._clicks)],
        }

    async def submit(self, filled: Mapping[str, Mapping[str, Any]], *, by: Mapping[str, str] = ADA) -> Sent:
        """Fill in the newest window: by `action_id` what its element is then."""
        view = self.views[-1]
        values = {f"b{number}": {name: dict(value)} for number, (name, value) in enumerate(filled.items())}
        shown = view | {"id": f"V{len(self.views)}", "hash": "1.abc", "state": {"values": values}}
        return await self.send(
            {"type": "view_submission", "team": {"id": TEAM}, "user": dict(by), "view": shown, "trigger_id": "9.9"}
        )

    async def send(self, payload: dict[str, Any], kind: str = "interactive") -> Sent:
        envelope = {
            "envelope_id": str(uuid4()),
            "type": kind,
            "accepts_response_payload": payload.get("type") == "view_submission",
            "payload": payload,
        }
        return await self.deliver(envelope)

    async def deliver(self, envelope: dict[str, Any]) -> Sent:
        """Send an envelope over the newest connection; twice is what Slack does where it doubts."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        acknowledged = self._waiting[envelope["envelope_id"]] = loop.create_future()
        await self.connections[-1].send_json(envelope)
        try:
            return Sent(envelope, await asyncio.wait_for(acknowledged, ACKNOWLEDGED_WITHIN) - began)
        except TimeoutError:
            return Sent(envelope, None)

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        self.connections.append(connection)
        await connection.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        try:
            async for message in connection:
                if message.type is WSMsgType.TEXT:
                    waiting = self._waiting.get(json.loads(message.data).get("envelope_id"))
                    if waiting is not None and not waiting.done():
                        waiting.set_result(asyncio.get_running_loop().time())
        finally:
            self.connections.remove(connection)
        return connection

    def _work(self, request: web.Request, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            answer = super()._work(request, method, arguments)
            self.opened += answer["ok"]
            return answer | {"url": f"{self._link}?ticket={self.opened}"}
        known = {
            "views.open": self._open,
            "chat.postEphemeral": self._whisper,
            "users.info": self._person,
            "usergroups.users.list": self._group,
        }
        if method not in known or request.headers.get("Authorization") != f"Bearer {self.token}":
            return super()._work(request, method, arguments)
        return known[method](arguments)

    def _whisper(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.whispers.append(arguments)
        return {"ok": True, "message_ts": "1.0"}

    def _person(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = self.people.get(str(arguments.get("user")))
        return {"ok": True, "user": found} if found else {"ok": False, "error": "user_not_found"}

    def _group(self, arguments: dict[str, Any]) -> dict[str, Any]:
        group = self.groups.get(str(arguments.get("usergroup")))
        return {"ok": False, "error": "no_such_subteam"} if group is None else {"ok": True, "users": group}

    def _open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        began = self._triggers.pop(str(arguments.get("trigger_id")), None)
        if began is None:
            return {"ok": False, "error": "exchanged_trigger_id"}
        if asyncio.get_running_loop().time() - began > ACKNOWLEDGED_WITHIN:
            return {"ok": False, "error": "expired_trigger_id"}
        view = arguments.get("view")
        if not isinstance(view, dict) or view_problem(view):
            return {"ok": False, "error": "invalid_arguments"}
        self.views.append(view)
        return {"ok": True, "view": view | {"id": f"V{len(self.views)}"}}

    def _refusal(self, arguments: dict[str, Any]) -> str | None:
        if not self.feedback_allowed and any(
            block["type"] == "context_actions" for block in arguments.get("blocks") or ()
        ):
            return "invalid_blocks"
        return super()._refusal(arguments)


def _clicked(blocks: list[dict[str, Any]], action_id: str, chosen: dict[str, Any], number: int) -> dict[str, Any]:
    """One entry of `actions`, from the control as it stands in the message."""
    found = [
        (block, element)
        for block in blocks
        for element in block.get("elements", ())
        if element.get("action_id") == action_id
    ]
    if not found:
        return {"action_id": action_id, "block_id": "x", "type": "button", "action_ts": f"{number}.0"} | chosen
    ((block, element),) = found
    about = {"action_id": action_id, "block_id": block.get("block_id", "made-by-slack"), "type": element["type"]}
    about["action_ts"] = f"{1_900_000_000 + number}.000000"
    word = chosen.pop("word", None)
    match element["type"]:
        case "button":
            about |= {"text": element["text"], "value": element["value"]}
        case "static_select":
            (option,) = (one for one in element["options"] if one["value"].endswith(f" {word}"))
            about["selected_option"] = option
        case "feedback_buttons":
            sides = (element["positive_button"], element["negative_button"])
            (side,) = (one for one in sides if one["value"].endswith(f" {word}"))
            about |= {"text": side["text"], "value": side["value"]}
    return about | chosen
