"""What a scenario file can say: what is talked, and which alerts are expected of it.

Times are told as `day 12 14:00`, by the clock of the monitor; day 1 is the day on which the scenario starts. How much
is said is left to chance, with a seed: the same file always gives the same mentions.
"""

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from detectors.detection import Effect
from streams.settings.config import MonitorSettings, Settings, Words

Moment = Annotated[
    str,
    Meta(
        pattern=r"^day [1-9][0-9]{0,3}( ([01]?[0-9]|2[0-3]):[0-5][0-9])?\Z",
        extra={"expected": "a time such as day 12 14:00, or day 12 for its midnight"},
    ),
]
SeverityName = Literal["info", "warning", "critical", "life_safety"]
Count = (
    Annotated[int, Meta(ge=0)]
    | Annotated[
        str, Meta(pattern=r"^[0-9]{1,4} to [0-9]{1,4}\Z", extra={"expected": "words such as 1 to 2"}),
    ]
)  # fmt: skip
Share = Annotated[float, Meta(gt=0, le=1)]
Factor = Annotated[float, Meta(gt=0, le=1000)]
Many = Annotated[int, Meta(ge=1, le=1_000_000)]
Texts = Words | Annotated[tuple[Words, ...], Meta(min_length=1)]


CHANNEL = "bluesky"
"""Where things are said that do not say where."""


class Voice(Settings, frozen=True, kw_only=True):
    """Who says what, and where."""

    text: Texts | None = None
    """One text or several, of which chance takes one each time. Absent: made up of the monitor's query."""
    channel: Words | None = None
    accounts: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    """How many different ones speak. Absent: so many that few speak twice."""


class Calm(Voice, frozen=True, kw_only=True):
    """Usual talk: as much at each hour, but for chance."""

    per_hour: Annotated[float, Meta(gt=0, le=100_000)] | None = None
    per_day: Annotated[float, Meta(gt=0, le=2_400_000)] | None = None
    at: Moment | None = None
    """When it begins; from the start where absent."""
    lasts: timedelta | None = field(name="for", default=None)
    """To the end where absent."""
    variance: Annotated[float, Meta(ge=1, le=100)] = 1.0
    """Of the counts, as a multiple of what pure chance (Poisson) has: talk comes in clumps."""

    def __post_init__(self) -> None:
        if (self.per_hour is None) == (self.per_day is None):
            raise ValueError('how much is usual is not clear; expected either "per_hour" or "per_day"')


class Seasonal(Calm, frozen=True, kw_only=True):
    """Usual talk with quiet nights and weekends, by the monitor's clock. `per_hour` is the mean of a weekday."""

    nights: Annotated[float, Meta(ge=0, le=1)] = 0.2
    """How much is said at four in the morning, as a part of the mean; at four in the afternoon it is as much above."""
    weekends: Annotated[float, Meta(ge=0, le=10)] = 0.6
    """How much is said on Saturdays and Sundays, as a part of a weekday."""


class Burst(Voice, frozen=True, kw_only=True):
    """More talk for a while: so many times the usual, or so many mentions beside the usual ones."""

    at: Moment
    lasts: timedelta = field(name="for")
    times: Factor | None = None
    mentions: Many | None = None

    def __post_init__(self) -> None:
        if (self.times is None) == (self.mentions is None):
            raise ValueError('how large it is is not clear; expected either "times" or "mentions"')


class Ramp(Voice, frozen=True, kw_only=True):
    """Talk that grows evenly from the usual to so many times as much, and then is over."""

    at: Moment
    lasts: timedelta = field(name="for")
    times: Factor


class LevelShift(Voice, frozen=True, kw_only=True):
    """So many times the usual talk, from then on."""

    at: Moment
    times: Factor


class BotWave(Voice, frozen=True, kw_only=True):
    """The same text again and again, by a few new accounts that nobody follows: six, unless `accounts` says more."""

    at: Moment
    lasts: timedelta = field(name="for")
    mentions: Many


class Outage(Settings, frozen=True, kw_only=True):
    """The collector is down: nothing comes, though people talk on."""

    at: Moment
    lasts: timedelta = field(name="for")
    channel: Words | None = None
    """Only this one; all where absent."""
    backlog: bool = False
    """Whether what was said meanwhile comes at once afterwards. Else it is lost."""


