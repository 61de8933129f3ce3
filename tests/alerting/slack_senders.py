"""Senders to a Slack on the loopback interface, and what of their outcomes tests ask for."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerting.alert import Receipt
from alerting.notifier import Delivered, Outcome
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from tests.building import notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack


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
