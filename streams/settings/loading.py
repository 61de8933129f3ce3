"""A config file and all that it names, read and checked as a whole: one report, nothing half loaded.

ConfigError(problems)   raised by everything here; holds each `Problem(file, line, text)` that was found
"""

from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from detectors.contract import Detector
from detectors.known_claim import KnownClaim
from detectors.registry import InvalidDetector, load_detectors
from streams.claims_files.places import NoClaimsThere, files_of
from streams.claims_files.reading import ClaimsRead, read_claims
from streams.settings import cross_checks
from streams.settings.config import Config
from streams.settings.problem import ConfigError, Problem
from streams.settings.strict_yaml import Reader
from streams.settings.text_file import read_text, refuse_secrets

__all__ = [
    "ConfigError",
    "Problem",
    "base_folder",
    "claims_paths",
    "load",
    "load_claims_of",
    "load_with_claims",
    "read_claims_of",
]


def load(path: Path, detectors: Mapping[str, type[Detector]] | None = None) -> Config:
    """The config in a file, with each detector's `Params` in place of its raw parameters.

    Args:
        path: Of the config file.
        detectors: Those that it may name; every registered one where absent.

    Raises:
        ConfigError: All that is wrong with it and with the claims files that it names.
    """
    return load_with_claims(path, detectors)[0]


def load_with_claims(path: Path, detectors: Mapping[str, type[Detector]] | None = None) -> tuple[Config, ClaimsRead]:
    """The same, with what its claims files hold: where the config says so, rows that are wrong are left out."""
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise ConfigError(problems)
    reader = Reader(str(path))
    refuse_secrets(text, reader)
    read = _read(text, path, known_detectors(path) if detectors is None else detectors, reader, problems)
    found = [*sorted(reader.problems, key=lambda problem: problem.line), *problems]
    if read is None or found:
        raise ConfigError(found)
    return read


def load_claims_of(config: Config, base: Path) -> tuple[KnownClaim, ...]:
    """The claims of all files that a config names. `base` is its folder. Raises `ConfigError`."""
    return read_claims_of(config, base).claims


def read_claims_of(config: Config, base: Path) -> ClaimsRead:
    """The same with the rows that are wrong, where the config says that they are left out.

    Raises:
        ConfigError: All that is wrong where the config refuses that, else whole files that cannot be read.
    """
    read = read_claims(claims_paths(config, base))
    if problems := refused(config, read):
        raise ConfigError(problems)
    return read


def refused(config: Config, read: ClaimsRead) -> tuple[Problem, ...]:
    """Of what is wrong with the claims files, what this config does not bear."""
    return read.problems if config.bad_claims == "refuse" else read.unread


def claims_paths(config: Config, base: Path) -> list[Path]:
    """Where the claims files are now. Raises `ConfigError` where an entry names none."""
    paths: list[Path] = []
    problems: list[Problem] = []
    for entry in config.claims:
        try:
            paths += files_of(entry, base)
        except NoClaimsThere as error:
            problems.append(Problem(str(base / entry), 0, str(error)))
    if problems:
        raise ConfigError(problems)
    return paths


def base_folder(path: Path) -> Path:
    """What the names of files in a config are relative to: the folder in which it stands."""
    return path.parent


def known_detectors(path: Path) -> Mapping[str, type[Detector]]:
    """Every registered one. Raises `ConfigError`, of the file that may name it, where one cannot be used."""
    try:
        return load_detectors()
    except InvalidDetector as error:
        raise ConfigError([Problem(str(path), 0, f"an installed detector cannot be used: {error}")]) from None


def _read(
    text: str, path: Path, known: Mapping[str, type[Detector]], reader: Reader, problems: list[Problem]
) -> tuple[Config, ClaimsRead] | None:
    """The config and its claims; `problems` takes those of the claims files, the reader those of the config itself."""
    root = reader.compose(text, Config)
    if root is None:
        return None
    config = reader.read(root, Config, "the file")
    parameters = cross_checks.check(config, root, text, known, reader)
    claims = _claims(config, base_folder(path), reader, problems)
    monitors = (
        structs.replace(monitor, detectors=params) for monitor, params in zip(config.monitors, parameters, strict=True)
    )
    return structs.replace(config, monitors=tuple(monitors)), claims


def _claims(config: Config, base: Path, reader: Reader, problems: list[Problem]) -> ClaimsRead:
    paths: list[Path] = []
    for at, entry in enumerate(config.claims):
        try:
            paths += files_of(entry, base)
        except NoClaimsThere as error:
            reader.report_field(config, "claims", str(error), at)
    read = read_claims(paths)
    problems += refused(config, read)
    return read
