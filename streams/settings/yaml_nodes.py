"""A YAML text as a tree in which every part knows its line.

A strict subset of YAML: one document, no anchors, aliases, merge keys or tags, each key once. What a plain scalar
means is left to whoever knows which type is expected, so `no` is a word until somebody asks for a truth value.
"""

from collections.abc import Iterator

import yaml
from msgspec import Struct

from streams.settings.problem import Problem, quoted

DEEPEST = 30
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # C reads 1,000 monitors in a blink


class Scalar(Struct, frozen=True, eq=False):
    """A single value as it was written."""

    line: int
    text: str
    style: str | None
    """None where it stands without quotes, else the quote, `|` or `>`."""
    column: int
    last_line: int


class Listing(Struct, frozen=True, eq=False):
    """`- one` or `[one]`."""

    line: int
    items: tuple["Node", ...]


class Entry(Struct, frozen=True, eq=False):
    """One key of a mapping with its value."""

    key: Scalar
    value: "Node"


class Mapping(Struct, frozen=True, eq=False):
    """`key: value`, each key once: of a repeated key the first is kept."""

    line: int
    entries: dict[str, Entry]

    def get(self, key: str) -> "Node | None":
        """The value under a key."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value


Node = Scalar | Listing | Mapping


def compose(text: str, file: str, problems: list[Problem]) -> Node | None:
    """The tree of a text, or None where it is empty or cannot be read as YAML at all.

    Whatever is wrong is added to `problems`.
    """
    composer = _Composer(text, file, problems)
    try:
        return composer.document()
    except yaml.YAMLError as error:
        line, found = _syntax(error, text)
        problems.append(Problem(file, line, f"this is not YAML: {found}{_remedy(found, text, line)}"))
    except _TooDeepError as error:
        problems.append(Problem(file, error.line, f"more than {DEEPEST} levels within each other; expected a config"))
    return None


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class _Composer:
    """Makes nodes of PyYAML's events, which come one by one and so cannot blow up."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, 0)
                if documents == 1:
                    root = node
                elif documents == 2:
                    self._report(event, 'a second document begins after "---"; expected one in a file')
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = _line(event)
        if depth > DEEPEST:
            raise _TooDeepError(line)
        self._refuse_tricks(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return Listing(line, tuple(self._items(depth)))
        if isinstance(event, yaml.MappingStartEvent):
            return Mapping(line, self._entries(depth))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return Scalar(line, "", "*", 0, line)  # an alias, which has been reported

    def _refuse_tricks(self, event: yaml.Event) -> None:
        """Anchors, aliases and tags: they hide what a line says, and let a small file grow without bound."""
        if isinstance(event, yaml.AliasEvent):
            name = quoted(f"*{event.anchor}")
            self._report(event, f"{name} is an alias in YAML, which is not supported; put it in quotes if it is text")
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            name = quoted(f"&{event.anchor}")
            self._report(event, f"{name} is an anchor in YAML, which is not supported; put it in quotes if it is text")
        elif getattr(event, "tag", None) not in (None, "!"):
            self._report(event, "a tag (with !) is not supported; put it in quotes if it is text")

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, depth + 1)

    def _entries(self, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._report(event, "a key is a list or a mapping; expected a word")
            elif key.text == "<<" and key.style is None:
                self._report(event, '"<<" merges keys in YAML, which is not supported; write the keys out')
            elif key.text in entries:
                first = entries[key.text].key.line
                self._report(event, f"the key {quoted(key.text)} is given twice, first in line {first}; expected once")
            else:
                entries[key.text] = Entry(key, value)
        return entries

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        text, line = event.value, _line(event)
        try:
            text.encode()
        except UnicodeEncodeError:
            self._report(event, "half a character (a lone surrogate); expected text in UTF-8")
            text = ""
        style = event.style if event.style in ('"', "'", "|", ">") else None
        column = event.start_mark.column if event.start_mark else 0
        return Scalar(line, text, style, column, event.end_mark.line + 1 if event.end_mark else line)

    def _report(self, event: yaml.Event, text: str) -> None:
        self._problems.append(Problem(self._file, _line(event), text))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _syntax(error: yaml.YAMLError, text: str) -> tuple[int, str]:
    """The line of a syntax error, and what PyYAML says of it."""
    if isinstance(error, yaml.MarkedYAMLError):
        if error.context_mark and "end of stream" in (error.problem or "") and "quoted" in (error.context or ""):
            return error.context_mark.line + 1, "a quote that begins here is never closed"
        mark = error.problem_mark or error.context_mark
        return (mark.line + 1 if mark else 0), error.problem or error.context or "syntax error"
    position = getattr(error, "position", 0)
    return text.count("\n", 0, position) + 1, "a control character stands here; remove it"


def _remedy(found: str, text: str, line: int) -> str:
    """What most likely helps, by what people get wrong most."""
    if "never closed" in found or "control character" in found:
        return ""
    lines = text.split("\n")
    written = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    before = lines[line - 2].strip() if 1 < line <= len(lines) + 1 else ""
    if "\t" in (lines[line - 1] if written else "") and ("token" in found or "tab" in found):
        return "; indent with spaces, never with tabs"
    if "mapping values are not allowed" in found:
        return "; a text with a colon in it needs quotes, and keys beside each other the same indentation"
    if _goes_on_after_a_quote(written) or _goes_on_after_a_quote(before):
        return '; a text that goes on after a closing quote must stand in single quotes as a whole: \'"one" OR "two"\''
    if "cannot start any token" in found or "alias" in found or "anchor" in found:
        return "; a text that begins with one of @ ` % * & needs quotes"
    return "; check the indentation and the quotes here and in the line above"


def _goes_on_after_a_quote(written: str) -> bool:
    value = written.partition(": ")[2].strip() if ": " in written else written.removeprefix("- ").strip()
    if not value.startswith(('"', "'")):
        return False
    rest = value[1:].partition(value[0])[2].strip()
    return bool(rest) and not rest.startswith("#")
