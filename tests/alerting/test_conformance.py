"""Our notifiers keep the contract, and the checks have teeth."""

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from alerting.alert import Notification, Receipt
from alerting.alertmanager import AlertmanagerNotifier
from alerting.conformance import PAUSE, Arrange, Situation, check_notifier
from alerting.email import EmailNotifier
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from alerting.terminal import TerminalNotifier
from alerting.webhook import WebhookNotifier
from tests.building import notification
from tests.fake_http import Answer, FakeHttp
from tests.fake_mail import FakeMail
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, limited

FAULTS = {
    Situation.BAD_REQUEST: Fault(status=400),
    Situation.UNAUTHORISED: Fault(status=401),
    Situation.NOT_FOUND: Fault(status=404),
    Situation.TOO_LARGE: Fault(status=413),
    Situation.LIMITED: limited(f"{PAUSE.total_seconds():.0f}"),
    Situation.SERVER_ERROR: Fault(status=500),
    Situation.BUSY: Fault(status=503),
    Situation.SILENT: Fault(wait_seconds=0.6),
    Situation.RESET: Fault(reset=True),
}


@asynccontextmanager
async def slack(situation: Situation) -> AsyncIterator[Notifier]:
    async with FakeSlack() as server:
        timeout = timedelta(seconds=0.3 if situation is Situation.SILENT else 10)
        notifier = SlackNotifier(
            name="comms",
            channel=CHANNEL,
            token=TOKEN,
            base_url=server.base_url,
            timeout=timeout,
            pace=SlackPace(second=0.0),
        )
        if fault := FAULTS.get(situation):
            server.fail_next(*[fault] * 20)
        if situation is Situation.NOBODY:
            await server.stop()
        yield notifier
        await notifier.close()


ANSWERS = {
    Situation.BAD_REQUEST: Answer(status=400),
    Situation.UNAUTHORISED: Answer(status=401),
    Situation.NOT_FOUND: Answer(status=404),
    Situation.TOO_LARGE: Answer(status=413),
    Situation.LIMITED: Answer(status=429, headers={"Retry-After": f"{PAUSE.total_seconds():.0f}"}),
    Situation.SERVER_ERROR: Answer(status=500),
    Situation.BUSY: Answer(status=503),
    Situation.SILENT: Answer(wait_seconds=0.6),
    Situation.RESET: Answer(reset=True),
}


def over_http(make: Callable[[str, timedelta], Notifier]) -> Arrange:
    """A receiver to which HTTP is spoken; it is made of an address and a time-out."""

    @asynccontextmanager
    async def arranged(situation: Situation) -> AsyncIterator[Notifier]:
        async with FakeHttp(ANSWERS.get(situation, Answer(body="[]"))) as server:
            if situation is Situation.NOBODY:
                await server.stop()
            notifier = make(server.url, timedelta(seconds=0.3 if situation is Situation.SILENT else 10))
            yield notifier
            await notifier.close()

    return arranged


# What a mail server says instead of those codes. It cannot say for how long to wait.
CODES = {
    Situation.BAD_REQUEST: {"DATA": "554 5.6.0 Cannot be read"},
    Situation.UNAUTHORISED: {"MAIL": "530 5.7.0 Authentication required"},
    Situation.NOT_FOUND: {"RCPT": "550 5.1.1 No such mailbox"},
    Situation.TOO_LARGE: {"DATA": "552 5.3.4 Too large"},
    Situation.SERVER_ERROR: {"DATA": "451 4.3.0 Local error"},
    Situation.BUSY: {"connect": "421 4.3.2 Too busy"},
}


@asynccontextmanager
async def mail(situation: Situation) -> AsyncIterator[Notifier]:
    is_silent = situation is Situation.SILENT
    wait_seconds = 0.6 if is_silent else 0.0
    answers, is_reset = CODES.get(situation), situation is Situation.RESET
    async with FakeMail(answers, wait_seconds=wait_seconds, reset=is_reset) as server:
        if situation is Situation.NOBODY:
            await server.stop()
        yield EmailNotifier(
            name="desk",
            server="127.0.0.1",
            port=server.port,
            tls="none",
            sender="groundswell@census.example",
            to=["press@census.example"],
            timeout=timedelta(seconds=0.3 if is_silent else 10),
        )


@asynccontextmanager
async def terminal(situation: Situation) -> AsyncIterator[Notifier]:
    yield TerminalNotifier(name="terminal", stream=io.StringIO())


async def test_slack_keeps_the_contract() -> None:
    assert await check_notifier(slack, notification()) == []


async def test_the_terminal_keeps_the_contract() -> None:
    assert await check_notifier(terminal, notification(), [Situation.ACCEPTS]) == []


async def test_alertmanager_keeps_the_contract() -> None:
    arrange = over_http(lambda url, timeout: AlertmanagerNotifier(name="am", urls=[url], timeout=timeout))
    assert await check_notifier(arrange, notification()) == []


async def test_a_webhook_keeps_the_contract() -> None:
    secret = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtMTIzNA=="
    arrange = over_http(lambda url, timeout: WebhookNotifier(url=url, secret=secret, timeout=timeout))
    assert await check_notifier(arrange, notification()) == []


async def test_mail_keeps_the_contract() -> None:
    situations = [situation for situation in Situation if situation is not Situation.LIMITED]
    assert await check_notifier(mail, notification(), situations) == []


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
