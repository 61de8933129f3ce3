"""What a Slack receiver needs, looked at one by one: a finding says what is there, or what is missing and the remedy.

Nothing is changed in Slack, and nothing posted, unless a sample is asked for. Only documented methods of the Web API:
auth.test, conversations.info, conversations.history, apps.connections.open, chat.postMessage.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from alerting.plain_text import cut, literal
from alerting.slack_finding import Finding, Verdict, refused, shown
from alerting.slack_trial import post_sample
from alerting.slack_web import NO_ANSWER, Answer, SlackWeb

SCOPES = {
    "chat:write": "posts stories, edits them and replies in their threads",
    "channels:history": "finds its messages again after a crash, in public channels",
    "groups:history": "finds its messages again after a crash, in private channels",
    "channels:read": "lets this check see public channels",
    "groups:read": "lets this check see private channels",
    "users:read": "names those who click, and to whom stories are assigned, as they call themselves",
}
"""Of the bot token: what each is for. `deploy/slack-app-manifest.yaml` asks for exactly these."""
APP_SCOPE = "connections:write"
"""Of the app-level token."""

_INSTALL = "at api.slack.com/apps, choose the app, then OAuth & Permissions"
_APP_TOKEN = "at api.slack.com/apps, choose the app, then Basic Information, App-Level Tokens"


class Receiver(Struct, frozen=True, kw_only=True):
    """A receiver's settings, with its secrets read."""

    channel: str
    base_url: str
    token: str
    app_token: str | None
    app_token_problem: str = ""
    """Why there is none, where the config names one."""
    signed_http: bool = False
    """Whether clicks come by signed HTTP instead."""
    sharing: int = 1
    """How many receivers of the config post into its channel."""
    is_classic: bool = False
    """Whether its messages are made of sections, and not of rich text."""


async def check_slack(receiver: Receiver, *, sample_at: datetime | None = None) -> AsyncIterator[Finding]:
    """Look at all that a receiver needs, in the order in which a person sets it up.

    Args:
        receiver: What to look at.
        sample_at: Post a sample story, as of this time; nothing is posted where absent.
    """
    yield _address(receiver.base_url)
    kind = _kind_of_token(receiver.token)
    yield kind
    if kind.verdict is Verdict.MISSING:
        return
    async with SlackWeb(receiver.base_url, receiver.token) as web:
        who = await web.call("auth.test")
        yield _identity(who)
        if who.error is not None:
            return
        scopes = _scopes(who)
        yield _posting(scopes)
        channel = await web.read("conversations.info", channel=receiver.channel)
        yield _channel(channel, receiver.channel, bot=shown(who.data.get("user")) or "the app's name")
        read = await web.read("conversations.history", channel=receiver.channel, limit="1", include_all_metadata="true")
        yield _reading(read, channel, receiver.channel)
        yield await _buttons(receiver)
        yield _pace(receiver)
        if receiver.is_classic:
            told = "sections and plain buttons, since not every server and page shows Slack's newer blocks"
            yield Finding(what="blocks", verdict=Verdict.GOOD, told=told)
        if sample_at is None:
            yield Finding(
                what="charts",
                verdict=Verdict.UNKNOWN,
                told="not known until a sample is posted: no method of Slack's tells whether a workspace shows charts",
                remedy="run it again with --post-sample; where charts are refused, stories come without",
            )
        else:
            async for finding in post_sample(web, receiver.channel, sample_at, is_classic=receiver.is_classic):
                yield finding


def _address(base_url: str) -> Finding:
    url = urlsplit(base_url)
    told = "Slack's own" if url.hostname == "slack.com" else f"{literal(base_url)}, not Slack's own"
    if url.scheme != "https" and url.hostname not in ("127.0.0.1", "::1", "localhost"):
        remedy = "use https://, or the token can be read on its way"
        return Finding(what="base_url", verdict=Verdict.LACKING, told=f"{told}, without encryption", remedy=remedy)
    return Finding(what="base_url", verdict=Verdict.GOOD, told=told)


