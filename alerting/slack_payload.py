"""Reads the parts of what Slack tells of a click, none of which need be there. Pure.

https://docs.slack.dev/reference/interaction-payloads
"""

from collections.abc import Mapping
from typing import Any

import regex

_user = regex.compile(r"[UW][A-Z0-9]{1,30}")


def message_of(payload: Mapping[str, Any]) -> str:
    """The `ts` of the message that was clicked in."""
    for where, key in (("container", "message_ts"), ("message", "ts")):
        place = payload.get(where)
        if isinstance(place, dict) and string(place.get(key)):
            return string(place.get(key))
    return ""


def chosen_person(clicked: Mapping[str, Any]) -> str:
    """Who was chosen in a menu of people; some servers tell it as any other choice."""
    user = string(clicked.get("selected_user")) or string(chosen(clicked))
    return user if _user.fullmatch(user) else ""


def chosen(clicked: Mapping[str, Any]) -> object:
    """The value of a button, or of what was chosen in a menu."""
    option = clicked.get("selected_option")
    return option.get("value") if isinstance(option, dict) else clicked.get("value")


def filled_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by `action_id`, which is unique in our windows."""
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, dict) else None
    filled = {}
    for elements in blocks.values() if isinstance(blocks, dict) else ():
        for name, element in elements.items() if isinstance(elements, dict) else ():
            if isinstance(element, dict) and (value := chosen(element)):
                filled[str(name)] = str(value)
    return filled


def id_of(party: object) -> str:
    return string(party.get("id")) if isinstance(party, dict) else ""


def string(value: object) -> str:
    return value if isinstance(value, str) else ""
