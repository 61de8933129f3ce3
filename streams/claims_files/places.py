"""Where claims stand: an entry of a config, or an argument of a command, names a file, a folder, or files by `*`."""

import glob
from pathlib import Path

from streams.settings.problem import did_you_mean, quoted

FORMATS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
"""By the end of a file's name, in small letters."""
ENDINGS = ".yaml, .yml, .json, .jsonl or .csv"


class NoClaimsThere(Exception):  # noqa: N818 - the house names errors for what is wrong
    """An entry names nothing that can be read; says what is wrong with it, as a sentence."""


def files_of(entry: str, base: Path) -> list[Path]:
    """The files that an entry names now, in the order of their names.

    Of a folder those in it, not in folders within, whose name ends as `FORMATS` says and does not begin with a dot; it
    may hold none yet.

    Args:
        entry: Relative to `base`, or absolute.
        base: The config's folder.

    Raises:
        NoClaimsThere: Nothing has that name, or nothing is like the pattern.
    """
    path = base / entry
    if path.is_dir():
        return sorted(each for each in path.iterdir() if _holds_claims(each))
    if path.exists():
        if path.suffix.lower() not in FORMATS:
            raise NoClaimsThere(f"{quoted(entry)} is no claims file by its name; expected one that ends {ENDINGS}")
        return [path]
    if glob.has_magic(entry):
        pattern = entry if Path(entry).is_absolute() else f"{glob.escape(str(base))}/{entry}"
        if found := sorted(each for name in glob.glob(pattern, recursive=True) if _holds_claims(each := Path(name))):
            return found
        raise NoClaimsThere(f"no claims file is like {quoted(entry)}; expected some that end {ENDINGS}")
    beside = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = did_you_mean(path.name, beside)
    raise NoClaimsThere(
        f"there is no claims file {quoted(entry)}{hint or '; expected its place relative to this file'}"
    )


def format_of(path: Path) -> str:
    """One of the values of `FORMATS`; YAML where the name does not say. A compressed file's (.gz) by the rest of it."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return FORMATS.get(suffixes[-1] if suffixes else "", "yaml")


def without_repeats(paths: list[Path]) -> list[Path]:
    """Each file once, where several entries name it."""
    return list({path.resolve(): path for path in reversed(paths)}.values())[::-1]


def _holds_claims(path: Path) -> bool:
    return path.suffix.lower() in FORMATS and not path.name.startswith(".") and path.is_file()
