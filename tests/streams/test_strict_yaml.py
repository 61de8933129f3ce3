"""What the YAML reader takes, and what it says of what it does not take."""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from streams.settings import duration
from streams.settings.strict_yaml import read


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Circle(Struct, frozen=True, kw_only=True, tag_field="type", tag="circle"):
    name: str
    radius: Annotated[float, Meta(gt=0)] = 1.0


class Square(Struct, frozen=True, kw_only=True, tag_field="type", tag="square"):
    name: str
    side: int = 1


class Inner(Struct, frozen=True, kw_only=True):
    first: int = 1
    second: int = 2

    def __post_init__(self) -> None:
        if self.first > self.second:
            raise ValueError('"first" is greater than "second"')


class Everything(Struct, frozen=True, kw_only=True):
    name: str = ""
    count: Annotated[int, Meta(ge=1, le=9)] = 1
    share: float = 0.5
    on: bool = False
    wait: timedelta = timedelta(0)
    day: date | None = None
    moment: Annotated[datetime, Meta(tz=True)] | None = None
    level: Literal["low", "high"] = "low"
    colour: Colour = Colour.RED
    words: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    shape: Circle | Square | None = None
    shapes: tuple[Circle | Square, ...] = ()
    inner: Inner = Inner()
    free: Any = None
    code: Annotated[str, Meta(pattern="^[a-z]+$", extra={"expected": "a word in lower case"})] = "a"
    either: int | str = 0
    secret: tuple[bytes, ...] = ()


class Needy(Struct, frozen=True, kw_only=True):
    name: str
    count: int


def value(text: str) -> Everything:
    found, problems = read(text, Everything, "a.yaml")
    assert problems == []
    assert found is not None
    return found


