"""What a click in Slack means: an action, a question back, or a refusal with its reason. Pure.

A payload is believed in nothing but who clicked, when, and where: which Slack vouches for. What a control says of
itself is looked up, and `action_id`s that are none of ours, monitors that are not watched, channels that are no
receiver's and people who may not act change nothing.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from alerting.action import LONGEST_REASON, Action, ActionKind, Person
from alerting.plain_text import cut, literal
from alerting.slack_controls import (
    MUTES,
    NOT_USEFUL,
    USEFUL,
    USUAL_MUTE,
    WHY_NOT,
    WITH_REASON,
    ControlId,
    Target,
    read_target,
)
from alerting.slack_payload import chosen, chosen_person, filled_in, id_of, message_of, string

_NAME = 80
_PLAIN = {
    ControlId.ACKNOWLEDGE: ActionKind.ACKNOWLEDGE,
    ControlId.ASSIGN_TO_ME: ActionKind.ASSIGN,
    ControlId.UNMUTE: ActionKind.UNMUTE,
    ControlId.USEFUL: ActionKind.USEFUL,
    ControlId.NOT_USEFUL: ActionKind.NOT_USEFUL,
}
"""What needs nothing but the click."""


class Refusal(StrEnum):
    """Why a click changes nothing."""

    UNREADABLE = "unreadable"
    """It is no payload of a click."""
    UNKNOWN_ACTION = "unknown_action"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_MONITOR = "unknown_monitor"
    UNKNOWN_STORY = "unknown_story"
    """It is none, or it was over so long ago that nothing is remembered of it."""
    MAY_NOT_ACT = "may_not_act"


class Desk(Struct, frozen=True, kw_only=True):
    """A receiver, as far as clicks concern it."""

    channel: str
    """Its id."""
    may_act: frozenset[str] | None = None
    """Ids of users; None for everybody in the channel."""


class Ask(StrEnum):
    """What a person is shown a window for; the `callback_id` of it."""

    WHY_MUTE = "groundswell_why_mute"
    WHY_NOT_USEFUL = "groundswell_why_not_useful"
    MORE = "groundswell_show_more"


class Clicker(Struct, frozen=True, kw_only=True):
    """Who clicked, and where an answer for them alone is shown. Foreign."""

    user: str
    channel: str
    thread: str | None = None


class Refused(Struct, frozen=True, kw_only=True):
    """It changes nothing."""

    why: Refusal
    by: Clicker | None = None
    """Whom to tell so; None where that is not known."""


class Click(Struct, frozen=True, kw_only=True):
    """What a person did."""

    by: Clicker
    target: Target
    action: Action | None = None
    assignee: str = ""
    """The user id of somebody else to whom it is assigned: `action.assignee` is to be their name."""
    ask: Ask | None = None
    """The window to be opened, at once: Slack lets it be opened for three seconds."""
    trigger: str = ""
    """The right to open it."""


class Window(Struct, frozen=True, kw_only=True):
    """What a window remembers of where it was opened: its `private_metadata`."""

    target: Target
    channel: str
    thread: str | None


def read_payload(
    payload: Mapping[str, Any], desks: Sequence[Desk], monitors: Collection[str], now: datetime
) -> Click | Refused:
    """What a payload of the types `block_actions` and `view_submission` means; every other is unreadable.

    Args:
        payload: As Slack sends it.
        desks: The receivers of the app to which it came.
        monitors: The names of those that are watched.
        now: By the clock of whoever took it in.
    """
    match payload.get("type"):
        case "block_actions":
            click = _clicked(payload, now)
        case "view_submission":
            click = _submitted(payload, now)
        case _:
            return Refused(why=Refusal.UNREADABLE)
    return click if isinstance(click, Refused) else _allowed(click, desks, monitors)


def channel_of(payload: Mapping[str, Any]) -> str | None:
    """Where something was clicked; None where a payload does not say so."""
    if payload.get("type") == "view_submission" and isinstance(view := payload.get("view"), dict):
        window = _read_window(view.get("private_metadata"))
        return None if window is None else window.channel
    by = _clicker(payload)
    return None if by is None else by.channel


def window_of(click: Click) -> str:
    """What a window opened for a click is to remember."""
    window = Window(target=click.target, channel=click.by.channel, thread=click.by.thread)
    return json.dumps([str(window.target), window.channel, window.thread])


def _allowed(click: Click, desks: Sequence[Desk], monitors: Collection[str]) -> Click | Refused:
    here = [desk for desk in desks if desk.channel == click.by.channel]
    if not here:
        return Refused(why=Refusal.UNKNOWN_CHANNEL)
    # Whoever sees the message may see its evidence too.
    changes_nothing = click.ask is Ask.MORE
    if not changes_nothing and not any(desk.may_act is None or click.by.user in desk.may_act for desk in here):
        return Refused(why=Refusal.MAY_NOT_ACT, by=click.by)
    if click.target.monitor not in monitors:
        return Refused(why=Refusal.UNKNOWN_MONITOR, by=click.by)
    return click


def _clicked(payload: Mapping[str, Any], now: datetime) -> Click | Refused:
    """A control in a message."""
    by = _clicker(payload)
    actions = payload.get("actions")
    if by is None or not isinstance(actions, list) or not actions or not isinstance(actions[0], dict):
        return Refused(why=Refusal.UNREADABLE)
    clicked: Mapping[str, Any] = actions[0]
    try:
        control = ControlId(str(clicked.get("action_id")))
    except ValueError:
        return Refused(why=Refusal.UNKNOWN_ACTION, by=by)
    value = chosen(clicked)
    # A menu of people has no value of its own: its block says what it is about.
    found = read_target(value) or read_target(clicked.get("block_id"))
    if found is None:
        return Refused(why=Refusal.UNREADABLE, by=by)
    target, word = found
    trigger = string(payload.get("trigger_id"))
    made = str(clicked.get("action_ts") or ""), trigger, message_of(payload), control.value, word

    def click(kind: ActionKind | None = None, ask: Ask | None = None, **more: Any) -> Click:
        action = None if kind is None else _action(kind, payload, target, made, now, **more)
        return Click(by=by, target=target, action=action, ask=ask, trigger=trigger if ask else "")

    match control:
        case ControlId.MORE:
            return click(ask=Ask.MORE)
        case ControlId.MUTE if word == WITH_REASON:
            return click(ask=Ask.WHY_MUTE)
        case ControlId.MUTE if word in MUTES:
            return click(ActionKind.MUTE, length=MUTES[word][1])
        case ControlId.ASSIGN if assignee := chosen_person(clicked):
            assigned = click(ActionKind.ASSIGN, assignee="" if assignee == by.user else assignee)
            return replace(assigned, assignee=assigned.action.assignee if assigned.action else "")
        case ControlId.JUDGE if word == USEFUL:
            return click(ActionKind.USEFUL)
        case ControlId.JUDGE if word == NOT_USEFUL:
            return click(ActionKind.NOT_USEFUL, ask=Ask.WHY_NOT_USEFUL)
        case ControlId.NOT_USEFUL:
            return click(ActionKind.NOT_USEFUL, ask=Ask.WHY_NOT_USEFUL)
        case plain if plain in _PLAIN:
            return click(_PLAIN[plain])
        case _:
            return Refused(why=Refusal.UNREADABLE, by=by)


def _submitted(payload: Mapping[str, Any], now: datetime) -> Click | Refused:
    """A window that was filled in."""
    view = payload.get("view")
    user = id_of(payload.get("user"))
    if not isinstance(view, dict) or not user:
        return Refused(why=Refusal.UNREADABLE)
    window = _read_window(view.get("private_metadata"))
    if window is None:
        return Refused(why=Refusal.UNREADABLE)
    by = Clicker(user=user, channel=window.channel, thread=window.thread)
    trigger = string(payload.get("trigger_id"))
    made = str(view.get("id") or ""), str(view.get("hash") or ""), str(view.get("callback_id")), trigger
    filled = filled_in(view)
    match view.get("callback_id"):
        # What was preselected may not be told.
        case Ask.WHY_MUTE if filled.get("length", USUAL_MUTE) in MUTES:
            length = MUTES[filled.get("length", USUAL_MUTE)][1]
            action = _action(
                ActionKind.MUTE, payload, window.target, made, now, length=length, reason=_reason(filled.get("reason"))
            )
        case Ask.WHY_NOT_USEFUL if filled.get("why", "") in ("", *WHY_NOT):
            reason = _reason(" · ".join(filter(None, (filled.get("why"), filled.get("reason")))))
            action = _action(ActionKind.NOT_USEFUL, payload, window.target, made, now, reason=reason)
        case _:
            return Refused(why=Refusal.UNREADABLE, by=by)
    return Click(by=by, target=window.target, action=action)


def _action(
    kind: ActionKind, payload: Mapping[str, Any], target: Target, made: Sequence[str], now: datetime, **more: Any
) -> Action:
    """Slack may deliver a click twice: what it says of itself is the same then, and so is the id."""
    user, team = payload["user"], id_of(payload.get("team")) or string(payload["user"].get("team_id"))
    name = user.get("name") or user.get("username") or user["id"]
    parts = (team, user["id"], str(target), kind.value, *made)
    return Action(
        id="slack-" + hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:24],
        monitor=target.monitor,
        story=target.story,
        kind=kind,
        by=Person(id=f"slack:{team}/{user['id']}", name=cut(literal(str(name)), _NAME)),
        at=now,
        **more,
    )


def _clicker(payload: Mapping[str, Any]) -> Clicker | None:
    container = payload.get("container")
    container = container if isinstance(container, dict) else {}
    user = id_of(payload.get("user"))
    channel = string(container.get("channel_id")) or id_of(payload.get("channel"))
    if not user or not channel:
        return None
    thread = string(container.get("thread_ts"))
    # The message that a thread is about says so too: whoever clicked there looks at the channel, not into the thread.
    return Clicker(user=user, channel=channel, thread=thread if thread and thread != message_of(payload) else None)


def _read_window(metadata: object) -> Window | None:
    try:
        named, channel, thread = json.loads(str(metadata))
    except (ValueError, TypeError):
        return None
    found = read_target(named)
    if found is None or not isinstance(channel, str):
        return None
    return Window(target=found[0], channel=channel, thread=thread if isinstance(thread, str) else None)


def _reason(text: str | None) -> str:
    return cut(literal(text or ""), LONGEST_REASON)
