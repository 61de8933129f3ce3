"""Any HTTP server on the loopback interface, for tests: it notes what comes, and answers as it was told."""

import asyncio
from collections.abc import Mapping
from typing import Self

from aiohttp import web
from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    """How it answers every request."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = {}
    wait_seconds: float = 0.0
    reset: bool = False
    """Break the connection instead."""


class Request(Struct, frozen=True, kw_only=True):
    """What came."""

    method: str
    path: str
    """With its query, as it was sent."""
    headers: Mapping[str, str]
    body: bytes


class FakeHttp:
    """`async with FakeHttp() as server:`; then `server.url`."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer = answer or Answer()
        self.by_method: dict[str, Answer] = {}
        """Goes before `answer`."""
        self.requests: list[Request] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Nobody listens any more; doing it twice is harmless."""
        await self._runner.cleanup()

    def posted(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {key.lower(): value for key, value in request.headers.items()}
        body = await request.read()
        self.requests.append(Request(method=request.method, path=request.path_qs, headers=headers, body=body))
        answer = self.by_method.get(request.method, self.answer)
        await asyncio.sleep(answer.wait_seconds)
        if answer.reset:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
