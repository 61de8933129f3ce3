"""Changes of many stories, a Slack that notes what it shows of them and when, and what is wrong with that."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from alerting.alert import Notification, Reason, Severity, State, notification_id
from alerting.merging import turns_of
from tests.benchmarks.hasty_notify import CHANNELS, channel_of
from tests.building import alert, evidence, story
from tests.fake_slack import FakeSlack
from tests.slack_limits import SlackLimits

STORIES = 50
TURN_EVERY = 20
"""Of the changes of a story one in so many is a turn; the others only bring newer numbers."""
_TURNS = (Reason.ESCALATED, Reason.CHANGED, Reason.SPREAD, Reason.DOUBLED, Reason.RESOLVED)
BEGIN = datetime(2030, 4, 1, 12, tzinfo=UTC)


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
