"""`/metrics` and `/healthz` of one worker, each on a port of its own."""

from collections.abc import Callable, Sequence

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest


class CannotListen(OSError):  # noqa: N818 - the house names errors for what is wrong
    """The port is taken, or the host is not ours; says what to do."""


class Endpoint:
    """A small web server in the worker's event loop: where the loop hangs, it does not answer, and that is right.

    Args:
        registry: What `/metrics` tells.
        problems: What is wrong now, in words; `/healthz` answers 200 where nothing is, else 503 with the list.
    """

    def __init__(self, registry: CollectorRegistry, problems: Callable[[], Sequence[str]]) -> None:
        self._registry = registry
        self._problems = problems
        app = web.Application()
        app.add_routes([web.get("/metrics", self._metrics), web.get("/healthz", self._health)])
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port, which matters where 0 was asked for. Raises `OSError` where it is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _health(self, _: web.Request) -> web.Response:
        problems = list(self._problems())
        return web.json_response({"ok": not problems, "problems": problems}, status=503 if problems else 200)
