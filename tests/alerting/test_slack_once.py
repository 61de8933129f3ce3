"""Whatever of Slack's answers fails or is lost, a story stands in its channel once."""

from datetime import timedelta
from typing import Any

import pytest

from alerting.alert import Reason
from alerting.notifier import TryAgain
from alerting.slack import SlackNotifier
from tests.alerting.slack_senders import make, posted, receipt_of
from tests.building import notification
from tests.fake_slack import CHANNEL, FakeSlack, Fault, answer_lost, limited
from tests.waiting import until


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
    await until(lambda: bool(slack.stories()))
    receipt_of(await impatient.send(notification(), None))
    assert len(slack.stories()) == 1
    await impatient.close()


async def test_while_slack_cannot_be_asked_nothing_uncertain_is_posted_again(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(answer_lost(), limited("0.3"))
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    assert await notifier.send(notification(), None) == TryAgain("Slack asks for a pause", timedelta(seconds=0.3))
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


async def test_a_deleted_message_is_posted_anew_once(slack: FakeSlack, notifier: SlackNotifier) -> None:
    receipt = await posted(notifier)
    slack.delete(receipt.ts)
    more = notification(Reason.MORE, told=1)
    anew = receipt_of(await notifier.send(more, receipt))
    assert anew != receipt
    assert receipt_of(await notifier.send(more, receipt)) == anew  # the new receipt was lost in a crash
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
    slack.work["conversations.history"] = lambda arguments: answer
    slack.fail_next(Fault(error="fatal_error", method="chat.postMessage"))
    assert isinstance(await notifier.send(notification(), None), TryAgain)
    receipt_of(await notifier.send(notification(), None))
