"""A rise in the number of mentions, in the words and numbers that make a person believe it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from detectors import distinct
from detectors.detection import Evidence, Exemplar, Point, Share, Signal
from detectors.volume.bins import hour_of_week, start_of
from detectors.volume.surprise import BINS_PER_HOUR, WINDOWS, Baseline
from detectors.volume.tally import Mix, Tally

BEFORE = 5
"""Closed bins of which channels, languages, authors and examples are remembered: with the judged one, half an hour."""

_THREE_HOURS = 36
_IN_WORDS = {1: "5 minutes", 3: "15 minutes", 6: "30 minutes", 12: "1 hour", 36: "3 hours", 72: "6 hours", 144: "12 hours"}
# One more than a day of bins: the first bin began before its first mention.
_LEARNING = 24 * BINS_PER_HOUR + 1
_PROVISIONAL = 72 * BINS_PER_HOUR
_POINTS = 20
_SHARES = 4
_FEW_ACCOUNTS_AT_LEAST = 20
_FEW_ACCOUNTS_MENTIONS_EACH = 5


class Rise(Struct, kw_only=True):
    """One bin, what came before it, and how unusual that is."""

    number: int
    hour: int
    tally: Tally
    before: Sequence[Tally]
    """The closed bins right before it, oldest first, at most `BEFORE`."""
    baseline: Baseline
    usual: Mix
    timezone: ZoneInfo
    at_least_mentions: int
    severity: float = 0.0

    def __post_init__(self) -> None:
        self.severity = self.severity_at(self.tally.mentions)

    def severity_at(self, mentions: int) -> float:
        """How severe it would be with another number of mentions in the bin: the mean surprise of all windows."""
        if not self._may_speak(mentions):
            return 0.0
        return self.baseline.severity(mentions, self.hour)

    def strongest(self) -> int:
        """The window, in bins, that deviates most, of those that hold enough for a person to care."""
        deviations = dict(zip(WINDOWS, self.baseline.deviations(self.tally.mentions, self.hour), strict=True))
        enough = [bins for bins in WINDOWS if self.total(bins) >= self.at_least_mentions]
        return max(enough, key=deviations.__getitem__, default=_THREE_HOURS)

    def total(self, bins: int) -> int:
        """Mentions in so many bins up to this one."""
        return self.baseline.total(bins, self.tally.mentions)

    def usual_in(self, bins: int) -> float:
        """How many are usual in them."""
        return self.baseline.usual(bins, self.hour)

    def _may_speak(self, mentions: int) -> bool:
        if self.baseline.closed < _LEARNING:
            return False
        return self.baseline.total(_THREE_HOURS, mentions) >= self.at_least_mentions


def evidence(rise: Rise, since: datetime, first: Exemplar | None, quiet_below: float) -> Evidence:
    """What is told of a rise that began at `since` with the mention `first`, and is quiet below that severity."""
    window = rise.strongest()
    mentions = rise.total(window)
    usual = rise.usual_in(window)
    # Only half an hour is remembered in detail: what is said of longer windows is said of that half hour.
    detail = min(window, BEFORE + 1)
    detailed = [*rise.before, rise.tally][-detail:]
    authors = distinct.count(tally.authors for tally in detailed)
    detailed_usual = rise.usual_in(detail)
    channels = _sum(tally.channels for tally in detailed)
    languages = _sum(tally.languages for tally in detailed)
    return Evidence(
        summary=_summary(mentions, usual, _IN_WORDS[window]),
        mentions=mentions,
        usual=round(usual, 2),
        authors=authors if authors and window == detail else None,
        since=since,
        timeline=_timeline(rise, window),
        shares=(
            *_shares("channel", channels, rise.usual.channels, rise.usual.total, detailed_usual),
            *_shares("language", languages, rise.usual.languages, rise.usual.total, detailed_usual),
        ),
        exemplars=_exemplars(first, detailed),
        channels=_most_first(channels),
        languages=_most_first(languages),
        signals=_signals(authors, detailed, _IN_WORDS[detail]),
        counterfactual=_counterfactual(rise, window, quiet_below),
        unknown=tuple(_unknown(rise)),
    )


def few_accounts(tallies: Sequence[Tally]) -> bool:
    """Whether each account that wrote in these bins wrote five mentions or more, on average."""
    authored = sum(tally.authored for tally in tallies)
    if authored < _FEW_ACCOUNTS_AT_LEAST:
        return False
    return authored >= _FEW_ACCOUNTS_MENTIONS_EACH * distinct.count(tally.authors for tally in tallies)


def _summary(mentions: int, usual: float, window: str) -> str:
    if usual < 1:
        return f"{mentions:,} mentions in {window}, where fewer than one is usual at this hour."
    times = mentions / usual
    ratio = f"{times:,.0f}" if times >= 3 else f"{times:.1f}"
    return f"{mentions:,} mentions in {window}, {ratio} times the {usual:,.0f} usual at this hour."


def _timeline(rise: Rise, window: int) -> tuple[Point, ...]:
    """Steps of five minutes, or of half an hour where the rise is a matter of hours; the last ends with this bin."""
    window = min(window, _HALF_HOUR)
    bins = WINDOWS[window]
    counts = [*rise.baseline.newest(_POINTS * bins - 1), rise.tally.mentions]
    points = []
    for end in range(len(counts), bins - 1, -bins):
        last_bin = rise.number - (len(counts) - end)
        expected = rise.baseline.expected(window, hour_of(last_bin, rise.timezone))
        observed = sum(counts[end - bins : end])
        points.append(
            Point(at=start_of(last_bin - bins + 1), observed=float(observed), expected=round(float(expected), 2))
        )
    return tuple(reversed(points))


def _shares(
    dimension: Literal["channel", "language"],
    heard: dict[str, int],
    usual: dict[str, float],
    usual_total: float,
    usual_now: float,
) -> Iterable[Share]:
    """The parts that grew most against their usual part of what is usual now."""

    def usually(name: str) -> float | None:
        return round(usual.get(name, 0.0) / usual_total * usual_now, 2) if usual_total else None

    shares = [
        Share(dimension=dimension, name=name, mentions=count, usual=usually(name)) for name, count in heard.items()
    ]
    return sorted(shares, key=lambda share: ((share.usual or 0.0) - share.mentions, share.name))[:_SHARES]


def _exemplars(first: Exemplar | None, tallies: Sequence[Tally]) -> tuple[Exemplar, ...]:
    """The first of the rise, the one with most followers and the newest; each mention once."""
    firsts = [tally.first for tally in tallies if tally.first]
    widest = [tally.widest for tally in tallies if tally.widest]
    newest = [tally.newest for tally in tallies if tally.newest]
    shown: dict[str, Exemplar] = {}
    if first or firsts:
        chosen = first or min(firsts, key=_age)
        shown[chosen.mention_id] = chosen
    if widest:
        chosen = max(widest, key=lambda each: (each.followers or 0, _age(each)))
        shown.setdefault(chosen.mention_id, chosen)
    if newest:
        chosen = max(newest, key=_age)
        shown.setdefault(chosen.mention_id, chosen)
    return tuple(shown.values())


def _age(exemplar: Exemplar) -> tuple[datetime, str]:
    return exemplar.at, exemplar.mention_id


def _signals(authors: int, tallies: Sequence[Tally], window: str) -> tuple[Signal, ...]:
    authored = sum(tally.authored for tally in tallies)
    if not authored:
        return ()
    accounts = f"{authors:,} account" if authors == 1 else f"{authors:,} accounts"
    about = "about " if authors >= distinct.MOST else ""
    text = f"{about}{accounts} wrote {authored:,} of the mentions in {window}"
    return (Signal(name="authors", value=float(authors), text=text),)


def _counterfactual(rise: Rise, window: int, quiet_below: float) -> str:
    """The severity, solved for the number of mentions in the newest bin; everything before it stays as it was."""
    in_bin = rise.tally.mentions
    if rise.severity_at(0) >= quiet_below:
        return "It would have been told without the last 5 minutes too."
    least = min(bisect_left(range(in_bin + 1), quiet_below, key=rise.severity_at), in_bin)
    return f"It would have stayed quiet below {rise.baseline.total(window, least):,} mentions in {_IN_WORDS[window]}."


def _unknown(rise: Rise) -> Iterable[str]:
    yield "What the mentions say: they were counted, not read."
    yield "Who these accounts are."
    if rise.baseline.closed < _PROVISIONAL:
        hours = rise.baseline.closed // BINS_PER_HOUR
        yield f"What is usual is provisional: it has been learned for {hours} hours only."


def _sum(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total


def _most_first(counts: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:20])
