"""What a click tells may be less than Slack tells, and comes back by what our windows say of themselves."""

from datetime import timedelta
from typing import Any

import pytest

from alerting.action import ActionKind
from alerting.slack_actions import Click, Desk, Refusal, Refused, read_payload
from alerting.slack_controls import WHY_NOT
from alerting.slack_payload import chosen_person
from alerting.slack_windows import ask_why_mute, ask_why_not_useful
from tests.building import time

DESKS = [Desk(channel="C0CENSUS")]
REMEMBERED = '["census/5f0c9ab1d2e34455", "C0CENSUS", null]'


def submitted(view: dict[str, Any], filled: dict[str, Any]) -> dict[str, Any]:
    """As a server tells it that makes up no `block_id`, and knows nothing of what was preselected."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        element = block["element"]
        empty = {"value": None} if element["type"] == "plain_text_input" else {"selected_option": None}
        values[block.get("block_id")] = {element["action_id"]: filled.get(element["action_id"], empty)}
    return {
        "type": "view_submission",
        "user": {"id": "U0ADA"},
        "view": view | {"id": "V1", "state": {"values": values}},
    }


def read(payload: dict[str, Any]) -> Click | Refused:
    return read_payload(payload, DESKS, {"census"}, time("12:00"))


def option(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


def test_what_was_filled_in_comes_back_under_blocks_of_our_own() -> None:
    muted = read(submitted(ask_why_mute(REMEMBERED), {"length": option("8h"), "reason": {"value": "planned"}}))
    assert isinstance(muted, Click)
    assert muted.action is not None
    assert (muted.action.length, muted.action.reason) == (timedelta(hours=8), "planned")
    judged = read(submitted(ask_why_not_useful(REMEMBERED), {"why": option("satire"), "reason": {"value": "a joke"}}))
    assert isinstance(judged, Click)
    assert judged.action is not None
    assert judged.action.reason == "satire · a joke"


def test_a_length_that_is_not_told_is_the_one_that_the_window_shows() -> None:
    click = read(submitted(ask_why_mute(REMEMBERED), {"reason": {"value": "planned"}}))
    assert isinstance(click, Click)
    assert click.action is not None
    assert (click.action.kind, click.action.length) == (ActionKind.MUTE, timedelta(hours=1))


@pytest.mark.parametrize(("filled", "reason"), [({}, ""), ({"reason": {"value": "old"}}, "old")])
def test_a_verdict_without_a_reason_of_the_list_still_counts(filled: dict[str, Any], reason: str) -> None:
    click = read(submitted(ask_why_not_useful(REMEMBERED), filled))
    assert isinstance(click, Click)
    assert click.action is not None
    assert (click.action.kind, click.action.reason) == (ActionKind.NOT_USEFUL, reason)


@pytest.mark.parametrize(
    ("view", "filled"),
    [
        (ask_why_mute(REMEMBERED), {"length": option("1000h")}),
        (ask_why_not_useful(REMEMBERED), {"why": option("<!channel>")}),
    ],
)
def test_what_the_window_does_not_offer_is_refused(view: dict[str, Any], filled: dict[str, Any]) -> None:
    refused = read(submitted(view, filled))
    assert isinstance(refused, Refused)
    assert refused.why is Refusal.UNREADABLE
    assert "<!channel>" not in WHY_NOT


def test_the_blocks_of_a_window_have_ids_of_their_own() -> None:
    for view in (ask_why_mute(REMEMBERED), ask_why_not_useful(REMEMBERED)):
        ids = [block["block_id"] for block in view["blocks"]]
        assert len({*ids}) == len(ids) > 1


@pytest.mark.parametrize(
    ("clicked", "person"),
    [
        ({"selected_user": "U0BEN"}, "U0BEN"),
        ({"selected_option": {"value": "W0BEN"}}, "W0BEN"),
        ({"selected_option": {"value": "census/1"}}, ""),
        ({"selected_user": "<@U0BEN>"}, ""),
        ({"selected_user": ""}, ""),
        ({"selected_option": "U0BEN"}, ""),
        ({}, ""),
    ],
)
def test_who_was_chosen_is_an_id_of_a_person(clicked: dict[str, Any], person: str) -> None:
    assert chosen_person(clicked) == person


def test_a_person_told_as_any_other_choice_is_assigned_to() -> None:
    clicked = {
        "action_id": "groundswell_assign",
        "block_id": "census/5f0c9ab1d2e34455 aa",
        "selected_option": {"value": "U0BEN"},
    }
    click = read(
        {"type": "block_actions", "user": {"id": "U0ADA"}, "channel": {"id": "C0CENSUS"}, "actions": [clicked]}
    )
    assert isinstance(click, Click)
    assert click.assignee == "U0BEN"
