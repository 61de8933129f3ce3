"""A receiver with buttons at a Slack whose buttons can be clicked, and what came of the clicks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from prometheus_client import CollectorRegistry

from alerting.action import Action
from alerting.alert import Notification, Story
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from alerting.slack_socket import SlackSocket
from streams import records
from streams.kafka.producing import Output
from streams.settings.config import Config, MonitorSettings, Organisation, Route, Slack
from streams.stages.followed_stories import FollowedStories
from streams.stages.metrics import Metrics
from streams.stages.slack_apps import ClickedReceiver, SlackApp
from streams.stages.slack_clicks import SlackClicks
from tests.building import notification, story
from tests.fake_slack import CHANNEL, TOKEN
from tests.fake_slack_socket import ClickableSlack

CONFIG = Config(
    organisation=Organisation(name="Census Office"),
    monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
    receivers=(Slack(name="comms", channel=CHANNEL),),
    routes=(Route(receivers=("comms",)),),
)

NOBODY_LISTENS = "127.0.0.1:1"


class Desk:
    """A receiver with buttons, its connection, and what came of the clicks."""

    def __init__(self, slack: ClickableSlack, may_act: tuple[str, ...] | None = None) -> None:
        self.slack = slack
        self.sent: list[Output] = []
        self.fails: Exception | None = None
        self.door = asyncio.Event()
        """What is sent arrives while it is open."""
        self.door.set()
        self.metrics = Metrics(CONFIG, "notify", CollectorRegistry())
        self.stories = FollowedStories({"bootstrap_servers": NOBODY_LISTENS}, "stories", 1)
        self.stories.is_at_end = True
        address, unhurried = slack.base_url, SlackPace(second=0.0)
        self.notifier = SlackNotifier(
            name="comms", channel=CHANNEL, token=TOKEN, base_url=address, buttons=True, pace=unhurried
        )
        app = SlackApp(
            base_url=slack.base_url,
            app_token=slack.workspace.app_token,
            receivers=(ClickedReceiver(name="comms", channel=CHANNEL, bot_token=TOKEN, may_act=may_act),),
        )
        self.clicks = SlackClicks(app, {"census"}, self.send, "monitored", self.stories, self.metrics)
        self.connected: list[bool] = []
        self.socket = SlackSocket(
            slack.workspace.app_token,
            slack.base_url,
            self.clicks.take,
            self.connected.append,
            another_after=timedelta(seconds=1),
        )

    async def open(self) -> None:
        await self.clicks.start()
        await self.socket.start()
        await self.slack.until_connected()

    async def close(self) -> None:
        await self.socket.close()
        await self.clicks.stop()
        await self.notifier.close()

    async def send(self, outputs: Sequence[Output]) -> None:
        await self.door.wait()
        if self.fails is not None:
            raise self.fails
        self.sent += outputs

    async def tell(self, told: Notification | None = None, **changes: Any) -> Story:
        told = told or notification(story=story(**changes))
        await self.notifier.send(told, None)
        self.knows(told.story)
        return told.story

    def knows(self, known: Story) -> None:
        self.stories.take(f"{known.monitor}/{known.id}".encode(), msgspec.json.encode(known))

    @property
    def actions(self) -> list[Action]:
        assert all((output.topic, output.key) == ("monitored", b"census") for output in self.sent)
        found = [records.monitored(output.value or b"") for output in self.sent]
        return [record for record in found if isinstance(record, Action)]

    def counted(self, outcome: str) -> float:
        value = self.metrics.registry.get_sample_value("groundswell_slack_clicks_total", {"outcome": outcome})
        assert value is not None
        return value


@pytest.fixture
async def slack() -> AsyncIterator[ClickableSlack]:
    async with ClickableSlack() as server:
        yield server


@pytest.fixture
async def desk(slack: ClickableSlack) -> AsyncIterator[Desk]:
    opened = Desk(slack)
    await opened.open()
    yield opened
    await opened.close()
