"""What `check_slack` finds, against a server that behaves like Slack's Web API."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from alerting.slack_blocks import story_message
from alerting.slack_check import SCOPES, Receiver, check_slack
from alerting.slack_finding import Finding, Verdict
from alerting.slack_parts import size_bytes
from alerting.slack_sample import sample_story
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, Fault, limited
from tests.slack_block_rules import block_problem

NOW = datetime(2030, 4, 1, 12, 5, 30, tzinfo=UTC)
APP_TOKEN = "xapp-1-fake"


async def found(slack: FakeSlack, sample_at: datetime | None = None, **changes: Any) -> dict[str, Finding]:
    known: dict[str, Any] = {"channel": CHANNEL, "base_url": slack.base_url, "token": TOKEN, "app_token": APP_TOKEN}
    return {each.what: each async for each in check_slack(Receiver(**(known | changes)), sample_at=sample_at)}


async def test_a_receiver_that_has_all_is_told_so_and_nothing_is_posted(slack: FakeSlack) -> None:
    findings = await found(slack)
    verdicts = {what: finding.verdict for what, finding in findings.items()}
    assert verdicts.pop("charts") is Verdict.UNKNOWN
    assert set(verdicts.values()) == {Verdict.GOOD}
    assert list(verdicts) == [
        "base_url",
        "bot token",
        "sign-in",
        "scopes",
        "channel",
        "after a crash",
        "buttons",
        "pace",
    ]
    assert findings["sign-in"].told == "Slack knows the app as groundswell in the workspace Example"
    assert findings["channel"].told == "#press, public, not archived, and the app is in it"
    assert "--post-sample" in findings["charts"].remedy
    assert slack.messages == {CHANNEL: []}
    assert set(slack.methods()) == {
        "auth.test",
        "conversations.info",
        "conversations.history",
        "apps.connections.open",
    }


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("xapp-1-A0-x", "app-level token"),
        ("xoxp-1", "a person's token"),
        ("xoxe.xoxb-1", "expires after twelve hours"),
        ("Bearer xoxb-1", "is no token"),
        ("xoxb\u2010", "is no token"),
    ],
)
async def test_a_token_of_the_wrong_kind_is_told_before_anything_is_sent(
    slack: FakeSlack, token: str, said: str
) -> None:
    findings = await found(slack, token=token)
    assert findings["bot token"].verdict is Verdict.MISSING
    assert said in findings["bot token"].told
    assert "xoxb-" in findings["bot token"].remedy
    assert slack.calls == []


async def test_a_token_that_slack_does_not_accept_ends_the_check(slack: FakeSlack) -> None:
    findings = await found(slack, token="xoxb-old")
    assert list(findings) == ["base_url", "bot token", "sign-in"]
    assert findings["sign-in"].verdict is Verdict.MISSING
    assert "install the app again" in findings["sign-in"].remedy


def without(*scopes: str) -> Callable[[FakeSlack], None]:
    return lambda slack: slack.workspace.scopes.difference_update(scopes)


def with_state(**changes: Any) -> Callable[[FakeSlack], None]:
    def change(slack: FakeSlack) -> None:
        for name, value in changes.items():
            setattr(slack.workspace, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "what", "verdict", "told", "remedy"),
    [
        (without("chat:write"), "scopes", Verdict.MISSING, "may not post", "add the scope chat:write"),
        (without("channels:history"), "after a crash", Verdict.LACKING, "told twice", "scope channels:history"),
        (without("channels:read"), "channel", Verdict.UNKNOWN, "cannot be seen", "channels:read"),
        (with_state(tells_scopes=False), "scopes", Verdict.UNKNOWN, "did not say", ""),
        (with_state(scopes={*SCOPES, "files:write"}), "scopes", Verdict.GOOD, "more than is needed: files:write", ""),
        (with_state(is_member=False), "channel", Verdict.MISSING, "the app is not in #press", "/invite @groundswell"),
        (with_state(is_member=False, is_private=True), "channel", Verdict.MISSING, 'no channel "C0CENSUS"', "invite"),
        (with_state(is_archived=True), "channel", Verdict.MISSING, "#press is archived", "unarchive"),
        (with_state(app_token="xapp-new"), "buttons", Verdict.MISSING, "invalid_auth", "connections:write"),
        (with_state(app_scopes=set()), "buttons", Verdict.MISSING, "lacks the scope", "connections:write"),
        (with_state(unknown_methods={"apps.connections.open"}), "buttons", Verdict.UNKNOWN, "no Socket Mode", ""),
        (with_state(unknown_methods={"conversations.info"}), "channel", Verdict.UNKNOWN, "unknown_method", ""),
    ],
)
async def test_what_is_missing_is_said_with_its_remedy(
    slack: FakeSlack, change: Callable[[FakeSlack], None], what: str, verdict: Verdict, told: str, remedy: str
) -> None:
    change(slack)
    finding = (await found(slack))[what]
    assert finding.verdict is verdict
    assert told in finding.told
    assert remedy in finding.remedy


async def test_the_private_channel_s_own_scope_is_named(slack: FakeSlack) -> None:
    slack.workspace.is_private = True
    slack.workspace.scopes.remove("groups:history")
    assert "groups:history" in (await found(slack))["after a crash"].remedy


async def test_a_channel_that_cannot_be_looked_at_is_still_tried_by_reading_it(slack: FakeSlack) -> None:
    slack.workspace.scopes -= {"channels:read", "groups:read"}
    slack.workspace.is_member = False
    findings = await found(slack)
    assert findings["channel"].verdict is Verdict.UNKNOWN
    assert findings["after a crash"].verdict is Verdict.MISSING
    assert "invite it" in findings["after a crash"].remedy


async def test_no_app_token_means_no_buttons_and_nothing_worse(slack: FakeSlack) -> None:
    finding = (await found(slack, app_token=None))["buttons"]
    assert finding.verdict is Verdict.LACKING
    assert "connections:write" in finding.remedy
    by_http = (await found(slack, app_token=None, signed_http=True))["buttons"]
    assert (by_http.verdict, "signed HTTP" in by_http.told) == (Verdict.UNKNOWN, True)
    assert (await found(slack, app_token="xoxb-1"))["buttons"].verdict is Verdict.MISSING
    unread = await found(slack, app_token=None, app_token_problem="it cannot be read from here")
    assert (unread["buttons"].verdict, unread["buttons"].told) == (Verdict.MISSING, "it cannot be read from here")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault(status=404, body="<html>nothing here</html>"), "(HTTP 404) is not Slack's Web API"),
        (Fault(body="<html>a proxy</html>"), "Web API"),
        (Fault(reset=True), "the connection broke"),
        (limited("7"), "asks to wait 7 seconds"),
        (Fault(status=500, error="internal_error"), "internal_error"),
    ],
)
async def test_a_server_that_is_not_slack_or_not_well_is_said(slack: FakeSlack, fault: Fault, told: str) -> None:
    slack.fail_next(fault)
    finding = (await found(slack))["sign-in"]
    assert finding.verdict is Verdict.MISSING
    assert told in finding.told


async def test_nobody_at_the_address_is_said(slack: FakeSlack) -> None:
    await slack.stop()
    assert "nothing can be connected to" in (await found(slack))["sign-in"].told
    assert "no address" in (await found(slack, base_url="http://:x/"))["sign-in"].told


async def test_an_address_without_encryption_is_warned_of() -> None:
    receiver = Receiver(channel="C1", base_url="http://slack.example/api/", token="xapp-1", app_token=None)
    address, *_ = [each async for each in check_slack(receiver)]
    assert (address.verdict, address.remedy[:8]) == (Verdict.LACKING, "use http")


@pytest.mark.parametrize("charts_allowed", [True, False])
async def test_a_sample_says_whether_charts_are_taken(slack: FakeSlack, charts_allowed: bool) -> None:
    slack.charts_allowed = charts_allowed
    findings = await found(slack, sample_at=NOW)
    (message,) = slack.stories()
    kinds = {block["type"] for block in message["blocks"]}
    assert ("data_visualization" in kinds) is charts_allowed
    assert "This is a sample, nothing happened" in message["text"]
    assert findings["sample"].verdict is Verdict.GOOD
    assert findings["charts"].verdict is (Verdict.GOOD if charts_allowed else Verdict.LACKING)


async def test_a_sample_that_slack_does_not_take_is_something_missing(slack: FakeSlack) -> None:
    slack.fail_next(Fault(error="restricted_action", method="chat.postMessage"))
    findings = await found(slack, sample_at=NOW)
    assert findings["sample"].verdict is Verdict.MISSING
    assert "forbid the app to post" in findings["sample"].told


async def test_what_slack_says_is_shown_as_literal_text(slack: FakeSlack) -> None:
    slack.fail_next(Fault(error="\x1b[31m\u202ebad", method="conversations.info"))
    finding = (await found(slack))["channel"]
    assert "\x1b" not in finding.told
    assert "\u202e" not in finding.told


def test_the_sample_says_that_it_is_one_and_slack_takes_it() -> None:
    message = story_message(sample_story(NOW))
    assert message.has_chart
    assert block_problem(list(message.blocks)) is None
    assert size_bytes(message.blocks) < 10_000
    assert "sample" in message.text
