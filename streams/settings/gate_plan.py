"""What a config's gates will do, told in plain words: the section "Gates" of `groundswell check`."""

from collections.abc import Iterator, Sequence

from streams.settings.config import Config
from streams.settings.gates import DAYS, Inhibit, Mute, Planned, QuietHours

Rows = tuple[tuple[str, str], ...]


def gates_in_words(config: Config, route_names: Sequence[str]) -> Rows:
    """A word and a sentence for each gate; none where there are none. The names are those of the config's routes."""
    rows = [
        *_labelled("quiet", _quiet(config, route_names)),
        *_labelled("muted", map(_mute, config.mutes)),
        *_labelled("planned", map(_planned, config.planned)),
        *_labelled("inhibit", map(_inhibit, config.inhibit)),
    ]
    return tuple(rows)


def _labelled(label: str, sentences: Iterator[str]) -> list[tuple[str, str]]:
    return [("" if at else label, sentence) for at, sentence in enumerate(sentences)]


def _quiet(config: Config, names: Sequence[str]) -> Iterator[str]:
    for name, route in zip(names, config.routes, strict=True):
        for hours in route.quiet:
            zone = route.timezone or config.organisation.timezone
            yield f"{name} is quiet {_hours(hours)} ({zone}): only {_told(hours.at_least)} is told at once"


def _hours(hours: QuietHours) -> str:
    days = [day for day in DAYS if day in hours.days]
    on = "every day" if len(days) == len(DAYS) else f"on {_and([day.title() for day in days])}"
    past_midnight = ", into the next day" if hours.end <= hours.start else ""
    return f"{on} from {hours.start} to {hours.end}{past_midnight}"


def _told(at_least: str) -> str:
    return at_least if at_least == "life_safety" else f"{at_least} and above"


def _mute(mute: Mute) -> str:
    what = _and(mute.detectors) if mute.detectors else "everything"
    begins = f" from {mute.start}" if mute.start else ""
    return f"{what} for {_monitors(mute.monitors)}{begins} until {mute.end}, because: {mute.reason}"


def _planned(event: Planned) -> str:
    what = f"{_and(event.detectors)} for {_monitors(event.monitors)}"
    bar = f"{event.times:g} times the usual, unless it may be a known claim"
    return f"{event.reason}, from {event.start} until {event.end}: {what} calls nobody below {bar}"


def _inhibit(rule: Inhibit) -> str:
    severe = f"{rule.by.at_least} {_and(rule.by.detectors)}"
    where = "" if rule.monitors is None else f" for {_monitors(rule.monitors)}"
    return f"while a {severe} fires{where}, {_and(rule.hold.detectors)} below {rule.hold.below} calls nobody"


def _monitors(names: Sequence[str] | None) -> str:
    return "all monitors" if names is None else _and(names)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
