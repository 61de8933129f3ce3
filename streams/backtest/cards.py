"""An alert of a backtest as a card: what a person would want to read of it, as literal text."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting import wording
from alerting.alert import Alert, Severity, State
from alerting.plain_text import cut, literal, shown_link
from detectors.detection import Evidence, Exemplar, MatchedClaim, Share
from streams.backtest.known import Known

QUOTES = 3
_OF_A_KIND = 4
"""Shares that are told of one dimension."""


class Quote(Struct, frozen=True, kw_only=True):
    """What somebody wrote."""

    caption: str
    text: str
    link: str
    """Shown; empty where there is none."""
    address: str
    """To go to: `http` or `https`; empty where that would not be wise."""


class ClaimShown(Struct, frozen=True, kw_only=True):
    """The known claim that the mentions repeat."""

    heading: str
    claim: str
    verdict: str
    answer_heading: str
    answer: str
    address: str


class Card(Struct, frozen=True, kw_only=True):
    """All that the page shows of one alert."""

    number: int
    severity: Severity
    severity_word: str
    detector: str
    when: str
    summary: str
    facts: tuple[tuple[str, str], ...]
    claim: ClaimShown | None
    quotes: tuple[Quote, ...]
    shares: tuple[tuple[str, str], ...]
    signals: tuple[str, ...]
    why: str
    unknown: tuple[str, ...]


def card(number: int, alert: Alert, known: Known, timezone: ZoneInfo) -> Card:
    """One card.

    Args:
        number: On the page.
        alert: What it is about, from the beginning of what this firing tells.
        known: The firing itself.
        timezone: Whose clocks to tell times by.
    """
    evidence = alert.evidence
    return Card(
        number=number,
        severity=alert.severity,
        severity_word=wording.severity_word(alert.severity),
        detector=wording.name(alert.detector).replace("_", " "),
        when=moment(alert.starts_at, timezone),
        summary=wording.sentence(evidence.summary),
        facts=tuple(_facts(alert, known, timezone)),
        claim=claim_shown(evidence.claim) if evidence.claim else None,
        quotes=tuple(quote(exemplar, timezone) for exemplar in _exemplars(evidence)),
        shares=tuple(_shares(evidence.shares)),
        signals=tuple(wording.sentence(signal.text) for signal in evidence.signals),
        why=wording.why_fired(alert),
        unknown=tuple(wording.sentence(text) for text in evidence.unknown),
    )


def moment(at: datetime, timezone: ZoneInfo) -> str:
    """`Sat 30 Mar, 06:00`, by the clocks of the place."""
    return f"{at.astimezone(timezone):%a %-d %b, %H:%M}"


def stretch(start: datetime, end: datetime, timezone: ZoneInfo) -> str:
    """`Sat 30 Mar, 06:00 to 09:30`; with the day of its end where that is another."""
    until = end.astimezone(timezone)
    same_day = start.astimezone(timezone).date() == until.date()
    return f"{moment(start, timezone)} to {f'{until:%H:%M}' if same_day else moment(end, timezone)}"


def address(url: str | None) -> str:
    """A link that may be followed: of the web, to a host that is shown as it is, without a password in it."""
    if not url or url != literal(url) or " " in url:
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_shown = parts.hostname is not None and not shown_link(url).startswith("(")
    return url if parts.scheme in ("http", "https") and is_shown and "@" not in parts.netloc else ""


def _facts(alert: Alert, known: Known, timezone: ZoneInfo) -> Iterable[tuple[str, str]]:
    evidence = alert.evidence
    yield "Mentions", f"{wording.number(evidence.mentions)}{_beside_usual(evidence)}"
    if evidence.authors is not None:
        yield "Authors", wording.number(evidence.authors)
    yield "Told", _told(known, timezone)
    if known.came_back_at:
        yield "Again", f"it began {moment(known.alert.starts_at, timezone)}, and was over in between"
    yield "Lasted", _lasted(alert, timezone)
    if alert.effects:
        yield "Marked", ", ".join(effect.value.replace("_", " ") for effect in alert.effects)
    if evidence.channels:
        yield "Channels", wording.names(evidence.channels)
    if languages := [language for language in evidence.languages if language != "und"]:
        yield "Languages", wording.names(languages)


def _beside_usual(evidence: Evidence) -> str:
    if evidence.usual is None:
        return ""
    if wording.number(evidence.usual) == "0":
        return ", usually none"
    return f", usually {wording.number(evidence.usual)} ({wording.number(evidence.mentions / evidence.usual)} ×)"


def _told(known: Known, timezone: ZoneInfo) -> str:
    at = f"{known.known_at.astimezone(timezone):%H:%M}"
    waited = known.known_at - known.began_at
    turn = "came back" if known.came_back_at else "began"
    return at if waited < timedelta(minutes=1) else f"{at}, {wording.duration(waited)} after it {turn}"


def _lasted(alert: Alert, timezone: ZoneInfo) -> str:
    length = wording.duration(alert.last_at - alert.starts_at)
    if alert.state is State.FIRING:
        return f"{length}, and still fires when the recording ends"
    return f"{length}, until {moment(alert.last_at, timezone)}"


def claim_shown(claim: MatchedClaim) -> ClaimShown:
    return ClaimShown(
        heading=wording.claim_heading(claim),
        claim=wording.sentence(claim.claim),
        verdict=wording.claim_verdict(claim),
        answer_heading=wording.answer_heading(claim) if claim.answer else "",
        answer=cut(literal(claim.answer, newlines=True), 700) if claim.answer else "",
        address=address(claim.url),
    )


def _exemplars(evidence: Evidence) -> list[Exemplar]:
    """Each mention once; of counts there is nothing to read."""
    said = [one for one in evidence.exemplars if one.text.strip() or one.url]
    return list({one.mention_id + one.text: one for one in said}.values())[:QUOTES]


def quote(exemplar: Exemplar, timezone: ZoneInfo) -> Quote:
    return Quote(
        caption=wording.caption(exemplar, timezone),
        text=cut(literal(exemplar.text, newlines=True), wording.QUOTE) or "(no text)",
        link=wording.link(exemplar),
        address=address(exemplar.url),
    )


def _shares(shares: Iterable[Share]) -> Iterable[tuple[str, str]]:
    """Of each dimension, what there is more of than usual."""
    known: dict[str, list[str]] = defaultdict(list)
    for share in shares:
        usual = "" if share.usual is None else f", usually {wording.number(share.usual)}"
        known[share.dimension].append(f"{wording.name(share.name)} ({share.mentions:,}{usual})")
    for dimension, told in known.items():
        yield f"{dimension.capitalize()}s", "; ".join(told[:_OF_A_KIND])
