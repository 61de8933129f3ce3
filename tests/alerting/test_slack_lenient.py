"""Servers that stand in for Slack keep, know and tell less than it does: stories are told there too, and once."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, State
from alerting.digest import Digest, composed, held_story
from alerting.notifier import Delivered, Refused, TryAgain
from alerting.slack import SlackNotifier
from alerting.slack_check import Receiver, check_slack
from alerting.slack_finding import Finding, Verdict
from alerting.slack_pace import SlackPace
from tests.alerting.slack_senders import receipt_of
from tests.building import notification, time
from tests.fake_slack import CHANNEL, TOKEN, Fault, answer_lost
from tests.lenient_slack import LenientSlack

KEPT = [{"metadata", "blocks"}, {"blocks"}, {"metadata"}, set[str]()]


@pytest.fixture
async def slack() -> AsyncIterator[LenientSlack]:
    async with LenientSlack() as server:
        yield server


def sender(slack: LenientSlack, *, is_classic: bool = False, ask_again: timedelta | None = None) -> SlackNotifier:
    more: dict[str, Any] = {} if ask_again is None else {"ask_again": ask_again}
    return SlackNotifier(
        name="comms",
        channel=CHANNEL,
        token=TOKEN,
        base_url=slack.base_url,
        buttons=True,
        is_classic=is_classic,
        timeout=timedelta(seconds=5),
        pace=SlackPace(second=0.0),
        **more,
    )


def digest() -> Digest:
    held = replace(notification(), hold=Hold(gate=Gate.BUDGET, why="all is spent"))
    return composed(
        [held_story(held, time("12:00"))], route="press", receiver="comms", at=time("17:00"), timezone="UTC"
    )


@pytest.mark.parametrize(("keeps", "is_classic"), [*product(KEPT, [False, True])])
async def test_nothing_is_told_twice_whatever_a_server_keeps(
    slack: LenientSlack, keeps: set[str], is_classic: bool
) -> None:
    """Every answer is lost once, and after each a new worker begins, which knows nothing."""
    slack.keeps = keeps
    receipt: Receipt | None = None
    for told, reason in enumerate((Reason.FIRST, Reason.ESCALATED, Reason.DOUBLED, Reason.RESOLVED)):
        state = State.RESOLVED if reason is Reason.RESOLVED else State.FIRING
        said = notification(reason, told=told, state=state)
        slack.fail_next(answer_lost())
        for _ in range(3):
            worker = sender(slack, is_classic=is_classic)
            receipt = receipt or await worker.find(said)
            outcome = await worker.send(said, receipt)
            await worker.close()
            if isinstance(outcome, Delivered):
                receipt = receipt_of(outcome)
                break
        else:
            pytest.fail(f"{reason} was never told")
    (message,) = slack.stories()
    assert receipt == Receipt(channel=CHANNEL, ts=message["ts"])
    assert len(slack.replies(message["ts"])) == 3


@pytest.mark.parametrize("keeps", KEPT[:3])
async def test_a_digest_is_found_again_whatever_a_server_keeps(slack: LenientSlack, keeps: set[str]) -> None:
    slack.keeps = keeps
    notifier = sender(slack)
    assert await notifier.has_digest(digest()) is False
    await notifier.send_digest(digest())
    assert await notifier.has_digest(digest()) is True
    assert await notifier.has_digest(replace(digest(), id="another")) is False
    await notifier.close()


async def test_another_story_or_receiver_is_never_taken_for_ours(slack: LenientSlack) -> None:
    slack.keeps = {"blocks"}
    notifier = sender(slack)
    await notifier.send(notification(), None)
    assert await notifier.find(notification(id="another", headline="Another")) is None
    other = SlackNotifier(
        name="legal", channel=CHANNEL, token=TOKEN, base_url=slack.base_url, pace=SlackPace(second=0.0)
    )
    assert await other.find(notification()) is None
    for each in (notifier, other):
        await each.close()


@pytest.mark.parametrize("verbs", [{"GET"}, {"POST"}])
async def test_it_reads_by_whichever_verb_a_server_has(slack: LenientSlack, verbs: set[str]) -> None:
    slack.verbs = verbs
    notifier = sender(slack)
    receipt = receipt_of(await notifier.send(notification(), None))
    assert await notifier.find(notification()) == receipt
    await notifier.send(notification(Reason.ESCALATED, told=1), receipt)
    await notifier.send(notification(Reason.ESCALATED, told=1), receipt)
    assert len(slack.replies(receipt.ts)) == 1
    await notifier.close()


async def test_what_is_read_is_asked_for_as_a_form_and_what_is_written_as_json(slack: LenientSlack) -> None:
    """Slack's reference: those that read take no JSON, and every method takes a form by POST."""
    notifier = sender(slack)
    receipt = receipt_of(await notifier.send(notification(), None))
    await notifier.find(notification())
    await notifier.send(notification(Reason.ESCALATED, told=1), receipt)
    await notifier.close()
    form, json = "application/x-www-form-urlencoded", "application/json"
    assert {(method, verb, kind) for method, verb, kind in slack.verbs_seen} == {
        ("chat.postMessage", "POST", json),
        ("chat.update", "POST", json),
        ("conversations.history", "POST", form),
        ("conversations.replies", "POST", form),
    }


