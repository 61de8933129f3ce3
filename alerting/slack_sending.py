"""How a message is sent so that it is found again, and taken by a Slack that does not take all of it."""

from collections.abc import Mapping
from typing import Any

from alerting.notifier import Refused, TryAgain
from alerting.slack_answer import Answered, Lost, Rejected
from alerting.slack_blocks import SlackMessage
from alerting.slack_calls import SlackCalls
from alerting.slack_marks import Mark

BLOCKS_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_arguments"})
TOO_LONG = frozenset({"msg_blocks_too_long", "msg_too_long"})
_NO_METADATA = frozenset({"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"})

# Nothing of a message's text is ever parsed, linked or unfolded.
AS_IT_IS = {"parse": "none", "link_names": False}
POSTED_AS_IT_IS = AS_IT_IS | {"mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


async def send_marked(
    slack: SlackCalls,
    method: str,
    arguments: Mapping[str, Any],
    message: SlackMessage,
    mark: Mark,
    *,
    may_wait: bool = False,
) -> Answered | Rejected | Lost | TryAgain | Refused:
    """Send a message; without its metadata where Slack does not take that: its blocks say the same."""
    sent = {**arguments, "text": message.text, "blocks": mark.on(message.blocks)}
    answer = await slack.call(method, sent | {"metadata": mark.metadata()}, may_wait=may_wait)
    if isinstance(answer, Rejected) and answer.code in _NO_METADATA:
        answer = await slack.call(method, sent, may_wait=may_wait)
    return answer


async def say(
    slack: SlackCalls, where: Mapping[str, Any], message: SlackMessage, mark: Mark
) -> Answered | Rejected | Lost | TryAgain | Refused:
    """Post something that is no story: as text alone where Slack does not take its blocks, and in the thread alone
    where it does not take `reply_broadcast`."""
    arguments = {**where, **POSTED_AS_IT_IS}
    answer = await send_marked(slack, "chat.postMessage", arguments, message, mark)
    plain = SlackMessage(text=message.text)
    if isinstance(answer, Rejected) and answer.code in BLOCKS_REFUSED | TOO_LONG:
        answer = await send_marked(slack, "chat.postMessage", arguments, plain, mark)
    if isinstance(answer, Rejected) and answer.code in BLOCKS_REFUSED and arguments.pop("reply_broadcast", None):
        answer = await send_marked(slack, "chat.postMessage", arguments, plain, mark)
    return answer
