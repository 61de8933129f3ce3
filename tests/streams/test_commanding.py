"""What the commands say by which people act on stories."""

from datetime import timedelta
from typing import Any

import pytest

from alerting.action import Action, ActionKind, Handling
from alerting.alert import Severity
from streams import records
from streams.acting import action_on
from streams.commanding import done, remark
from tests.building import story


def action(kind: ActionKind, **how: Any) -> Action:
    return action_on(story(), kind, by="Petra", **how)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (action(ActionKind.ACKNOWLEDGE), "Acknowledged"),
        (action(ActionKind.ASSIGN, assignee="Sam"), "Assigned to Sam"),
        (action(ActionKind.MUTE, length=timedelta(hours=1)), "Muted for 1 h"),
        (action(ActionKind.MUTE), "Muted"),
    ],
)
def test_what_was_done_is_said_with_whom_and_how_long(what: Action, expected: str) -> None:
    assert done(what) == expected


def test_that_life_safety_is_not_held_by_a_mute_is_said() -> None:
    muted = action(ActionKind.MUTE)
    assert "interrupts all the same" in remark(story(severity=Severity.LIFE_SAFETY), muted)
    assert remark(story(), muted) == ""


def test_who_comes_second_is_told_who_was_first() -> None:
    seen = story(handling=Handling(acknowledged_by="Ada"))
    assert remark(seen, action(ActionKind.ACKNOWLEDGE)) == "Ada had acknowledged it before, and stays named."
    assert remark(story(), action(ActionKind.ACKNOWLEDGE)) == ""


def test_what_is_typed_in_bytes_that_are_no_text_can_be_sent() -> None:
    typed = b"broken \xff".decode("utf-8", "surrogateescape")
    sent = action_on(story(), ActionKind.ASSIGN, by=typed, reason=typed, assignee=typed)
    assert {sent.by.name, sent.reason, sent.assignee} == {"broken �"}
    assert b"broken" in records.encode(sent)
