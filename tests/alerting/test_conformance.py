"""Our notifiers keep the contract, and the checks have teeth."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from alerting.alert import Notification, Receipt
from alerting.conformance import PAUSE, Situation, check_notifier
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from alerting.slack import SlackNotifier
from alerting.terminal import TerminalNotifier
from tests.building import notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, limited

FAULTS = {
    Situation.BAD_REQUEST: Fault(status=400),
    Situation.UNAUTHORISED: Fault(status=401),
    Situation.NOT_FOUND: Fault(status=404),
    Situation.TOO_LARGE: Fault(status=413),
    Situation.LIMITED: limited(f"{PAUSE.total_seconds():.0f}"),
    Situation.SERVER_ERROR: Fault(status=500),
    Situation.SILENT: Fault(wait_seconds=0.6),
    Situation.RESET: Fault(reset=True),
}


@asynccontextmanager
async def slack(situation: Situation) -> AsyncIterator[Notifier]:
    async with FakeSlack() as server:
        timeout = timedelta(seconds=0.3 if situation is Situation.SILENT else 10)
        notifier = SlackNotifier(name="comms", channel=CHANNEL, token=TOKEN, base_url=server.base_url, timeout=timeout)
        if fault := FAULTS.get(situation):
            server.fail_next(*[fault] * 20)
        if situation is Situation.NOBODY:
            await server.stop()
        yield notifier
        await notifier.close()


@asynccontextmanager
async def terminal(situation: Situation) -> AsyncIterator[Notifier]:
    yield TerminalNotifier(name="terminal", stream=io.StringIO())


async def test_slack_keeps_the_contract() -> None:
    assert await check_notifier(slack, notification()) == []


async def test_the_terminal_keeps_the_contract() -> None:
    assert await check_notifier(terminal, notification(), [Situation.ACCEPTS]) == []


class Broken(Notifier):
    """Breaks a promise in each situation."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._told = 0

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        self._told += 1
        match self._situation:
            case Situation.ACCEPTS:
                return Delivered(Receipt(channel="c", ts=str(self._told)))  # a new message for each telling
            case Situation.LIMITED:
                return TryAgain("later")  # forgets what was asked
            case Situation.BAD_REQUEST:
                return Refused(notification.story.alerts[0].evidence.exemplars[0].text)
            case Situation.TOO_LARGE:
                return Refused("")
            case Situation.RESET:
                raise ConnectionResetError
            case _:
                return Delivered()

    async def find(self, notification: Notification) -> Receipt | None:
        raise ValueError

    async def close(self) -> None:
        raise ValueError


@asynccontextmanager
async def broken(situation: Situation) -> AsyncIterator[Notifier]:
    yield Broken(situation)


async def test_every_broken_promise_is_noticed() -> None:
    for situation in Situation:
        breaches = await check_notifier(broken, notification(), [situation])
        assert {breach.what.split()[0] for breach in breaches} >= {"find", "close"}
        assert any(not breach.what.startswith(("find", "close")) for breach in breaches), situation