@pytest.mark.parametrize("code", ["invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"])
async def test_where_metadata_is_refused_a_story_is_told_without(slack: LenientSlack, code: str) -> None:
    slack.refuses = {"metadata": code}
    notifier = sender(slack)
    receipt = receipt_of(await notifier.send(notification(), None))
    assert await notifier.find(notification()) == receipt
    await notifier.send(notification(Reason.ESCALATED, told=1), receipt)
    assert len(slack.replies(receipt.ts)) == 1
    await notifier.close()


@pytest.mark.parametrize("tells", [{"ts"}, {"ts", "message"}, {"ts", "channel"}])
async def test_an_answer_need_only_say_where_the_message_is(slack: LenientSlack, tells: set[str]) -> None:
    slack.tells = tells
    notifier = sender(slack)
    receipt = receipt_of(await notifier.send(notification(), None))
    assert receipt == Receipt(channel=CHANNEL, ts=slack.stories()[0]["ts"])
    assert receipt_of(await notifier.send(notification(Reason.ESCALATED, told=1), receipt)) == receipt
    assert (len(slack.stories()), len(slack.replies(receipt.ts))) == (1, 1)
    await notifier.close()


@pytest.mark.parametrize("missing", ["conversations.history", "conversations.replies", "chat.update"])
async def test_a_method_that_is_not_there_keeps_no_story_from_being_told(slack: LenientSlack, missing: str) -> None:
    slack.workspace.unknown_methods = {missing}
    notifier = sender(slack)
    receipt = receipt_of(await notifier.send(notification(), None))
    for told in (1, 2):
        outcome = await notifier.send(notification(Reason.ESCALATED, told=told), receipt)
        assert receipt_of(outcome) == receipt
    assert len(slack.stories()) == 1
    assert len(slack.replies(receipt.ts)) == 2
    await notifier.close()


async def test_a_server_that_cannot_be_posted_to_is_told_of_loudly(slack: LenientSlack) -> None:
    slack.workspace.unknown_methods = {"chat.postMessage"}
    notifier = sender(slack)
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, Refused)
    assert not outcome.is_message
    await notifier.close()


@pytest.mark.parametrize(
    ("unknown", "left"),
    [
        ({"data_visualization"}, {"header", "rich_text", "actions", "context", "context_actions"}),
        ({"context_actions"}, {"header", "rich_text", "data_visualization", "actions", "context"}),
        ({"rich_text"}, {"header", "section", "data_visualization", "actions", "context"}),
        ({"rich_text", "data_visualization", "context_actions"}, {"header", "section", "actions", "context"}),
        ({"rich_text", "data_visualization", "context_actions", "actions"}, {"header", "section", "context"}),
        ({"header"}, set[str]()),
    ],
)
async def test_blocks_that_a_server_does_not_know_are_left_out(
    slack: LenientSlack, unknown: set[str], left: set[str]
) -> None:
    slack.unknown_blocks = unknown
    notifier = sender(slack)
    await notifier.send(notification(), None)
    (message,) = slack.stories()
    assert {block["type"] for block in message["blocks"]} == left
    calls = len(slack.calls)
    await notifier.send(notification(id="next"), None)
    # What was found out is remembered, but for text alone: that may have been one message.
    assert (len(slack.calls) == calls + 1) is bool(left)
    await notifier.close()


