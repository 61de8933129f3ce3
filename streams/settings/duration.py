"""Durations as people write them: `30s`, `10m`, `1h30m`, `2d`."""

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(
    r"(?:(\d{1,9})w)?(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,6})?)s)?", re.ASCII
)
_NAMES = {"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}


def parse(text: str) -> timedelta:
    """Weeks, days, hours, minutes and seconds, the greatest first, each at most once; never negative.

    Raises:
        ValueError: It is not a duration, or one of more than 1,000 years.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None or not text:
        raise ValueError("not a duration")
    counts = (float(count or 0) for count in written.groups())
    seconds = sum(count * unit for count, unit in zip(counts, _UNITS.values(), strict=True))
    if seconds > 1_000 * 365 * _UNITS["d"]:
        raise ValueError("more than 1,000 years")
    return timedelta(seconds=seconds)


def likely(text: str) -> str | None:
    """What somebody who wrote `5 minutes`, `1h 30m` or `30` most likely meant."""
    tight = re.sub(r"\s+|,|and", "", text.casefold())
    written = re.sub(r"(\d)(w|d|h|m|s)[a-z]*", r"\1\2", tight)
    try:
        return spell(parse(written + "s" if written.isdecimal() else written))
    except ValueError:
        return None


def spell(duration: timedelta) -> str:
    """As `parse` reads it: `1h30m`."""
    return "".join(f"{count:g}{unit}" for count, unit in _parts(duration)) or "0s"


def say(duration: timedelta) -> str:
    """As a person says it: `1 hour 30 minutes`."""
    words = (f"{count:g} {_NAMES[unit]}{'' if count == 1 else 's'}" for count, unit in _parts(duration))
    return " ".join(words) or "no time"


def _parts(duration: timedelta) -> list[tuple[float, str]]:
    seconds = duration.total_seconds()
    parts = []
    for unit, length in _UNITS.items():
        if unit == "w":
            continue
        count = seconds if unit == "s" else seconds // length
        seconds -= count * length
        if count:
            parts.append((count, unit))
    return parts
