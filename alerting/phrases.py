"""The smallest things that are said of a story: names, numbers, moments. Literal text, each of a bounded length."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from alerting.plain_text import cut, isolated, literal

# In code points.
NAME = 60
_SENTENCE = 400


def sentence(text: str) -> str:
    return quoting(cut(literal(text), _SENTENCE))


def headline(text: str) -> str:
    """All of it: whoever made it has cut it."""
    return quoting(literal(text))


def quoting(text: str) -> str:
    """What is quoted in it ends where its quotation mark stands: letters written from right to left would else draw
    the number behind it into the quotation.
    """
    begins, ends = text.find("“") + 1, text.rfind("”")
    if not begins:
        return text
    ends = ends if ends >= begins else len(text)
    return text[:begins] + isolated(text[begins:ends]) + text[ends:]


def name(text: str) -> str:
    return isolated(cut(literal(text), NAME))


def names(texts: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(name(text) for text in texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


def number(count: float) -> str:
    """Whole where it is large, with one decimal below ten."""
    return f"{count:,.0f}" if count >= 10 or count == round(count) else f"{count:.1f}"


def moment(at: datetime, timezone: tzinfo = UTC) -> str:
    local = at.astimezone(timezone)
    return f"{local:%d %b %H:%M} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """What the clock of a moment is called then: `CET`, `CEST`; `UTC-03` where it has no name but its offset."""
    name = f"{local:%Z}"
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def duration(length: timedelta) -> str:
    """The two largest units, without what is nothing: `2 d 3 h`, `1 h 10 min`, `1 h`, `4 min`."""
    minutes = max(int(length.total_seconds() // 60), 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"
