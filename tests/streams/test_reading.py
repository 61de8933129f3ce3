"""One line becomes a mention, or is malformed for a reason that is named."""

from datetime import UTC, datetime, timedelta

import pytest

from detectors.mention import Author, Engagement, Mention
from streams.reading import CLOCK_TOLERANCE, TEXT_LIMIT, Malformed, read_mention
from tests.streams.lines_read import NOW, line, mention_of, read, reason_of


def test_a_good_line_becomes_a_mention_that_says_when_it_arrived() -> None:
    mention = mention_of(line())
    assert (mention.id, mention.channel, mention.text, mention.arrived_at) == ("m1", "bluesky", "The census!", NOW)
    assert type(mention) is Mention


@pytest.mark.parametrize("value", [None, b"", b"  \n\t\n ", b"\r\n"])
def test_an_empty_record_is_said_to_be_empty(value: bytes | None) -> None:
    assert read(value) == [(1, "empty")]


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\xfe\x00\x01",
        b"\x80\x04\x95\x10\x00",
        b"hello",
        b"{",
        b'{"id": "m1"',
        line() + line(),
        line().replace(b"The", b"\xffhe"),
        b"\xef\xbb\xbf" + line(),
        line().decode().encode("utf-16"),
        line(followers=float("nan")),
        line(followers=float("inf")),
        b"[" * 100_000,
        b'{"id":' * 100_000,
        line(text="X").replace(b'"X"', b'"\\ud800"'),
        line(text="X").replace(b'"X"', b'"\\udc00 and more"'),
    ],
)
def test_what_is_not_json_is_said_not_to_be(value: bytes) -> None:
    assert reason_of(value) == "not_json"


@pytest.mark.parametrize(
    "value",
    [
        b"[]",
        b"[" + line() + b"]",
        b"null",
        b"12",
        b'"mention"',
        line(id=5),
        line(text=["a"]),
        line(text={"a": 1}),
        line(channel=True),
        line(at=1_900_000_000),
        line(at="yesterday"),
        line(at="2030-04-01T11:59:00"),
        line(at="2030-02-31T11:59:00Z"),
        line(author="ada"),
        line(author={"followers": "many"}),
        line(metrics={"likes": 1e300}),
        line(links="https://a.example"),
        line(synthetic="no"),
    ],
)
def test_a_wrong_type_is_named(value: bytes) -> None:
    assert reason_of(value) == "wrong_type"


@pytest.mark.parametrize("name", ["id", "channel", "at", "text"])
@pytest.mark.parametrize("value", [..., None])
def test_a_missing_field_is_named_and_null_counts_as_missing(name: str, value: object) -> None:
    malformed = read_mention(line(**{name: value}), NOW)
    assert isinstance(malformed, Malformed)
    assert malformed.reason == "missing_field"
    assert f"`{name}`" in malformed.detail


@pytest.mark.parametrize(
    "value",
    [
        line(id=""),
        line(id=" \t"),
        line(id="x" * 513),
        line(at="0001-01-01T00:00:00+14:00"),
        line(at="0001-01-01T00:00:00Z"),
        line(at="1969-12-31T23:59:59.999Z"),
        line(at="9999-12-31T23:59:59-12:00"),
    ],
)
def test_a_value_that_cannot_be_is_told_apart_from_a_wrong_type(value: bytes) -> None:
    assert reason_of(value) == "bad_value"


def test_ten_megabytes_of_text_are_too_large() -> None:
    assert reason_of(line(text="x" * 10_000_000)) == "too_large"


def test_a_long_text_is_cut_and_kept() -> None:
    assert len(mention_of(line(text="é" * 200_000)).text) == TEXT_LIMIT


def test_nulls_in_optional_fields_are_the_same_as_none() -> None:
    sent = line(title=None, author=None, metrics=None, links=None, kind=None, lang=None, synthetic=None)
    assert mention_of(sent) == mention_of(line())


def test_a_null_in_a_list_is_left_out() -> None:
    assert mention_of(line(links=["https://a.example", None])).links == ("https://a.example",)


def test_unknown_fields_are_ignored_however_deep_they_are() -> None:
    assert mention_of(line(more={"deep": [[[["a"]]]], "x": 10**400})) == mention_of(line())


