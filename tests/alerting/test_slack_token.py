"""A bot token that was changed while the process runs: the new one is taken where Slack refuses the old one."""

from alerting.alert import Reason
from alerting.notifier import Delivered, Refused
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from alerting.slack_web import SlackWeb
from tests.building import notification
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack

NEW = "xoxb-fake-2"


async def test_a_story_is_told_with_the_new_token_and_edited_with_it(slack: FakeSlack) -> None:
    kept = [TOKEN]
    notifier = SlackNotifier(
        name="comms",
        channel=CHANNEL,
        token=TOKEN,
        base_url=slack.base_url,
        pace=SlackPace(second=0.0),
        read_token=lambda: f"{kept[0]}\n",
    )
    first = await notifier.send(notification(), None)
    assert isinstance(first, Delivered)
    slack.token = NEW
    refused = await notifier.send(notification(Reason.MORE, told=1), first.receipt)
    assert isinstance(refused, Refused)
    assert "does not accept the bot token" in refused.why
    kept[0] = NEW
    assert isinstance(await notifier.send(notification(Reason.MORE, told=1), first.receipt), Delivered)
    assert len(slack.stories()) == 1
    await notifier.close()


async def test_a_token_that_is_gone_from_where_it_was_kept_changes_nothing(slack: FakeSlack) -> None:
    slack.token = NEW
    async with SlackWeb(slack.base_url, TOKEN, read_token=lambda: None) as web:
        assert (await web.call("auth.test")).error == "invalid_auth"


async def test_windows_and_answers_to_clicks_take_the_new_token_too(slack: FakeSlack) -> None:
    slack.token = NEW
    async with SlackWeb(slack.base_url, TOKEN, read_token=lambda: NEW) as web:
        assert (await web.call("auth.test")).error is None
