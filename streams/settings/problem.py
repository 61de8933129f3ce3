"""What is wrong with a file that a person wrote, and where.

ConfigError(problems)   a config or claims file cannot be used; holds every problem found, never only the first
"""

import difflib
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

MOST_SHOWN = 50
_SECRET = re.compile(r"xox[a-z](?:\.xox[a-z])?-[\w-]{8,}|xapp-[\w-]{8,}|hooks\.slack\.com/services/\w[\w/]{8,}")


class Problem(Struct, frozen=True):
    """One thing to put right: what was found, what was expected, and the remedy where we know one."""

    file: str
    line: int
    """From 1; 0 where it concerns the file as a whole."""
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.text}"


class ConfigError(Exception):
    """A file cannot be used. `str()` of it is ready to be shown: one problem a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            shown.append(f"… and {len(self.problems) - MOST_SHOWN} more problems")
        return "\n".join(shown)


def quoted(text: str, limit: int = 60) -> str:
    """A text from the file as a message may show it: short, on one line, without control characters or secrets."""
    literal = "".join(c if c.isprintable() else " " for c in without_secrets(text)).strip()
    return f'"{literal}"' if len(literal) <= limit else f'"{literal[: limit - 1]}…"'


def without_secrets(text: str) -> str:
    """The text with every literal token replaced."""
    return _SECRET.sub("(a secret)", text)


def lines_with_secrets(text: str) -> list[int]:
    """Numbers, from 1, of the lines in which a literal token stands."""
    return [number for number, line in enumerate(text.split("\n"), 1) if _SECRET.search(line)]


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean "…"?` where one of the options is near, else nothing."""
    near = nearest(word, options)
    return "" if near is None else f'; did you mean "{near}"?'


def nearest(word: str, options: Iterable[str]) -> str | None:
    """The option that a person most likely meant, if any; case and `-` for `_` count for nothing."""
    by_plain = {_plain(option): option for option in options}
    found = difflib.get_close_matches(_plain(word[:80]), by_plain, n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None


def _plain(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
