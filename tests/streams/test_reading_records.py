"""Records of several lines: a bad line is its own dead letter, and nothing that comes raises."""

import json
from datetime import UTC

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.mention import Mention
from streams import reading, records
from streams.reading import LINES_LIMIT, REASONS, Malformed, read_record
from streams.records import Batch
from tests.streams.lines_read import NOW, line, read


def test_one_bad_line_does_not_take_the_others_with_it() -> None:
    value = b"\n".join([line(id="a"), b"oops", b"", line(id="b"), line(text=...)])
    assert read(value) == [(1, "a"), (2, "not_json"), (4, "b"), (5, "missing_field")]


def test_lines_may_end_as_in_windows() -> None:
    assert read(line(id="a") + b"\r\n" + line(id="b") + b"\r\n") == [(1, "a"), (2, "b")]


def test_a_bad_first_line_does_not_take_the_others_with_it() -> None:
    assert read(b"{\n" + line(id="b")) == [(1, "not_json"), (2, "b")]


def test_one_object_may_be_printed_over_several_lines() -> None:
    printed = json.dumps(json.loads(line()), indent=2).encode()
    assert [(number, raw) for number, raw, _ in read_record(printed, NOW)] == [(1, printed)]
    assert read(printed) == [(1, "m1")]


def test_one_bad_object_printed_over_several_lines_is_one_dead_letter() -> None:
    assert read(json.dumps(json.loads(line(at=5)), indent=2).encode()) == [(1, "wrong_type")]


def test_a_record_of_very_many_lines_becomes_no_flood() -> None:
    found = read(b"x\n" * (LINES_LIMIT + 5))
    assert len(found) == LINES_LIMIT + 1
    assert found[-1] == (LINES_LIMIT + 1, "too_large")


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes().map(lambda at: at.isoformat() + "Z"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_names = (
    "id",
    "channel",
    "at",
    "text",
    "title",
    "url",
    "arrived_at",
    "author",
    "lang",
    "links",
    "metrics",
    "synthetic",
)
_mentions = st.fixed_dictionaries({}, optional=dict.fromkeys(_names, _json))
_good = json.loads(line())
_records = st.one_of(
    st.binary(),
    _json.map(lambda value: json.dumps(value).encode()),
    _mentions.map(lambda fields: json.dumps(fields).encode()),
    _mentions.map(lambda fields: json.dumps(_good | fields).encode()),
)


@given(st.lists(_records, max_size=4).map(b"\n".join))
def test_nothing_that_comes_raises_and_every_mention_can_go_on(value: bytes) -> None:
    for _, _, what in read_record(value, NOW):
        if isinstance(what, Malformed):
            assert what.reason in REASONS
            continue
        for at in (what.at, what.arrived_at, what.author.created_at):
            assert at is None or at.tzinfo is UTC
        batch = Batch(monitor="m", came_at=NOW, mentions=(what,))
        assert records.monitored(records.encode(batch)) == batch
        assert msgspec.json.decode(msgspec.json.encode(what), type=Mention) == what


_SECRET = "Zxqvwj"


@given(
    st.sampled_from([*_names, "kind", "groundswell:encoding", _SECRET]),
    st.recursive(
        st.just(_SECRET),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=2)
            | st.dictionaries(st.sampled_from(["id", "followers", "likes", "uncovered", _SECRET]), inner, min_size=1)
        ),
        max_leaves=3,
    ),
)
def test_what_is_said_about_a_bad_line_holds_none_of_its_text(name: str, value: object) -> None:
    for sent in (line(**{name: value}), line(**{name: value}) + b"}", line(**({"text": ...} | {name: value}))):
        what = reading.read_mention(sent, NOW)
        assert isinstance(what, Mention) or _SECRET not in what.detail
