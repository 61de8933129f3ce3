"""Of which blocks messages are made: Slack's newest in Slack, and older ones elsewhere, or as the config says."""

import json
from typing import Literal

import pytest

from alerting.slack import SlackNotifier
from streams.settings.config import Slack
from streams.stages.slack_apps import ClickedReceiver, SlackApp, is_classic
from streams.stages.slack_clicks import SlackClicks
from tests.fake_slack import CHANNEL, TOKEN
from tests.fake_slack_socket import ClickableSlack
from tests.streams.clicking import Desk

Blocks = Literal["auto", "newest", "classic"]
SLACK, OTHER = "https://slack.com/api/", "http://127.0.0.1:3000/api/"


@pytest.mark.parametrize(
    ("blocks", "base_url", "classic"),
    [
        ("auto", SLACK, False),
        ("auto", OTHER, True),
        ("newest", OTHER, False),
        ("classic", SLACK, True),
    ],
)
def test_the_config_or_else_the_server_decides(blocks: Blocks, base_url: str, classic: bool) -> None:
    assert is_classic(Slack(name="comms", channel=CHANNEL, blocks=blocks, base_url=base_url)) is classic


@pytest.mark.parametrize("classic", [False, True])
async def test_messages_and_windows_are_made_alike(slack: ClickableSlack, classic: bool) -> None:
    desk = Desk(slack)
    receiver = ClickedReceiver(name="comms", channel=CHANNEL, bot_token=TOKEN, may_act=None, is_classic=classic)
    app = SlackApp(base_url=slack.base_url, app_token=slack.workspace.app_token, receivers=(receiver,))
    desk.clicks = SlackClicks(app, {"census"}, desk.send, "monitored", desk.stories, desk.metrics)
    desk.notifier = SlackNotifier(
        name="comms", channel=CHANNEL, token=TOKEN, base_url=slack.base_url, buttons=True, is_classic=classic
    )
    await desk.clicks.start()
    await desk.tell()
    await desk.clicks.take(slack.payload("groundswell_more"))
    for shown in (slack.stories()[-1], slack.views[-1]):
        assert ("rich_text" in json.dumps(shown)) is not classic
    await desk.close()
