"""Hears of clicks in Slack over HTTP: for those who would rather have Slack call them than keep a connection open."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from streams.settings.config import SlackHttp
from streams.stages.endpoint import CannotListen
from streams.stages.metrics import Metrics

logger = logging.getLogger(__name__)

PATH = "/slack/actions"
"""To be named in the app's settings: Interactivity & Shortcuts, Request URL."""
_ANSWER_WITHIN = 2.5
"""Seconds: Slack waits three for the answer to a request."""


class SlackHttpServer:
    """A port where Slack may call.

    Args:
        signing_secret: Of the app: what it did not sign changes nothing.
        take: Told the payload of each click.
    """

    def __init__(
        self,
        settings: SlackHttp,
        signing_secret: str,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._secret = signing_secret
        self._take = take
        self._metrics = metrics
        self._runner: web.AppRunner | None = None
        self._taking: set[asyncio.Future[None]] = set()

    async def start(self) -> str:
        """Listen, and say where. Raises `CannotListen` where the port is taken."""
        from alerting.slack_signature import MOST_BYTES

        server = web.Application(client_max_size=MOST_BYTES)
        server.router.add_post(PATH, self._answer)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            raise CannotListen(
                f"slack_http: cannot listen at {host}:{port} ({reason}). Does another worker of notify run here? "
                "Else set another slack_http.port in the config, and send what Slack calls there"
            ) from error
        address = f"http://{host}:{self._runner.addresses[0][1]}{PATH}"
        logger.info("hears of clicks over HTTP", extra={"address": address})
        return address

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._taking:
            await asyncio.wait(self._taking, timeout=5)

    async def _answer(self, request: web.Request) -> web.Response:
        from alerting.slack_signature import is_from_slack, payload_of

        body = await request.read()
        if not is_from_slack(body, request.headers, self._secret, datetime.now(UTC)):
            self._metrics.clicks.labels("forged").inc()
            logger.warning("a request that Slack did not sign, or long ago, changes nothing")
            return web.Response(status=401)
        payload = payload_of(body)
        if payload is None:
            self._metrics.clicks.labels("unreadable").inc()
            return web.Response(status=400)
        taking = asyncio.ensure_future(self._take(payload))
        self._taking.add(taking)
        taking.add_done_callback(self._taken)
        await asyncio.wait({taking}, timeout=_ANSWER_WITHIN)
        # Nothing in it: that closes a window, and leaves a message as it is.
        return web.Response()

    def _taken(self, task: "asyncio.Future[None]") -> None:
        self._taking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a click could not be taken in", exc_info=error)
