"""What changes between two configs over the same recording: alerts kept, gained, lost, earlier, later.

Alerts of the two find each other one to one (`streams/backtest/same_alert.py`); what is earlier or later is when the
live workers would have known of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, get_args

from msgspec import Struct

from alerting import wording
from streams.backtest.known import Known
from streams.backtest.run import STEP, Report
from streams.backtest.same_alert import agreement

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

Kind = Literal["kept", "earlier", "later", "gained", "lost", "joined", "split"]
"""`joined`: what were two alerts is told as one; `split`: the other way round. Neither is lost or gained."""
Aspect = Literal["gained", "lost", "earlier", "later", "severer", "milder"]
"""What somebody may want to hear of, or have refused in CI."""
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)


class Difference(Struct, frozen=True, kw_only=True):
    """What became of one alert."""

    monitor: str
    kind: Kind
    ours: Known | None = None
    """None where it was lost."""
    others: Known | None = None
    """None where it was gained."""
    sooner: timedelta = timedelta(0)
    """By how much ours was known before the other one; negative where it was known after it."""

    @property
    def shown(self) -> Known:
        """The one to show: ours, unless it is the other one that was lost or joined."""
        shown = self.others if self.kind == "joined" else self.ours or self.others
        assert shown is not None
        return shown

    @property
    def severer_by(self) -> int:
        """Steps of severity; negative where ours is milder, 0 where there is nothing to compare with."""
        if self.ours is None or self.others is None or self.kind in ("joined", "split"):
            return 0
        return self.ours.alert.severity - self.others.alert.severity


class Comparison(Struct, frozen=True, kw_only=True):
    """Our config against another one."""

    monitors: tuple[str, ...]
    """Of both, ours first."""
    only_ours: tuple[str, ...] = ()
    only_others: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    """One for each alert that is the same, and for each that has no counterpart; by time."""

    def of(self, aspect: Aspect) -> list[Difference]:
        """All that are so."""
        return [difference for difference in self.differences if is_so(difference, aspect)]

    def of_monitor(self, monitor: str) -> list[Difference]:
        """All of one monitor."""
        return [difference for difference in self.differences if difference.monitor == monitor]


def is_so(difference: Difference, aspect: Aspect) -> bool:
    match aspect:
        case "severer":
            return difference.severer_by > 0
        case "milder":
            return difference.severer_by < 0
        case _:
            return difference.kind == aspect


def compare(ours: Report, others: Report) -> Comparison:
    """What `ours` says that `others` does not, and the other way round. Both are of the same recording."""
    here, there = list(ours.matches), list(others.matches)
    groups: dict[tuple[str, str], tuple[list[Known], list[Known]]] = defaultdict(lambda: ([], []))
    for side, report in enumerate((ours, others)):
        for known in report.known:
            groups[known.alert.monitor, known.alert.detector][side].append(known)
    differences = [each for mine, theirs in groups.values() for each in _differences(mine, theirs)]
    return Comparison(
        monitors=tuple(dict.fromkeys((*here, *there))),
        only_ours=tuple(name for name in here if name not in there),
        only_others=tuple(name for name in there if name not in here),
        differences=tuple(sorted(differences, key=lambda each: (each.shown.known_at, each.shown.alert.fingerprint))),
    )


def printed(comparison: Comparison, other: str = "the other config") -> "Group":
    """All that differs, by monitor. `other` is what the config that ours is compared with is called."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = []
    for monitor in comparison.monitors:
        differences = comparison.of_monitor(monitor)
        heading = Text.assemble((wording.name(monitor), "bold"), f": {_counted(monitor, differences, comparison)}")
        parts += [heading, *_rows([each for each in differences if _is_worth_a_line(each)])]
    return Group(*parts, Text(f"{_in_all(comparison)} against {wording.name(other)}", style="bold"))


def _differences(ours: Sequence[Known], others: Sequence[Known]) -> Iterable[Difference]:
    """Of one monitor and detector. Those that agree most, then those nearest in time, find each other first."""
    agreeing = [
        (-agreed, abs(one.known_at - other.known_at), mine, theirs)
        for mine, one in enumerate(ours)
        for theirs, other in enumerate(others)
        if (agreed := agreement(one.alert, other.alert))
    ]
    left, left_there = dict(enumerate(ours)), dict(enumerate(others))
    again = []
    for *_, mine, theirs in sorted(agreeing):
        if mine in left and theirs in left_there:
            yield _kept(left.pop(mine), left_there.pop(theirs))
        else:
            again.append((mine, theirs))
    for mine, theirs in again:
        if mine in left:
            yield _difference("split", left.pop(mine), others[theirs])
        elif theirs in left_there:
            yield _difference("joined", ours[mine], left_there.pop(theirs))
    yield from (_difference("gained", known, None) for known in left.values())
    yield from (_difference("lost", None, known) for known in left_there.values())


