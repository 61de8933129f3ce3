"""How `notify` tells 10,000 changes of 50 stories in 5 channels of a Slack that enforces its limits, in fast time.

The stage is the real one, without its Kafka: each record is taken in, and the checkpoint that it asks for is over at
once. All times are Slack's: its seconds last a fraction of ours, and so do the pace, the pauses and the outages.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct, structs

from alerting.alert import Notification, Reason, Severity, State, notification_id
from alerting.merging import turns_of
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
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure, percentile
from tests.building import alert, evidence, story
from tests.fake_slack import TOKEN, FakeSlack, in_thread
from tests.slack_limits import SlackLimits
from tests.slack_weather import Sky, Weather

GROUP = "notify"
CHANNELS = 5
STORIES = 50
TURN_EVERY = 20
"""Of the changes of a story one in so many is a turn; the others only bring newer numbers."""
_TURNS = (Reason.ESCALATED, Reason.CHANGED, Reason.SPREAD, Reason.DOUBLED, Reason.RESOLVED)
BEGIN = datetime(2030, 4, 1, 12, tzinfo=UTC)
ROUGH = Weather(
    error=0.02,
    lost=0.02,
    reset=0.02,
    slow=0.05,
    storms=((1200, 1260), (2400, 2430)),
    outages=((3600, 3600 + 7200),),
)
"""One call in nine goes wrong, two storms of 429, and an outage of two hours."""


class Change(Struct, frozen=True):
    """One decision, and when it comes, in Slack's seconds."""

    after: float
    told: Notification


class ShownSlack(FakeSlack):
    """Notes when each state of a story was shown first, and the size of each message."""

    def __init__(self, second: float) -> None:
        super().__init__()
        self.limits = SlackLimits(second)
        self.messages = {channel_of(number): [] for number in range(CHANNELS)}
        self.shown: dict[str, float] = {}
        """By notification, in Slack's seconds."""
        self.said: dict[str, list[float]] = defaultdict(list)
        """By turn, in Slack's seconds, each time that it was said in a thread."""
        self.sizes: dict[str, int] = defaultdict(int)
        """The largest by kind, in bytes of JSON."""

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = super()._post(arguments)
        self._note(arguments, answer)
        return answer

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = super()._update(arguments)
        self._note(arguments, answer)
        return answer

    def _note(self, arguments: dict[str, Any], answer: dict[str, Any]) -> None:
        if not answer["ok"]:
            return
        assert self.limits is not None
        told = arguments["metadata"]["event_payload"]["notification"]
        kind = "a turn in a thread" if "thread_ts" in arguments else "a story"
        if arguments["metadata"]["event_type"] == "groundswell_digest":
            kind = "a digest"
        size = len(json.dumps(arguments["blocks"], ensure_ascii=False, separators=(",", ":")).encode())
        self.sizes[kind] = max(self.sizes[kind], size)
        if "thread_ts" in arguments:
            for turn in told.split(","):
                self.said[turn].append(self.limits.now())
        elif kind == "a story":
            self.shown.setdefault(told, self.limits.now())


class Run(Struct, kw_only=True):
    """What came of one load."""

    changes: int
    wrong: list[str]
    """What should not be; empty where all is well."""
    calls: int
    fastest: float
    """Messages and edits a second in the busiest channel, over the busiest minute."""
    limited: int
    """Calls that Slack refused as too many."""
    news_seconds: list[float]
    """From decision to message, of new stories and turns."""
    numbers_seconds: list[float]
    """Likewise, of what only brings newer numbers."""
    sizes: dict[str, int]


def measure(place: Place) -> list[Figure]:
    changes = place.pick(10_000, 2_000, 300)
    hours = place.pick(2, 1, 1) * changes / place.pick(10_000, 2_000, 1_200)
    second = 0.02 if place.size != "tiny" else 0.005
    fair = asyncio.run(load(changes, seconds=hours * 3600, second=second))
    place.say(f"fair: {fair.calls} calls, {fair.limited} too many, wrong: {fair.wrong or 'nothing'}")
    rough = asyncio.run(load(changes, seconds=hours * 3600, second=second / 2, weather=_weather(place)))
    place.say(f"rough: {rough.calls} calls, {rough.limited} too many, wrong: {rough.wrong or 'nothing'}")
    return [*_figures("fair weather", fair), *_figures("errors, storms and a two-hour outage", rough)]


def _weather(place: Place) -> Weather:
    if place.size == "full":
        return ROUGH
    return structs.replace(ROUGH, storms=((100, 130),), outages=((200, 500),))


def _figures(when: str, run: Run) -> list[Figure]:
    how = f"{run.changes:,} changes of {STORIES} stories in {CHANNELS} channels; {when}; Slack's seconds"

    def figure(name: str, value: float, unit: str, most: float | None = None) -> Figure:
        goal = None if most is None else AtMost(most)
        return Figure(group=GROUP, name=f"{name}, {when}", samples=(value,), unit=unit, goal=goal, how=how)

    return [
        figure("states not shown, and messages or turns told twice", len(run.wrong), "", 0.5),
        figure("busiest channel over its busiest minute", run.fastest, "calls/s", 1.06),
        figure("calls of Slack", run.calls, ""),
        *(
            figure(f"decision to message, {kind}, p{share}", percentile(seconds, share / 100), "s")
            for kind, seconds in (("new stories and turns", run.news_seconds), ("newer numbers", run.numbers_seconds))
            for share in (50, 99)
            if seconds
        ),
        *(figure(f"largest of {kind}", size / 1000, "kB", 13.2) for kind, size in sorted(run.sizes.items())),
    ]


