"""Asks a Slack Web API, one call at a time, and tells what it answered: for looking around, not for delivery.

What delivers (alerting/slack.py) decides by each answer whether to try again; here every answer is one to show.
"""

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct

from alerting.plain_text import cut, literal
from alerting.slack_connection import SlackConnection, Unanswered

NO_ANSWER = "no_answer"
"""In place of Slack's code: nothing that is a Web API answered."""
_UNANSWERED = {
    Unanswered.NO_ADDRESS: "it is no address",
    Unanswered.NOT_CONNECTED: "nothing can be connected to there",
    Unanswered.LATE: "no answer within {seconds:.0f} s",
    Unanswered.BROKEN: "the connection broke, or the answer could not be read",
}


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


class SlackWeb(SlackConnection):
    """`async with SlackWeb(base_url, token) as web: answer = await web.call("auth.test")`."""

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def read(self, method: str, **arguments: object) -> Answer:
        """As `call`, of a method that only reads and takes no JSON."""
        return await self.call(method, True, **arguments)

    async def call(self, method: str, reads: bool = False, /, **arguments: object) -> Answer:
        """Slack's answer; never an exception for anything that a server or a network can do."""
        answer = await self.asked(method, arguments, reads=reads)
        if isinstance(answer, Unanswered):
            return Answer(error=NO_ANSWER, why=_UNANSWERED[answer].format(seconds=self.timeout.total_seconds()))
        return _read(answer.response if isinstance(answer, Exception) else answer)


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