@pytest.mark.parametrize(
    "text",
    [
        "\u202egnihtemos\u202c",
        "<!channel> <@U123> <https://evil.example|ours>",
        "\x00\x1b[2J\x07",
        "a" + "\u0301" * 5000,
        "\U0001f9d1\u200d\U0001f4bb",
        '{"id": "m2"}',
        "",
    ],
)
def test_hostile_text_is_text(text: str) -> None:
    assert mention_of(line(text=text, title=text or None)).text == text


def test_a_time_in_1970_is_a_time() -> None:
    mention = mention_of(line(at="1970-01-01T00:00:00Z"))
    assert mention.at == datetime(1970, 1, 1, tzinfo=UTC)
    assert not mention.clock_ahead


def test_a_time_in_2099_is_a_clock_that_runs_ahead_and_counts_from_its_arrival() -> None:
    mention = mention_of(line(at="2099-01-01T00:00:00Z"))
    assert (mention.at, mention.clock_ahead) == (NOW, True)


def test_a_clock_may_run_ahead_a_little() -> None:
    at = NOW + CLOCK_TOLERANCE
    assert not mention_of(line(at=at.isoformat())).clock_ahead
    assert mention_of(line(at=(at + timedelta(seconds=1)).isoformat())).clock_ahead


def test_an_arrival_in_our_future_is_not_believed() -> None:
    mention = mention_of(line(at="2099-01-01T00:00:00Z", arrived_at="2099-01-01T00:00:01Z"))
    assert (mention.at, mention.arrived_at, mention.clock_ahead) == (NOW, NOW, True)


@pytest.mark.parametrize("arrived_at", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "1969-12-31T23:59:59Z"])
def test_an_arrival_before_all_time_is_not_believed(arrived_at: str) -> None:
    mention = mention_of(line(arrived_at=arrived_at))
    assert (mention.arrived_at, mention.clock_ahead) == (NOW, False)


def test_an_arrival_in_the_past_is_believed() -> None:
    arrived = NOW - timedelta(seconds=30)
    assert mention_of(line(arrived_at=arrived.isoformat())).arrived_at == arrived


def test_every_time_is_utc() -> None:
    mention = mention_of(
        line(
            at="2030-04-01T20:59:00+09:00",
            arrived_at="2030-04-01T06:59:30-05:00",
            author={"created_at": "2020-01-01T00:00:00+05:30"},
        )
    )
    assert mention.at.isoformat() == "2030-04-01T11:59:00+00:00"
    assert mention.arrived_at is not None
    assert mention.arrived_at.isoformat() == "2030-04-01T11:59:30+00:00"
    assert mention.author.created_at is not None
    assert mention.author.created_at.isoformat() == "2019-12-31T18:30:00+00:00"


def test_an_account_made_before_the_calendar_began_is_of_unknown_age() -> None:
    assert mention_of(line(author={"id": "a", "created_at": "0001-01-01T00:00:00+14:00"})).author == Author(id="a")


@pytest.mark.parametrize("number", [-1, 2**53, 10**30])
def test_a_count_that_cannot_be_is_not_known(number: int) -> None:
    mention = mention_of(line(author={"followers": number}, metrics={"likes": number, "views": 7}))
    assert mention.author.followers is None
    assert mention.metrics == Engagement(views=7)


def test_what_is_too_long_to_be_what_it_claims_is_left_out() -> None:
    mention = mention_of(
        line(
            url="https://a.example/" + "x" * 3000,
            lang="x" * 36,
            author={"id": "i", "handle": "h" * 513},
            links=["https://b.example/" + "x" * 3000, "https://c.example"] + ["https://d.example"] * 100,
            kind="sermon",
            channel=" ",
        )
    )
    assert (mention.url, mention.lang, mention.author) == (None, None, Author(id="i"))
    assert (mention.links[0], len(mention.links)) == ("https://c.example", 49)
    assert (mention.kind, mention.channel) == ("other", "other")


def test_our_own_fields_cannot_be_set_and_are_not_even_looked_at() -> None:
    ours = {
        "groundswell:clock_ahead": True,
        "groundswell:encoding": {"model": 5, "uncovered": "told to nobody"},
        "groundswell:marks": ["harm"],
    }
    assert mention_of(line(**ours)) == mention_of(line())
