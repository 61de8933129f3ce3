"""Calls of Slack's Web API by which stories are told: each answer says what a sender may do about it."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any

from alerting.notifier import Refused, TryAgain
from alerting.slack_answer import Answered, Lost, Rejected, read_error
from alerting.slack_connection import TIMEOUT, SlackConnection, Unanswered
from alerting.slack_pace import SlackPace, shared_pace
from alerting.standstill import Standstill

logger = logging.getLogger(__name__)

LATE = timedelta(seconds=10)
"""How long after we gave it up Slack may still do what it was asked for: only then it makes sense to look."""
_PAGES = 5
_PER_PAGE = 200


class SlackCalls:
    """A channel of a workspace, as a bot token sees it.

    Args:
        channel: For errors, which name it.
        token: A bot token.
        timeout: For one request.
        pace: How fast Slack may be called; that of all who use the token where absent.
        read_token: As `SlackConnection` has it.
    """

    def __init__(
        self,
        channel: str,
        token: str,
        base_url: str,
        timeout: timedelta = TIMEOUT,
        pace: SlackPace | None = None,
        read_token: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._channel = channel
        self._slack = SlackConnection(base_url, token, timeout, read_token)
        self._pace = pace or shared_pace(base_url, self._slack.token)
        self._standstill = Standstill()

    async def close(self) -> None:
        self._standstill.stop()
        await self._slack.close()

    async def room(self) -> None:
        """Returns when an edit that may wait would be made at once."""
        await self._pace.room("chat.update", self._channel)

    async def call(
        self, method: str, arguments: Mapping[str, Any], *, reads: bool = False, may_wait: bool = False
    ) -> Answered | Rejected | Lost | TryAgain | Refused:
        """What Slack answered, or what became of the request; never an exception for what a server or network does.

        Args:
            method: Of the Web API.
            arguments: Of the method.
            reads: Whether it is one of those that only read, and take no JSON.
            may_wait: Whether others that come later may go first.
        """
        if not (self._slack.token.isascii() and self._slack.token.isprintable()):
            return Refused("The bot token is no token: set the receiver's token_env or token_file.")
        self._standstill.watch()
        await self._pace.turn(method, self._channel, may_wait=may_wait)
        if not reads and (after := self._standstill.settles_in()):
            # Another may have told meanwhile what nobody had told when this one looked.
            return TryAgain("this process stood still: another may have taken over", after)
        match await self._slack.asked(method, arguments, reads=reads):
            case Unanswered.NO_ADDRESS:
                return Refused("Slack's base_url is no address: correct it in the receiver's settings.")
            case Unanswered.NOT_CONNECTED:
                return TryAgain("cannot connect to Slack")
            case Unanswered.LATE:
                return Lost("Slack did not answer in time", LATE)
            case Unanswered.BROKEN:
                return Lost("the connection to Slack broke, or its answer could not be read")
            case Exception() as error:
                return self._refused(method, error.response)
            case response:
                return Answered(response.data if isinstance(response.data, dict) else {})

    def _refused(self, method: str, response: Any) -> Rejected | Lost | TryAgain | Refused:
        outcome = read_error(response, self._channel)
        if isinstance(outcome, TryAgain):
            self._pace.pause(method, self._channel, outcome.after)
        return outcome

    async def messages(
        self, method: str, channel: str, **arguments: str
    ) -> AsyncIterator[Mapping[str, Any] | TryAgain]:
        """Messages of a channel or thread, in Slack's order. Where the app may not read them there are none."""
        query = {"channel": channel, "limit": str(_PER_PAGE), "include_all_metadata": "true", **arguments}
        for _ in range(_PAGES):
            match await self.call(method, query, reads=True):
                case Answered(data=data):
                    found, more = data.get("messages"), data.get("response_metadata")
                    for message in found if isinstance(found, list) else ():
                        if isinstance(message, dict):
                            yield message
                    cursor = more.get("next_cursor") if isinstance(more, dict) else None
                    if not cursor:
                        return
                    query["cursor"] = str(cursor)
                case TryAgain() as later:
                    yield later
                    return
                case Lost(why=why):
                    yield TryAgain(why)
                    return
                case Rejected(code="thread_not_found"):
                    return
                case Rejected(code=why) | Refused(why=why):
                    logger.warning(
                        "Slack does not let the app read its channel, so a story may be told twice after a crash: add "
                        "the scope channels:history (groups:history for a private channel) and install it again",
                        extra={"channel": self._channel, "why": why},
                    )
                    return
