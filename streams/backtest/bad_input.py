"""What is wrong with a file that a person gave, in words that say where it is and what to do."""

from pathlib import Path


class BadInput(Exception):  # noqa: N818 - the house names errors for what is wrong
    """A file cannot be used; the message names it, the line where there is one, and the remedy."""

    def __init__(self, path: Path, line: int | None, problem: str) -> None:
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {problem}")
