"""What of a config a backtest runs: one monitor, or what can judge counts without texts."""

from collections.abc import Mapping
from difflib import get_close_matches

from msgspec import structs

from detectors.registry import load_detectors
from streams.settings.config import Config


class CannotChoose(Exception):  # noqa: N818 - the house names errors for what is wrong
    """The config does not hold what was asked for; says so with the remedy."""


def only(config: Config, monitor: str) -> Config:
    """With this monitor alone. Raises `CannotChoose`."""
    chosen = tuple(each for each in config.monitors if each.name == monitor)
    if not chosen:
        names = [each.name for each in config.monitors]
        near = get_close_matches(monitor, names, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(names)}"
        raise CannotChoose(f'no monitor is called "{monitor}"; {hint}')
    return structs.replace(config, monitors=chosen)


def countable(config: Config) -> tuple[Config, Mapping[str, list[str]]]:
    """With those detectors alone that need no texts, and the others' names by monitor. Raises `CannotChoose`."""
    known = load_detectors()
    left_out = {
        monitor.name: [name for name in monitor.detectors if known[name].reads_vectors] for monitor in config.monitors
    }
    monitors = tuple(
        structs.replace(
            monitor,
            detectors={name: each for name, each in monitor.detectors.items() if name not in left_out[monitor.name]},
        )
        for monitor in config.monitors
        if len(left_out[monitor.name]) < len(monitor.detectors)
    )
    if not monitors:
        raise CannotChoose(
            "no detector of this config judges counts, which have no texts: add volume_spike to a monitor, or give "
            "files of mentions"
        )
    return structs.replace(config, monitors=monitors), {name: names for name, names in left_out.items() if names}
