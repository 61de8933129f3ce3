"""The stage `notify` in fast time: a second of Slack lasts a fraction of ours, and so do its pace and its pauses.

The stage is the real one, without its Kafka: each record is taken in, and the checkpoint that it asks for is over at
once.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from alerting.alert import Notification
from alerting.notifier import Notifier
from alerting.slack import SlackNotifier
from alerting.slack_pace import SlackPace
from streams import records
from streams.kafka.topics import names
from streams.settings.config import Config, Kafka, MonitorSettings, Organisation, Route, Slack
from streams.stages.allowance import allowances
from streams.stages.checkpoint import Restored
from streams.stages.metrics import Metrics
from streams.stages.notify import NotifyWork
from streams.stages.patience import Patience
from tests.fake_slack import TOKEN

CHANNELS = 5


def channel_of(number: int) -> str:
    return f"C0DESK{number}"


def notify_work(base_url: str, second: float) -> NotifyWork:
    """The stage with a receiver for each channel, in fast time."""
    receivers = tuple(Slack(name=f"desk-{n}", channel=channel_of(n), base_url=base_url) for n in range(CHANNELS))
    config = Config(
        organisation=Organisation(name="Bench"),
        monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
        receivers=receivers,
        routes=(Route(receivers=tuple(each.name for each in receivers), interrupts_a_day=None),),
    )
    return NotifyWork(
        0,
        Restored(-1, {}),
        hasty_notifiers(config, second),
        names(Kafka()),
        Metrics(config, "notify"),
        allowances(config),
        patience=hasty_patience(second),
    )


def hasty_notifiers(config: Config, second: float) -> dict[str, Callable[[], Notifier]]:
    """How to tell the Slack receivers of a config, in fast time."""
    pace = SlackPace(second)

    class Hasty(SlackNotifier):
        edit_every = SlackNotifier.edit_every * second

    def notifier(receiver: Slack) -> Notifier:
        return Hasty(
            name=receiver.name,
            channel=receiver.channel,
            token=TOKEN,
            base_url=receiver.base_url,
            pace=pace,
            timeout=timedelta(seconds=10),  # of ours: nothing here answers late but a machine that is busy
        )

    return {each.name: partial(notifier, each) for each in config.receivers if isinstance(each, Slack)}


def hasty_patience(second: float) -> Patience:
    usual = Patience()
    return Patience(first=usual.first * second, longest=usual.longest * second, aside=usual.aside * second)


def take(work: NotifyWork, told: Notification, offset: int) -> None:
    """Take in one record, with the checkpoint that it asks for."""
    work.handle(records.encode(told), offset)
    if work.wants_saving:
        work.changed()
        work.saved()


async def until_told(work: NotifyWork, seconds: float = 500.0) -> None:
    async with asyncio.timeout(seconds):
        while not work.is_idle:
            if work.wants_saving:
                work.changed()
                work.saved()
            await asyncio.sleep(0.01)
