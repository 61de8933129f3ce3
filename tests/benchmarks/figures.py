"""What a benchmark found: one figure a line, with its goal and how it came about."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


class AtLeast(Struct, frozen=True, tag=True):
    """The goal is reached from here on upwards."""

    value: float


class AtMost(Struct, frozen=True, tag=True):
    """The goal is reached from here on downwards."""

    value: float


class Figure(Struct, frozen=True, kw_only=True):
    """One measured quantity."""

    group: str
    name: str
    samples: tuple[float, ...]
    """One a repetition; `measured` is their median."""
    unit: str
    goal: AtLeast | AtMost | None = None
    how: str

    @property
    def measured(self) -> float:
        return median(self.samples)

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is; None where there is none."""
        match self.goal:
            case AtLeast(value=value):
                return self.measured >= value
            case AtMost(value=value):
                return self.measured < value
            case None:
                return None


def percentile(values: Sequence[float], share: float, weights: Sequence[float] | None = None) -> float:
    """The least of `values` at or below which lies this share of all weight.

    Args:
        values: At least one.
        share: Between 0 and 1.
        weights: How much each counts; the same where absent.
    """
    ranked = sorted(zip(values, weights or [1.0] * len(values), strict=True))
    left = share * sum(weight for _, weight in ranked)
    for value, weight in ranked:
        left -= weight
        if left <= 1e-9:
            return value
    return ranked[-1][0]


def shown(figures: Sequence[Figure]) -> Group:
    """The table, narrow enough for any terminal, and below it how each figure came about."""
    hows = list(dict.fromkeys(figure.how for figure in figures))
    table = Table(title="groundswell: make bench", title_justify="left")
    table.add_column("figure")
    for column in ("measured", "spread", "goal", "how"):
        table.add_column(column, justify="right", no_wrap=True)
    for number, figure in enumerate(figures):
        table.add_row(
            f"{figure.group}: {figure.name}",
            Text(f"{_written(figure.measured)} {figure.unit}", style=_colour(figure)),
            _spread(figure),
            _goal(figure),
            str(hows.index(figure.how) + 1),
            end_section=number + 1 == len(figures) or figures[number + 1].group != figure.group,
        )
    notes = (Padding(Text(f"{number}. {how}", style="dim"), (0, 0, 0, 1)) for number, how in enumerate(hows, 1))
    return Group(table, *notes)


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """With all samples, for those who compare."""
    found = [{**msgspec.to_builtins(figure), "measured": figure.measured} for figure in figures]
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")


def _written(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _spread(figure: Figure) -> str:
    if len(figure.samples) < 2:
        return ""
    return f"{_written(min(figure.samples))} - {_written(max(figure.samples))}"


def _goal(figure: Figure) -> str:
    match figure.goal:
        case AtLeast(value=value):
            return f">= {_written(value)}"
        case AtMost(value=value):
            return f"< {_written(value)}"
        case None:
            return ""


def _colour(figure: Figure) -> str:
    return {True: "green", False: "red", None: ""}[figure.is_reached]
