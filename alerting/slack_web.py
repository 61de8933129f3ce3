"""Asks a Slack Web API, one call at a time, and tells what it answered: for looking around, not for delivery.

What delivers (alerting/slack.py) decides by each answer whether to try again; here every answer is one to show.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct

from alerting.plain_text import cut, literal
from alerting.slack_connection import TIMEOUT, asked, connect, disconnect

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

NO_ANSWER = "no_answer"
"""In place of Slack's code: nothing that is a Web API answered."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came back."""

    data: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}
    """With lower-case names."""
    error: str | None = None
    """Slack's code, or `NO_ANSWER`; None where it worked. Foreign: at most 80 characters."""
    why: str = ""
    """For `NO_ANSWER`, as a phrase."""
    status: int = 0
    """HTTP's, where something answered."""


class SlackWeb:
    """`async with SlackWeb(base_url, token) as web: answer = await web.call("auth.test")`."""

    def __init__(self, base_url: str, token: str, timeout: timedelta = TIMEOUT) -> None:
        self._base_url = base_url
        self._token = token
        self._timeout = timeout
        self._client: AsyncWebClient | None = None

    async def __aenter__(self) -> Self:
        self._client = connect(self._base_url, self._token, self._timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await disconnect(self._client)

    async def read(self, method: str, **arguments: object) -> Answer:
        """As `call`, of a method that only reads and takes no JSON."""
        return await self.call(method, True, **arguments)

    async def call(self, method: str, reads: bool = False, /, **arguments: object) -> Answer:
        """Slack's answer; never an exception for anything that a server or a network can do."""
        from aiohttp import ClientConnectorError, ClientError, InvalidURL
        from slack_sdk.errors import SlackApiError, SlackClientError

        assert self._client is not None
        try:
            response: Any = await asked(self._client, method, arguments, reads=reads)
        except SlackApiError as error:
            response = error.response
        except InvalidURL:
            return Answer(error=NO_ANSWER, why="it is no address")
        except ClientConnectorError:
            return Answer(error=NO_ANSWER, why="nothing can be connected to there")
        except TimeoutError:
            return Answer(error=NO_ANSWER, why=f"no answer within {self._timeout.total_seconds():.0f} s")
        # The last three are what becomes of answers that are neither JSON nor text that can be read.
        except (ClientError, SlackClientError, OSError, ValueError, AttributeError, RecursionError):
            return Answer(error=NO_ANSWER, why="the connection broke, or the answer could not be read")
        return _read(response)


def _read(response: Any) -> Answer:
    data = response.data if isinstance(response.data, dict) else {}
    headers = {str(name).lower(): str(value) for name, value in dict(response.headers or {}).items()}
    if data.get("ok") is True:
        return Answer(data=data, headers=headers)
    code = data.get("error")
    if isinstance(code, str) and code:
        return Answer(data=data, headers=headers, error=cut(literal(code), 80))
    why = f"what answers there (HTTP {response.status_code}) is not Slack's Web API"
    return Answer(headers=headers, error=NO_ANSWER, why=why, status=int(response.status_code))