class Late(Settings, frozen=True, kw_only=True):
    """Part of what is said then comes later than it was said."""

    at: Moment
    lasts: timedelta = field(name="for")
    by: timedelta
    share: Share = 1.0


class ClockAhead(Settings, frozen=True, kw_only=True):
    """Part of what is said then claims to be from the future."""

    at: Moment
    lasts: timedelta = field(name="for")
    by: timedelta
    share: Share = 1.0


class Said(Settings, frozen=True, kw_only=True):
    """One mention, written out. It need not match the monitor's query."""

    at: Moment
    text: Words
    account: Words = "somebody"
    channel: Words = CHANNEL
    followers: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    lang: str | None = None
    links: tuple[str, ...] = ()
    late_by: timedelta = timedelta(0)


class Talk(Settings, frozen=True, kw_only=True):
    """One item of `mentions`: exactly one of these."""

    calm: Calm | None = None
    seasonal: Seasonal | None = None
    burst: Burst | None = None
    ramp: Ramp | None = None
    level_shift: LevelShift | None = None
    bot_wave: BotWave | None = None
    outage: Outage | None = None
    late: Late | None = None
    clock_ahead: ClockAhead | None = None
    said: Said | None = None

    def __post_init__(self) -> None:
        if len(given := [name for name in self.__struct_fields__ if getattr(self, name) is not None]) != 1:
            found = " and ".join(given) or "none"
            raise ValueError(
                f"an item of mentions is one of {', '.join(self.__struct_fields__)}; found {found}, expected one "
                "behind each dash"
            )

    @property
    def kind(self) -> str:
        """As the file writes it."""
        return next(name for name in self.__struct_fields__ if getattr(self, name) is not None)

    @property
    def what(self) -> Struct:
        """The one that is given."""
        what: Struct = getattr(self, self.kind)
        return what


ANY, OTHER = "any", "other"
"""In place of a detector's name."""


class Expectation(Settings, frozen=True, kw_only=True):
    """An alert that must be there, or must not be. All that is said of it must hold for the same alert."""

    alert: Words | None = None
    """A detector's name, or `any`."""
    no_alert: Words | None = None
    """A detector's name, `any`, or `other`: no alert but those that the other expectations name."""
    within: timedelta | None = None
    of: Moment | None = None
    after: Moment | None = None
    before: Moment | None = None
    at_least: SeverityName | None = None
    at_most: SeverityName | None = None
    effect: Effect | None = field(name="with", default=None)
    no_effect: Effect | None = field(name="without", default=None)
    claim: Words | None = None
    """The id of the known claim that it matches."""
    says: Words | None = None
    """Words of ours that its evidence holds, in upper or lower case."""
    lasts: timedelta | None = None
    """It fires at least that long: it is not taken back."""
    count: Count | None = None
    """How many such alerts there are; one or more where absent."""

    def __post_init__(self) -> None:
        if (self.alert is None) == (self.no_alert is None):
            raise ValueError('an expectation begins with either "alert" or "no_alert", and a detector\'s name or "any"')
        if (self.within is None) != (self.of is None):
            raise ValueError('"within" and "of" belong together, as in: within 30m, of day 12 14:00')
        if self.no_alert is not None and self.count is not None:
            raise ValueError('"count" is for "alert"; "no_alert" always means none')


class Scenario(Settings, frozen=True, kw_only=True):
    name: Words
    mentions: Annotated[tuple[Talk, ...], Meta(min_length=1)]
    expect: Annotated[tuple[Expectation, ...], Meta(min_length=1)]
    days: Annotated[int, Meta(ge=1, le=1000)]
    """How long it is."""
    monitor: str | None = None
    """Of the config, or of this file. May be left out where there is only one."""
    only: Annotated[tuple[str, ...], Meta(min_length=1)] | None = None
    """Of the monitor's detectors, to save time; all where absent."""
    starts: date = date(2026, 3, 2)
    """Day 1; a Monday unless you say otherwise."""
    text: Texts | None = None
    """What is said wherever an item of `mentions` does not say it itself."""
    seed: Annotated[int, Meta(ge=0, le=10**9)] = 1
    """Another one gives other chance."""


class ScenarioFile(Settings, frozen=True, kw_only=True):
    scenarios: Annotated[tuple[Scenario, ...], Meta(min_length=1)]
    config: Words | None = None
    """A config file, relative to this one."""
    monitors: tuple[MonitorSettings, ...] = ()
    """Some of this file's own, written as in a config."""
