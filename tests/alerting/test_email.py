"""EmailNotifier against a real mail server (aiosmtpd) on the loopback interface."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from msgspec import structs

from alerting.alert import Gate, Hold, Reason, Receipt, State, Turn
from alerting.digest import composed, held_story
from alerting.email import EmailNotifier
from alerting.notifier import Delivered, Refused, TryAgain
from tests.building import alert, notification, time
from tests.fake_mail import PASSWORD, USERNAME, FakeMail, make_certificate
from tests.waiting import until

SENDER, TO = "groundswell@census.example", ("press@census.example", "risk@census.example")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeMail]:
    async with FakeMail() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def make(running: FakeMail, **changes: Any) -> EmailNotifier:
    known: dict[str, Any] = {"server": "127.0.0.1", "port": running.port, "tls": "none", "sender": SENDER, "to": TO}
    return EmailNotifier(name="desk", **(known | changes))


async def first(running: FakeMail, **changes: Any) -> Receipt:
    outcome = await make(running, **changes).send(notification(), None)
    assert isinstance(outcome, Delivered), outcome
    assert outcome.receipt is not None
    return outcome.receipt


async def test_a_story_is_a_mail_to_all_of_its_readers(server: FakeMail) -> None:
    await first(server)
    ((envelope, message),) = server.mails
    assert envelope.mail_from == SENDER
    assert envelope.rcpt_tos == list(TO)
    assert message["From"] == '"Groundswell: critical" <groundswell@census.example>'
    assert message["To"] == "press@census.example, risk@census.example"
    assert message["Subject"] == "[census] Census Office: nine times the usual mentions, and a known claim spreads"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Importance"] == "high"
    assert message["X-Groundswell-Severity"] == "critical"
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        text = part.get_content()
        for said in (
            "Critical: Census Office: nine times the usual mentions",
            "Answers are confidential by law",
            "国勢調査の回答が保険会社に売られるらしい。",
            "سمعت أن مكتب التعداد",
            "bsky.example/profile/ada/post/1",
            "Next step:",
        ):
            assert said in text, (kind, said)


async def test_what_follows_is_the_same_thread(server: FakeMail) -> None:
    receipt = await first(server)
    notifier = make(server)
    ended = (alert(state=State.RESOLVED, resolved_at=time("14:05")),)
    await notifier.send(notification(Reason.ESCALATED, headline="Quite another headline"), receipt)
    outcome = await notifier.send(notification(Reason.RESOLVED, state=State.RESOLVED, alerts=ended), receipt)
    assert outcome == Delivered(receipt)
    begun, risen, over = server.messages()
    for later in (risen, over):
        assert later["In-Reply-To"] == begun["Message-ID"]
        assert later["References"] == f"{begun['References']} {begun['Message-ID']}"
        assert later["Subject"] == f"Re: {begun['Subject']}"
    assert len({begun["Message-ID"], risen["Message-ID"], over["Message-ID"]}) == 3
    assert over["From"].addresses[0].display_name == "Groundswell: resolved"
    assert over["Importance"] is None
    text = over.get_body(("plain",))
    assert text is not None
    assert text.get_content().startswith("Resolved. Over since 01 Apr 14:05 UTC, after 2 h 15 min.")


async def test_a_repeat_is_known_by_its_message_id(server: FakeMail) -> None:
    for _ in range(2):
        receipt = await first(server)
    for _ in range(2):
        await make(server).send(notification(Reason.ESCALATED), receipt)
    ids = [message["Message-ID"] for message in server.messages()]
    assert ids[0] == ids[1] != ids[2] == ids[3]


async def test_a_receipt_of_another_type_of_receiver_begins_a_thread(server: FakeMail) -> None:
    receipt = await first(server)
    of_slack = Receipt(channel="C0CENSUS", ts="1900000000.000001")
    outcome = await make(server).send(notification(Reason.ESCALATED), of_slack)
    assert isinstance(outcome, Delivered)
    assert outcome.receipt != receipt
    assert server.messages()[-1]["In-Reply-To"] is None


async def test_a_thread_that_began_twice_is_one_thread(server: FakeMail) -> None:
    """The first mail was sent, the worker was killed before it noted that, and the story went on."""
    await first(server)
    await make(server).send(notification(told=1, headline="Later"), None)
    begun, again = server.messages()
    assert begun["References"] == again["References"]
    assert begun["Message-ID"] != again["Message-ID"]  # or else the news could be taken for a repeat


async def test_two_receivers_have_threads_of_their_own(server: FakeMail) -> None:
    await first(server)
    await make(server).send(notification(receiver="other"), None)
    assert len({message["References"] for message in server.messages()}) == 2


@pytest.mark.parametrize("reason", [Reason.MORE, Reason.HANDLED])
async def test_what_would_only_edit_a_message_is_no_mail(server: FakeMail, reason: Reason) -> None:
    receipt = await first(server)
    acted = structs.replace(notification(reason), news=("acknowledged",))
    assert await make(server).send(acted, receipt) == Delivered(receipt)
    assert len(server.mails) == 1


async def test_what_must_not_interrupt_is_no_mail(server: FakeMail) -> None:
    hold = Hold(gate=Gate.QUIET_HOURS, why="Quiet until 07:00.")
    held = structs.replace(notification(), hold=hold)
    assert await make(server).send(held, None) == Delivered()
    assert server.mails == []


async def test_every_turn_that_was_merged_is_said(server: FakeMail) -> None:
    receipt = await first(server)
    turns = (
        Turn(id="1", reason=Reason.DOUBLED, at=time("12:06"), line="Doubled: 500 mentions now"),
        Turn(id="2", reason=Reason.ESCALATED, at=time("12:07"), line="Escalated to critical"),
    )
    await make(server).send(
        structs.replace(notification(Reason.ESCALATED), turns=turns, budget="3 of 10 today"), receipt
    )
    for kind in ("plain", "html"):
        body = server.messages()[-1].get_body((kind,))
        assert body is not None
        text = body.get_content()
        assert text.index("Doubled: 500") < text.index("Escalated to critical") < text.index("3 of 10 today")


async def test_the_first_mail_says_what_happened_while_it_waited(server: FakeMail) -> None:
    turns = (Turn(id="2", reason=Reason.ESCALATED, at=time("12:07"), line="Escalated to critical"),)
    await make(server).send(structs.replace(notification(), turns=turns), None)
    (message,) = server.messages()
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        assert "Escalated to critical" in body.get_content()


async def test_a_digest_is_a_mail_of_its_own(server: FakeMail) -> None:
    hold = Hold(gate=Gate.BUDGET, why="10 of 10 <b>spent</b>.")
    held = held_story(structs.replace(notification(), hold=hold), time("13:00"))
    told = composed(
        [held], route="press", receiver="desk", at=time("17:00"), timezone="Europe/Berlin", spent="10 of 10"
    )
    assert await make(server).send_digest(told) == Delivered()
    (message,) = server.messages()
    assert message["Subject"].startswith("Digest of press, 01 Apr 19:00 CEST")
    assert message["From"].addresses[0].display_name == "Groundswell: digest"
    assert message["Message-ID"] == f"<{told.id}.desk.groundswell@census.example>"
    for kind, why in (("plain", "10 of 10 <b>spent</b>"), ("html", "10 of 10 &lt;b&gt;spent&lt;/b&gt;")):
        body = message.get_body((kind,))
        assert body is not None
        assert why in body.get_content()
        assert "nine times the usual mentions" in body.get_content()


async def test_it_logs_in(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with FakeMail(certificate=certificate, login=True) as server:
        more: dict[str, Any] = {"server": "localhost", "tls": "starttls", "username": USERNAME}
        await first(server, password=PASSWORD, **more)
        assert server.encrypted == [True]
        refused = await make(server, password="guessed", **more).send(notification(), None)
        assert isinstance(refused, Refused)
        assert "does not accept the user name and password" in refused.why
        anonymous = await make(server, **(more | {"username": None})).send(notification(), None)
        assert isinstance(anonymous, Refused)
        assert "wants a user name and a password" in anonymous.why


async def test_it_speaks_tls_from_the_beginning(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with FakeMail(certificate=certificate, tls_only=True) as server:
        await first(server, server="localhost", tls="tls")
        assert server.encrypted == [True]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_taken(certificate: tuple[Path, Path], tls: str) -> None:
    async with FakeMail(certificate=certificate, tls_only=tls == "tls") as server:
        outcome = await make(server, server="localhost", tls=tls).send(notification(), None)
        assert isinstance(outcome, Refused)
        assert "certificate" in outcome.why
        assert server.mails == []


async def test_it_does_without_encryption_only_where_it_is_told_so(server: FakeMail) -> None:
    outcome = await make(server, tls="starttls").send(notification(), None)
    assert isinstance(outcome, Refused)
    assert "STARTTLS" in outcome.why
    assert server.mails == []


@pytest.mark.parametrize("command", ["connect", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("421 Too busy", TryAgain),
        ("450 Greylisted", TryAgain),
        ("452 Full", TryAgain),
        ("550 No", Refused),
        ("554 No", Refused),
    ],
)
async def test_4xx_is_for_now_and_5xx_for_good(command: str, answer: str, expected: type[Any]) -> None:
    async with FakeMail({command: f"{answer}: They will sell the census to insurers!"}) as server:
        outcome = await make(server).send(notification(), None)
        assert isinstance(outcome, expected), outcome
        assert "census to insurers" not in outcome.why
        assert isinstance(outcome, TryAgain) or outcome.is_message == (command == "DATA")


async def test_one_unknown_address_keeps_the_mail_from_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    async with FakeMail({TO[0]: "550 No such mailbox"}) as server:
        await first(server)
        assert [envelope.rcpt_tos for envelope, _ in server.mails] == [[TO[1]]]
    assert "does not take the mail for some of the receiver's addresses" in caplog.text


async def test_one_address_that_may_be_taken_later_is_tried_again() -> None:
    async with FakeMail({TO[0]: "550 No such mailbox", TO[1]: "450 Later"}) as server:
        assert isinstance(await make(server).send(notification(), None), TryAgain)


async def test_it_leaves_no_connection_open(server: FakeMail) -> None:
    await first(server)
    await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})


async def test_a_server_that_says_nothing_is_left(server: FakeMail) -> None:
    async with FakeMail(wait_seconds=5) as slow:
        outcome = await make(slow, timeout=timedelta(seconds=0.2)).send(notification(), None)
        assert isinstance(outcome, TryAgain)
        assert "in time" in outcome.why