def _kept(ours: Known, others: Known) -> Difference:
    sooner = others.known_at - ours.known_at
    if abs(sooner) < STEP:  # a backtest does not look more often
        return _difference("kept", ours, others)
    return _difference("earlier" if sooner > timedelta(0) else "later", ours, others, sooner)


def _difference(kind: Kind, ours: Known | None, others: Known | None, sooner: timedelta = timedelta(0)) -> Difference:
    shown = ours or others
    assert shown is not None
    return Difference(monitor=shown.alert.monitor, kind=kind, ours=ours, others=others, sooner=sooner)


# On paper

_MARKS = {
    "gained": ("+", "green"),
    "lost": ("-", "red"),
    "earlier": ("<", "green"),
    "later": (">", "yellow"),
    "joined": ("~", "blue"),
    "split": ("~", "blue"),
    "kept": ("~", "blue"),
}
_HEADINGS = ("", "what", "known at (UTC)", "severity", "detector")


def _is_worth_a_line(difference: Difference) -> bool:
    return difference.kind != "kept" or difference.severer_by != 0


def _rows(differences: Sequence[Difference]) -> "Iterator[RenderableType]":
    """A line of what is looked up, and below it what is read, as in the table of alerts."""
    from rich.cells import cell_len, set_cell_size
    from rich.padding import Padding
    from rich.text import Text

    cells = [_cells(difference) for difference in differences]
    widths = [max(map(cell_len, column)) for column in zip(_HEADINGS, *cells, strict=True)]

    def line(row: Sequence[str], styles: Sequence[str]) -> Text:
        sized = [set_cell_size(cell, width + 2) for cell, width in zip(row, widths, strict=True)]
        text = Text.assemble(*zip(sized, styles, strict=True))
        text.rstrip()
        return text

    if differences:
        yield Padding.indent(line(_HEADINGS, ["dim"] * len(_HEADINGS)), 2)
    for difference, row in zip(differences, cells, strict=True):
        style = _MARKS[difference.kind][1]
        yield Padding.indent(line(row, [style, style, "", "", ""]), 2)
        yield Padding.indent(Text(wording.sentence(difference.shown.alert.evidence.summary)), 7)
    if differences:
        yield ""


def _cells(difference: Difference) -> tuple[str, ...]:
    known = difference.shown
    return (
        _MARKS[difference.kind][0],
        _what(difference),
        f"{known.known_at:%Y-%m-%d %H:%M}",
        _severity(difference),
        wording.name(known.alert.detector),
    )


def _what(difference: Difference) -> str:
    ours, others = difference.ours, difference.others
    match difference.kind:
        case "earlier" | "later":
            return f"{wording.duration(abs(difference.sooner))} {difference.kind}"
        case "joined" if ours is not None:
            return f"joined to {_time(ours)}"
        case "split" if others is not None:
            return f"split from {_time(others)}"
        case "kept":
            return "same time"
        case kind:
            return kind


def _time(known: Known) -> str:
    return f"{known.known_at:%d %b %H:%M}"


def _severity(difference: Difference) -> str:
    now = difference.shown.alert.severity.label
    if difference.severer_by and difference.others is not None:
        return f"{difference.others.alert.severity.label} → {now}"
    return now


def _counted(monitor: str, differences: Sequence[Difference], comparison: Comparison) -> str:
    """`12 alerts, 10 with the other config: 9 kept (3 earlier, 1 later), 3 gained, 1 lost`."""
    if monitor in comparison.only_ours:
        return f"{_alerts(len(differences))}; the other config has no such monitor"
    if monitor in comparison.only_others:
        return f"{_alerts(len(differences))} lost; this config has no such monitor"
    ours = sum(each.ours is not None and each.kind != "joined" for each in differences)
    others = sum(each.others is not None and each.kind != "split" for each in differences)
    if not differences:
        return "no alert in either"
    return f"{_alerts(ours)}, {others:,} with the other config: {_changes(differences)}"


def _in_all(comparison: Comparison) -> str:
    return f"In all {_changes(comparison.differences)}" if comparison.differences else "No alert, and no difference"


def _changes(differences: Sequence[Difference]) -> str:
    kinds = Counter(each.kind for each in differences)
    same = kinds["kept"] + kinds["earlier"] + kinds["later"]
    severer, milder = (sum(each.severer_by * sign > 0 for each in differences) for sign in (1, -1))
    turns = (("earlier", kinds["earlier"]), ("later", kinds["later"]), ("severer", severer), ("milder", milder))
    told = ", ".join(f"{count:,} {word}" for word, count in turns if count)
    ends = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("gained", "lost", "joined", "split") if kinds[kind])
    return ", ".join(filter(None, (f"{same:,} kept" + (f" ({told})" if told else ""), ends)))


def _alerts(count: int) -> str:
    return wording.counted(count, "alert")
