"""A Slack Web API on the loopback interface, for tests: it checks what it is sent as strictly as Slack does.

Block rules are in `tests/slack_block_rules.py`, what a workspace is set to in `tests/slack_workspace.py`. Faults are
put in line with `fail_next` and used up one per request; `limits` (tests/slack_limits.py) enforces Slack's pace; with
it, `sky` (tests/slack_weather.py) makes things go wrong by chance and by the clock.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from aiohttp import web
from msgspec import Struct

from tests.slack_block_rules import block_problem, too_long
from tests.slack_limits import SlackLimits
from tests.slack_weather import Sky
from tests.slack_workspace import Workspace

TOKEN = "xoxb-fake-1"
CHANNEL = "C0CENSUS"

Work = Callable[[dict[str, Any]], dict[str, Any]]


class Fault(Struct, frozen=True, kw_only=True):
    """How one request goes wrong."""

    status: int = 200
    error: str | None = None
    """Slack's code for it, as JSON."""
    body: str | None = None
    """Answered instead of JSON."""
    content_type: str = "text/html"
    headers: Mapping[str, str] = {}
    after_work: bool = False
    """Do what was asked, and then fail."""
    reset: bool = False
    """Break the connection instead of an answer."""
    wait_seconds: float = 0.0
    method: str | None = None
    """Wait for a request of this method."""


def limited(retry_after: str = "7") -> Fault:
    return Fault(status=429, error="ratelimited", headers={"Retry-After": retry_after})


def answer_lost(method: str = "chat.postMessage") -> Fault:
    return Fault(after_work=True, reset=True, method=method)


