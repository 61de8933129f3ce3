"""What Slack's answers mean for a sender: https://docs.slack.dev/reference/methods/chat.postMessage#errors. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import regex
from msgspec import Struct

from alerting.notifier import Refused, TryAgain
from alerting.plain_text import for_log


class Answered(Struct, frozen=True):
    """It worked."""

    data: Mapping[str, Any]


class Rejected(Struct, frozen=True):
    """Refused in a way that the sender may have an answer to: another shape, or a new message."""

    code: str


class Lost(Struct, frozen=True):
    """It may or may not have worked."""

    why: str
    after: timedelta | None = None
    """How long it may take until that can be seen."""


_LATER = frozenset(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "service_unavailable", "team_added_to_org"}
)
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "accesslimited", "update_failed"})
_FIXABLE = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
        "invalid_arguments",
        "no_text",
        "too_many_attachments",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "unknown_method",
    }
)
_NEW_TOKEN = "Slack does not accept the bot token: install the app again and set its new token (xoxb-…)."
_REFUSED = {
    "channel_not_found": "Slack finds no channel {channel}: correct the receiver's channel id, and invite the app "
    "to the channel if it is private.",
    "not_in_channel": "The app is not in the channel {channel}: invite it there.",
    "is_archived": "The channel {channel} is archived: name another in the receiver's settings.",
    "is_inactive": "The channel {channel} is archived or frozen: name another in the receiver's settings.",
    "invalid_auth": _NEW_TOKEN,
    "not_authed": "There is no bot token: set the receiver's token_env or token_file.",
    "token_revoked": "The bot token was revoked: install the app again and set its new token (xoxb-…).",
    "token_expired": "The bot token has expired: install the app again and set its new token (xoxb-…).",
    "account_inactive": "The app's account is switched off: install the app again and set its new token (xoxb-…).",
    "missing_scope": "The app lacks a permission: add the scope chat:write and install it again.",
    "no_permission": "The app may not post in {channel}: have the workspace's owner allow it.",
    "restricted_action": "The workspace's settings forbid the app to post in {channel}: have its owner allow it.",
    "not_allowed_token_type": "This kind of token cannot post: set a bot token (xoxb-…).",
    "org_login_required": "The workspace is moving to an organisation: post again when it is done.",
}
_BY_STATUS = {
    400: "Slack could not read the request (HTTP 400): check the receiver's base_url.",
    401: _NEW_TOKEN,
    403: "Slack, or a proxy before it, forbids the request (HTTP 403): check the token and the network.",
    404: "There is no Slack Web API at the receiver's base_url (HTTP 404): correct it.",
}
_code = regex.compile(r"[a-z][a-z0-9_]{0,60}")


def read_error(response: Any, channel: str) -> Rejected | Lost | TryAgain | Refused:
    """What an answer without `ok` means. `response` is as `slack_sdk` has it in `SlackApiError`."""
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    headers = getattr(response, "headers", None) or {}
    if status == 429 or code in _LATER:
        return TryAgain("Slack asks for a pause", _pause(headers.get("Retry-After")))
    if status >= 500 or status == 408 or code in _UNCERTAIN:
        return Lost(f"Slack has an error of its own (HTTP {status})")
    if isinstance(code, str) and _code.fullmatch(code):
        return Rejected(code) if code in _FIXABLE else Refused(refusal_in_words(code, channel))
    if status == 413:
        return Rejected("msg_too_long")
    if status == 200:
        return Lost("what answered is not Slack's Web API: a proxy, or a wrong base_url")
    return Refused(_BY_STATUS.get(status, f"Slack does not take the request (HTTP {status}): check the base_url."))


def refusal_in_words(code: str, channel: str) -> str:
    """A sentence for Slack's code, with the remedy after a colon where one is known."""
    known = _REFUSED.get(code) or (_REFUSED["restricted_action"] if code.startswith("restricted_action") else None)
    return (known or f"Slack refuses it: {code}.").replace("{channel}", for_log(channel, 40))


def _pause(seconds: object) -> timedelta | None:
    """`Retry-After` in seconds, at most a day; None where it says nothing we can read."""
    try:
        wait = float(str(seconds))
    except ValueError:
        return None
    return timedelta(seconds=min(wait, 86_400)) if wait >= 0 else None
