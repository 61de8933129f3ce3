"""Asks a Slack Web API: in one way, with one set of rules for proxies, logs and what can go wrong."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

logger = logging.getLogger(__name__)

TIMEOUT = timedelta(seconds=15)
"""For one request."""


class Unanswered(Enum):
    """Why there is no answer of a Web API."""

    NO_ADDRESS = "no address"
    NOT_CONNECTED = "not connected"
    LATE = "late"
    """It may have been done all the same, or be done yet."""
    BROKEN = "broken"
    """Likewise: the connection broke, or the answer could not be read."""


_OF_TOKEN = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})
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


class SlackConnection:
    """Asks a Web API with one token, over a client that is made when it is first needed.

    Args:
        base_url: Of the Web API.
        token: A bot token, or an app-level one.
        timeout: For one request.
        read_token: Gives the token as it stands now where it is kept, or None; asked where Slack refuses the old one.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        timeout: timedelta = TIMEOUT,
        read_token: Callable[[], str | None] = lambda: None,
    ) -> None:
        self.token = token.strip()
        self._base_url = base_url
        self.timeout = timeout
        self._read_token = read_token
        self._client: AsyncWebClient | None = None

    async def asked(
        self, method: str, arguments: Mapping[str, Any], *, reads: bool
    ) -> "AsyncSlackResponse | SlackApiError | Unanswered":
        """Slack's answer, what it refuses, or what became of the request; never an exception for what a server or a
        network does."""
        answer = await self._asked(method, arguments, reads=reads)
        if isinstance(answer, Exception) and _is_of_token(answer) and await self._renewed():
            return await self._asked(method, arguments, reads=reads)
        return answer

    def open(self) -> "AsyncWebClient":
        """The client; whoever is in a hurry later has it made before."""
        if self._client is None:
            self._client = connect(self._base_url, self.token, self.timeout)
        return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        await disconnect(client)

    async def _renewed(self) -> bool:
        """Whether there is another token by now, which is taken then."""
        token = (self._read_token() or "").strip()
        if not token or token == self.token:
            return False
        self.token = token
        await self.close()
        logger.info("Slack refuses the token; another one stands there by now and is taken")
        return True

    async def _asked(
        self, method: str, arguments: Mapping[str, Any], *, reads: bool
    ) -> "AsyncSlackResponse | SlackApiError | Unanswered":
        from aiohttp import ClientConnectorError, ClientError, InvalidURL
        from slack_sdk.errors import SlackApiError, SlackClientError

        try:
            return await _asked(self.open(), method, arguments, reads=reads)
        except SlackApiError as error:
            return error
        except InvalidURL:
            return Unanswered.NO_ADDRESS
        except ClientConnectorError:
            return Unanswered.NOT_CONNECTED
        except TimeoutError:
            return Unanswered.LATE
        # The last three are what becomes of answers that are neither JSON nor text that can be read.
        except (ClientError, SlackClientError, OSError, ValueError, AttributeError, RecursionError):
            return Unanswered.BROKEN


def _is_of_token(error: "SlackApiError") -> bool:
    data = getattr(error.response, "data", None)  # slack_sdk gives what it could not read as it came
    return isinstance(data, dict) and data.get("error") in _OF_TOKEN


async def _asked(
    client: "AsyncWebClient", method: str, arguments: Mapping[str, Any], *, reads: bool
) -> "AsyncSlackResponse":
    """Raises what slack_sdk raises.

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
