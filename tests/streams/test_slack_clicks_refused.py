"""Clicks that change nothing: of whoever may not act, forged ones, and what Slack or Kafka loses."""

from typing import Any

import pytest

from tests.fake_slack import CHANNEL, Fault
from tests.fake_slack_socket import ADA, BEN, ClickableSlack
from tests.streams.clicking import Desk


async def test_whoever_gets_no_window_is_told_so(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    slack.fail_next(Fault(error="fatal_error", method="views.open"))
    await slack.click("groundswell_mute", word="why")
    assert desk.counted("not_opened") == 1
    assert "did not open the window" in slack.whispers[0]["text"]


async def test_who_may_not_act_is_told_so_alone_and_changes_nothing(slack: ClickableSlack) -> None:
    slack.groups["S0DESK"] = ["U0ADA"]
    desk = Desk(slack, may_act=("U0CYD", "S0DESK"))
    await desk.open()
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge", by=BEN)
    assert sent.seconds is not None
    assert desk.sent == []
    assert desk.counted("may_not_act") == 1
    (whisper,) = slack.whispers
    assert (whisper["channel"], whisper["user"]) == (CHANNEL, "U0BEN")
    await slack.click("groundswell_acknowledge", by=ADA)
    assert [action.by.name for action in desk.actions] == ["Ada"]
    await desk.close()


async def test_nobody_of_a_group_may_act_while_slack_does_not_say_who_is_in_it(slack: ClickableSlack) -> None:
    desk = Desk(slack, may_act=("S0GONE",))
    await desk.open()
    await desk.tell()
    for _ in range(2):
        await slack.click("groundswell_acknowledge", by=ADA)
    assert desk.counted("may_not_act") == 2
    assert slack.methods().count("usergroups.users.list") == 1
    await desk.close()


@pytest.mark.parametrize(
    ("chosen", "outcome"),
    [
        ({"action_id": "delete_everything"}, "unknown_action"),
        ({"value": "elections/5f0c9ab1d2e34455"}, "unknown_monitor"),
        ({"value": "census/0000000000000000"}, "unknown_story"),
        ({"value": "../../etc"}, "unreadable"),
        ({"value": {"census": 1}, "block_id": 7}, "unreadable"),
        ({"value": "census/" + "x" * 5000, "block_id": "x"}, "unreadable"),
    ],
)
async def test_a_forged_control_changes_nothing_and_is_counted(
    slack: ClickableSlack, desk: Desk, chosen: dict[str, Any], outcome: str
) -> None:
    await desk.tell()
    payload = slack.payload("groundswell_acknowledge")
    payload["actions"][0] |= {"block_id": "made-by-slack"} | chosen
    assert (await slack.send(payload)).seconds is not None
    assert desk.sent == []
    assert desk.counted(outcome) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"type": "shortcut"},
        {"user": None},
        {"user": {"id": 7}},
        {"actions": []},
        {"actions": [7]},
        {"actions": "x"},
        {"container": None, "channel": None},
    ],
)
async def test_a_payload_that_is_none_is_acknowledged_and_changes_nothing(
    slack: ClickableSlack, desk: Desk, change: dict[str, Any]
) -> None:
    await desk.tell()
    sent = await slack.send(slack.payload("groundswell_acknowledge") | change)
    assert sent.seconds is not None
    assert desk.sent == []
    assert desk.counted("unreadable") == 1


async def test_a_click_in_a_channel_that_is_no_receivers_changes_nothing(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    payload = slack.payload("groundswell_acknowledge")
    payload["container"]["channel_id"] = "C0OTHER"
    await slack.send(payload)
    assert desk.sent == []
    assert desk.counted("unknown_channel") == 1


async def test_whoever_clicked_is_told_where_it_could_not_be_saved(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    desk.fails = ConnectionError("no broker")
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert desk.counted("failed") == 1
    assert "click again" in slack.whispers[0]["text"]
    desk.fails = None
    await slack.click("groundswell_acknowledge")
    assert len(desk.actions) == 1