def _kind_of_token(token: str) -> Finding:
    def wrong(told: str) -> Finding:
        remedy = f"{_INSTALL}, and copy the Bot User OAuth Token, which begins with xoxb-"
        return Finding(what="bot token", verdict=Verdict.MISSING, told=told, remedy=remedy)

    if token.startswith("xoxb-"):
        return Finding(what="bot token", verdict=Verdict.GOOD, told="there, and of the right kind (xoxb-)")
    if token.startswith("xapp-"):
        return wrong("this is the app-level token (xapp-), which is for the buttons and cannot post")
    if token.startswith("xoxp-"):
        return wrong("this is a person's token (xoxp-): stories would come in that person's name")
    if token.startswith("xoxe"):
        return wrong("this token expires after twelve hours (xoxe): token rotation is on")
    if not (token.isascii() and token.isprintable()) or " " in token:
        return wrong("what is there is no token")
    return Finding(what="bot token", verdict=Verdict.LACKING, told="it does not begin with xoxb-, as bot tokens do")


def _identity(who: Answer) -> Finding:
    if who.error == NO_ANSWER:
        remedy = "correct base_url, or let this machine reach it (a proxy is taken from HTTPS_PROXY)"
        return Finding(what="sign-in", verdict=Verdict.MISSING, told=who.why, remedy=remedy)
    if who.error is not None:
        return Finding(what="sign-in", verdict=Verdict.MISSING, **refused(who, ""))
    team, user = (shown(who.data.get(key)) for key in ("team", "user"))
    told = f"Slack knows the app as {user or 'a bot without a name'} in the workspace {team or 'without a name'}"
    if not who.data.get("bot_id"):
        remedy = f"{_INSTALL}, and copy the Bot User OAuth Token"
        return Finding(
            what="sign-in", verdict=Verdict.LACKING, told=f"{told}, but this is no bot's token", remedy=remedy
        )
    return Finding(what="sign-in", verdict=Verdict.GOOD, told=told)


def _scopes(who: Answer) -> frozenset[str] | None:
    """What the token may do, which Slack says in a header of every answer; None where it does not."""
    told = who.headers.get("x-oauth-scopes")
    return None if told is None else frozenset(scope.strip() for scope in told.split(",") if scope.strip())


def _posting(scopes: frozenset[str] | None) -> Finding:
    if scopes is None:
        told = "Slack did not say which the token has (no header x-oauth-scopes)"
        return Finding(what="scopes", verdict=Verdict.UNKNOWN, told=told)
    if "chat:write" not in scopes:
        return Finding(
            what="scopes", verdict=Verdict.MISSING, told="the app may not post", remedy=_add_scope("chat:write")
        )
    missing = [scope for scope in SCOPES if scope not in scopes]
    further = sorted(literal(scope) for scope in scopes - set(SCOPES))
    told = "all that are needed" if not missing else f"without {', '.join(missing)}"
    if further:
        told += f"; and more than is needed: {cut(', '.join(further), 200)}"
    # Whether one that is missing matters depends on the channel: that is told further below.
    return Finding(what="scopes", verdict=Verdict.GOOD, told=told)


def _channel(found: Answer, channel: str, bot: str) -> Finding:
    if found.error in ("missing_scope", "unknown_method", "method_deprecated"):
        needed = shown(found.data.get("needed")) or "channels:read (groups:read for a private channel)"
        told = f"whether {shown(channel)} is there cannot be seen ({found.error})"
        return Finding(what="channel", verdict=Verdict.UNKNOWN, told=told, remedy=_add_scope(needed))
    if found.error is not None:
        return Finding(what="channel", verdict=Verdict.MISSING, **refused(found, channel))
    about: Mapping[str, Any] = found.data.get("channel") or {}
    label = f"#{shown(about.get('name'))}" if about.get("name") else shown(channel)
    kind = "private" if about.get("is_private") else "public"
    if about.get("is_archived"):
        told, remedy = f"{label} is archived", "unarchive it in Slack, or name another in the config"
        return Finding(what="channel", verdict=Verdict.MISSING, told=told, remedy=remedy)
    if about.get("is_member") is False:
        told, remedy = f"the app is not in {label}", f"write /invite @{bot} in {label}"
        return Finding(what="channel", verdict=Verdict.MISSING, told=told, remedy=remedy)
    told = f"{label}, {kind}, not archived"
    if "is_member" not in about:
        return Finding(what="channel", verdict=Verdict.GOOD, told=f"{told}; whether the app is in it is not said")
    return Finding(what="channel", verdict=Verdict.GOOD, told=f"{told}, and the app is in it")


