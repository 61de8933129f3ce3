"""What Slack refuses: with what to do about it where a person must, and in a smaller shape where that helps."""

from datetime import timedelta

import pytest

from alerting.alert import Reason
from alerting.notifier import Refused, TryAgain
from alerting.slack import SlackNotifier
from tests.alerting.slack_senders import make, posted, receipt_of
from tests.building import notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, limited


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


async def test_charts_that_are_refused_are_left_out_from_then_on(slack: FakeSlack, notifier: SlackNotifier) -> None:
    slack.charts_allowed = False
    receipt = await posted(notifier)
    await notifier.send(notification(Reason.MORE, told=1), receipt)
    assert slack.methods() == ["chat.postMessage", "chat.postMessage", "chat.update"]
    assert len(slack.stories()) == 1


async def test_blocks_that_are_refused_altogether_still_leave_the_text(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(*4 * [Fault(error="invalid_blocks")])
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


async def test_arguments_that_are_refused_whatever_the_shape_concern_all(
    slack: FakeSlack, notifier: SlackNotifier
) -> None:
    slack.fail_next(*[Fault(error="invalid_arguments")] * 5)
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
