"""The narratives of a recording as one HTML page that can be sent to anybody: it loads nothing and runs nothing.

As with a backtest's page, everything from a recording passes through `alerting/wording.py` and through Jinja.
"""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting import wording
from alerting.alert import Severity
from streams.backtest.page import length, notes, when
from streams.backtest.templates import template
from streams.narratives.cards import NarrativeCard, card
from streams.narratives.survey import Survey, Surveyed

OPEN = 12
"""Cards of a monitor; further ones are folded."""
MOST_TOLD = 60
MOST_UNTOLD = 30


class Section(Struct, frozen=True, kw_only=True):
    """What the page says of one monitor."""

    name: str
    about: str
    told: tuple[NarrativeCard, ...]
    folded: tuple[NarrativeCard, ...]
    folded_heading: str
    untold: tuple[NarrativeCard, ...]
    """The most pressing of those that were heard and of which nobody was told."""
    untold_heading: str


def page(survey: Survey, title: str) -> str:
    """The page, complete; `title` says what was run over what."""
    return template("streams.narratives", "page.html.jinja").render(
        title=wording.sentence(title),
        headline=headline(survey),
        when=when(survey.report),
        figures=list(_figures(survey)),
        notes=list(notes(survey.report)),
        sections=list(_sections(survey)),
    )


def headline(survey: Survey) -> str:
    """The answer in one sentence."""
    told = sum(one.told is not None for one in survey.narratives)
    if not survey.report.mentions and survey.report.malformed:
        return "Nothing in this recording could be read as a mention."
    if not survey.report.mentions:
        return "Nothing was said in this recording."
    if not told:
        return f"In {length(survey.report)} no narrative would have been told."
    return f"In {length(survey.report)} {wording.counted(told, 'narrative')} would have been told."


def _figures(survey: Survey) -> Iterator[tuple[str, str]]:
    told = [one for one in survey.narratives if one.alert is not None]
    critical = sum(one.alert.severity >= Severity.CRITICAL for one in told if one.alert)
    yield "told, " + f"{critical} of them critical" if critical else "told", f"{len(told):,}"
    yield "only heard (3 authors or more)", f"{len(survey.narratives) - len(told):,}"
    claims = {one.alert.evidence.claim.id for one in told if one.alert and one.alert.evidence.claim}
    if claims:
        yield "known claims met", f"{len(claims):,}"
    matched = survey.report.matches.total()
    yield "mentions matched", f"{matched:,}"


def _sections(survey: Survey) -> Iterator[Section]:
    report = survey.report
    for name in sorted(report.matches, key=lambda name: (-report.matches[name], name)):
        own = [one for one in survey.narratives if one.monitor == name]
        timezone = survey.timezone(name)
        told = [one for one in own if one.told is not None]
        untold = [one for one in own if one.told is None]
        cards = _cards(told[:MOST_TOLD], 1, timezone)
        yield Section(
            name=wording.name(name),
            about=_about(report.matches[name], len(told), timezone),
            told=cards[:OPEN],
            folded=cards[OPEN:],
            folded_heading=wording.counted(len(told) - OPEN, "more narrative")
            + _first(MOST_TOLD - OPEN, len(told) - OPEN),
            untold=_cards(untold[:MOST_UNTOLD], len(cards) + 1, timezone),
            untold_heading=f"{wording.counted(len(untold), 'narrative')} that nobody was told of"
            + _first(MOST_UNTOLD, len(untold)),
        )


def _first(shown: int, of: int) -> str:
    return f": the first {shown}" if of > shown else ""


def _about(matched: int, told: int, timezone: ZoneInfo) -> str:
    if not matched:
        return "Nothing in the recording matched this monitor."
    said = wording.counted(told, "narrative") if told else "No narrative"
    return f"{said} told, of {wording.counted(matched, 'mention')} that matched. All times are those of {timezone}."


def _cards(narratives: Sequence[Surveyed], first: int, timezone: ZoneInfo) -> tuple[NarrativeCard, ...]:
    return tuple(card(rank, one, timezone) for rank, one in enumerate(narratives, first))
