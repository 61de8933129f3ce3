"""Hears of clicks in Slack for the worker of `notify`: a connection for each app, and a port where one is asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from alerting.slack_actions import channel_of
from streams.kafka.producing import Output
from streams.kafka.topics import TopicNames
from streams.settings.config import Config
from streams.stages.followed_stories import FollowedStories
from streams.stages.metrics import Metrics
from streams.stages.slack_apps import SlackApp, signing_secret, slack_apps
from streams.stages.slack_clicks import SlackClicks
from streams.stages.slack_http import SlackHttpServer

if TYPE_CHECKING:
    from alerting.slack_socket import SlackSocket


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
        self._metrics = metrics
        self._stories = FollowedStories(client, topics.stories, config.kafka.partitions)
        monitors = frozenset(monitor.name for monitor in config.monitors)
        self._clicks = [
            (app, SlackClicks(app, monitors, send, topics.monitored, self._stories, metrics))
            for app in slack_apps(config)
        ]
        self._sockets: list[SlackSocket] = []
        self._http: SlackHttpServer | None = None
        if config.slack_http is not None:
            self._http = SlackHttpServer(config.slack_http, signing_secret(config), self._take, metrics)

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
            await self._http.start()

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.stop()
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

    async def _take(self, payload: Mapping[str, Any]) -> None:
        await self._clicks_for(payload).take(payload)

    def _clicks_for(self, payload: Mapping[str, Any]) -> SlackClicks:
        """Of the app that has the channel, or of any: it refuses the channel then."""
        channel = channel_of(payload)
        for app, clicks in self._clicks:
            if any(receiver.channel == channel for receiver in app.receivers):
                return clicks
        return self._clicks[0][1]
