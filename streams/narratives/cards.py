"""A narrative of a recording as a card: what a person would want to read of it, as literal text."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from alerting import wording
from alerting.alert import Severity
from alerting.plain_text import cut, literal
from detectors.detection import Evidence, Point, Signal
from streams.backtest.cards import ClaimShown, Quote, claim_shown, moment, quote
from streams.narratives.survey import Surveyed

_SAID = 200
_BOX = 1000
"""Units of the timeline's width; its height has 100."""


class Bar(Struct, frozen=True):
    """One bin of the timeline, in units of its box."""

    x: int
    y: int
    width: int


class Line(Struct, frozen=True, kw_only=True):
    """A timeline."""

    bars: tuple[Bar, ...]
    usual_y: int | None
    begins: str
    ends: str
    peak: str
    spoken: str
    """For those who do not see it."""


class Gauge(Struct, frozen=True, kw_only=True):
    """A signal in words, and as a part of a whole where it is one."""

    name: str
    text: str
    percent: int | None
    usual: int | None


class NarrativeCard(Struct, frozen=True, kw_only=True):
    """All that the page shows of one narrative."""

    rank: int
    severity: Severity | None
    """None where nobody was told."""
    verdict: str
    when: str
    said: str
    """Its most typical mention, cut short."""
    summary: str
    line: Line | None
    claim: ClaimShown | None
    facts: tuple[tuple[str, str], ...]
    signals: tuple[Gauge, ...]
    quotes: tuple[Quote, ...]
    turns: tuple[str, ...]
    unknown: tuple[str, ...]
    why: str


def card(rank: int, one: Surveyed, timezone: ZoneInfo) -> NarrativeCard:
    """One card; `rank` is its place on the page, `timezone` says whose clocks to tell times by."""
    evidence = one.evidence
    return NarrativeCard(
        rank=rank,
        severity=one.alert.severity if one.alert else None,
        verdict=_verdict(one),
        when=moment(one.began_at or evidence.since, timezone),
        said=_said(evidence),
        summary=wording.sentence(evidence.summary),
        line=_line(evidence.timeline, timezone),
        claim=claim_shown(evidence.claim) if evidence.claim else None,
        facts=tuple(_facts(one, evidence, timezone)),
        signals=tuple(_gauge(signal) for signal in evidence.signals),
        quotes=tuple(quote(exemplar, timezone) for exemplar in evidence.exemplars),
        turns=tuple(f"{moment(turn.at, timezone)}: {wording.sentence(turn.text)}" for turn in evidence.turns),
        unknown=tuple(wording.sentence(text) for text in evidence.unknown),
        why=wording.why_fired(one.alert) if one.alert else wording.sentence(evidence.counterfactual),
    )


def _verdict(one: Surveyed) -> str:
    kind = wording.name(one.kind.replace("_", " "))
    if one.alert is None:
        return f"Not told · {kind}"
    return f"{wording.severity_word(one.alert.severity)} · {kind} · risk {one.risk} of 100"


def _said(evidence: Evidence) -> str:
    typical = next((one for one in evidence.exemplars if one.role == "typical"), None)
    shown = typical or next(iter(evidence.exemplars), None)
    return cut(literal(shown.text), _SAID) if shown else ""


def _line(points: Sequence[Point], timezone: ZoneInfo) -> Line | None:
    if not points:
        return None
    most = max(point.observed for point in points) or 1.0
    usual = next((point.expected for point in points if point.expected), None)
    width = _BOX // len(points)
    top = max(points, key=lambda point: point.observed)
    peak = f"at most {wording.number(top.observed)}, {moment(top.at, timezone)}"
    return Line(
        bars=tuple(
            Bar(number * width, round(100 - 100 * point.observed / most), max(1, width - 4))
            for number, point in enumerate(points)
        ),
        usual_y=None if usual is None or usual > most else round(100 - 100 * usual / most),
        begins=moment(points[0].at, timezone),
        ends=moment(points[-1].at, timezone),
        peak=peak,
        spoken=f"Mentions from {moment(points[0].at, timezone)} to {moment(points[-1].at, timezone)}: {peak}",
    )


def _facts(one: Surveyed, evidence: Evidence, timezone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Mentions", wording.number(evidence.mentions)
    if evidence.authors is not None:
        yield "Authors", wording.number(evidence.authors)
    if one.told_at is not None and one.began_at is not None:
        waited = wording.duration(one.told_at - one.began_at)
        yield "Told", f"{moment(one.told_at, timezone)}, {waited} after it began"
        if one.alert is not None and one.alert.effects:
            yield "Marked", ", ".join(effect.value.replace("_", " ") for effect in one.alert.effects)
    if evidence.channels:
        yield "Channels", wording.names(evidence.channels)
    if languages := [language for language in evidence.languages if language != "und"]:
        yield "Languages", wording.names(languages)
    if evidence.by_letters:
        yield "By letters", f"{wording.number(evidence.by_letters)} of them matched by their letters only"
    if evidence.earlier is not None:
        earlier = evidence.earlier
        yield (
            "Came back",
            f"{wording.counted(earlier.mentions, 'mention')} from {moment(earlier.first_at, timezone)} on",
        )


def _gauge(signal: Signal) -> Gauge:
    is_share = signal.name in ("authors", "near-duplicates", "new accounts")
    return Gauge(
        name=signal.name,
        text=wording.sentence(signal.text),
        percent=_percent(signal.value) if is_share else None,
        usual=_percent(signal.usual) if is_share and signal.usual is not None else None,
    )


def _percent(share: float) -> int:
    return round(100 * min(1.0, max(0.0, share)))
