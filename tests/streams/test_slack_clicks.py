"""Clicks in Slack, from the button of a message as it stands there to the record in `monitored`."""

import json
from datetime import timedelta

import pytest

from alerting.action import ActionKind, Handling, Mute
from tests.building import notification, story, time
from tests.fake_slack_socket import ADA, BEN, TEAM, ClickableSlack
from tests.streams.clicking import Desk
from tests.waiting import until


async def test_an_acknowledgement_enters_monitored_under_its_monitor(slack: ClickableSlack, desk: Desk) -> None:
    told = await desk.tell()
    sent = await slack.click("groundswell_acknowledge", by=ADA)
    assert sent.seconds is not None
    (action,) = desk.actions
    assert (action.monitor, action.story, action.kind) == ("census", told.id, ActionKind.ACKNOWLEDGE)
    assert (action.by.id, action.by.name) == (f"slack:{TEAM}/U0ADA", "Ada")
    assert desk.counted("accepted") == 1
    assert slack.whispers == []


async def test_an_envelope_that_comes_twice_changes_nothing_the_second_time(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge")
    again = await slack.deliver(sent.envelope)
    assert again.seconds is not None
    assert len(desk.actions) == 1
    assert desk.counted("repeat") == 1


async def test_a_worker_that_has_not_seen_it_before_gives_a_repeated_click_the_same_id(
    slack: ClickableSlack, desk: Desk
) -> None:
    await desk.tell()
    sent = await slack.click("groundswell_acknowledge")
    other = Desk(slack)
    other.knows(story())
    await other.clicks.start()
    await other.clicks.take(sent.envelope["payload"])
    await other.close()
    assert [action.id for action in other.actions] == [action.id for action in desk.actions]


@pytest.mark.parametrize(("word", "length"), [("1h", timedelta(hours=1)), ("8h", timedelta(hours=8)), ("story", None)])
async def test_a_story_is_muted_at_once_where_no_reason_is_given(
    slack: ClickableSlack, desk: Desk, word: str, length: timedelta | None
) -> None:
    await desk.tell()
    await slack.click("groundswell_mute", word=word)
    (action,) = desk.actions
    assert (action.kind, action.length, action.reason) == (ActionKind.MUTE, length, "")
    assert slack.views == []


async def test_a_reason_for_a_mute_is_asked_for_in_a_window(slack: ClickableSlack, desk: Desk) -> None:
    told = await desk.tell()
    await slack.click("groundswell_mute", word="why")
    assert desk.actions == []
    assert [view["callback_id"] for view in slack.views] == ["groundswell_why_mute"]
    sent = await slack.submit(
        {
            "length": {"type": "radio_buttons", "selected_option": {"value": "8h"}},
            "reason": {"type": "plain_text_input", "value": "planned: press release <!channel>"},
        },
        by=BEN,
    )
    assert sent.seconds is not None
    (action,) = desk.actions
    assert (action.kind, action.story, action.length) == (ActionKind.MUTE, told.id, timedelta(hours=8))
    assert (action.by.name, action.reason) == ("Ben Example", "planned: press release <!channel>")
    await slack.deliver(sent.envelope)
    assert len(desk.actions) == 1


async def test_a_muted_story_can_be_unmuted(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell(handling=Handling(mute=Mute(by="Ada", until=time("20:00"))))
    await slack.click("groundswell_unmute")
    assert [action.kind for action in desk.actions] == [ActionKind.UNMUTE]


async def test_a_story_is_assigned_to_oneself_or_to_others_by_name(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    await slack.click("groundswell_assign_to_me")
    await slack.click("groundswell_assign", selected_user="U0BEN")
    await slack.click("groundswell_assign", selected_user="U0ADA")
    await slack.click("groundswell_assign", selected_user="U0GONE")
    assert [(action.kind, action.assignee) for action in desk.actions] == [
        (ActionKind.ASSIGN, ""),
        (ActionKind.ASSIGN, "Ben Example"),
        (ActionKind.ASSIGN, ""),
        (ActionKind.ASSIGN, "U0GONE"),
    ]


@pytest.mark.parametrize("feedback_allowed", [True, False])
async def test_a_verdict_counts_at_once_and_a_bad_one_is_asked_for_its_reason(
    slack: ClickableSlack, desk: Desk, feedback_allowed: bool
) -> None:
    slack.feedback_allowed = feedback_allowed
    await desk.tell()
    if feedback_allowed:
        await slack.click("groundswell_judge", word="useful")
        await slack.click("groundswell_judge", word="not_useful")
    else:
        await slack.click("groundswell_useful")
        await slack.click("groundswell_not_useful")
    assert [action.kind for action in desk.actions] == [ActionKind.USEFUL, ActionKind.NOT_USEFUL]
    await slack.submit({"why": {"selected_option": {"value": "same name"}}, "reason": {"value": None}})
    assert (desk.actions[-1].kind, desk.actions[-1].reason) == (ActionKind.NOT_USEFUL, "same name")


async def test_whoever_asks_for_more_sees_all_the_evidence(slack: ClickableSlack, desk: Desk) -> None:
    await desk.tell()
    await slack.click("groundswell_more")
    (view,) = slack.views
    shown = json.dumps(view, ensure_ascii=False)
    for words in ("Who says it", "What is not known", "Why this fired", "A narrative grew from 4 to 90"):
        assert words in shown
    assert desk.actions == []


async def test_a_story_that_came_while_stories_cannot_be_read_is_no_unknown_one(
    slack: ClickableSlack, desk: Desk
) -> None:
    desk.stories.start()
    await until(lambda: not desk.stories.is_at_end)
    await desk.notifier.send(notification(), None)
    assert (await slack.click("groundswell_acknowledge")).seconds is not None
    assert len(desk.actions) == 1
    await desk.stories.stop()
