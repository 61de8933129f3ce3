"""Where in a config file a query is wrong, and how to show it."""

from rich.cells import cell_len

from streams.settings.problem import without_secrets
from streams.settings.yaml_nodes import Scalar

_BEFORE, _AFTER = 40, 30


def line_of(node: Scalar, text: str, position: int) -> int:
    """The line, from 1, on which a character of the scalar stands; `position` counts in the scalar's own text.

    YAML folds lines, but keeps what is not blank: so the characters that are not blank are counted in both.
    """
    wanted = sum(not c.isspace() for c in node.text[:position])
    lines = text.split("\n")
    first = node.line + 1 if node.style in ("|", ">") else node.line
    last = max(first, min(node.last_line, len(lines)))
    for number in range(first, last):
        line = lines[number - 1]
        if number == node.line:
            line = line[node.column :].removeprefix(node.style or "")
        wanted -= sum(not c.isspace() for c in line)
        if wanted < 0:
            return number
    return _last_written(lines, first, last)


def excerpt(query: str, position: int) -> str:
    """The part of the query around a character, and under it a caret: two lines."""
    flat = "".join(c if c.isprintable() else " " for c in without_secrets(query).rstrip())
    position = min(position, len(flat))
    start, end = max(0, position - _BEFORE), min(len(flat), position + _AFTER)
    lead = ("…" if start else "") + flat[start:position]
    return f"    {lead}{flat[position:end]}{'…' if end < len(flat) else ''}\n    {' ' * cell_len(lead)}^"


def _last_written(lines: list[str], first: int, last: int) -> int:
    """The last line of the scalar that is not blank: a block ends where the next key begins."""
    while last > first and (last > len(lines) or not lines[last - 1].strip()):
        last -= 1
    return last