def _reading(read: Answer, channel: Answer, name: str) -> Finding:
    """Whether messages can be found again after a crash, tried out."""
    what = "after a crash"
    if read.error is None:
        return Finding(what=what, verdict=Verdict.GOOD, told="its messages can be found again: nothing is told twice")
    if read.error == "missing_scope":
        is_private = (channel.data.get("channel") or {}).get("is_private")
        needed = "groups:history" if is_private else "channels:history"
        told = "its messages cannot be found again: a story may be told twice"
        return Finding(what=what, verdict=Verdict.LACKING, told=told, remedy=_add_scope(needed))
    if read.error in ("not_in_channel", "channel_not_found", "is_archived") and channel.error is not None:
        return Finding(what=what, verdict=Verdict.MISSING, **refused(read, name))
    told = read.why or f"the channel cannot be read now ({read.error}); a story may be told twice"
    return Finding(what=what, verdict=Verdict.LACKING, told=told)


async def _buttons(receiver: Receiver) -> Finding:
    """The app-level token, tried out: the address that Slack gives for a connection is not used."""
    make = f"{_APP_TOKEN}, make one with the scope {APP_SCOPE}"
    if receiver.app_token_problem:
        return Finding(what="buttons", verdict=Verdict.MISSING, told=receiver.app_token_problem, remedy=make)
    if receiver.app_token is None and receiver.signed_http:
        told = "clicks come by signed HTTP (slack_http), which only a click can try out"
        return Finding(what="buttons", verdict=Verdict.UNKNOWN, told=told)
    if receiver.app_token is None:
        told = "none, since there is no app-level token: stories can be read and not answered there"
        return Finding(
            what="buttons", verdict=Verdict.LACKING, told=told, remedy=f"{make}, and set app_token_env or _file"
        )
    if not receiver.app_token.startswith("xapp-"):
        told = "the app-level token does not begin with xapp-, as they do"
        return Finding(what="buttons", verdict=Verdict.MISSING, told=told, remedy=make)
    async with SlackWeb(receiver.base_url, receiver.app_token) as web:
        opened = await web.call("apps.connections.open")
    match opened.error:
        case None:
            return Finding(what="buttons", verdict=Verdict.GOOD, told="Slack opens a connection for the clicks")
        # auth.test was answered, so it is a Web API that has no such method.
        case error if error == "unknown_method" or opened.status in (404, 405):
            told = "there is no Socket Mode at this base_url: buttons stand there, and nobody hears of a click"
            return Finding(what="buttons", verdict=Verdict.UNKNOWN, told=told)
        case "missing_scope":
            told = f"the app-level token lacks the scope {APP_SCOPE}"
        case "invalid_auth" | "not_authed" | "token_revoked" | "account_inactive" | "not_allowed_token_type":
            told = f"Slack does not accept the app-level token ({opened.error})"
        case code:
            told = opened.why or f"Slack opens no connection for clicks ({code})"
            make = "turn Socket Mode on: api.slack.com/apps, choose the app, then Socket Mode"
    return Finding(what="buttons", verdict=Verdict.MISSING, told=told, remedy=make)


def _pace(receiver: Receiver) -> Finding:
    told = "one message a second into this channel, as Slack asks; when it asks for more, that is waited for"
    if receiver.sharing > 1:
        told += f"; {receiver.sharing} receivers of this config share it"
    return Finding(what="pace", verdict=Verdict.GOOD, told=told)


def _add_scope(scope: str) -> str:
    return f"{_INSTALL}, add the scope {scope}, and install the app again"
