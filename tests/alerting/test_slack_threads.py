"""What Slack holds below a message: turns, each once, and in blocks that it takes."""

from typing import Any

import pytest
from msgspec.structs import replace

from alerting.alert import Reason, Turn
from alerting.notifier import TryAgain
from alerting.slack import SlackNotifier
from tests.alerting.slack_senders import posted, receipt_of
from tests.building import alert, evidence, notification, time
from tests.fake_slack import FakeSlack, Fault


@pytest.mark.parametrize(
    "reason", [Reason.ESCALATED, Reason.CHANGED, Reason.REMINDER, Reason.RESOLVED, Reason.REOPENED]
)
async def test_a_turn_is_told_in_the_thread_once(slack: FakeSlack, notifier: SlackNotifier, reason: Reason) -> None:
    receipt = await posted(notifier)
    for _ in range(2):
        assert receipt_of(await notifier.send(notification(reason, told=1), receipt)) == receipt
    assert len(slack.stories()) == 1
    assert len(slack.replies(receipt.ts)) == 1


async def test_a_reply_whose_parent_vanishes_becomes_the_story(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    original = slack.work["conversations.replies"]  # the parent goes between the edit and the reply

    def replies_and_delete(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = original(arguments)
        slack.delete(receipt.ts)
        return answer

    slack.work["conversations.replies"] = replies_and_delete
    moved = receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt))
    (message,) = slack.stories()
    assert message["ts"] == moved.ts
    assert message["metadata"]["event_type"] == "groundswell_story"


async def test_a_reply_of_which_slack_does_not_say_its_thread_stays_a_reply(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    original = slack.work["chat.postMessage"]

    def in_short(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = original(arguments)
        return answer | {"message": {"text": answer["message"]["text"], "ts": answer["ts"]}}

    slack.work["chat.postMessage"] = in_short  # an answer as the reference shows it
    assert receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt)) == receipt
    (reply,) = slack.replies(receipt.ts)
    assert reply["metadata"]["event_type"] == "groundswell_turn"
    assert len(slack.stories()) == 1


@pytest.mark.parametrize("script", ["what was said", "言われたこと", "что было сказано", "🌍🌏🌎"])
async def test_many_long_turns_of_an_outage_are_one_reply_that_slack_takes(
    slack: FakeSlack, notifier: SlackNotifier, script: str
) -> None:
    receipt = await posted(notifier)
    turns = tuple(
        Turn(id=f"turn-{number}", reason=Reason.CHANGED, at=time("12:00"), line=f"{number}: {script * 150}")
        for number in range(20)
    )
    outcome = await notifier.send(replace(notification(Reason.CHANGED, told=1), turns=turns), receipt)
    assert receipt_of(outcome) == receipt
    (reply,) = slack.replies(receipt.ts)
    assert len(reply["blocks"]) == len(turns)
    assert all(f"{number}: {script}" in str(block) for number, block in enumerate(reply["blocks"]))


async def test_a_reply_whose_blocks_are_refused_is_said_as_text(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    slack.fail_next(Fault(error="msg_blocks_too_long", method="chat.postMessage"))
    receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt))
    (reply,) = slack.replies(receipt.ts)
    assert reply["blocks"] == []
    assert "Escalated" in reply["text"]


@pytest.mark.parametrize("code", ["cannot_reply_to_message", "restricted_action_thread_locked"])
async def test_a_thread_that_is_locked_holds_up_nothing_else(
    slack: FakeSlack, notifier: SlackNotifier, code: str
) -> None:
    receipt = await posted(notifier)
    slack.fail_next(Fault(error=code, method="chat.postMessage"))
    escalated = notification(Reason.ESCALATED, told=1, alerts=(alert(evidence=evidence("400 mentions.")),))
    assert receipt_of(await notifier.send(escalated, receipt)) == receipt
    assert "400 mentions" in slack.stories()[0]["text"]


async def test_a_slack_that_refuses_replies_to_a_deleted_message_is_told_anew(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    original = slack.work["chat.postMessage"]

    def refuse_replies(arguments: dict[str, Any]) -> dict[str, Any]:
        slack.delete(receipt.ts)
        return {"ok": False, "error": "thread_not_found"} if "thread_ts" in arguments else original(arguments)

    slack.work["chat.postMessage"] = refuse_replies  # it answers so where ours posts at top level
    escalated = notification(Reason.ESCALATED, told=1)
    assert isinstance(await notifier.send(escalated, receipt), TryAgain)
    assert receipt_of(await notifier.send(escalated, receipt)) != receipt
    assert len(slack.stories()) == 1
