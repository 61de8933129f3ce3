"""Makes clients of a Slack Web API: in one way, with one set of rules for proxies and logs."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

TIMEOUT = timedelta(seconds=15)
"""For one request."""
_HERE = ("127.0.0.1", "::1", "localhost")


def with_slash(base_url: str) -> str:
    """As slack_sdk wants it."""
    return base_url if base_url.endswith("/") else base_url + "/"


def connect(base_url: str, token: str | None, timeout: timedelta = TIMEOUT) -> "AsyncWebClient":
    """A client with a session of its own, which whoever asks for it closes (`disconnect`). It tries nothing again."""
    from aiohttp import ClientSession, ClientTimeout
    from slack_sdk.web.async_client import AsyncWebClient

    client = AsyncWebClient(
        token=token,
        base_url=with_slash(base_url),
        session=ClientSession(timeout=ClientTimeout(total=timeout.total_seconds())),
        retry_handlers=[],
        logger=quiet_log(),
    )
    if needs_no_proxy(base_url):
        client.proxy = None  # slack_sdk takes a proxy from the environment, but knows no exceptions
    return client


async def disconnect(client: "AsyncWebClient | None") -> None:
    if client is not None and client.session is not None:
        await client.session.close()


async def asked(client: "AsyncWebClient", method: str, arguments: Mapping[str, Any], *, reads: bool) -> Any:
    """An answer of slack_sdk's; raises what it raises.

    What is only read is asked for as a form, which every method takes; and once more in the address where a server
    has no such method by POST: slack_sdk itself reads so.
    """
    from slack_sdk.errors import SlackApiError

    if not reads:
        return await client.api_call(method, json=dict(arguments))
    try:
        return await client.api_call(method, data=dict(arguments))
    except SlackApiError as error:
        if getattr(error.response, "status_code", None) not in (404, 405):
            raise
    return await client.api_call(method, http_verb="GET", params=dict(arguments))


def needs_no_proxy(url: str) -> bool:
    """Whether a host is this machine, or one that the environment (`no_proxy`) excepts."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in _HERE or bool(proxy_bypass(host))


def quiet_log() -> logging.Logger:
    """For slack_sdk: at DEBUG it would log whole messages."""
    quiet = logging.getLogger("alerting.slack_sdk")
    quiet.setLevel(logging.INFO)
    return quiet
