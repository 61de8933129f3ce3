"""Whether gates name what exists, have an end, and hold something."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from msgspec import Struct

from streams.settings.config import Config, Route, severity
from streams.settings.gates import DAYS, Inhibit, Mute, Planned, QuietHours, minute_of, moment
from streams.settings.problem import did_you_mean, quoted
from streams.settings.strict_yaml import Reader

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


def check_gates(config: Config, *, monitors: Collection[str], detectors: Collection[str], reader: Reader) -> None:
    """Report what is wrong; the collections hold the names that exist."""
    known: Mapping[str, Collection[str]] = {"monitors": monitors, "detectors": detectors}
    for route in config.routes:
        _quiet(route, reader)
    gates: tuple[Mute | Planned, ...] = (*config.mutes, *config.planned)
    for gate in gates:
        _names(gate, known, reader)
        _span(gate, config.organisation.timezone, reader)
    for rule in config.inhibit:
        _names(rule, {"monitors": monitors}, reader)
        _names(rule.by, {"detectors": detectors}, reader)
        _names(rule.hold, {"detectors": detectors}, reader)
        _holds_something(rule, reader)


def _names(owner: Struct, known: Mapping[str, Collection[str]], reader: Reader) -> None:
    for field, names in known.items():
        for at, name in enumerate(getattr(owner, field) or ()):
            if name not in names:
                hint = did_you_mean(name, names) or f"; expected one of {', '.join(sorted(names)[:12])}"
                kind = field.removesuffix("s")
                reader.report_field(owner, field, f"no {kind} is called {quoted(name)}{hint}", at)


def _span(gate: Mute | Planned, timezone: str, reader: Reader) -> None:
    start, end = (
        _moment(gate, field, at, timezone, reader) for field, at in (("from", gate.start), ("until", gate.end))
    )
    if start is not None and end is not None and end <= start:
        text = f'"until" is {gate.end}, which is not after "from", {gate.start}; expected a later one'
        reader.report_field(gate, "until", text)


def _moment(gate: Mute | Planned, key: str, when: str | None, timezone: str, reader: Reader) -> datetime | None:
    if when is None or reader.is_broken(gate):
        return None
    try:
        return moment(when, timezone)
    except (ZoneInfoNotFoundError, OSError):
        return None  # that time zone is reported where it stands
    except (ValueError, OverflowError):
        reader.report_field(gate, key, f'"{key}" is {quoted(when)}, which no calendar has; expected 2026-11-24 10:00')
        return None


def _holds_something(rule: Inhibit, reader: Reader) -> None:
    if any(reader.is_broken(part) for part in (rule, rule.by, rule.hold)):
        return
    if rule.hold.below == "info":
        reader.report_field(
            rule.hold, "below", '"below" is info, and nothing is less severe; expected for example warning'
        )
    elif severity(rule.by.at_least) < severity(rule.hold.below):
        text = (
            f'"below" is {rule.hold.below}, but "while" begins at {rule.by.at_least}: two stories could hold each '
            f"other for ever; expected at most {rule.by.at_least}"
        )
        reader.report_field(rule.hold, "below", text)


def _quiet(route: Route, reader: Reader) -> None:
    taken: list[tuple[int, int, QuietHours]] = []
    for window in route.quiet:
        if reader.is_broken(window):
            continue
        if window.start == window.end:
            text = f'"from" and "to" are both {window.start}, so this is empty; all day is from 00:00 to 24:00'
            reader.report(reader.line(window), text)
            continue
        parts = list(_minutes_of_week(window))
        other = next((other for start, end in parts for at, till, other in taken if start < till and at < end), None)
        if other is not None:
            text = f"these quiet hours overlap those in line {reader.line(other)}; expected hours that do not"
            reader.report(reader.line(window), text)
        taken += [(start, end, window) for start, end in parts]
    quiet = sum(end - start for start, end, _ in taken)
    if quiet >= _WEEK_MINUTES:
        text = '"quiet" covers the whole week, so nobody is ever told; raise "at_least" of the route instead'
        reader.report_field(route, "quiet", text)


def _minutes_of_week(window: QuietHours) -> Iterator[tuple[int, int]]:
    """From Monday 00:00 on; what goes past Sunday is split."""
    start, end = minute_of(window.start), minute_of(window.end)
    length = (end - start) if end > start else end - start + _DAY_MINUTES
    for day in dict.fromkeys(window.days):
        begins = DAYS.index(day) * _DAY_MINUTES + start
        ends = begins + length
        yield begins, min(ends, _WEEK_MINUTES)
        if ends > _WEEK_MINUTES:
            yield 0, ends - _WEEK_MINUTES
