"""What can be clicked below a story, and what each click says of itself. Pure.

A control names its monitor and story, and nothing that would have to be trusted: what comes back is looked up, not
believed (slack_actions.py).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, StrEnum

import msgspec
import regex
from msgspec import Struct

from alerting.alert import State, Story
from alerting.slack_parts import Block


class ControlId(StrEnum):
    """The `action_id`s that we use; all others are none of ours."""

    ACKNOWLEDGE = "groundswell_acknowledge"
    ASSIGN_TO_ME = "groundswell_assign_to_me"
    ASSIGN = "groundswell_assign"
    MUTE = "groundswell_mute"
    UNMUTE = "groundswell_unmute"
    MORE = "groundswell_more"
    JUDGE = "groundswell_judge"
    """Slack's own feedback buttons: the value says which."""
    USEFUL = "groundswell_useful"
    NOT_USEFUL = "groundswell_not_useful"


class Controls(Enum):
    """Which of them a message has."""

    NONE = "none"
    """Nobody would hear of a click."""
    PLAIN = "plain"
    """Without Slack's feedback buttons, for workspaces that refuse them."""
    FULL = "full"


class Target(Struct, frozen=True, kw_only=True):
    """What a control is about, as it says itself."""

    monitor: str
    story: str

    def __str__(self) -> str:
        return f"{self.monitor}/{self.story}"


MUTES = {
    "1h": ("1 hour", timedelta(hours=1)),
    "8h": ("8 hours", timedelta(hours=8)),
    "story": ("Until it is over", None),
}
"""By word: the label, and for how long."""
USUAL_MUTE = "1h"
WITH_REASON = "why"
"""In place of such a word: ask for a reason first."""
USEFUL, NOT_USEFUL = "useful", "not_useful"

WHY_NOT = ("spam", "same name", "already known", "satire", "planned")
"""Why a story was of no use, as people may say."""

_target = regex.compile(r"(?P<monitor>[a-z0-9][a-z0-9_-]{0,62})/(?P<story>[A-Za-z0-9_-]{1,64})")


def read_target(value: object) -> tuple[Target, str] | None:
    """What a control says of itself, with the word behind it; None where we have not written it."""
    if not isinstance(value, str):
        return None
    named, _, word = value.partition(" ")
    found = _target.fullmatch(named)
    return (Target(monitor=found["monitor"], story=found["story"]), word) if found else None


def target_of(story: Story) -> Target | None:
    """None where its names are none that a control could carry: then it has no controls."""
    found = read_target(f"{story.monitor}/{story.id}")
    return None if found is None else found[0]


def actions(story: Story, at: datetime) -> tuple[Block, ...]:
    """The buttons below a story; what is done already has none."""
    target = target_of(story)
    if target is None:
        return ()
    handling = story.handling
    elements: list[Block] = []
    if story.state is State.FIRING:
        if handling.acknowledged_by is None:
            elements.append(_button(ControlId.ACKNOWLEDGE, "Acknowledge", target, style="primary"))
        elements += [_button(ControlId.ASSIGN_TO_ME, "Assign to me", target), _assign()]
        elements.append(_button(ControlId.UNMUTE, "Unmute", target) if handling.is_muted(at) else _mute(target))
    elements.append(_button(ControlId.MORE, "Show more", target))
    # A mute ends by itself, and then no other state of the story says so.
    state = f"{_state(story)}{' muted' if handling.is_muted(at) else ''}"
    return ({"type": "actions", "block_id": f"{target} {state}", "elements": elements},)


def judgement(story: Story, controls: Controls) -> tuple[Block, ...]:
    """Was it useful? With Slack's feedback buttons, or plain ones."""
    target = target_of(story)
    if target is None or controls is Controls.NONE:
        return ()
    block_id = f"{target} {_state(story)} {USEFUL}"
    if controls is Controls.FULL:
        element = {
            "type": "feedback_buttons",
            "action_id": ControlId.JUDGE.value,
            "positive_button": _thumb("Useful", "It was right to tell us", f"{target} {USEFUL}"),
            "negative_button": _thumb("Not useful", "It was of no use to tell us", f"{target} {NOT_USEFUL}"),
        }
        return ({"type": "context_actions", "block_id": block_id, "elements": [element]},)
    elements = [_button(ControlId.USEFUL, "Useful", target), _button(ControlId.NOT_USEFUL, "Not useful", target)]
    return ({"type": "actions", "block_id": block_id, "elements": elements},)


def option(label: str, value: str) -> Block:
    return {"text": _plain(label), "value": value}


def _button(control: ControlId, label: str, target: Target, style: str | None = None) -> Block:
    button: Block = {"type": "button", "action_id": control.value, "text": _plain(label), "value": str(target)}
    return button if style is None else button | {"style": style}


def _assign() -> Block:
    return {"type": "users_select", "action_id": ControlId.ASSIGN.value, "placeholder": _plain("Assign to …")}


def _mute(target: Target) -> Block:
    options: Sequence[Block] = [option(label, f"{target} {word}") for word, (label, _) in MUTES.items()]
    asking = option("With a reason …", f"{target} {WITH_REASON}")
    return {
        "type": "static_select",
        "action_id": ControlId.MUTE.value,
        "placeholder": _plain("Mute"),
        "options": [*options, asking],
    }


def _thumb(label: str, read_out: str, value: str) -> Block:
    return {"text": _plain(label), "accessibility_label": read_out, "value": value}


def _plain(label: str) -> Block:
    """Ours, never foreign."""
    return {"type": "plain_text", "text": label}


def _state(story: Story) -> str:
    """Another one each time that the story changed: Slack wants a new `block_id` for a message that is edited, and
    shows what was chosen in a menu until it gets one."""
    told = msgspec.json.encode((story.updated_at, story.state, story.severity, story.handling))
    return hashlib.sha256(told).hexdigest()[:12]
