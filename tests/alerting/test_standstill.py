"""A process that stood still tells nothing before it can know whether that is still its own to tell."""

import asyncio
import time
from datetime import timedelta

import pytest

from alerting.alert import Reason
from alerting.notifier import TryAgain
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from alerting.standstill import HARMLESS, Standstill
from tests.alerting.slack_senders import posted
from tests.building import notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack
from tests.waiting import until


async def test_who_goes_on_all_the_time_may_tell() -> None:
    still = Standstill()
    still.watch()
    for _ in range(5):
        await asyncio.sleep(0.1)
        assert still.settles_in() is None
    still.stop()


@pytest.mark.parametrize("is_seen_first_by_the_timer", [False, True])
async def test_who_stood_still_waits_for_a_while(is_seen_first_by_the_timer: bool) -> None:
    still = Standstill()
    still.watch()
    time.sleep(HARMLESS.total_seconds() + 0.6)  # noqa: ASYNC251 - nothing else goes on meanwhile: that is the point
    if is_seen_first_by_the_timer:
        await asyncio.sleep(0.1)
    after = still.settles_in()
    assert after is not None
    assert timedelta(seconds=9) < after <= timedelta(seconds=10)
    still.stop()


async def test_a_turn_that_waited_for_its_second_while_the_process_stood_still_is_not_told(slack: FakeSlack) -> None:
    notifier = SlackNotifier(
        name="comms", channel=CHANNEL, token=TOKEN, base_url=slack.base_url, pace=SlackPace(second=1)
    )
    receipt = await posted(notifier)
    telling = asyncio.ensure_future(notifier.send(notification(Reason.ESCALATED, told=1), receipt))
    # It has looked whether the turn stands in the thread, and waits until the channel takes another message.
    await until(lambda: "conversations.replies" in slack.methods())
    await asyncio.sleep(0.1)
    assert not telling.done()
    time.sleep(HARMLESS.total_seconds() + 0.6)  # noqa: ASYNC251 - as SIGSTOP would hold it
    outcome = await telling
    assert isinstance(outcome, TryAgain)
    assert outcome.after
    assert not [message for message in slack.messages[CHANNEL] if "thread_ts" in message]
    await notifier.close()
