"""Tells stories in one Slack channel: a message per story, edited as it grows, and its turns in the thread.

It never waits and never tries again by itself: it says so, and the outbox does. What may have reached Slack although
the answer was lost is looked for before it is sent again, by the mark that every message carries (slack_marks.py).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

from msgspec.structs import replace

from alerting.alert import Notification, Reason, Receipt, Story, Turn
from alerting.digest import Digest
from alerting.merging import turns_of
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from alerting.slack_answer import Answered, Lost, Rejected
from alerting.slack_blocks import BUDGET_BYTES, Shape, SlackMessage, notification_message, turns_message
from alerting.slack_calls import SlackCalls
from alerting.slack_connection import TIMEOUT
from alerting.slack_controls import Controls
from alerting.slack_digest import digest_message
from alerting.slack_marks import DIGEST, STORY, TURN, Mark, is_bare
from alerting.slack_pace import SlackPace
from alerting.slack_sending import AS_IT_IS, BLOCKS_REFUSED, POSTED_AS_IT_IS, TOO_LONG, say, send_marked

logger = logging.getLogger(__name__)

ASK_AGAIN = timedelta(hours=1)
"""After how long what Slack refused to show is tried again: it may be new there, or have been one message alone."""

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NO_THREAD = frozenset(
    {"cannot_reply_to_message", "restricted_action_thread_locked", "restricted_action_non_threadable_channel"}
)
_INTERRUPTS = frozenset({Reason.ESCALATED, Reason.REOPENED})
"""Turns that interrupt: whoever does not follow the thread sees them too."""


class SlackNotifier(Notifier):
    """One receiver of type `slack`.

    Args:
        name: The receiver's name in the config; part of the mark by which its messages are found again.
        channel: A channel's id (C…).
        token: A bot token (xoxb-…) with the scope `chat:write`; with `channels:history` (`groups:history` for private
            channels) nothing is told twice after a crash either.
        buttons: Whether somebody hears of clicks; messages have none otherwise.
        is_classic: Whether messages are made of the blocks that every server and page knows.
        timeout: For one request.
        pace: How fast Slack may be called; that of all who use the token where absent.
        read_token: Gives the token as it stands now, where Slack refuses the one that is known.
        ask_again: After how long what was refused to be shown is tried again.
    """

    edit_every = timedelta(seconds=30)

    def __init__(
        self,
        *,
        name: str,
        channel: str,
        token: str,
        base_url: str = "https://slack.com/api/",
        buttons: bool = False,
        is_classic: bool = False,
        timeout: timedelta = TIMEOUT,
        pace: SlackPace | None = None,
        read_token: Callable[[], str | None] = lambda: None,
        ask_again: timedelta = ASK_AGAIN,
    ) -> None:
        self._name = name
        self._channel = channel
        self._slack = SlackCalls(channel, token, base_url, timeout, pace, read_token)
        buttons_there = Controls.PLAIN if is_classic else Controls.FULL
        self._fullest = Shape(controls=buttons_there if buttons else Controls.NONE, classic=is_classic)
        self._shape = self._fullest
        """What the workspace takes, as far as is known."""
        self._ask_again = ask_again.total_seconds()
        self._plainer_until = 0.0
        """By `monotonic`, where the shape is not the fullest."""
        self._maybe_posted: set[str] = set()
        """Stories of which a message may stand in the channel without our knowing its receipt."""

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if receipt is not None and not receipt.ts.replace(".", "").isdecimal():
            receipt = None  # of mail, say, if the receiver was of another type before
        if receipt is None and notification.hold is not None:
            return await self._edit_lost(notification)
        if receipt is None:
            return await self._post(notification, look=notification.story.id in self._maybe_posted)
        return await self._edit(notification, receipt)

    async def find(self, notification: Notification) -> Receipt | None:
        found = await self._look(notification)
        if isinstance(found, TryAgain):
            self._maybe_posted.add(notification.story.id)
            return None
        return found

    async def room(self) -> None:
        await self._slack.room()

    async def send_digest(self, digest: Digest) -> Outcome:
        mark = Mark(event=DIGEST, receiver=self._name, about=digest.route, ids=(digest.id,))
        message = digest_message(digest, is_classic=self._shape.classic)
        answer = await say(self._slack, {"channel": self._channel}, message, mark)
        return Delivered() if isinstance(answer, Answered) else _outcome(answer)

    async def has_digest(self, digest: Digest) -> bool | TryAgain:
        mark = Mark(event=DIGEST, receiver=self._name, about=digest.route, ids=(digest.id,))
        async for message in self._slack.messages("conversations.history", self._channel):
            if isinstance(message, TryAgain):
                return message
            if digest.id in mark.told_in(message):
                return True
        return False

    async def close(self) -> None:
        await self._slack.close()

    async def _edit_lost(self, notification: Notification) -> Outcome:
        """Where nobody may be called: edit the message that may stand there without our knowing, and post none."""
        story = notification.story
        if story.id not in self._maybe_posted:
            return Delivered()
        match await self._look(notification):
            case Receipt() as found:
                edited = await self._edit(notification, found)
            case TryAgain() as later:
                return later
            case _:
                edited = Delivered()
        if isinstance(edited, Delivered):
            self._maybe_posted.discard(story.id)
        return edited

    async def _edit(
        self, notification: Notification, receipt: Receipt, given_up: frozenset[str] = frozenset()
    ) -> Outcome:
        match await self._show("chat.update", notification, {"channel": receipt.channel, "ts": receipt.ts} | AS_IT_IS):
            # Where nothing can be edited at all, the thread still says what happened.
            case Answered() | Rejected(code="unknown_method"):
                return await self._reply(notification, receipt)
            case Rejected(code=code) if code in _GONE and notification.hold is not None:
                return Delivered(receipt)
            case Rejected(code="edit_window_closed") if not turns_of(notification):
                # The workspace lets nothing old be edited: numbers alone are not worth a new message each time.
                return Delivered(receipt)
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
            match await self._look(notification, given_up):
                case Receipt() as found:
                    # Until the outbox has the receipt, it has to be looked for.
                    self._maybe_posted.add(story.id)
                    edited = await self._edit(notification, found, given_up)
                    if isinstance(edited, Delivered):
                        self._maybe_posted.discard(story.id)
                    return edited
                case TryAgain() as later:
                    self._maybe_posted.add(story.id)
                    return later
        match await self._show("chat.postMessage", notification, {"channel": self._channel} | POSTED_AS_IT_IS):
            case Answered(data={"ts": str(ts), **data}):
                self._maybe_posted.discard(story.id)
                return Delivered(Receipt(channel=str(data.get("channel") or self._channel), ts=ts))
            case Answered():
                self._maybe_posted.add(story.id)
                return TryAgain("Slack's answer did not say where the message is")
            case Lost() as lost:
                self._maybe_posted.add(story.id)
                return _outcome(lost)
            case outcome:
                return _outcome(outcome)

    async def _reply(self, notification: Notification, receipt: Receipt) -> Outcome:
        """Continue the thread where turns were made, each once: a repeated notification finds its own reply."""
        unsaid = {turn.id: turn for turn in turns_of(notification)}
        if not unsaid:
            return Delivered(receipt)
        all_at_once = self._turns(notification.story, unsaid.values())
        mark = Mark(event=TURN, receiver=self._name, about=notification.story.id, ids=tuple(unsaid))
        async for reply in self._slack.messages("conversations.replies", receipt.channel, ts=receipt.ts):
            if isinstance(reply, TryAgain):
                return reply
            if is_bare(reply, all_at_once.text):
                return Delivered(receipt)
            for said in mark.told_in(reply):
                unsaid.pop(said, None)
        if not unsaid:
            return Delivered(receipt)
        where: dict[str, Any] = {"channel": receipt.channel, "thread_ts": receipt.ts}
        if notification.hold is None and any(turn.reason in _INTERRUPTS for turn in unsaid.values()):
            where["reply_broadcast"] = True
        message = self._turns(notification.story, unsaid.values())
        match await say(self._slack, where, message, replace(mark, ids=tuple(unsaid))):
            case Answered(data=data):
                return await self._settle(notification, receipt, data)
            case Rejected(code=code) if code in _NO_THREAD:
                # Somebody locked it. The message itself says how things stand.
                logger.warning("Slack takes no replies below a story", extra={"channel": receipt.channel, "why": code})
                return Delivered(receipt)
            case Rejected(code="thread_not_found"):
                return TryAgain("the message was deleted a moment ago")
            case outcome:
                return _outcome(outcome)

    def _turns(self, story: Story, turns: Iterable[Turn]) -> SlackMessage:
        return turns_message(story, [turn.line for turn in turns], is_classic=self._shape.classic)

    async def _settle(self, notification: Notification, receipt: Receipt, posted: Mapping[str, Any]) -> Outcome:
        """Slack posts a reply whose parent is gone at top level, in silence: that message then becomes the story's."""
        message, ts = posted.get("message"), posted.get("ts")
        if not isinstance(message, dict) or message.get("thread_ts") == receipt.ts or not isinstance(ts, str):
            return Delivered(receipt)
        # An answer may only not say so: what stands in the thread is not made the story's message.
        async for reply in self._slack.messages("conversations.replies", receipt.channel, ts=receipt.ts):
            if isinstance(reply, TryAgain):
                return reply
            if reply.get("ts") == ts:
                return Delivered(receipt)
        stray = Receipt(channel=receipt.channel, ts=ts)
        match await self._show("chat.update", notification, {"channel": stray.channel, "ts": stray.ts} | AS_IT_IS):
            case Answered():
                return Delivered(stray)
            case outcome:
                return _outcome(outcome)

    async def _show(
        self, method: str, notification: Notification, arguments: Mapping[str, Any]
    ) -> Answered | Rejected | Lost | TryAgain | Refused:
        """Send the story's message in the fullest shape that Slack takes: with a chart, without, smaller, text only."""
        if monotonic() >= self._plainer_until:
            self._shape = self._fullest
        shape = self._shape
        mark = self._mark(notification)
        may_wait = notification.reason is Reason.MORE and not notification.turns
        while True:
            message = notification_message(notification, shape)
            answer = await send_marked(self._slack, method, arguments, message, mark, may_wait=may_wait)
            match answer:
                case Rejected(code=code) if code in BLOCKS_REFUSED and message.blocks:
                    shape = shape.plainer(message, self._shape)
                case Rejected(code=code) if code in TOO_LONG and message.blocks:
                    shape = shape.smaller()
                case Answered() if message.blocks:
                    self._remember(replace(shape, budget_bytes=BUDGET_BYTES))
                    return answer
                case _:
                    return answer

    def _remember(self, shape: Shape) -> None:
        """What was taken: the next message begins with it, and not with what is refused."""
        if shape != self._shape:
            self._shape, self._plainer_until = shape, monotonic() + self._ask_again

    async def _look(
        self, notification: Notification, given_up: frozenset[str] = frozenset()
    ) -> Receipt | TryAgain | None:
        """The newest message in the channel that carries this story's mark."""
        mark, text = self._mark(notification), notification_message(notification, self._shape).text
        async for message in self._slack.messages("conversations.history", self._channel):
            if isinstance(message, TryAgain):
                return message
            ts = message.get("ts")
            if (mark.told_in(message) or is_bare(message, text)) and isinstance(ts, str) and ts not in given_up:
                return Receipt(channel=self._channel, ts=ts)
        return None

    def _mark(self, notification: Notification) -> Mark:
        return Mark(event=STORY, receiver=self._name, about=notification.story.id, ids=(notification.id,))


def _outcome(answer: Rejected | Lost | TryAgain | Refused) -> TryAgain | Refused:
    match answer:
        case Rejected(code=code):
            # What is wrong with the arguments of a text without blocks is wrong with those of all.
            is_message = code not in ("invalid_arguments", "unknown_method")
            return Refused(f"Slack does not take the message: {code}.", is_message=is_message)
        case Lost(why=why, after=after):
            return TryAgain(why, after)
        case _:
            return answer
