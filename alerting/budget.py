"""The interrupt budget of a route: how often a day it may call people away from what they do. Pure.

The rule: of N interruptions a day, counted by the route's clock, the first 30 % are for anybody, up to 70 % for
warnings and worse, and all for critical ones. So what is less severe never uses up what a worse story may need later in
the day: nested booking limits, as airlines keep seats for those who book late. `life_safety` interrupts always, and
spends nothing.
"""

from datetime import date, datetime, tzinfo

from msgspec import Struct

from alerting.alert import Severity

USUAL_A_DAY = 10
SHARES_PERCENT = {Severity.INFO: 30, Severity.WARNING: 70, Severity.CRITICAL: 100}
"""Of a day's interruptions: once so many were spent, by whatever, the severity interrupts no more."""


class Spent(Struct, frozen=True, kw_only=True):
    """What of a day's budget is used up."""

    day: date
    """By the route's clock."""
    interruptions: int = 0


class Asked(Struct, frozen=True, kw_only=True):
    """The answer to one question."""

    is_granted: bool
    spent: Spent
    """After it."""
    told: str
    """`3 of 10 today` where it is granted and counts; else the reason why not, as a sentence."""


def limit_for(severity: Severity, interrupts_a_day: int) -> int:
    """How many interruptions of a day may have been spent so that this severity still gets one: rounded down."""
    return interrupts_a_day * SHARES_PERCENT.get(severity, 100) // 100


def spent_on(spent: Spent | None, at: datetime, timezone: tzinfo) -> Spent:
    """What is spent of the day of `at`; a clock that steps back is still in the newest day."""
    day = at.astimezone(timezone).date()
    return Spent(day=day) if spent is None or spent.day < day else spent


def ask(
    spent: Spent | None, severity: Severity, at: datetime, *, interrupts_a_day: int | None, timezone: tzinfo
) -> Asked:
    """Whether a story of this severity may interrupt at this moment.

    Args:
        spent: What the route has spent; None where it never did.
        severity: Of the story.
        at: When it was decided that it should.
        interrupts_a_day: Of the route; None is without limit.
        timezone: By whose midnight a day begins.
    """
    today = spent_on(spent, at, timezone)
    if severity is Severity.LIFE_SAFETY:
        return Asked(is_granted=True, spent=today, told="")
    if interrupts_a_day is not None and today.interruptions >= limit_for(severity, interrupts_a_day):
        return Asked(is_granted=False, spent=today, told=_refusal(today.interruptions, severity, interrupts_a_day))
    after = Spent(day=today.day, interruptions=today.interruptions + 1)
    told = "" if interrupts_a_day is None else f"{after.interruptions} of {interrupts_a_day} today"
    return Asked(is_granted=True, spent=after, told=told)


def _refusal(spent: int, severity: Severity, interrupts_a_day: int) -> str:
    if interrupts_a_day == 0:
        return "its route interrupts for life_safety alone."
    used = f"{spent} of {interrupts_a_day} interruptions of the day are spent"
    if spent >= interrupts_a_day:
        return f"{used}."
    kept = f"what is left is kept for {'critical' if severity is Severity.WARNING else 'more severe'} stories"
    return f"{used}, and {kept}."
