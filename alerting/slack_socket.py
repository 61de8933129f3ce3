"""Hears of clicks over Socket Mode: one connection to Slack for each app, which Slack renews every few hours.

slack_sdk's own client does the work. Around it: every envelope is acknowledged in time, whatever becomes of it; an
address that could not be used is not tried for ever; a client that stays without connection is replaced; and what is
wrong is told in words, once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from alerting.plain_text import for_log
from alerting.slack_connection import connect, disconnect, needs_no_proxy

logger = logging.getLogger(__name__)

ACKNOWLEDGE_WITHIN = timedelta(seconds=2)
"""Slack waits three seconds; some of them are on the way."""
LONGEST_WAIT = timedelta(minutes=1)
"""Between two tries to connect that Slack refuses."""
ANOTHER_CLIENT_AFTER = timedelta(minutes=3)
"""Without connection. Two of slack_sdk's own tries that overlap can leave its client without one for good."""
_LOOK_EVERY = 0.5
_NEW_ADDRESS_AFTER = 6.0
"""Seconds: an address is good for one connection, and not for long."""


class SlackSocket:
    """The connection of one app.

    Args:
        app_token: An app-level token (xapp-…) with the scope `connections:write`.
        base_url: Of the Web API, which says where to connect.
        take: Told the payload of each click. The envelope is acknowledged when it is done, or at the latest in time.
        connected: Told when the connection comes and goes.
        another_after: How long a client may be without connection before another takes its place.
    """

    def __init__(
        self,
        app_token: str,
        base_url: str,
        take: Callable[[Mapping[str, Any]], Awaitable[None]],
        connected: Callable[[bool], None],
        ping_every: timedelta = timedelta(seconds=5),
        another_after: timedelta = ANOTHER_CLIENT_AFTER,
    ) -> None:
        self._app_token = app_token
        self._base_url = base_url
        self._take = take
        self._connected = connected
        self._ping_every = ping_every.total_seconds()
        self._another_after = another_after.total_seconds()
        self._client: _Client | None = None
        self._connecting: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Future[None]] = set()

    async def start(self) -> None:
        """Connect, and stay so; returns at once."""
        self._client = self._connect()
        self._begin(self._watch())

    async def close(self) -> None:
        client, self._client = self._client, None
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        if client is not None:
            await _end(client)
        if tasks:
            await asyncio.wait(tasks, timeout=5)
        self._connected(False)

    def _connect(self, instead_of: "_Client | None" = None) -> "_Client":
        client = _Client(self._app_token, self._base_url, self._ping_every, instead_of)
        client.socket_mode_request_listeners.append(self._listen)
        self._connecting = self._begin(client.connect())  # type: ignore[no-untyped-call]  # slack_sdk's
        return client

    async def _listen(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        taking: asyncio.Future[None] | None = None
        if request.type == "interactive" and isinstance(request.payload, dict):
            taking = self._begin(self._take(request.payload))
            await asyncio.wait({taking}, timeout=ACKNOWLEDGE_WITHIN.total_seconds())
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    async def _watch(self) -> None:
        was, lost_for, lost_in_all, address_for = False, 0.0, 0.0, _NEW_ADDRESS_AFTER
        while (client := self._client) is not None:
            now = await client.is_connected()
            if now != was:
                self._connected(now)
                logger.info("connected to Slack for clicks" if now else "lost the connection to Slack for clicks")
            was, lost_for = now, 0.0 if now else lost_for + _LOOK_EVERY
            lost_in_all = 0.0 if now else lost_in_all + _LOOK_EVERY
            address_for = _NEW_ADDRESS_AFTER if now else address_for
            if lost_for > address_for:
                # slack_sdk tries an address for ever, good for a moment only. Slack gives few a minute.
                client.wss_uri, lost_for = None, 0.0
                address_for = min(2 * address_for, LONGEST_WAIT.total_seconds())
            if lost_in_all > self._another_after:
                await self._replace(client)
                lost_for = lost_in_all = 0.0
            await asyncio.sleep(_LOOK_EVERY)

    async def _replace(self, client: "_Client") -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        self._client = self._connect(client)
        await _end(client)

    def _begin(self, work: Awaitable[None]) -> "asyncio.Future[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Future[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a click could not be taken in", exc_info=error)


class _Client(SocketModeClient):
    """slack_sdk's, which says in words why it cannot connect, and asks for addresses with ever longer pauses."""

    def __init__(self, app_token: str, base_url: str, ping_every: float, instead_of: "_Client | None" = None) -> None:
        silent = logging.getLogger("alerting.slack_socket.slack_sdk")
        silent.setLevel(logging.CRITICAL)  # it logs each failure with a traceback, and addresses that hold a ticket
        web_client = connect(base_url, None)
        super().__init__(app_token=app_token, logger=silent, web_client=web_client, ping_interval=ping_every)
        self._usual_proxy = self.proxy
        self._refused: int = 0 if instead_of is None else instead_of._refused
        self._told: str = "" if instead_of is None else instead_of._told

    async def issue_new_wss_url(self) -> str:
        try:
            url = str(await super().issue_new_wss_url())
        except SlackApiError as error:
            data = error.response.data if isinstance(error.response.data, dict) else {}
            self._tell(f"Slack refuses it: {for_log(str(data.get('error')), 60)}")
            self._refused += 1
            await asyncio.sleep(min(2.0**self._refused, LONGEST_WAIT.total_seconds()))
            raise
        except Exception as error:
            self._tell(f"Slack cannot be reached ({type(error).__name__})")
            raise
        self._refused, self._told = 0, ""
        self.proxy = None if needs_no_proxy(url) else self._usual_proxy
        return url

    def its_tasks(self) -> list[Any]:
        tasks = (self.message_processor, self.current_session_monitor, self.message_receiver)
        return [task for task in tasks if task is not None]

    def _tell(self, why: str) -> None:
        """Once, and not again every few seconds."""
        if why != self._told:
            self._told = why
            logger.error(
                "buttons do not work: no connection to Slack for clicks; trying again for as long as it takes",
                extra={"why": why},
            )


async def _end(client: _Client) -> None:
    with suppress(Exception):  # a connection that is broken already
        await client.close()  # type: ignore[no-untyped-call]  # slack_sdk's
    with suppress(Exception):
        await disconnect(client.web_client)
    if tasks := client.its_tasks():
        await asyncio.wait(tasks, timeout=5)