async def test_what_was_refused_is_tried_again_after_a_while(
    slack: LenientSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("alerting.slack.monotonic", lambda: now)
    slack.charts_allowed = slack.feedback_allowed = False
    notifier = sender(slack, ask_again=timedelta(seconds=10))
    receipt = receipt_of(await notifier.send(notification(), None))
    slack.charts_allowed = slack.feedback_allowed = True
    await notifier.send(notification(Reason.MORE, told=1), receipt)
    assert "data_visualization" not in {block["type"] for block in slack.stories()[0]["blocks"]}
    now = 10.0
    await notifier.send(notification(Reason.MORE, told=2), receipt)
    kinds = {block["type"] for block in slack.stories()[0]["blocks"]}
    assert {"data_visualization", "context_actions"} <= kinds
    await notifier.close()


async def found(slack: LenientSlack, *, is_classic: bool = False) -> dict[str, Finding]:
    receiver = Receiver(
        channel=CHANNEL, base_url=slack.base_url, token=TOKEN, app_token="xapp-1-fake", is_classic=is_classic
    )
    at: datetime = time("12:00")
    return {finding.what: finding async for finding in check_slack(receiver, sample_at=at)}


@pytest.mark.parametrize(
    ("keeps", "verdict", "told"),
    [
        (KEPT[0], Verdict.GOOD, "by its metadata"),
        (KEPT[1], Verdict.GOOD, "by its blocks"),
        (KEPT[3], Verdict.LACKING, "by its words"),
    ],
)
async def test_the_check_says_by_what_a_story_is_found_again(
    slack: LenientSlack, keeps: set[str], verdict: Verdict, told: str
) -> None:
    slack.keeps = keeps
    finding = (await found(slack))["found again"]
    assert finding.verdict is verdict
    assert told in finding.told


async def test_the_check_says_which_blocks_are_not_taken(slack: LenientSlack) -> None:
    slack.unknown_blocks = {"rich_text", "data_visualization"}
    findings = await found(slack)
    assert {what: findings[what].verdict for what in ("sample", "charts", "blocks")} == {
        "sample": Verdict.GOOD,
        "charts": Verdict.LACKING,
        "blocks": Verdict.LACKING,
    }
    assert "in sections" in findings["blocks"].told
    assert {block["type"] for block in slack.stories()[0]["blocks"]} == {"header", "section", "context"}


@pytest.mark.parametrize("missing", ["conversations.info", "conversations.history"])
async def test_the_check_names_what_it_could_not_ask(slack: LenientSlack, missing: str) -> None:
    slack.workspace.unknown_methods = {missing}
    findings = await found(slack)
    assert "unknown_method" in " ".join(finding.told for finding in findings.values())
    assert findings["sample"].verdict is Verdict.GOOD
    assert Verdict.MISSING not in {finding.verdict for finding in findings.values()}


async def test_a_pause_is_kept_though_it_is_asked_for_while_it_looks(slack: LenientSlack) -> None:
    """Nothing that is uncertain is posted before it could be looked for."""
    slack.keeps = {"blocks"}
    notifier = sender(slack)
    slack.fail_next(answer_lost())
    said: Notification = notification()
    assert isinstance(await notifier.send(said, None), TryAgain)
    assert isinstance(await notifier.send(said, None), Delivered)
    assert len(slack.stories()) == 1
    await notifier.close()


async def test_a_server_without_socket_mode_is_ready_all_the_same(slack: LenientSlack) -> None:
    slack.fail_next(Fault(status=404, method="apps.connections.open"))
    finding = (await found(slack))["buttons"]
    assert finding.verdict is Verdict.UNKNOWN
    assert "no Socket Mode" in finding.told


async def test_what_a_server_does_not_say_of_a_channel_is_not_claimed(
    slack: LenientSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = slack.workspace.about

    def in_short(channel: str) -> dict[str, Any]:
        return {"ok": True, "channel": {"id": channel, "name": usual(channel)["channel"]["name"]}}

    monkeypatch.setattr(slack.workspace, "about", in_short)  # a server that says less
    finding = (await found(slack))["channel"]
    assert finding.verdict is Verdict.GOOD
    assert finding.told == "#press, public, not archived; whether the app is in it is not said"