class FakeSlack:
    """`async with FakeSlack() as slack:`; then `slack.base_url`."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {CHANNEL: []}
        """By channel, oldest first, replies included."""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.token = TOKEN
        self.charts_allowed = True
        self.may_read = True
        self.workspace = Workspace()
        self.page_size = 200
        self.limits: SlackLimits | None = None
        self.sky: Sky | None = None
        self.work: dict[str, Work] = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
        }
        """What is answered by method; tests put in what no order of calls can bring about."""
        self._faults: list[Fault] = []
        self._posted = 0
        self.base_url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._answer)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Nobody listens any more; doing it twice is harmless."""
        await self._runner.cleanup()

    def fail_next(self, *faults: Fault) -> None:
        self._faults.extend(faults)

    def stories(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Messages at top level, oldest first."""
        return [message for message in self.messages[channel] if "thread_ts" not in message]

    def in_channel(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """What people see who open no thread: messages at top level, and replies that were sent there too."""
        return [one for one in self.messages[channel] if "thread_ts" not in one or "subtype" in one]

    def replies(self, ts: str, channel: str = CHANNEL) -> list[dict[str, Any]]:
        return [message for message in self.messages[channel] if message.get("thread_ts") == ts]

    def delete(self, ts: str, channel: str = CHANNEL) -> None:
        self.messages[channel] = [message for message in self.messages[channel] if message["ts"] != ts]

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = dict(request.query) or await _body(request)
        self.calls.append((method, arguments))
        fault = next((one for one in self._faults if one.method in (None, method)), None)
        if fault is None:
            fault = self._limited(method, arguments) or self._struck()
        else:
            self._faults.remove(fault)
        if fault is None:
            return web.json_response(self._work(request, method, arguments), headers=self.workspace.headers())
        await asyncio.sleep(fault.wait_seconds)
        answer = self._work(request, method, arguments) if fault.after_work else None
        if fault.reset:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault.error:
            return web.json_response(_error(fault.error), status=fault.status, headers=fault.headers)
        if fault.status != 200 or fault.body is not None:
            text = fault.body or ""
            return web.Response(status=fault.status, text=text, content_type=fault.content_type, headers=fault.headers)
        return web.json_response(answer or self._work(request, method, arguments))

    def _limited(self, method: str, arguments: dict[str, Any]) -> Fault | None:
        """A call that is one too many."""
        wait = None if self.limits is None else self.limits.retry_after(method, str(arguments.get("channel")))
        return None if wait is None else limited(wait)

    def _struck(self) -> Fault | None:
        """What the weather makes of a call."""
        if self.sky is None or self.limits is None:
            return None
        second = self.limits.second
        match self.sky.now(self.limits.now()):
            case "outage" | "reset":
                return Fault(reset=True)
            case "storm":
                return limited(f"{30 * second:.4f}")
            case "error":
                return Fault(status=500)
            case "lost":
                return Fault(reset=True, after_work=True)
            case "slow":
                return Fault(wait_seconds=self.sky.weather.slow_seconds * second)
            case _:
                return None

    def _work(self, request: web.Request, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        authorization = request.headers.get("Authorization")
        if method in self.workspace.unknown_methods:
            return _error("unknown_method")
        if method == "apps.connections.open":
            return self.workspace.open_connection(authorization)
        if authorization != f"Bearer {self.token}":
            return _error("invalid_auth")
        if refusal := self.workspace.refusal(method, arguments.get("channel") in self.messages):
            return _error(refusal)
        if method == "auth.test":
            return {"ok": True, "bot_id": "B1", "user_id": "U1", "user": "groundswell", "team": "Example"}
        if method == "conversations.info":
            return self.workspace.about(str(arguments["channel"]))
        work = self.work.get(method)
        return work(arguments) if work else _error("unknown_method")

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if refusal := self._refusal(arguments):
            return _error(refusal)
        channel = arguments["channel"]
        self._posted += 1
        message = _content(arguments) | {"ts": f"{1_900_000_000 + self._posted}.{self._posted:06d}", "bot_id": "B1"}
        parent = arguments.get("thread_ts")
        # Slack says nothing when the parent is gone: the reply stands at top level.
        if parent and any(one["ts"] == parent for one in self.messages[channel]):
            message["thread_ts"] = parent
            if arguments.get("reply_broadcast"):
                message["subtype"] = "thread_broadcast"
        self.messages[channel].append(message)
        shown = {key: value for key, value in message.items() if key != "metadata"}
        return {"ok": True, "channel": channel, "ts": message["ts"], "message": shown}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel, ts = arguments["channel"], arguments.get("ts")
        message = next((one for one in self.messages[channel] if one["ts"] == ts), None)
        if message is None:
            return _error("message_not_found")
        if message["bot_id"] != "B1":
            return _error("cant_update_message")
        if refusal := self._refusal(arguments):
            return _error(refusal)
        message.update(_content(arguments), edited={"user": "B1", "ts": ts})
        return {"ok": True, "channel": channel, "ts": ts, "text": message["text"]}

    def _refusal(self, arguments: dict[str, Any]) -> str | None:
        blocks = arguments.get("blocks") or []
        if not (arguments.get("text") or blocks):
            return "no_text"
        if len(arguments.get("text") or "") > 40_000:
            return "msg_too_long"
        if block_problem(blocks):
            return "invalid_blocks"
        if not self.charts_allowed and any(block["type"] == "data_visualization" for block in blocks):
            return "invalid_blocks"
        return "msg_blocks_too_long" if too_long(blocks) else None

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._page(arguments, self.in_channel(arguments["channel"])[::-1])

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        parent = [one for one in self.messages[arguments["channel"]] if one["ts"] == arguments.get("ts")]
        if not parent:
            return _error("thread_not_found")
        return self._page(arguments, parent + self.replies(str(arguments["ts"]), arguments["channel"]))

    def _page(self, arguments: dict[str, Any], messages: list[dict[str, Any]]) -> dict[str, Any]:
        if not self.may_read:
            return _error("missing_scope")
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit") or 100), self.page_size)
        page = [dict(message) for message in messages[start:end]]
        if str(arguments.get("include_all_metadata", "")).lower() not in ("1", "true"):
            for message in page:
                message.pop("metadata", None)
        more = len(messages) > end
        return {
            "ok": True,
            "messages": page,
            "has_more": more,
            "response_metadata": {"next_cursor": str(end) if more else ""},
        }


async def _body(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        body = await request.json()
        assert isinstance(body, dict)
        return body
    return dict(await request.post())


def _content(arguments: dict[str, Any]) -> dict[str, Any]:
    kept = {key: arguments[key] for key in ("text", "blocks", "metadata") if key in arguments}
    return {"type": "message", "text": "", "blocks": []} | kept


def _error(code: str) -> dict[str, Any]:
    return {"ok": False, "error": code}


SomeSlack = TypeVar("SomeSlack", bound=FakeSlack)


@contextmanager
def in_thread(slack: SomeSlack) -> Iterator[SomeSlack]:
    """A fake Slack at work in a thread of its own, for tests that are not asynchronous."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(slack.__aenter__(), loop).result(10)
    try:
        yield slack
    finally:
        asyncio.run_coroutine_threadsafe(slack.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
