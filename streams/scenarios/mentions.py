"""Makes the mentions of a scenario, as the lines of a recording in the order in which they came.

Between them stands a heartbeat a minute: it moves stream time while nothing is said, as the ticks do in the workers.
Each item of the scenario draws from chance by itself, so that a change of one leaves what the others say as it was.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from streams.scenarios.moments import Calendar
from streams.scenarios.rates import Minutes, counts, factor, minutes_of, usual
from streams.scenarios.scenario import (
    CHANNEL,
    BotWave,
    Burst,
    Calm,
    ClockAhead,
    Late,
    LevelShift,
    Outage,
    Ramp,
    Said,
    Scenario,
    Voice,
)

_CROWD = 20_000
_BOTS = 6
_ON_ITS_WAY = 0.2, 4.0
"""Seconds from a mention to its arrival."""
_BACKLOG_SECONDS = 60.0
"""In which a backlog comes."""
Chance = np.random.Generator


class Utterance(Struct, kw_only=True):
    """One mention on its way. Times are seconds from the start of the scenario."""

    id: str = ""
    said: float
    claimed: float
    """When it says that it was said."""
    comes: float
    text: str
    channel: str
    account: str
    is_new: bool = False
    """Whether the account was made a few days before."""
    more: dict[str, Any] = {}


def recording(scenario: Scenario, calendar: Calendar, texts: Sequence[str], seed: int) -> Iterator[bytes]:
    """The lines. `texts` are what is said by items that do not say it themselves."""
    said = _said(scenario, calendar, texts, seed)
    for number, each in enumerate(said):
        each.id = f"said-{number}"  # whatever becomes of it on the way
    lines = [(each.comes, 1, _line(each, calendar)) for each in _troubled(said, scenario, calendar, seed)]
    lines += [(minute * 60.0, 0, _heartbeat(minute, calendar)) for minute in range(minutes_of(calendar) + 1)]
    return (line for *_, line in sorted(lines, key=lambda each: each[:2]))


def several(texts: str | Sequence[str] | None) -> Sequence[str]:
    """One text, or several, or none, as a list."""
    return [texts] if isinstance(texts, str) else texts or ()


def expected_mentions(scenario: Scenario, calendar: Calendar) -> float:
    """About how many there will be."""
    beyond = [np.maximum(height - 1.0, 0.0) for _, _, height in _rises(scenario, calendar)]
    height = sum(beyond, start=np.ones(minutes_of(calendar)))
    steady = sum(float((usual(calm, calendar) * height).sum()) for _, calm in _calms(scenario))
    counted = (talk.burst or talk.bot_wave for talk in scenario.mentions)
    return steady + sum(rise.mentions or 0 for rise in counted if rise is not None)


# What is said


def _said(scenario: Scenario, calendar: Calendar, texts: Sequence[str], seed: int) -> list[Utterance]:
    rates = {at: usual(calm, calendar) for at, calm in _calms(scenario)}
    channels = {at: calm.channel or CHANNEL for at, calm in _calms(scenario)}
    lowered = np.ones(minutes_of(calendar))
    for _, _, height in _rises(scenario, calendar):
        lowered *= np.minimum(height, 1.0)
    found: list[Utterance] = []
    for at, calm in _calms(scenario):
        chance = _chance(seed, at)
        found += _steady(calm, rates[at] * lowered, calm.variance, channels[at], texts, chance)
    for at, rise, height in _rises(scenario, calendar):
        chance = _chance(seed, at)
        for of, calm in _calms(scenario):
            beyond = rates[of] * np.maximum(height - 1.0, 0.0)
            found += _steady(rise, beyond, calm.variance, rise.channel or channels[of], texts, chance)
    first = next(iter(channels.values()), CHANNEL)
    for at, talk in enumerate(scenario.mentions):
        chance = _chance(seed, at)
        if talk.burst is not None and talk.burst.mentions is not None:
            found += _counted(talk.burst, calendar, first, texts, chance)
        elif talk.bot_wave is not None:
            found += _counted(talk.bot_wave, calendar, first, texts, chance)
        elif talk.said is not None:
            found.append(_written_out(talk.said, calendar, at))
    return found


def _calms(scenario: Scenario) -> list[tuple[int, Calm]]:
    """With their places among the items."""
    found = ((at, talk.calm or talk.seasonal) for at, talk in enumerate(scenario.mentions))
    return [(at, calm) for at, calm in found if calm is not None]


def _rises(scenario: Scenario, calendar: Calendar) -> list[tuple[int, Burst | Ramp | LevelShift, Minutes]]:
    """What multiplies the usual, with its place among the items, and by how much."""
    found = ((at, talk.burst or talk.ramp or talk.level_shift) for at, talk in enumerate(scenario.mentions))
    return [(at, rise, factor(rise, calendar)) for at, rise in found if rise is not None and rise.times is not None]


def _steady(
    voice: Voice, rate: Minutes, variance: float, channel: str, texts: Sequence[str], chance: Chance
) -> Iterator[Utterance]:
    """As many a minute as expected, but for chance."""
    minutes = np.repeat(np.arange(len(rate)), counts(rate, variance, chance))
    return _voiced(voice, (minutes + chance.random(len(minutes))) * 60.0, channel, texts, chance)


def _counted(
    voice: Burst | BotWave, calendar: Calendar, channel: str, texts: Sequence[str], chance: Chance
) -> Iterator[Utterance]:
    """Exactly so many, at any time within it."""
    start = (calendar.moment(voice.at) - calendar.start).total_seconds()
    times = np.sort(start + chance.random(voice.mentions) * voice.lasts.total_seconds())
    return _voiced(voice, times, voice.channel or channel, texts, chance)


def _voiced(
    voice: Voice, times: Sequence[float] | Minutes, channel: str, texts: Sequence[str], chance: Chance
) -> Iterator[Utterance]:
    is_new = isinstance(voice, BotWave)
    accounts = voice.accounts or (_BOTS if is_new else None)
    if accounts is None:
        who = chance.integers(_CROWD, size=len(times))
    else:  # all of them speak, however few mentions there are
        who = chance.permutation(np.arange(len(times)) % accounts)
    said = several(voice.text) or texts
    if is_new:
        said = said[:1]
    chosen = chance.integers(len(said), size=len(times))
    on_its_way = chance.uniform(*_ON_ITS_WAY, size=len(times))
    for at, number, text, seconds in zip(times, who, chosen, on_its_way, strict=True):
        account = f"{'new' if is_new else 'person'}{number}"
        yield Utterance(
            said=at, claimed=at, comes=at + seconds, text=said[text], channel=channel, account=account, is_new=is_new
        )


def _written_out(said: Said, calendar: Calendar, at: int) -> Utterance:
    # Those of the same minute follow each other in the order of the file.
    seconds = (calendar.moment(said.at) - calendar.start).total_seconds() + at * 0.01
    more = {"lang": said.lang, "links": said.links, "followers": said.followers}
    return Utterance(
        said=seconds,
        claimed=seconds,
        comes=seconds + said.late_by.total_seconds() + _ON_ITS_WAY[0],
        text=said.text,
        channel=said.channel,
        account=said.account,
        more={key: value for key, value in more.items() if value not in (None, ())},
    )


# What goes wrong on the way


def _troubled(said: list[Utterance], scenario: Scenario, calendar: Calendar, seed: int) -> list[Utterance]:
    for at, talk in enumerate(scenario.mentions):
        if talk.late is not None:
            for each in _some(said, talk.late, calendar, _chance(seed, at)):
                each.comes += talk.late.by.total_seconds()
        elif talk.clock_ahead is not None:
            for each in _some(said, talk.clock_ahead, calendar, _chance(seed, at)):
                each.claimed += talk.clock_ahead.by.total_seconds()
    for talk in scenario.mentions:
        if talk.outage is not None:
            said = _after(talk.outage, said, calendar)
    return said


def _some(said: Sequence[Utterance], trouble: Late | ClockAhead, calendar: Calendar, chance: Chance) -> list[Utterance]:
    start = (calendar.moment(trouble.at) - calendar.start).total_seconds()
    within = [each for each in said if start <= each.said < start + trouble.lasts.total_seconds()]
    drawn = chance.random(len(within))
    return [each for each, number in zip(within, drawn, strict=True) if number < trouble.share]


def _after(outage: Outage, said: Sequence[Utterance], calendar: Calendar) -> list[Utterance]:
    """What comes all the same, with the backlog in the order in which it would have come."""
    start = (calendar.moment(outage.at) - calendar.start).total_seconds()
    end = start + outage.lasts.total_seconds()
    missed = [each for each in said if start <= each.comes < end and outage.channel in (None, each.channel)]
    ids = {id(each) for each in missed}
    others = [each for each in said if id(each) not in ids]
    if not outage.backlog:
        return others
    for rank, each in enumerate(sorted(missed, key=lambda each: each.comes)):
        each.comes = end + _BACKLOG_SECONDS * rank / len(missed)
    return others + missed


# As lines


def _heartbeat(minute: int, calendar: Calendar) -> bytes:
    at = _time(minute * 60.0, calendar)
    beat = {"id": f"heartbeat-{minute}", "channel": "heartbeat", "at": at, "text": "", "synthetic": True}
    return msgspec.json.encode(beat | {"arrived_at": at})


def _line(utterance: Utterance, calendar: Calendar) -> bytes:
    more = dict(utterance.more)
    author: dict[str, Any] = {"id": utterance.account, "handle": f"{utterance.account}.example"}
    author["followers"] = more.pop("followers", 3 if utterance.is_new else 50 + len(utterance.text) * 7 % 400)
    if utterance.is_new:
        author["created_at"] = _time(utterance.said, calendar) - timedelta(days=3)
    return msgspec.json.encode(
        {
            "id": utterance.id,
            "channel": utterance.channel,
            "at": _time(utterance.claimed, calendar),
            "arrived_at": _time(utterance.comes, calendar),
            "text": utterance.text,
            "author": author,
            **more,
        }
    )


def _time(seconds: float, calendar: Calendar) -> datetime:
    return (calendar.start + timedelta(seconds=round(seconds, 3))).astimezone(UTC)


def _chance(seed: int, item: int) -> Chance:
    return np.random.default_rng([seed, item])
