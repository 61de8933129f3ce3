"""The figures of a backtest as tables for its page: what each detector said, and what simple rules would have said."""

from collections.abc import Iterator
from datetime import timedelta

from msgspec import Struct

from alerting import wording
from streams.backtest.printing import CONTROLS, rate
from streams.backtest.summary import Judged, Spoken, Summary

_NOTHING = "–"


class Row(Struct, frozen=True, kw_only=True):
    """One line: its name, and one cell for each further column."""

    name: str
    cells: tuple[str, ...]
    is_ours: bool = False
    meaning: str = ""


class Table(Struct, frozen=True, kw_only=True):
    """What stands above and in it."""

    heading: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(figures: Summary) -> Iterator[Table]:
    """None where nothing was said."""
    if figures.first is None:
        return
    yield Table(
        heading="What each detector said",
        about="How often, how soon after the first mention of what it told (the median), and how much of the "
        "time an alert of it was firing.",
        columns=("alerts", "a day", "first mention → alert", "time firing"),
        rows=tuple(_spoken(each) for each in figures.detectors),
    )
    judged = ("precision", "recall", "label → alert") if figures.labels is not None else ()
    yield Table(
        heading="Beside simple rules",
        about=f"What others would have said of the same counts.{_of_labels(figures)}",
        columns=("alerts", "a day", *judged),
        rows=tuple(_compared(figures)),
    )


def _of_labels(figures: Summary) -> str:
    if figures.labels is None:
        return " Without labels nobody can say which of their alerts were right."
    outside = f" ({figures.labels_outside:,} more lie outside of the recording)" if figures.labels_outside else ""
    return (
        f" Held against {wording.counted(figures.labels, 'labelled window')}{outside}: precision is the share of the "
        "alerts that lie in one, recall the share of the windows with an alert."
    )


def _spoken(spoken: Spoken) -> Row:
    firing = f"{_duration(spoken.firing)} ({spoken.firing_share:.1%})" if spoken.firing else _NOTHING
    cells = (f"{spoken.alerts:,}", rate(spoken.a_day, _NOTHING), _duration(spoken.first_mention_to_alert), firing)
    return Row(name=wording.name(spoken.detector).replace("_", " "), cells=cells)


def _compared(figures: Summary) -> Iterator[Row]:
    several = figures.everything is not None
    for each in figures.monitors:
        name = f"This config: {wording.name(each.name)}" if several else "This config"
        yield Row(name=name, cells=_cells(each, figures), is_ours=True)
    if figures.everything is not None:
        yield Row(name="This config: all monitors", cells=_cells(figures.everything, figures), is_ours=True)
    for each in figures.controls:
        yield Row(name=each.name, meaning=CONTROLS[each.name], cells=_cells(each, figures))


def _cells(judged: Judged, figures: Summary) -> tuple[str, ...]:
    cells = (f"{judged.alerts:,.0f}", rate(judged.a_day, _NOTHING))
    if figures.labels is None:
        return cells
    return (*cells, _share(judged.precision), _share(judged.recall), _duration(judged.delay))


def _share(share: float | None) -> str:
    return _NOTHING if share is None else f"{share:.0%}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    return wording.duration(timedelta(seconds=seconds)) if seconds >= 60 else f"{seconds:.0f} s"
