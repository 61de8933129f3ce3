"""SlackNotifier against a real HTTP server that behaves like Slack's Web API."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity, State, Turn
from alerting.notifier import Delivered, Outcome, Refused, TryAgain
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from tests.building import alert, evidence, exemplar, notification, time
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, answer_lost, limited
from tests.slack_block_rules import block_problem


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as server:
        yield server


@pytest.fixture
async def notifier(slack: FakeSlack) -> AsyncIterator[SlackNotifier]:
    sender = make(slack)
    yield sender
    await sender.close()


def make(slack: FakeSlack, *, channel: str = CHANNEL, token: str = TOKEN, seconds: float = 5.0) -> SlackNotifier:
    timeout, pace = timedelta(seconds=seconds), SlackPace(second=0.0)
    address = slack.base_url
    return SlackNotifier(name="comms", channel=channel, token=token, base_url=address, timeout=timeout, pace=pace)


async def posted(notifier: SlackNotifier) -> Receipt:
    return receipt_of(await notifier.send(notification(), None))


def receipt_of(outcome: Outcome) -> Receipt:
    assert isinstance(outcome, Delivered)
    assert outcome.receipt
    return outcome.receipt


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


@pytest.mark.parametrize(
    "reason", [Reason.ESCALATED, Reason.CHANGED, Reason.REMINDER, Reason.RESOLVED, Reason.REOPENED]
)
async def test_a_turn_is_told_in_the_thread_once(slack: FakeSlack, notifier: SlackNotifier, reason: Reason) -> None:
    receipt = await posted(notifier)
    for _ in range(2):
        assert receipt_of(await notifier.send(notification(reason, told=1), receipt)) == receipt
    assert len(slack.stories()) == 1
    assert len(slack.replies(receipt.ts)) == 1


async def test_a_resolved_story_looks_resolved(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    await notifier.send(notification(Reason.RESOLVED, told=1, state=State.RESOLVED), receipt)
    assert slack.stories()[0]["text"].startswith("✅ Resolved")


async def test_a_limit_is_handed_to_the_outbox_as_slack_asked(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.fail_next(limited("7"))
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, TryAgain)
    assert outcome.after == timedelta(seconds=7)
    assert slack.stories() == []


@pytest.mark.parametrize(("header", "after"), [("soon", None), ("-1", None), ("1e9", timedelta(days=1)), ("nan", None)])
async def test_a_pause_that_makes_no_sense_is_left_to_the_outbox(
    slack: FakeSlack, notifier: SlackNotifier, header: str, after: timedelta | None
) -> None:
    slack.fail_next(limited(header))
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, TryAgain)
    assert outcome.after == after


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=503, error="service_unavailable"),
        Fault(status=502, body="<html>bad gateway</html>"),
        Fault(status=500, body="oops", content_type="text/plain"),
        Fault(body="<html>log in to the guest network</html>"),
        Fault(body="oops", content_type="text/plain"),
        Fault(body="{broken", content_type="application/json"),
        Fault(body="[1]", content_type="application/json"),
        Fault(body="[" * 200_000, content_type="application/json"),
        Fault(error="internal_error"),
        Fault(reset=True),
        answer_lost(),
        Fault(status=500, after_work=True),
    ],
)
async def test_after_a_failure_of_slack_the_story_is_posted_once(
    slack: FakeSlack, notifier: SlackNotifier, fault: Fault
) -> None:
    slack.fail_next(fault)
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    receipt_of(await notifier.send(notification(), None))
    assert len(slack.stories()) == 1


async def test_a_message_that_was_found_but_could_not_be_edited_is_found_again(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(answer_lost(), Fault(status=500, method="chat.update"))
    for _ in range(2):
        assert isinstance(await notifier.send(notification(), None), TryAgain)
    receipt_of(await notifier.send(notification(), None))
    assert len(slack.stories()) == 1


async def test_a_slow_slack_is_given_up_and_not_told_twice(slack: FakeSlack) -> None:
    impatient = make(slack, seconds=0.2)
    slack.fail_next(Fault(wait_seconds=0.5, after_work=True))
    outcome = await impatient.send(notification(), None)
    assert isinstance(outcome, TryAgain)
    await asyncio.sleep(0.5)
    receipt_of(await impatient.send(notification(), None))
    assert len(slack.stories()) == 1
    await impatient.close()


async def test_while_slack_cannot_be_asked_nothing_uncertain_is_posted_again(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(answer_lost(), limited("3"))
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    assert await notifier.send(notification(), None) == TryAgain("Slack asks for a pause", timedelta(seconds=3))
    receipt_of(await notifier.send(notification(), None))
    assert len(slack.stories()) == 1


async def test_after_a_crash_the_message_is_found_by_its_metadata(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.page_size = 3
    receipt = await posted(notifier)
    for number in range(7):
        await notifier.send(notification(id=f"other-{number}"), None)
    restarted = make(slack)
    assert await restarted.find(notification(Reason.MORE, told=1)) == receipt
    assert await restarted.find(notification(id="never-told")) is None
    await restarted.close()


async def test_a_search_that_fails_is_made_up_for_before_the_next_post(slack: FakeSlack) -> None:
    first = make(slack)
    receipt = await posted(first)
    await first.close()
    restarted = make(slack)
    slack.fail_next(Fault(status=500))
    assert await restarted.find(notification()) is None
    assert receipt_of(await restarted.send(notification(), None)) == receipt
    assert len(slack.stories()) == 1
    await restarted.close()


async def test_an_app_that_may_not_read_still_tells(
    slack: FakeSlack, notifier: SlackNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    slack.may_read = False
    assert await notifier.find(notification()) is None
    receipt = await posted(notifier)
    receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt))
    assert len(slack.replies(receipt.ts)) == 1
    assert "may be told twice" in caplog.text
    assert "add the scope channels:history" in caplog.text


async def test_a_message_with_our_metadata_that_others_posted_is_left_alone(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    for number in range(2):
        forged = dict(slack.stories()[0]) | {"ts": f"99999999{number}.000000", "bot_id": "B666"}
        slack.messages[CHANNEL].append(forged)
    slack.delete(receipt.ts)
    anew = receipt_of(await notifier.send(notification(Reason.MORE, told=1), receipt))
    assert len(slack.stories()) == 3
    assert slack.stories()[-1]["ts"] == anew.ts


async def test_charts_that_are_refused_are_left_out_from_then_on(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.charts_allowed = False
    receipt = await posted(notifier)
    await notifier.send(notification(Reason.MORE, told=1), receipt)
    assert slack.methods() == ["chat.postMessage", "chat.postMessage", "chat.update"]
    assert len(slack.stories()) == 1


async def test_blocks_that_are_refused_altogether_still_leave_the_text(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(Fault(error="invalid_blocks"), Fault(error="invalid_blocks"))
    await posted(notifier)
    assert slack.stories()[0]["blocks"] == []
    assert "nine times the usual" in slack.stories()[0]["text"]
    await notifier.send(notification(id="next"), None)
    assert any(block["type"] == "data_visualization" for block in slack.stories()[1]["blocks"])


@pytest.mark.parametrize("fault", [Fault(error="msg_blocks_too_long"), Fault(status=413)])
async def test_a_message_that_is_too_long_is_sent_smaller(
    slack: FakeSlack, notifier: SlackNotifier, fault: Fault
) -> None:
    slack.fail_next(fault, fault)
    await posted(notifier)
    (message,) = slack.stories()
    assert 3 <= len(message["blocks"]) < len(slack.calls[0][1]["blocks"])


async def test_a_deleted_message_is_posted_anew_once(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    slack.delete(receipt.ts)
    more = notification(Reason.MORE, told=1)
    anew = receipt_of(await notifier.send(more, receipt))
    assert anew != receipt
    assert receipt_of(await notifier.send(more, receipt)) == anew  # the new receipt was lost in a crash
    assert len(slack.stories()) == 1


async def test_where_nothing_old_may_be_edited_numbers_alone_make_no_new_message(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    for _ in range(2):
        slack.fail_next(Fault(error="edit_window_closed", method="chat.update"))
        assert receipt_of(await notifier.send(notification(Reason.MORE, told=1), receipt)) == receipt
    assert len(slack.stories()) == 1
    slack.fail_next(*[Fault(error="edit_window_closed", method="chat.update")] * 2)
    assert receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt)) != receipt
    assert len(slack.stories()) == 2


async def test_a_reply_whose_parent_vanishes_becomes_the_story(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    original = slack._replies  # the parent goes between the edit and the reply

    def replies_and_delete(arguments: dict[str, object]) -> dict[str, object]:
        answer = original(arguments)
        slack.delete(receipt.ts)
        return answer

    slack._replies = replies_and_delete  # type: ignore[method-assign]  # a race that no order of calls can bring about
    moved = receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt))
    (message,) = slack.stories()
    assert message["ts"] == moved.ts
    assert message["metadata"]["event_type"] == "groundswell_story"


async def test_a_reply_of_which_slack_does_not_say_its_thread_stays_a_reply(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    receipt = await posted(notifier)
    original = slack._post

    def in_short(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = original(arguments)
        return answer | {"message": {"text": answer["message"]["text"], "ts": answer["ts"]}}

    slack._post = in_short  # type: ignore[method-assign]  # an answer as the reference shows it
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
    original = slack._post

    def refuse_replies(arguments: dict[str, Any]) -> dict[str, Any]:
        slack.delete(receipt.ts)
        return {"ok": False, "error": "thread_not_found"} if "thread_ts" in arguments else original(arguments)

    slack._post = refuse_replies  # type: ignore[method-assign]  # it answers so where ours posts at top level
    escalated = notification(Reason.ESCALATED, told=1)
    assert isinstance(await notifier.send(escalated, receipt), TryAgain)
    assert receipt_of(await notifier.send(escalated, receipt)) != receipt
    assert len(slack.stories()) == 1


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


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True},
        {"ok": True, "messages": None, "response_metadata": None},
        {"ok": True, "messages": "none", "response_metadata": []},
        {"ok": True, "messages": [7, None], "response_metadata": {"next_cursor": 7}},
    ],
)
async def test_a_channel_that_is_answered_oddly_holds_up_nothing(
    slack: FakeSlack, notifier: SlackNotifier, answer: dict[str, Any]
) -> None:
    slack._history = lambda arguments: answer  # type: ignore[method-assign]
    slack.fail_next(Fault(error="fatal_error", method="chat.postMessage"))
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    receipt_of(await notifier.send(notification(), None))


async def test_arguments_that_are_refused_whatever_the_shape_concern_all(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(*[Fault(error="invalid_arguments")] * 3)
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, Refused)
    assert not outcome.is_message


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("channel_not_found", "correct the receiver's channel id"),
        ("not_in_channel", "invite it"),
        ("is_archived", "archived"),
        ("invalid_auth", "set its new token"),
        ("token_revoked", "revoked"),
        ("account_inactive", "switched off"),
        ("missing_scope", "chat:write"),
        ("restricted_action_read_only_channel", "forbid the app"),
        ("something_new", "something_new"),
    ],
)
async def test_what_a_person_must_mend_is_refused_with_what_to_do(
    slack: FakeSlack, notifier: SlackNotifier, code: str, says: str
) -> None:
    slack.fail_next(Fault(error=code))
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, Refused)
    assert says in outcome.why


async def test_wrong_settings_are_refused(slack: FakeSlack) -> None:
    for token, channel in (("xoxb-old", CHANNEL), ("two\nlines", CHANNEL), ("", CHANNEL), (TOKEN, "C0NONE")):
        notifier = make(slack, token=token, channel=channel)
        outcome = await notifier.send(notification(), None)
        assert isinstance(outcome, Refused)
        assert TOKEN not in outcome.why
        await notifier.close()


async def test_nobody_at_home_is_tried_again(slack: FakeSlack) -> None:
    notifier = make(slack)
    await slack.stop()
    assert await notifier.send(notification(), None) == TryAgain("cannot connect to Slack")
    await notifier.close()


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
