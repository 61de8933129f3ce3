"""A turn that interrupts is seen in the channel too, by people who do not follow the thread; no other is."""

from typing import Any

import pytest
from msgspec.structs import replace

from alerting.alert import Gate, Hold, Notification, Reason, Turn
from alerting.merging import merged
from alerting.slack import SlackNotifier
from tests.alerting.slack_senders import make, posted, receipt_of
from tests.building import notification, time
from tests.fake_slack import FakeSlack, Fault, answer_lost

INTERRUPTING = (Reason.ESCALATED, Reason.REOPENED)


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in (Reason.FIRST, Reason.MORE)])
async def test_only_what_interrupts_is_sent_to_the_channel_too(
    slack: FakeSlack, notifier: SlackNotifier, reason: Reason
) -> None:
    receipt = await posted(notifier)
    news = ("acknowledged",) if reason is Reason.HANDLED else ()
    await notifier.send(replace(notification(reason, told=1), news=news), receipt)
    (reply,) = slack.replies(receipt.ts)
    assert (reply.get("subtype") == "thread_broadcast") is (reason in INTERRUPTING)
    assert len(slack.in_channel()) == 1 + (reason in INTERRUPTING)
    assert len(slack.stories()) == 1


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("reason", INTERRUPTING)
async def test_what_is_held_is_never_sent_to_the_channel(
    slack: FakeSlack, notifier: SlackNotifier, reason: Reason, gate: Gate
) -> None:
    receipt = await posted(notifier)
    held = replace(notification(reason, told=1), hold=Hold(gate=gate, why="not now"), news=("acknowledged",))
    await notifier.send(held, receipt)
    (reply,) = slack.replies(receipt.ts)
    assert "subtype" not in reply
    assert "Acknowledged" in reply["text"] or "Handled" in reply["text"]


async def test_an_escalation_that_was_held_is_not_sent_there_with_a_later_turn(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    held = replace(
        notification(Reason.ESCALATED, told=1), hold=Hold(gate=Gate.MUTED, why="not now"), news=("acknowledged",)
    )
    together = merged(held, notification(Reason.DOUBLED, told=2))
    assert together.hold is None
    await notifier.send(together, receipt)
    assert len(slack.replies(receipt.ts)) == 1
    assert len(slack.in_channel()) == 1


async def test_of_several_turns_one_that_interrupts_is_enough(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    turns = tuple(
        Turn(id=f"t{number}", reason=reason, at=time("12:10"), line=f"{reason.value}.")
        for number, reason in enumerate((Reason.DOUBLED, Reason.ESCALATED, Reason.SPREAD))
    )
    await notifier.send(replace(notification(Reason.DOUBLED, told=3), turns=turns), receipt)
    (_, shown) = slack.in_channel()
    assert shown["text"].count("\n") == 2


def escalated() -> Notification:
    return notification(Reason.ESCALATED, told=1)


async def test_after_a_crash_it_is_found_and_not_said_again(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    slack.fail_next(answer_lost())
    await notifier.send(escalated(), receipt)
    other = make(slack)
    assert receipt_of(await other.send(escalated(), receipt)) == receipt
    assert len(slack.replies(receipt.ts)) == 1
    assert len(slack.in_channel()) == 2
    # Nor is it taken for the story's message.
    assert await other.find(escalated()) == receipt
    await other.close()


async def test_where_slack_does_not_take_it_the_thread_has_it_alone(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    usual = slack.work["chat.postMessage"]

    def refusing(arguments: dict[str, Any]) -> dict[str, Any]:
        return {"ok": False, "error": "invalid_arguments"} if "reply_broadcast" in arguments else usual(arguments)

    slack.work["chat.postMessage"] = refusing
    assert receipt_of(await notifier.send(escalated(), receipt)) == receipt
    (reply,) = slack.replies(receipt.ts)
    assert "subtype" not in reply


async def test_one_whose_parent_vanishes_becomes_the_story(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    usual = slack.work["conversations.replies"]

    def deleted_meanwhile(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = usual(arguments)
        slack.delete(receipt.ts)
        return answer

    slack.work["conversations.replies"] = deleted_meanwhile
    moved = receipt_of(await notifier.send(escalated(), receipt))
    (message,) = slack.in_channel()
    assert message["ts"] == moved.ts
    assert message["metadata"]["event_type"] == "groundswell_story"


async def test_a_reply_that_is_too_much_is_said_as_text_and_still_sent_there(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    slack.fail_next(Fault(error="invalid_blocks", method="chat.postMessage"))
    await notifier.send(escalated(), receipt)
    assert len(slack.in_channel()) == 2
