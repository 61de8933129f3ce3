"""A rise in the number of mentions, in the words and numbers that make a person believe it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from detectors import distinct, marks
from detectors.detection import Evidence, Exemplar, Point, Share, Signal
from detectors.rendering import counted
from detectors.volume.bins import BINS_PER_DAY, BINS_PER_HOUR, hour_of_week, start_of
from detectors.volume.mix import Mix
from detectors.volume.people import BINS_IN_HALF_HOUR, Chorus, People
from detectors.volume.shares import rounded, shares
from detectors.volume.surprise import RING, WINDOWS, Baseline
from detectors.volume.tally import Tally
from detectors.volume.terms import terms_of

BEFORE = BINS_IN_HALF_HOUR - 1
"""Closed bins of which channels, languages, authors and examples are remembered: with the judged one, half an hour."""

_THREE_HOURS = 3 * BINS_PER_HOUR
_IN_WORDS = {
    1: "5 minutes",
    3: "15 minutes",
    6: "30 minutes",
    12: "1 hour",
    36: "3 hours",
    72: "6 hours",
    144: "12 hours",
}
# One more than a day of bins: the first bin began before its first mention.
_LEARNING = BINS_PER_DAY + 1
_STILL_LOUD = 1.0
"""Deviations above what is usual."""
_PROVISIONAL = 3 * BINS_PER_DAY
_POINTS = 20


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
        """How severe it would be with another number of mentions in the bin: from 0, as -log10 of a chance."""
        if not self._may_speak(mentions):
            return 0.0
        return self.baseline.severity(mentions, self.hour)

    def severity_of_crowd(self) -> float:
        """How severe it would be if no account had written more than a member of a crowd might.

        Like `severity` it never falls while a bin is open: what interrupts people may depend on it.
        """
        return self.baseline.severity_of_crowd(self.crowd, self.hour) if self._may_speak(self.crowd) else 0.0

    @property
    def crowd(self) -> int:
        """Mentions in the bin, if no account had written more than a member of a crowd might."""
        return min(self.usual.people.crowd(self.tally), self.tally.mentions)

    def goes_on(self) -> bool:
        """Whether the last hour, or a part of it, is still loud: long windows remember what is over."""
        deviations = self.baseline.deviations(self.tally.mentions, self.hour)
        return max(deviations[: WINDOWS.index(BINS_PER_HOUR) + 1]) > _STILL_LOUD

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
    parts = [tally.parts() for tally in detailed]
    detailed_mentions = sum(tally.mentions for tally in detailed)
    grown = shares(detailed, parts, rise.usual, rise.usual_in(detail))
    # An estimate may be beyond what can be.
    authors = min(distinct.count(tally.authors for tally in detailed), sum(tally.authored for tally in detailed))
    people = rise.usual.people
    chorus = people.chorus(detailed)
    return Evidence(
        summary=_summary(
            mentions, usual, _IN_WORDS[window], chorus or people.chorus_lately([*rise.before, rise.tally])
        ),
        mentions=mentions,
        usual=round(usual, 2),
        authors=authors if authors and window == detail else None,
        since=since,
        timeline=_timeline(rise, window),
        shares=grown,
        shares_of=detailed_mentions if grown and detailed_mentions != mentions else None,
        exemplars=_exemplars(first, rise.tally, detailed, grown),
        channels=_most_first(tally.channels for tally in detailed),
        languages=_most_first(tally.languages for tally in detailed),
        marks=marks_of(detailed),
        signals=_signals(authors, detailed, people, chorus, _IN_WORDS[detail]),
        counterfactual=_counterfactual(rise, window, quiet_below),
        unknown=tuple(_unknown(rise)),
    )


def marks_of(tallies: Sequence[Tally]) -> dict[str, int]:
    """How many mentions of these bins bear each mark."""
    counts: dict[str, int] = {}
    for tally in tallies:
        marks.add(counts, tally.marks)
    return counts


def few_accounts(tallies: Sequence[Tally], usual: Mix) -> bool:
    """Whether few accounts made most of these bins, against what is usual for the monitor."""
    return usual.people.chorus_lately(tallies) is not None


def _summary(mentions: int, usual: float, window: str, chorus: Chorus | None) -> str:
    if usual < 1:
        told = f"{counted(mentions, 'mention')} in {window}, where fewer than one is usual at this hour."
    else:
        times = mentions / usual
        ratio = f"{times:,.0f}" if times >= 3 else f"{times:.1f}"
        shown = f"{usual:,.0f}" if usual >= 10 else f"{usual:.1f}".removesuffix(".0")
        told = f"{counted(mentions, 'mention')} in {window}, {ratio} times the {shown} usual at this hour."
    if chorus is None:
        return told
    mostly = "mostly by" if chorus.others else "by"
    # One account does not coordinate.
    if chorus.accounts == 1:
        return f"Posting {mostly} a single account: {told}"
    return f"Coordinated posting {mostly} {chorus.accounts:,} accounts: {told}"


def _timeline(rise: Rise, window: int) -> tuple[Point, ...]:
    """Steps of five minutes, or of an hour where the rise is a matter of hours; the last ends with this bin."""
    bins = min(window, 3 if window <= 3 else BINS_PER_HOUR)
    counts = [*rise.baseline.newest(min(_POINTS * bins, RING) - 1), rise.tally.mentions]
    points = []
    for end in range(len(counts), bins - 1, -bins):
        first_bin = rise.number - (len(counts) - end) - bins + 1
        usual = sum(rise.baseline.rate(hour_of_week(first_bin + each, rise.timezone)) for each in range(bins))
        observed = sum(counts[end - bins : end])
        points.append(Point(at=start_of(first_bin), observed=float(observed), expected=round(usual, 2)))
    return tuple(reversed(points))


def _exemplars(
    first: Exemplar | None, newest: Tally, tallies: Sequence[Tally], grown: Sequence[Share]
) -> tuple[Exemplar, ...]:
    """The first of the rise, one that is typical of it and the one with most followers; each mention once."""
    shown: dict[str, Exemplar] = {}
    if first is None and newest.first is not None:
        first = newest.first.exemplar("first")
    if first is not None:
        shown[first.mention_id] = first
    terms = {share.name for share in grown if share.dimension == "term"}
    others = [newest.sample[place] for place in sorted(newest.sample) if newest.sample[place].id not in shown]
    if others:
        typical = max(others, key=lambda each: len(terms & terms_of(each.words)))
        shown[typical.id] = typical.exemplar("typical")
    widest = [tally.widest for tally in tallies if tally.widest]
    if widest:
        chosen = max(widest, key=lambda each: (each.followers or 0, each.at, each.id))
        shown.setdefault(chosen.id, chosen.exemplar("widest reach"))
    return tuple(shown.values())


def _signals(
    authors: int, tallies: Sequence[Tally], people: People, chorus: Chorus | None, window: str
) -> tuple[Signal, ...]:
    """By how many accounts, and by how many so many mentions usually are."""
    authored = sum(tally.authored for tally in tallies)
    if not authored:
        return ()
    accounts = counted(authors, "account")
    about = "about " if authors >= distinct.MOST else ""
    total = sum(tally.mentions for tally in tallies)
    wrote = f"the {total:,}" if authored == total else f"{authored:,} of the {total:,}"
    text = f"{about}{accounts} wrote {wrote} mentions in {window}"
    if chorus is not None and chorus.others:
        text += f", {chorus.accounts:,} of them about {chorus.mentions:,}"
    usual = people.usual_accounts(authored)
    if usual is not None:
        text += f"; usually so many come from about {counted(rounded(usual), 'account')}"
    return (Signal(name="authors", value=float(authors), usual=usual and float(rounded(usual)), text=text),)


def _counterfactual(rise: Rise, window: int, quiet_below: float) -> str:
    """The severity, solved for the number of mentions in the newest bin; everything before it stays as it was."""
    in_bin = rise.tally.mentions
    if rise.severity_at(0) >= quiet_below:
        return "It would have been told without the last 5 minutes too."
    least = min(bisect_left(range(in_bin + 1), quiet_below, key=rise.severity_at), in_bin)
    told = counted(rise.baseline.total(window, least), "mention")
    return f"It would have stayed quiet below {told} in {_IN_WORDS[window]}."


def _unknown(rise: Rise) -> Iterable[str]:
    yield "What the mentions mean: they and their words were counted, not understood."
    yield "Who these accounts are."
    if rise.baseline.closed < _PROVISIONAL:
        hours = rise.baseline.closed // BINS_PER_HOUR
        yield f"What is usual is provisional: it has been learned for {hours} hours only."


def _most_first(counts: Iterable[dict[str, int]]) -> tuple[str, ...]:
    total: dict[str, int] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return tuple(sorted(total, key=lambda name: (-total[name], name))[:20])
