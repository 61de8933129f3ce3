"""Takes in clicks in Slack: an action goes to `monitored`, under its monitor's key, and nothing else changes.

What is refused is told to whoever clicked, to nobody else, and counted.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from msgspec.structs import replace

from alerting.action import Action
from alerting.plain_text import cut, literal
from alerting.slack_actions import Ask, Click, Clicker, Desk, Refusal, Refused, channel_of, read_payload, window_of
from alerting.slack_markup import inert
from alerting.slack_web import SlackWeb
from alerting.slack_windows import ask_why_mute, ask_why_not_useful, evidence
from streams import records
from streams.kafka.producing import Output
from streams.stages.followed_stories import FollowedStories
from streams.stages.metrics import Metrics
from streams.stages.slack_apps import ClickedReceiver, SlackApp

logger = logging.getLogger(__name__)

REMEMBER_GROUPS = timedelta(minutes=5)
"""How soon it is seen that somebody joined or left a group of users that may act."""
REMEMBER_NAMES = timedelta(minutes=30)
_NAME_WITHIN = timedelta(seconds=1)
"""A click waits for it."""
_ASK_AGAIN = timedelta(seconds=30)
"""Where Slack does not say who is in a group: a window waits for the answer, and can be opened for three seconds."""
_REMEMBER_CLICKS = 1000
_CALL_WITHIN = timedelta(seconds=2.5)
"""A window can be opened for three seconds."""

_SAID = {
    Refusal.UNREADABLE: "That could not be read. Nothing has changed.",
    Refusal.UNKNOWN_ACTION: "This button is of another version. Nothing has changed.",
    Refusal.UNKNOWN_MONITOR: "Its monitor is not watched any more. Nothing has changed.",
    Refusal.UNKNOWN_STORY: "Nothing is remembered of this story any more. Nothing has changed.",
    Refusal.MAY_NOT_ACT: "You may look, but not act on stories here: ask whoever set groundswell up. "
    "Nothing has changed.",
}
_NO_WINDOW = "Slack did not open the window for that. Please click again."
_FAILED = "That could not be saved just now. Please click again."


class SlackClicks:
    """The clicks of one app.

    Args:
        app: Whose.
        monitors: The names of those that are watched.
        send: Returns when Kafka has the records.
        topic: `monitored`.
        stories: What is known of them.
    """

    def __init__(
        self,
        app: SlackApp,
        monitors: Collection[str],
        send: Callable[[Sequence[Output]], Awaitable[None]],
        topic: str,
        stories: FollowedStories,
        metrics: Metrics,
    ) -> None:
        self._app = app
        self._monitors = monitors
        self._send = send
        self._topic = topic
        self._stories = stories
        self._metrics = metrics
        self._opened = AsyncExitStack()
        self._webs: dict[str, SlackWeb] = {}
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._names: dict[str, tuple[float, str | None]] = {}
        """By the id of a person: until when it is remembered what they call themselves, and what that is."""
        self._seen: dict[str, None] = {}

    async def start(self) -> None:
        for receiver in self._app.receivers:
            if receiver.bot_token not in self._webs:
                web = SlackWeb(self._app.base_url, receiver.bot_token, _CALL_WITHIN, receiver.read_token)
                self._webs[receiver.bot_token] = await self._opened.enter_async_context(web)

    async def stop(self) -> None:
        await self._opened.aclose()

    async def take(self, payload: Mapping[str, Any]) -> None:
        """Take in one payload; returns when Kafka has what it led to, and whoever must hear has heard."""
        channel = channel_of(payload)
        here = [receiver for receiver in self._app.receivers if receiver.channel == channel]
        desks = [Desk(channel=receiver.channel, may_act=await self._may_act(receiver)) for receiver in here]
        found = read_payload(payload, desks, self._monitors, datetime.now(UTC))
        if isinstance(found, Click) and self._is_unknown(found):
            found = Refused(why=Refusal.UNKNOWN_STORY, by=found.by)
        if isinstance(found, Refused):
            await self._refuse(found)
            return
        opening = asyncio.ensure_future(self._open(found))
        try:
            if found.action is not None:
                await self._act(found, found.action)
        finally:
            await opening

    def _is_unknown(self, click: Click) -> bool:
        return self._stories.is_at_end and not self._stories.knows(click.target.monitor, click.target.story)

    async def _act(self, click: Click, action: Action) -> None:
        if action.id in self._seen:
            self._metrics.clicks.labels("repeat").inc()
            return
        by = replace(action.by, name=await self._name(click.by, click.by.user, action.by.name))
        action = replace(action, by=by)
        if click.assignee:
            action = replace(action, assignee=await self._name(click.by, click.assignee, click.assignee))
        try:
            output = Output(topic=self._topic, key=action.monitor.encode(), value=records.encode(action))
            await self._send([output])
        except Exception as error:  # whatever it is, the person must know
            self._metrics.clicks.labels("failed").inc()
            logger.error("a click could not be saved", extra={"kind": action.kind.value, "why": type(error).__name__})
            await self._whisper(click.by, _FAILED)
            return
        self._seen[action.id] = None
        if len(self._seen) > _REMEMBER_CLICKS:
            del self._seen[next(iter(self._seen))]
        self._metrics.clicks.labels("accepted").inc()
        logger.info(
            "took in a click", extra={"kind": action.kind.value, "monitor": action.monitor, "story": action.story}
        )

    async def _refuse(self, refused: Refused) -> None:
        self._metrics.clicks.labels(refused.why.value).inc()
        logger.warning("a click changes nothing", extra={"why": refused.why.value})
        if refused.by is not None and refused.why in _SAID:
            await self._whisper(refused.by, _SAID[refused.why])

    async def _open(self, click: Click) -> None:
        """The window that a click asks for."""
        if click.ask is None:
            return
        web = self._web(click.by)
        match click.ask:
            case Ask.WHY_MUTE:
                view = ask_why_mute(window_of(click))
            case Ask.WHY_NOT_USEFUL:
                view = ask_why_not_useful(window_of(click))
            case Ask.MORE:
                story = self._stories.story(click.target.monitor, click.target.story)
                here = (receiver for receiver in self._app.receivers if receiver.channel == click.by.channel)
                view = evidence(story, is_classic=any(receiver.is_classic for receiver in here))
        if web is not None:
            answer = await web.call("views.open", trigger_id=click.trigger, view=view)
            self._metrics.clicks.labels("opened" if answer.error is None else "not_opened").inc()
            if answer.error is not None:
                logger.warning("Slack opens no window", extra={"why": answer.error})
                await self._whisper(click.by, _NO_WINDOW)

    async def _whisper(self, to: Clicker, words: str) -> None:
        """Shown to one person only."""
        web = self._web(to)
        if web is None:
            return
        thread = {} if to.thread is None else {"thread_ts": to.thread}
        answer = await web.call(
            "chat.postEphemeral", channel=to.channel, user=to.user, text=inert(words, 300), parse="none", **thread
        )
        if answer.error is not None:
            logger.warning("Slack takes no answer to a click", extra={"why": answer.error})

    async def _name(self, asker: Clicker, user: str, otherwise: str) -> str:
        """What a person calls themselves; `otherwise` where Slack does not say, or not in time."""
        until, name = self._names.get(user, (0.0, None))
        web = self._web(asker)
        if web is not None and monotonic() >= until:
            try:
                async with asyncio.timeout(_NAME_WITHIN.total_seconds()):
                    name = _called((await web.read("users.info", user=user)).data.get("user")) or name
            except TimeoutError:
                logger.info("Slack does not say in time who clicked")
            self._names[user] = (monotonic() + REMEMBER_NAMES.total_seconds(), name)
        return name or otherwise

    async def _may_act(self, receiver: ClickedReceiver) -> frozenset[str] | None:
        if receiver.may_act is None:
            return None
        users = {one for one in receiver.may_act if not one.startswith("S")}
        for group in sorted(set(receiver.may_act) - users):
            users |= await self._group(receiver, group)
        return frozenset(users)

    async def _group(self, receiver: ClickedReceiver, group: str) -> frozenset[str]:
        """The members of a group of users; those known before where Slack does not say, and nobody where none are."""
        good_until, known = self._members.get(group, (0.0, frozenset()))
        if monotonic() < good_until:
            return known
        answer = await self._webs[receiver.bot_token].read("usergroups.users.list", usergroup=group)
        users = answer.data.get("users")
        if answer.error is None and isinstance(users, list):
            known = frozenset(str(user) for user in users)
            self._members[group] = (monotonic() + REMEMBER_GROUPS.total_seconds(), known)
        else:
            self._members[group] = (monotonic() + _ASK_AGAIN.total_seconds(), known)
            logger.error(
                "Slack does not say who is in a group that may act: add the scope usergroups:read",
                extra={"receiver": receiver.name, "why": answer.error or "no users"},
            )
        return known

    def _web(self, by: Clicker) -> SlackWeb | None:
        tokens = (receiver.bot_token for receiver in self._app.receivers if receiver.channel == by.channel)
        return next((self._webs[token] for token in tokens), None)


def _called(person: object) -> str | None:
    """The name that somebody has chosen, else the one that they have."""
    if not isinstance(person, dict):
        return None
    profile = person.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    names = (profile.get("display_name"), profile.get("real_name"), person.get("real_name"), person.get("name"))
    found = next((name for name in names if isinstance(name, str) and literal(name)), None)
    return None if found is None else cut(literal(found), 80)
