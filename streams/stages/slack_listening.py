"""Hears of clicks in Slack for the worker of `notify`: a connection for each app, and a port where one is asked for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from alerting.slack_actions import channel_of
from streams.kafka.producing import Output
from streams.kafka.topics import TopicNames
from streams.settings.config import Config, SlackHttp
from streams.stages.followed_stories import FollowedStories
from streams.stages.metrics import Metrics
from streams.stages.slack_apps import SlackApp, signing_secret, slack_apps
from streams.stages.slack_clicks import SlackClicks

if TYPE_CHECKING:
    from alerting.slack_socket import SlackSocket

logger = logging.getLogger(__name__)

PATH = "/slack/actions"
_ANSWER_WITHIN = 2.5
"""Seconds: Slack waits three for the answer to a request."""


class SlackListening:
    """All that hears of clicks. Raises `SecretError` where a secret is missing: when it is made, and not later."""

    def __init__(
        self,
        config: Config,
        client: Mapping[str, Any],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        topics: TopicNames,
        metrics: Metrics,
    ) -> None:
        self._http = config.slack_http
        self._secret = None if config.slack_http is None else signing_secret(config)
        self._metrics = metrics
        self._stories = FollowedStories(client, topics.stories, config.kafka.partitions)
        monitors = frozenset(monitor.name for monitor in config.monitors)
        self._clicks = [
            (app, SlackClicks(app, monitors, send, topics.monitored, self._stories, metrics))
            for app in slack_apps(config)
        ]
        self._sockets: list[SlackSocket] = []
        self._runner: web.AppRunner | None = None
        self._tasks: set[asyncio.Future[None]] = set()

    async def start(self) -> None:
        """Begin; where Slack is away it is waited for, and nothing else waits. Raises `OSError` for a taken port."""
        if not self._clicks:
            return
        self._stories.start()
        for app, clicks in self._clicks:
            await clicks.start()
            if app.app_token is not None:
                await self._connect(app, app.app_token, clicks)
        if self._http is not None:
            await self._listen(self._http)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.gather(*(socket.close() for socket in self._sockets))
        for _, clicks in self._clicks:
            await clicks.stop()
        await self._stories.stop()

    async def _connect(self, app: SlackApp, app_token: str, clicks: SlackClicks) -> None:
        from alerting.slack_socket import SlackSocket

        names = [receiver.name for receiver in app.receivers]

        def connected(is_connected: bool) -> None:
            for name in names:
                self._metrics.slack_connected.labels(name).set(is_connected)

        socket = SlackSocket(app_token, app.base_url, clicks.take, connected)
        await socket.start()
        self._sockets.append(socket)

    async def _listen(self, http: SlackHttp) -> None:
        from alerting.slack_signature import MOST_BYTES

        server = web.Application(client_max_size=MOST_BYTES)
        server.router.add_post(PATH, self._answer)
        self._runner = web.AppRunner(server, access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, http.host, http.port).start()
        except OSError as error:
            raise OSError(f"slack_http: cannot listen at {http.host}:{http.port} ({error.strerror})") from error
        port = self._runner.addresses[0][1]
        logger.info("hears of clicks over HTTP", extra={"address": f"http://{http.host}:{port}{PATH}"})

    async def _answer(self, request: web.Request) -> web.Response:
        from alerting.slack_signature import is_from_slack, payload_of

        body = await request.read()
        assert self._secret is not None
        if not is_from_slack(body, request.headers, self._secret, datetime.now(UTC)):
            self._metrics.clicks.labels("forged").inc()
            logger.warning("a request that Slack did not sign changes nothing")
            return web.Response(status=401)
        payload = payload_of(body)
        if payload is None:
            self._metrics.clicks.labels("unreadable").inc()
            return web.Response(status=400)
        taking = asyncio.ensure_future(self._clicks_for(payload).take(payload))
        self._tasks.add(taking)
        taking.add_done_callback(self._taken)
        await asyncio.wait({taking}, timeout=_ANSWER_WITHIN)
        return web.Response()

    def _taken(self, task: "asyncio.Future[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a click could not be taken in", exc_info=error)

    def _clicks_for(self, payload: Mapping[str, Any]) -> SlackClicks:
        """Of the app that has the channel, or of any: it refuses the channel then."""
        channel = channel_of(payload)
        for app, clicks in self._clicks:
            if any(receiver.channel == channel for receiver in app.receivers):
                return clicks
        return self._clicks[0][1]
