"""How `notify` tells 10,000 changes of 50 stories in 5 channels of a Slack that enforces its limits, in fast time.

The stage is the real one, without its Kafka (tests/benchmarks/hasty_notify.py). All times are Slack's: its seconds last
a fraction of ours, and so do the pace, the pauses and the outages.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct, structs

from alerting.alert import Notification, Reason
from alerting.merging import turns_of
from streams.stages.notify import NotifyWork
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure, percentile
from tests.benchmarks.hasty_notify import CHANNELS, notify_work, take, until_told
from tests.benchmarks.shown_stories import STORIES, ShownSlack, made_up, wrong_in
from tests.fake_slack import in_thread
from tests.slack_weather import Sky, Weather

GROUP = "notify"
ROUGH = Weather(
    error=0.02,
    lost=0.02,
    reset=0.02,
    slow=0.05,
    storms=((1200, 1260), (2400, 2430)),
    outages=((3600, 3600 + 7200),),
)
"""One call in nine goes wrong, two storms of 429, and an outage of two hours."""


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
