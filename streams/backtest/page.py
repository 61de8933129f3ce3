"""A backtest as one HTML page that can be sent to anybody: it loads nothing and runs nothing.

Everything from a recording passes through `alerting/wording.py`, which makes it literal text, and through Jinja, which
escapes it; what the page may do at all its Content-Security-Policy limits.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median

from msgspec import Struct

from alerting import wording
from alerting.alert import Alert, Severity
from detectors.detection import Audience
from detectors.volume.bins import bin_of
from streams.backtest.axes import Span
from streams.backtest.cards import Card, card, stretch
from streams.backtest.chart import MOST_LABELS, Chart, chart, learnt
from streams.backtest.known import Known, from_its_beginning
from streams.backtest.labels import Label
from streams.backtest.marks import Numbered, closeups
from streams.backtest.printing import rate
from streams.backtest.run import Report
from streams.backtest.series import Series
from streams.backtest.summary import in_public, summary, waits
from streams.backtest.tables import tables
from streams.backtest.templates import template

OPEN_CARDS = 6
"""Of a monitor; further ones are folded."""
MOST_CARDS = 60
"""Of a monitor: more make a page that nobody reads and no phone likes."""
CLOSEUPS = 3
_LANES = 4
"""Of marks above a chart that looks closely."""


class Figure(Struct, frozen=True, kw_only=True):
    """A chart with what it is called."""

    heading: str
    spoken: str
    """For those who do not see it."""
    chart: Chart


class LabelShown(Struct, frozen=True, kw_only=True):
    """One labelled window in words."""

    number: int
    when: str
    what: str


class Section(Struct, frozen=True, kw_only=True):
    """What the page says of one monitor."""

    name: str
    timezone: str
    matched: int
    severities: tuple[tuple[Severity, str], ...]
    figures: tuple[Figure, ...]
    labels: tuple[LabelShown, ...]
    labelled: int
    """How many windows hold for it."""
    shown: tuple[Card, ...]
    folded: tuple[Card, ...]
    left_out: int
    for_operations: tuple[Card, ...]
    """Those for the people who run the system, by time."""


def page(report: Report, title: str, labels: Sequence[Label] | None = None) -> str:
    """The page, complete.

    Args:
        report: What happened.
        title: What was run over what, for the top of the page.
        labels: What really happened, to be seen beside the alerts.
    """
    sections = list(_sections(report, labels or ()))
    return template("streams.backtest", "page.html.jinja").render(
        title=wording.sentence(title),
        headline=_headline(report),
        when=when(report),
        figures=_figures(report),
        notes=list(notes(report)),
        sections=sections,
        tables=list(tables(summary(report, labels or None))),
    )


def _headline(report: Report) -> str:
    """The answer in one sentence, for those who answer the public."""
    if not report.mentions:
        return "Nothing was said in this recording."
    stories = len({told.story.id for told in report.notifications if told.story.audience is Audience.PUBLIC})
    alerts = len(in_public(report.known))
    if not alerts:
        return f"In {length(report)} it would have stayed silent."
    told = "1 story" if stories == 1 else f"{stories:,} stories"
    return f"In {length(report)} it would have told {told}, made of {wording.counted(alerts, 'alert')}."


def length(report: Report) -> str:
    span = _span_of(report)
    return wording.counted(round(span / timedelta(days=1)), "day") if span.days >= 3 else wording.duration(span)


def _span_of(report: Report) -> timedelta:
    return report.last - report.first if report.first and report.last else timedelta(0)


def when(report: Report) -> str:
    if report.first is None or report.last is None:
        return ""
    timezone = next((series.timezone for series in report.series.values()), None)
    first, last = report.first.astimezone(timezone), report.last.astimezone(timezone)
    return f"{first:%-d %b %Y, %H:%M} to {last:%-d %b %Y, %H:%M} ({last.tzinfo})"


def _figures(report: Report) -> Iterator[tuple[str, str]]:
    """The few numbers at the top: what, and how many."""
    public = in_public(report.known)
    critical = sum(each.alert.severity >= Severity.CRITICAL for each in public)
    again = sum(each.came_back_at is not None for each in public)
    kinds = [f"{critical:,} of them critical"] * bool(critical) + [f"{again:,} again"] * bool(again)
    yield ", ".join(["alert" if len(public) == 1 else "alerts", *kinds]), f"{len(public):,}"
    days = _span_of(report) / timedelta(days=1)
    if days >= 1:
        yield "alerts a day", rate(len(public) / days)
    if waited := waits(public):
        seconds = median(wait.total_seconds() for wait in waited)
        yield "from the first mention to the alert (median)", wording.duration(timedelta(seconds=round(seconds)))
    matched = report.matches.total()
    yield "mentions" if matched == report.mentions else f"matches among {report.mentions:,} mentions", f"{matched:,}"


def notes(report: Report) -> Iterator[str]:
    """What a reader should know before trusting the rest."""
    if others := len(report.known) - len(in_public(report.known)):
        yield f"{wording.counted(others, 'more alert')} for those who run the system."
    if report.malformed:
        yield f"{wording.counted(report.malformed.total(), 'line')} could not be read."
    if report.clocks_ahead:
        yield f"{wording.counted(report.clocks_ahead, 'time')} in the future, not believed."
    if report.clocks_ahead * 2 > report.mentions:
        yield "Most of the recording lies in the future: what is said here of it means little. Are its years right?"
    if report.repeats:
        yield f"{wording.counted(report.repeats, 'repeat')} left out."
    if report.too_late:
        yield f"{wording.counted(report.too_late, 'mention')} came too late to count."


def _sections(report: Report, labels: Sequence[Label]) -> Iterator[Section]:
    known = sorted(report.known, key=lambda each: each.is_for_operations)
    numbered = [(number, from_its_beginning(each)) for number, each in enumerate(known, 1)]
    names = sorted(
        {*report.matches, *report.series, *(alert.monitor for _, alert in numbered)},
        key=lambda name: (-sum(alert.monitor == name for _, alert in numbered), -report.matches[name], name),
    )
    for name in names:
        own = [(number, alert) for number, alert in numbered if alert.monitor == name]
        public = [each for each in own if not known[each[0] - 1].is_for_operations]
        others = own[len(public) :]
        hold = [(number, label) for number, label in enumerate(labels, 1) if label.monitor in (None, name)]
        series = report.series.get(name, Series())
        cards = _cards(_worst_first(public)[:MOST_CARDS], known, series)
        yield Section(
            name=wording.name(name),
            timezone=str(series.timezone),
            matched=report.matches[name],
            severities=tuple(_severities([alert for _, alert in public])),
            figures=tuple(_charts(report, series, public, hold)),
            labels=tuple(_label(number, label, series) for number, label in hold[:MOST_LABELS]),
            labelled=len(hold),
            shown=tuple(cards[:OPEN_CARDS]),
            folded=tuple(cards[OPEN_CARDS:]),
            left_out=max(len(public) - MOST_CARDS, 0),
            for_operations=tuple(_cards(others[:MOST_CARDS], known, series)),
        )


def _cards(alerts: Sequence[Numbered], known: Sequence[Known], series: Series) -> list[Card]:
    return [card(number, alert, known[number - 1], series.timezone) for number, alert in alerts]


def _worst_first(alerts: Sequence[Numbered]) -> list[Numbered]:
    return sorted(alerts, key=lambda each: (-each[1].severity, -each[1].score, each[0]))


def _severities(alerts: Sequence[Alert]) -> Iterator[tuple[Severity, str]]:
    counts = Counter(alert.severity for alert in alerts)
    for severity in sorted(counts, reverse=True):
        yield severity, f"{counts[severity]:,} {wording.severity_word(severity).lower()}"


def _charts(
    report: Report, series: Series, alerts: Sequence[Numbered], labels: Sequence[tuple[int, Label]]
) -> Iterator[Figure]:
    if report.first is None or report.last is None:
        return
    whole = Span(first=bin_of(report.first), end=bin_of(report.last) + 1)
    spans = [(whole, 1)]
    spans += [(span, _LANES) for span in closeups(alerts, whole, CLOSEUPS)]
    for span, lanes in spans:
        drawn = chart(series, span, alerts, labels, learnt_at=learnt(series, whole), lanes=lanes)
        if drawn is not None:
            around = stretch(span.start, span.stop, series.timezone)
            heading = "The whole recording" if span == whole else f"Close up: {around}"
            yield Figure(heading=heading, spoken=_spoken(heading, drawn), chart=drawn)


def _spoken(heading: str, drawn: Chart) -> str:
    marks = "; ".join(mark.spoken for mark in drawn.marks) or "no alerts"
    return f"{heading}: mentions per {drawn.unit}. {drawn.peak}. {marks}."


def _label(number: int, label: Label, series: Series) -> LabelShown:
    when = stretch(label.start, label.end, series.timezone)
    return LabelShown(number=number, when=when, what=wording.sentence(label.what))