async def load(changes: int, *, seconds: float, second: float, weather: Weather | None = None, seed: int = 1) -> Run:
    """Have `changes` told that come within so many of Slack's seconds.

    Args:
        changes: How many.
        seconds: Within which they come, of Slack's.
        second: How long one of them is, in ours.
        weather: What goes wrong.
        seed: What comes when.
    """
    coming = list(made_up(changes, seconds, seed))
    with in_thread(ShownSlack(second)) as slack:
        work = notify_work(slack.base_url, second)
        try:
            assert slack.limits is not None
            await _warm_up(work, slack)
            slack.sky = None if weather is None else Sky(weather)
            decided: dict[str, float] = {}
            for offset, change in enumerate(coming):
                if (wait := change.after - slack.limits.now()) > 0:
                    await asyncio.sleep(wait * second)
                decided[change.told.id] = slack.limits.now()
                take(work, change.told, offset)
            await until_told(work)
        finally:
            await work.close()
        return _found([change.told for change in coming], slack, decided)


async def _warm_up(work: NotifyWork, slack: ShownSlack) -> None:
    """Connections are made and modules are read; then nothing of that is left."""
    assert slack.limits is not None
    for number, change in enumerate(made_up(STORIES, 1.0, seed=0)):
        other = structs.replace(change.told, story=structs.replace(change.told.story, id=f"warm-{number}"))
        take(work, structs.replace(other, id=f"warm-{number}", reason=Reason.FIRST), -STORIES + number)
    await until_told(work)
    for messages in slack.messages.values():
        messages.clear()
    slack.shown.clear()
    slack.said.clear()
    slack.sizes.clear()
    slack.calls.clear()
    slack.limits.begin()


def made_up(changes: int, seconds: float, seed: int) -> Iterator[Change]:
    """Changes of stories, in the order in which they are decided; the last of each story says that it is over."""
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, seconds) for _ in range(changes))
    told = [0] * STORIES
    left = [changes // STORIES] * STORIES
    for at in moments[: changes // STORIES * STORIES]:
        number = chance.choice([each for each in range(STORIES) if left[each]])
        left[number] -= 1
        yield Change(at, _telling(number, told[number], left[number] == 0, at, chance))
        told[number] += 1


def _telling(number: int, told: int, is_last: bool, at: float, chance: random.Random) -> Notification:
    reason = Reason.FIRST if told == 0 else Reason.MORE
    if is_last:
        reason = Reason.RESOLVED
    elif told and chance.random() < 1 / TURN_EVERY:
        reason = chance.choice(_TURNS[:-1])
    now = BEGIN + timedelta(seconds=at)
    about = alert(evidence=evidence(f"{40 + told * 7} mentions in 5 minutes, where 13 are usual.", mentions=told + 1))
    of = story(
        id=f"{number:016x}",
        state=State.RESOLVED if is_last else State.FIRING,
        severity=Severity.WARNING if number % 3 else Severity.CRITICAL,
        alerts=(about,),
        headline=f"Story number {number:02} of the census office",
    )
    receiver = f"desk-{number % CHANNELS}"
    id_ = notification_id(of, receiver, reason, told)
    news = ("claim:c",) if reason is Reason.CHANGED else ()
    return Notification(
        id=id_, receiver=receiver, story=of, reason=reason, at=now, heard_at=now, route="route-1", news=news
    )


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


def _found(told: Sequence[Notification], slack: ShownSlack, decided: dict[str, float]) -> Run:
    assert slack.limits is not None
    of_story: dict[str, list[Notification]] = defaultdict(list)
    for each in told:
        of_story[each.story.id].append(each)
    news: list[float] = []
    numbers: list[float] = []
    wrong = list(wrong_in(of_story, slack))
    for tellings in of_story.values():
        shown_at = float("inf")
        for each in reversed(tellings):
            shown_at = min(shown_at, slack.shown.get(each.id, float("inf")))
            said = slack.said.get(each.id, [shown_at])[0] if turns_of(each) else shown_at
            if said < float("inf"):
                (numbers if each.reason is Reason.MORE else news).append(said - decided[each.id])
    return Run(
        changes=len(told),
        wrong=wrong,
        calls=len(slack.calls),
        fastest=slack.limits.fastest(),
        limited=sum(slack.limits.refused.values()),
        news_seconds=news,
        numbers_seconds=numbers,
        sizes=dict(slack.sizes),
    )


def wrong_in(of_story: dict[str, list[Notification]], slack: ShownSlack) -> Iterator[str]:
    """Final states that are not shown, stories that stand there twice, turns that are missing or told twice."""
    standing: dict[str, list[str]] = defaultdict(list)
    for channel in slack.messages:
        for message in slack.stories(channel):
            payload = message["metadata"]["event_payload"]
            standing[payload["story"]].append(payload["notification"])
    for story_id, tellings in of_story.items():
        if standing.get(story_id) != [tellings[-1].id]:
            yield f"story {story_id}: {len(standing.get(story_id, []))} messages, or not its final state"
        # A story that waited for very long keeps the first turn and the newest: those are there in any case.
        turns = [turn.id for each in tellings for turn in turns_of(each)]
        yield from (f"turn {id_} is missing" for id_ in turns[-3:] if id_ not in slack.said)
        yield from (f"turn {id_} was told twice" for id_ in turns if len(slack.said.get(id_, ())) > 1)