def complaints(text: str, type: type[Any] = Everything) -> list[str]:
    found, problems = read(text, type, "a.yaml")
    assert found is None
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("name: no", "name", "no"),
        ("name: yes", "name", "yes"),
        ("name: off", "name", "off"),
        ("name: 2026-01-01", "name", "2026-01-01"),
        ("name: 12:30", "name", "12:30"),
        ('name: "12"', "name", "12"),
        ('name: "null"', "name", "null"),
        ("name: 国勢調査", "name", "国勢調査"),
        ("name: >\n  a\n  b\n", "name", "a b\n"),
        ("count: 9", "count", 9),
        ("share: 1", "share", 1.0),
        ("share: 1e-3", "share", 0.001),
        ("on: true", "on", True),
        ("wait: 1h30m", "wait", timedelta(minutes=90)),
        ("wait: 2d", "wait", timedelta(days=2)),
        ("wait: 0.5s", "wait", timedelta(milliseconds=500)),
        ("day: 2026-11-21", "day", date(2026, 11, 21)),
        ("moment: 2026-11-21T10:00:00Z", "moment", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("level: high", "level", "high"),
        ("colour: green", "colour", Colour.GREEN),
        ("words: [a, no]", "words", ("a", "no")),
        ("words:", "words", ()),
        ("counts: {a: 1}", "counts", {"a": 1}),
        ("shape: {type: square, name: s, side: 2}", "shape", Square(name="s", side=2)),
        ("shape: null", "shape", None),
        ("shapes:\n- {type: circle, name: c}", "shapes", (Circle(name="c"),)),
        ("inner:\n  # first: 3", "inner", Inner()),
        ("free: {a: [1, no, true, 1.5, ~]}", "free", {"a": [1, "no", True, 1.5, None]}),
        ("either: word", "either", "word"),
        ("either: 7", "either", 7),
    ],
)
def test_what_is_written_is_read_as_its_type(text: str, field: str, expected: object) -> None:
    assert getattr(value(text), field) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("nam: a", 'a.yaml:1: unknown key "nam"; did you mean "name"?'),
        ("zzz: a", 'a.yaml:1: unknown key "zzz"; expected name, count,'),
        ("name: a\nname: b", 'a.yaml:2: the key "name" is given twice, first in line 1'),
        ("name: 12", 'a.yaml:1: "name" is the number 12; expected text; put it in quotes'),
        ("name: true", 'a.yaml:1: "name" is true; expected text; put it in quotes'),
        ("name:", 'a.yaml:1: "name" is without a value; expected text'),
        ("name: [a]", 'a.yaml:1: "name" is a list; expected text'),
        ("count: many", 'a.yaml:1: "count" is "many"; expected a whole number from 1 to 9'),
        ("count: 10", 'a.yaml:1: "count" is the number 10; expected a whole number from 1 to 9'),
        ("count: 1.5", 'a.yaml:1: "count" is the number 1.5; expected a whole number'),
        ('count: "3"', 'a.yaml:1: "count" is "3"; expected a whole number from 1 to 9; take the quotes away'),
        ("count: 99999999999999999999999999", "expected a whole number"),
        ("share: .nan", 'a.yaml:1: "share" is ".nan"; expected a number'),
        ("share: 1e999", "expected a number"),
        ("on: yes", 'a.yaml:1: "on" is "yes"; expected true or false'),
        ("on: True", 'a.yaml:1: "on" is "True"; expected true or false'),
        (
            "wait: 30",
            'a.yaml:1: "wait" is the number 30; expected a duration such as 30s, 10m, 1h30m or 2d; did you mean "30s"?',
        ),
        ("wait: 5 minutes", 'did you mean "5m"?'),
        ("wait: -5m", 'a.yaml:1: "wait" is "-5m"; expected a duration'),
        ("wait: 999999999w", "expected a duration"),
        ("day: 21.11.2026", 'a.yaml:1: "day" is "21.11.2026"; expected a date such as 2026-11-21'),
        ("moment: 2026-11-21T10:00:00", "expected a time with its zone"),
        ("level: hgh", 'a.yaml:1: "level" is "hgh"; expected one of high, low; did you mean "high"?'),
        ("colour: blue", 'a.yaml:1: "colour" is "blue"; expected one of red, green'),
        ("words: a", 'a.yaml:1: "words" is "a"; expected a list; did you mean [a]?'),
        ("words:\n- a\n- 1", 'a.yaml:3: item 2 of "words" is the number 1; expected text'),
        ("counts: [a]", 'a.yaml:1: "counts" is a list; expected keys and values; did you mean "a:" without the dash?'),
        ("counts:\n  a: x", 'a.yaml:2: "a" is "x"; expected a whole number'),
        ("shape: {name: a}", 'a.yaml:1: the key "type" is missing; expected one of circle, square'),
        (
            "shape: {type: sqare, name: a}",
            'a.yaml:1: "type" is "sqare"; expected one of circle, square; did you mean "square"?',
        ),
        ("shape: {type: square}", 'a.yaml:1: the key "name" is missing; expected text'),
        ("shape: {type: circle, name: c, radius: 0}", "expected a number above 0"),
        ("inner:\n  first: 3", 'a.yaml:2: "first" is greater than "second"'),
        ("code: ABC", 'a.yaml:1: "code" is "ABC"; expected a word in lower case'),
        ("secret: []", 'a.yaml:1: unknown key "secret"'),
        ("- a", "a.yaml:1: the file is a list; expected keys and values"),
        ("hello", 'a.yaml:1: the file is "hello"; expected keys and values'),
        ("", "a.yaml: the file is empty; expected keys and values"),
        ("# nothing", "a.yaml: the file is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_a_remedy(text: str, complaint: str) -> None:
    found = complaints(text)
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            'name: "a" OR "b"',
            "a.yaml:1: this is not YAML: did not find expected key; a text that goes on after a closing quote",
        ),
        (
            "inner:\n\tfirst: 1",
            "a.yaml:2: this is not YAML: found character that cannot start any token; indent with spaces",
        ),
        (
            "name: a: b",
            "a.yaml:1: this is not YAML: mapping values are not allowed in this context; a text with a colon",
        ),
        (
            "name: @a",
            "a.yaml:1: this is not YAML: found character that cannot start any token; a text that begins with",
        ),
        ('count: 1\nname: "a\ncount: 1\n', "a.yaml:2: this is not YAML: a quote that begins here is never closed"),
        ("name: a\x00b", "a.yaml:1: this is not YAML: a control character stands here; remove it"),
        ("name: a\n---\nname: b", 'a.yaml:3: a second document begins after "---"'),
        ("name: &a b", 'a.yaml:1: "&a" is an anchor in YAML, which is not supported; put it in quotes'),
        ("name: *a", 'a.yaml:1: "*a" is an alias in YAML, which is not supported; put it in quotes'),
        ("<<: {name: a}", 'a.yaml:1: "<<" merges keys in YAML, which is not supported'),
        ("free: !!python/object/apply:os.system [ls]", "a.yaml:1: a tag (with !) is not supported"),
        ("? [a]\n: b", "a.yaml:1: a key is a list or a mapping"),
        ("free: " + "[" * 5000, "more than 30 levels within each other"),
    ],
)
def test_a_text_that_is_no_plain_yaml_is_refused_with_the_likely_reason(text: str, complaint: str) -> None:
    assert complaint in complaints(text)[0]


def test_aliases_that_would_grow_without_bound_are_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    assert len(complaints("\n".join(lines))) < 400


def test_a_missing_key_is_not_told_again_where_an_unknown_key_was_meant_for_it() -> None:
    assert complaints("nmae: a", Needy) == [
        'a.yaml:1: unknown key "nmae"; did you mean "name"?',
        'a.yaml:1: the key "count" is missing; expected a whole number',
    ]


def test_all_problems_are_told_at_once() -> None:
    assert len(complaints("nam: a\ncount: x\nwait: y\nwords: [1, 2]\nshapes: [{type: z}, {type: square}]")) == 7


def test_a_secret_is_never_repeated_in_a_message() -> None:
    assert "abcdef" not in str(complaints("count: xoxb-123456789-abcdef"))


@given(st.text(max_size=80))
def test_whatever_is_written_ends_in_a_value_or_in_problems(text: str) -> None:
    found, problems = read(text, Everything, "a.yaml")
    assert (found is None) == bool(problems)


@given(st.timedeltas(timedelta(0), timedelta(days=300_000)).map(lambda d: timedelta(seconds=int(d.total_seconds()))))
def test_a_duration_is_read_as_it_is_written(some: timedelta) -> None:
    assert duration.parse(duration.spell(some)) == some


def test_durations_are_said_as_people_say_them() -> None:
    assert duration.say(timedelta(hours=1, minutes=30)) == "1 hour 30 minutes"
    assert duration.say(timedelta(0)) == "no time"
    assert duration.spell(timedelta(seconds=90.5)) == "1m30.5s"
