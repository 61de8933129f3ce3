"""Tells stories in one Slack channel: a message per story, edited as it grows, and its turns in the thread.

The only module that knows `slack_sdk`. It never waits and never tries again by itself: it says so, and the outbox does.
What may have reached Slack although the answer was lost is looked for before it is sent again, by the metadata that
every message carries.
"""

import logging
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from alerting.alert import Notification, Reason, Receipt, Story
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from alerting.slack_answer import Answered, Lost, Rejected, read_error
from alerting.slack_blocks import BUDGET_BYTES, SlackMessage, fallback, story_message, turn_message

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

logger = logging.getLogger(__name__)

TURNS = frozenset(Reason) - {Reason.FIRST, Reason.MORE}
"""Told in the thread; the others only edit the message."""

_STORY = "groundswell_story"
_TURN = "groundswell_turn"
_PAGES = 5
_PER_PAGE = 200
_SMALLEST_BYTES = 2_500

_BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})
_TOO_LONG = frozenset({"msg_blocks_too_long", "msg_too_long"})
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
# Nothing of a message's text is ever parsed, linked or unfolded.
_AS_IT_IS = {"parse": "none", "link_names": False}
_POSTED_AS_IT_IS = _AS_IT_IS | {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


class SlackNotifier(Notifier):
    """One receiver of type `slack`.

    Args:
        name: The receiver's name in the config; part of the metadata by which its messages are found again.
        channel: A channel's id (C…).
        token: A bot token (xoxb-…) with the scope `chat:write`; with `channels:history` (`groups:history` for private
            channels) nothing is told twice after a crash either.
        timeout: For one request.
    """

    # Slack's limit is one message a second and channel.
    pace = timedelta(seconds=1)

    def __init__(
        self,
        *,
        name: str,
        channel: str,
        token: str,
        base_url: str = "https://slack.com/api/",
        timeout: timedelta = timedelta(seconds=15),
    ) -> None:
        self._name = name
        self._channel = channel
        self._token = token.strip()
        self._base_url = base_url if base_url.endswith("/") else base_url + "/"
        self._timeout = timeout
        self._client: AsyncWebClient | None = None
        self._charts_allowed = True
        self._maybe_posted: set[str] = set()
        """Stories of which a message may stand in the channel without our knowing its receipt."""

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if receipt is None:
            return await self._post(notification, look=notification.story.id in self._maybe_posted)
        return await self._edit(notification, receipt)

    async def find(self, notification: Notification) -> Receipt | None:
        found = await self._look(notification.story)
        if isinstance(found, TryAgain):
            self._maybe_posted.add(notification.story.id)
            return None
        return found

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.session is not None:
            await client.session.close()

    async def _edit(
        self, notification: Notification, receipt: Receipt, given_up: frozenset[str] = frozenset()
    ) -> Outcome:
        match await self._show("chat.update", notification, {"channel": receipt.channel, "ts": receipt.ts} | _AS_IT_IS):
            case Answered():
                return await self._reply(notification, receipt)
            case Rejected(code=code) if code in _GONE:
                # Deleted, or not ours to edit. An earlier try may have posted it anew already.
                return await self._post(notification, look=True, given_up=given_up | {receipt.ts})
            case outcome:
                return _outcome(outcome)

    async def _post(self, notification: Notification, *, look: bool, given_up: frozenset[str] = frozenset()) -> Outcome:
        """A new message, unless an earlier try has posted one.

        Args:
            look: Whether that may be so.
            given_up: Messages (their ts) that carry the story's metadata but cannot be edited.
        """
        story = notification.story
        if look:
            match await self._look(story, given_up):
                case Receipt() as found:
                    self._maybe_posted.discard(story.id)
                    return await self._edit(notification, found, given_up)
                case TryAgain() as later:
                    self._maybe_posted.add(story.id)
                    return later
        match await self._show("chat.postMessage", notification, {"channel": self._channel} | _POSTED_AS_IT_IS):
            case Answered(data={"channel": str(channel), "ts": str(ts)}):
                self._maybe_posted.discard(story.id)
                return Delivered(Receipt(channel=channel, ts=ts))
            case Answered():
                self._maybe_posted.add(story.id)
                return TryAgain("Slack's answer did not say where the message is")
            case Lost() as lost:
                self._maybe_posted.add(story.id)
                return _outcome(lost)
            case outcome:
                return _outcome(outcome)

    async def _reply(self, notification: Notification, receipt: Receipt) -> Outcome:
        """Continue the thread where a turn was made, once: a repeated notification finds its own reply."""
        if notification.reason not in TURNS:
            return Delivered(receipt)
        async for message in self._messages("conversations.replies", receipt.channel, ts=receipt.ts):
            if isinstance(message, TryAgain):
                return message
            if _payload(message, _TURN).get("notification") == notification.id:
                return Delivered(receipt)
        turn = turn_message(notification)
        arguments = {"channel": receipt.channel, "thread_ts": receipt.ts} | _POSTED_AS_IT_IS
        match await self._call("chat.postMessage", arguments | self._content(turn, notification, _TURN)):
            case Answered(data=data):
                return await self._settle(notification, receipt, data)
            case outcome:
                return _outcome(outcome)

    async def _settle(self, notification: Notification, receipt: Receipt, posted: Mapping[str, Any]) -> Outcome:
        """Slack posts a reply whose parent is gone at top level, in silence: that message then becomes the story's."""
        message, ts = posted.get("message"), posted.get("ts")
        if not isinstance(message, dict) or message.get("thread_ts") == receipt.ts or not isinstance(ts, str):
            return Delivered(receipt)
        stray = Receipt(channel=receipt.channel, ts=ts)
        match await self._show("chat.update", notification, {"channel": stray.channel, "ts": stray.ts} | _AS_IT_IS):
            case Answered():
                return Delivered(stray)
            case outcome:
                return _outcome(outcome)

    async def _show(
        self, method: str, notification: Notification, arguments: Mapping[str, Any]
    ) -> Answered | Rejected | Lost | TryAgain | Refused:
        """Send the story's message in the fullest shape that Slack takes: with a chart, without, smaller, text only."""
        story = notification.story
        chart, budget_bytes = self._charts_allowed, BUDGET_BYTES
        while True:
            message = _shaped(story, chart, budget_bytes)
            answer = await self._call(method, {**arguments, **self._content(message, notification, _STORY)})
            match answer:
                case Rejected(code=code) if code in _BLOCKS_REFUSED and message.blocks:
                    if not message.has_chart:
                        budget_bytes = 0
                    chart = False
                case Rejected(code=code) if code in _TOO_LONG and message.blocks:
                    budget_bytes = budget_bytes // 2 if budget_bytes > _SMALLEST_BYTES else 0
                case Answered() if message.blocks and not chart:
                    self._charts_allowed = False
                    return answer
                case _:
                    return answer

    async def _look(self, story: Story, given_up: frozenset[str] = frozenset()) -> Receipt | TryAgain | None:
        """The newest message in the channel that carries this story's metadata."""
        async for message in self._messages("conversations.history", self._channel):
            if isinstance(message, TryAgain):
                return message
            payload, ts = _payload(message, _STORY), message.get("ts")
            ours = payload.get("story") == story.id and payload.get("receiver") == self._name
            if ours and isinstance(ts, str) and ts not in given_up:
                return Receipt(channel=self._channel, ts=ts)
        return None

    async def _messages(
        self, method: str, channel: str, **arguments: str
    ) -> AsyncIterator[Mapping[str, Any] | TryAgain]:
        """Messages of a channel or thread, in Slack's order. Where the app may not read them there are none."""
        query = {"channel": channel, "limit": str(_PER_PAGE), "include_all_metadata": "true", **arguments}
        for _ in range(_PAGES):
            match await self._call(method, query, http_verb="GET"):
                case Answered(data=data):
                    for message in data.get("messages") or ():
                        if isinstance(message, dict):
                            yield message
                    cursor = (data.get("response_metadata") or {}).get("next_cursor")
                    if not cursor:
                        return
                    query["cursor"] = cursor
                case TryAgain() as later:
                    yield later
                    return
                case Lost(why=why):
                    yield TryAgain(why)
                    return
                case Rejected(code=why) | Refused(why=why):
                    logger.warning(
                        "Slack does not let the app read its channel, so a story may be told twice after a crash: add "
                        "the scope channels:history (groups:history for a private channel) and install it again",
                        extra={"receiver": self._name, "why": why},
                    )
                    return

    def _content(self, message: SlackMessage, notification: Notification, event_type: str) -> dict[str, Any]:
        payload = {"story": notification.story.id, "receiver": self._name, "notification": notification.id}
        metadata = {"event_type": event_type, "event_payload": payload}
        return {"text": message.text, "blocks": list(message.blocks), "metadata": metadata}

    async def _call(
        self, method: str, arguments: Mapping[str, Any], http_verb: str = "POST"
    ) -> Answered | Rejected | Lost | TryAgain | Refused:
        from aiohttp import ClientConnectorError, ClientError, InvalidURL
        from slack_sdk.errors import SlackApiError, SlackClientError

        if not (self._token.isascii() and self._token.isprintable()):
            return Refused("The bot token is no token: set the receiver's token_env or token_file.")
        client = self._connected()
        body = {"params" if http_verb == "GET" else "json": dict(arguments)}
        try:
            response = await client.api_call(method, http_verb=http_verb, **body)
        except SlackApiError as error:
            return read_error(error.response, self._channel)
        except InvalidURL:
            return Refused("Slack's base_url is no address: correct it in the receiver's settings.")
        except ClientConnectorError:
            return TryAgain("cannot connect to Slack")
        except TimeoutError:
            return Lost("Slack did not answer in time")
        # The last two are what slack_sdk makes of answers that are neither JSON nor text it can read.
        except (ClientError, SlackClientError, OSError, ValueError, AttributeError):
            return Lost("the connection to Slack broke, or its answer could not be read")
        return Answered(response.data if isinstance(response.data, dict) else {})

    def _connected(self) -> "AsyncWebClient":
        if self._client is None:
            from aiohttp import ClientSession, ClientTimeout
            from slack_sdk.web.async_client import AsyncWebClient

            quiet = logging.getLogger("alerting.slack_sdk")
            quiet.setLevel(logging.INFO)  # at DEBUG it would log whole messages
            timeout = ClientTimeout(total=self._timeout.total_seconds())
            self._client = AsyncWebClient(
                token=self._token,
                base_url=self._base_url,
                session=ClientSession(timeout=timeout),
                retry_handlers=[],
                logger=quiet,
            )
            host = urlsplit(self._base_url).hostname or ""
            if host in ("127.0.0.1", "::1", "localhost") or proxy_bypass(host):
                self._client.proxy = None  # slack_sdk takes a proxy from the environment, but knows no exceptions
        return self._client


def _shaped(story: Story, chart: bool, budget_bytes: int) -> SlackMessage:
    if budget_bytes == 0:
        return SlackMessage(text=fallback(story))
    return story_message(story, chart=chart, budget_bytes=budget_bytes)


def _outcome(answer: Rejected | Lost | TryAgain | Refused) -> TryAgain | Refused:
    match answer:
        case Rejected(code=code):
            return Refused(f"Slack does not take the message: {code}.")
        case Lost(why=why):
            return TryAgain(why)
        case _:
            return answer


def _payload(message: Mapping[str, Any], event_type: str) -> Mapping[str, Any]:
    """What we noted in a message's metadata; empty where it is not ours."""
    match message.get("metadata"):
        case {"event_type": str(found), "event_payload": dict(payload)} if found == event_type:
            return payload
    return {}
