"""An explanation: steps in the order in which a mention or a story passes them, each with what was seen there."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from msgspec import Struct

from alerting.plain_text import cut, literal

LONGEST = 400
"""Characters of a line."""


class Line(Struct, frozen=True):
    """One sentence; whether it speaks for, or against, somebody being told."""

    text: str
    """Foreign where it quotes; made literal when it is printed."""
    verdict: bool | None = None


class Step(Struct, frozen=True):
    """What one gate said."""

    heading: str
    lines: tuple[Line, ...]


def step(heading: str, lines: Iterable[Line | str]) -> Step:
    """Sentences alone are for neither side."""
    return Step(heading, tuple(line if isinstance(line, Line) else Line(line) for line in lines))


def clock(at: datetime, zone: tzinfo) -> str:
    """`2026-03-16 09:04:05 CET`: to the second, as records are compared by it."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def shown(text: str, limit: int = LONGEST) -> str:
    """Foreign text in one literal line."""
    return cut(literal(text), limit)
