"""SlackNotifier against a real HTTP server that behaves like Slack's Web API."""

import logging

import pytest
from msgspec.structs import replace

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity, State
from alerting.notifier import Delivered, TryAgain
from alerting.slack import SlackNotifier
from tests.alerting.slack_senders import posted, receipt_of
from tests.building import alert, evidence, exemplar, notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, answer_lost
from tests.slack_block_rules import block_problem


async def test_a_new_story_is_one_message_with_a_receipt(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    (message,) = slack.stories()
    assert receipt == Receipt(channel=CHANNEL, ts=message["ts"])
    assert message["metadata"]["event_type"] == "groundswell_story"
    assert message["metadata"]["event_payload"]["story"] == notification().story.id
    _, arguments = slack.calls[0]
    assert (arguments["parse"], arguments["link_names"], arguments["mrkdwn"]) == ("none", False, False)
    assert (arguments["unfurl_links"], arguments["unfurl_media"]) == (False, False)


async def test_a_receipt_of_a_receiver_that_was_mail_before_is_none(slack: FakeSlack, notifier: SlackNotifier) -> None:
    of_mail = Receipt(channel="press@census.example", ts="<5f0c.1@groundswell>")
    receipt = receipt_of(await notifier.send(notification(), of_mail))
    assert receipt == Receipt(channel=CHANNEL, ts=slack.stories()[0]["ts"])


async def test_newer_numbers_edit_the_message_and_write_nothing_in_its_thread(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    more = notification(Reason.MORE, told=1, alerts=(alert(evidence=evidence("400 mentions.")),))
    assert receipt_of(await notifier.send(more, receipt)) == receipt
    assert "400 mentions" in slack.stories()[0]["text"]
    assert slack.methods() == ["chat.postMessage", "chat.update"]


async def test_a_resolved_story_looks_resolved(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    await notifier.send(notification(Reason.RESOLVED, told=1, state=State.RESOLVED), receipt)
    assert slack.stories()[0]["text"].startswith("✅ Resolved")


async def test_what_may_stand_there_is_edited_where_nobody_may_be_called(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    held = Hold(gate=Gate.QUIET_HOURS, why="quiet hours")
    assert await notifier.send(replace(notification(id="never-told"), hold=held), None) == Delivered()
    assert slack.calls == []
    slack.fail_next(answer_lost())
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    (message,) = slack.stories()
    told = await notifier.send(replace(notification(Reason.MORE, told=1), hold=held), None)
    assert receipt_of(told) == Receipt(channel=CHANNEL, ts=message["ts"])
    assert "quiet hours" in str(slack.stories())
    assert len(slack.stories()) == 1


async def test_neither_token_nor_foreign_text_is_logged(
    slack: FakeSlack, notifier: SlackNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    loud = notification(alerts=(alert(evidence=evidence(exemplars=(exemplar("SECRET WORDS"),))),))
    slack.fail_next(Fault(error="invalid_blocks"), Fault(status=500, body="SECRET WORDS"))
    for _ in range(2):
        await notifier.send(loud, None)
    await notifier.find(loud)
    assert TOKEN not in caplog.text
    assert "SECRET" not in caplog.text
    assert len(slack.stories()) == 1


async def test_everything_that_is_posted_keeps_slacks_rules(slack: FakeSlack, notifier: SlackNotifier) -> None:
    told: list[Notification] = [
        notification(severity=severity, state=state, id=f"{severity}-{state}")
        for severity in Severity
        for state in State
    ]
    for one in told:
        receipt_of(await notifier.send(one, None))
    assert slack.methods() == ["chat.postMessage"] * len(told)
    assert all(block_problem(message["blocks"]) is None for message in slack.stories())
