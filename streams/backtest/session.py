"""Runs one config, or two, over the same files, and shows on stderr how far it is."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from streams.backtest.bad_input import BadInput
from streams.backtest.choosing import CannotChoose, countable, only
from streams.backtest.counts import Counts
from streams.backtest.recordings import Mentions, opened
from streams.backtest.run import Report
from streams.progress import progress
from streams.settings.config import Config
from streams.settings.loading import base_folder, claims_paths, load
from streams.stages.starting import backtest_with

Files = Mentions | tuple[Counts, ...]
Advance = Callable[[int], None]
"""Is told how much of the files was read in this run, in the unit of `size_of`."""


class Chosen(Struct, frozen=True):
    """A config, cut down to what is to run."""

    path: Path
    config: Config
    known: tuple[str, ...]
    """The names of all its monitors, also of those that do not run."""

    @property
    def monitors(self) -> list[str]:
        """Names of those that run."""
        return [monitor.name for monitor in self.config.monitors]

    @property
    def files(self) -> list[Path]:
        """What it reads, itself included."""
        return [self.path, *claims_paths(self.config, base_folder(self.path))]


def chosen(path: Path, monitor: str | None) -> Chosen:
    """Raises `ConfigError`, `CannotChoose`."""
    config = load(path)
    known = tuple(each.name for each in config.monitors)
    try:
        return Chosen(path, config if monitor is None else only(config, monitor), known)
    except CannotChoose as error:
        raise CannotChoose(f"{path}: {error}") from error


def open_files(paths: Sequence[Path], runs: int) -> Files:
    """Raises `BadInput`, `OSError`."""
    pipes = [path for path in paths if not path.is_file()]
    if pipes and runs > 1:
        raise BadInput(pipes[0], None, "can be read only once: save it as a file to compare two configs")
    return opened(paths)


def run_all(configs: Sequence[Chosen], files: Files, say: Callable[[str], None]) -> list[Report]:
    """One report for each config; raises what `run` raises."""
    size = size_of(files)
    with progress("reading", size * len(configs)) as advance:
        return [run(config, files, say, _beyond(number * size, advance)) for number, config in enumerate(configs)]


def run(what: Chosen, files: Files, say: Callable[[str], None], advance: Advance) -> Report:
    """Raises `ConfigError`, `EncoderUnavailable`, `CannotChoose`, `BadInput`, `OSError`.

    Args:
        what: The config.
        files: As `open_files` gave them; they may be run over again.
        say: Is told what is left out, in words.
        advance: Is told how far it is.
    """
    folder = base_folder(what.path)
    if isinstance(files, Mentions):
        backtest = backtest_with(what.config, folder, path=what.path)
        return backtest.run(files, lambda lines: advance(files.bytes_read))
    try:
        config, left_out = countable(what.config)
    except CannotChoose as error:
        raise CannotChoose(f"{what.path}: {error}") from error
    for monitor, detectors in left_out.items():
        say(f"{monitor}: counts have no texts; left out: {', '.join(detectors)}")
    return backtest_with(config, folder, path=what.path).count(files, advance)


def size_of(files: Files) -> int:
    """In bytes of mentions, or in rows of counts; 0 where it cannot be known."""
    return files.size if isinstance(files, Mentions) else sum(len(file.rows) for file in files)


def _beyond(before: int, advance: Advance) -> Advance:
    return lambda done: advance(before + done)
