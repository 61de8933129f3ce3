"""What is read from Slack's payloads, however they look: a click that may be believed, or a refusal."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from alerting.action import LONGEST_REASON, ActionKind
from alerting.slack_actions import Ask, Click, Desk, Refusal, Refused, channel_of, read_payload, window_of
from alerting.slack_controls import ControlId, read_target, target_of
from tests.building import story, time

NOW = time("12:10")
DESKS = (Desk(channel="C0CENSUS", may_act=frozenset({"U0ADA"})), Desk(channel="C0OPEN"))
CLICKED: dict[str, Any] = {
    "type": "block_actions",
    "user": {"id": "U0ADA", "name": "ada"},
    "team": {"id": "T0PRESS"},
    "container": {"channel_id": "C0CENSUS", "message_ts": "1.5"},
    "channel": {"id": "C0CENSUS"},
    "trigger_id": "7.8",
    "actions": [
        {
            "action_id": "groundswell_acknowledge",
            "block_id": "census/5f0c9ab1d2e34455 aa",
            "value": "census/5f0c9ab1d2e34455",
            "action_ts": "1.9",
        }
    ],
}
SUBMITTED: dict[str, Any] = {
    "type": "view_submission",
    "user": {"id": "U0ADA", "name": "ada"},
    "team": {"id": "T0PRESS"},
    "view": {
        "id": "V1",
        "hash": "1.2",
        "callback_id": "groundswell_why_mute",
        "private_metadata": '["census/5f0c9ab1d2e34455", "C0CENSUS", null]',
        "state": {
            "values": {"a": {"length": {"selected_option": {"value": "1h"}}}, "b": {"reason": {"value": "planned"}}}
        },
    },
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["census/1", "C0OPEN", "U0ADA"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a payload."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


@st.composite
def bent(draw: st.DrawFn, payload: dict[str, Any]) -> dict[str, Any]:
    """A payload in which something else stands in a few places."""
    found: dict[str, Any] = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(found)[1:] or [("type",)]))
        at: Any = found
        for key in place[:-1]:
            at = at[key]
        at[place[-1]] = draw(json_values)
    return found


@settings(max_examples=400)
@given(bent(CLICKED) | bent(SUBMITTED) | st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_no_payload_breaks_it_and_none_acts_where_it_may_not(payload: dict[str, Any]) -> None:
    found = read_payload(payload, DESKS, {"census"}, NOW)
    channel_of(payload)
    if isinstance(found, Refused):
        return
    assert found.target.monitor == "census"
    if found.ask is Ask.MORE:
        assert found.action is None
        return
    assert found.by.channel == "C0OPEN" or (found.by.channel, found.by.user) == ("C0CENSUS", "U0ADA")
    if found.action is not None:
        assert (found.action.monitor, found.action.story) == (found.target.monitor, found.target.story)
        assert len(found.action.by.name) <= 80
        assert len(found.action.reason) <= LONGEST_REASON


def read(payload: dict[str, Any]) -> Click:
    found = read_payload(payload, DESKS, {"census"}, NOW)
    assert isinstance(found, Click)
    return found


def with_action(**changes: Any) -> dict[str, Any]:
    return CLICKED | {"actions": [CLICKED["actions"][0] | changes]}


def test_the_same_click_has_the_same_id_and_another_one_another() -> None:
    first = read(CLICKED).action
    assert first is not None
    assert first == read(copy.deepcopy(CLICKED)).action
    others = [
        with_action(action_ts="2.0"),
        with_action(action_id="groundswell_useful"),
        with_action(value="census/0000000000000000"),
        CLICKED | {"user": {"id": "U0BEN"}, "container": {"channel_id": "C0OPEN"}},
        CLICKED | {"team": {"id": "T2"}},
        CLICKED | {"trigger_id": "9.9"},
        CLICKED | {"container": {"channel_id": "C0CENSUS", "message_ts": "2.5"}},
    ]
    ids = [action.id for other in others if (action := read(other).action)]
    assert len({first.id, *ids}) == len(others) + 1


def test_the_time_at_which_it_was_taken_in_is_no_part_of_the_id() -> None:
    later = read_payload(CLICKED, DESKS, {"census"}, time("13:00"))
    assert isinstance(later, Click)
    earlier = read(CLICKED).action
    assert earlier is not None
    assert later.action == structs.replace(earlier, at=time("13:00"))


def test_a_menu_of_people_is_about_the_story_of_its_block() -> None:
    payload = with_action(action_id="groundswell_assign", value=None, selected_user="U0BEN")
    found = read(payload)
    assert found.assignee == "U0BEN"
    assert found.action is not None
    assert (found.action.kind, found.action.story) == (ActionKind.ASSIGN, "5f0c9ab1d2e34455")


def test_a_window_remembers_where_it_was_opened() -> None:
    asked = read(with_action(action_id="groundswell_mute", value="census/5f0c9ab1d2e34455 why"))
    assert (asked.ask, asked.action, asked.trigger) == (Ask.WHY_MUTE, None, "7.8")
    view = SUBMITTED["view"] | {"private_metadata": window_of(asked)}
    answered = read(SUBMITTED | {"view": view})
    assert answered.by.channel == "C0CENSUS"
    assert answered.action is not None
    assert (answered.action.kind, answered.action.reason) == (ActionKind.MUTE, "planned")


def test_a_window_acts_only_where_its_person_may() -> None:
    found = read_payload(SUBMITTED | {"user": {"id": "U0BEN"}}, DESKS, {"census"}, NOW)
    assert isinstance(found, Refused)
    assert found.why is Refusal.MAY_NOT_ACT


def test_whoever_may_not_act_may_look() -> None:
    stranger = {"user": {"id": "U0BEN", "name": "ben"}}
    more = read(with_action(action_id="groundswell_more") | stranger)
    assert (more.ask, more.action) == (Ask.MORE, None)
    elsewhere = with_action(action_id="groundswell_more") | stranger | {"container": {"channel_id": "C0OTHER"}}
    for refused in (CLICKED | stranger, elsewhere):
        assert isinstance(read_payload(refused, DESKS, {"census"}, NOW), Refused)


@pytest.mark.parametrize(("thread_ts", "thread"), [(None, None), ("1.5", None), ("1.2", "1.2"), (7, None)])
def test_an_answer_stands_in_a_thread_only_where_that_is_open(thread_ts: object, thread: str | None) -> None:
    container = CLICKED["container"] | {"thread_ts": thread_ts}
    assert read(CLICKED | {"container": container}).by.thread == thread


def test_the_same_window_sent_twice_acts_once_and_another_acts_again() -> None:
    sent = SUBMITTED | {"trigger_id": "1.1"}
    first, same, other = (read(one).action for one in (sent, copy.deepcopy(sent), sent | {"trigger_id": "2.2"}))
    assert first == same
    assert first is not None
    assert other is not None
    assert first.id != other.id


@pytest.mark.parametrize("value", ["", "census", "census/", "/x", "Census/x", "census/x y/z", "census/<x>", "c/x\n", 7])
def test_what_we_have_not_written_is_no_target(value: object) -> None:
    found = read_target(value)
    assert found is None or found[1]


def test_every_control_is_known_by_its_id_and_a_story_with_odd_names_has_none() -> None:
    assert all(control.value.startswith("groundswell_") for control in ControlId)
    assert target_of(story(monitor="<!channel>")) is None
    assert str(target_of(story())) == "census/5f0c9ab1d2e34455"
