import json
import logging
import re
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.stages import logs
from streams.stages.logs import Form, set_up

LINE = re.compile(r"^\d\d:\d\d:\d\d detect warning  .*$")


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Logging is one for the whole process: other tests must not notice."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("aiokafka", "faust", "mode", "kafka", "slack_sdk")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def logged(form: Form, message: str = "something happened", *args: object, **more: Any) -> str:
    out = StringIO()
    standard, sys.stderr = sys.stderr, out
    try:
        set_up("info", form, "detect")
        logging.getLogger("streams.test").warning(message, *args, **more)
    finally:
        sys.stderr = standard
    return out.getvalue()


def test_a_line_holds_time_stage_level_sentence_and_fields() -> None:
    line = logged("text", extra={"partition": 3, "why": "it is late"})
    assert re.fullmatch(r'\d\d:\d\d:\d\d detect warning  something happened partition="3" why="it is late"\n', line)


@pytest.mark.parametrize(
    "hostile", ["a\n12:00:00 detect critical fire", "a\r\nb", "\x1b[31m", "\u2028", "\u202e", "\x85"]
)
def test_what_others_wrote_cannot_forge_a_line(hostile: str) -> None:
    for text in (logged("text", extra={"why": hostile}), logged("text", hostile), logged("text", "said: %s", hostile)):
        assert text.count("\n") == 1
        assert LINE.match(text)
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_what_others_wrote_cannot_forge_a_field() -> None:
    text = logged("text", extra={"why": 'x" level="critical'})
    assert 'why="x\\" level=\\"critical"' in text


def _traced(form: Form, text: str) -> str:
    try:
        raise ValueError(text)
    except ValueError:
        return logged(form, exc_info=True)


def test_the_words_of_an_error_cannot_pass_for_a_line() -> None:
    lines = _traced("text", "a\n12:00:00 detect critical fire").splitlines()
    assert [line for line in lines if re.match(r"\d\d:", line)] == lines[:1]
    assert any("ValueError: a" in line for line in lines)


def test_the_json_form_is_one_object_a_line() -> None:
    line = json.loads(logged("json", extra={"partition": 3, "seconds": 0.5, "is_late": True, "why": ["a"]}))
    assert {name: line[name] for name in line if name != "time"} == {
        "level": "warning",
        "stage": "detect",
        "logger": "streams.test",
        "message": "something happened",
        "partition": 3,
        "seconds": 0.5,
        "is_late": True,
        "why": "['a']",
    }


def test_the_json_form_holds_traces() -> None:
    assert "ValueError: oh" in json.loads(_traced("json", "oh\n\ud800"))["trace"]


def test_a_field_cannot_take_the_place_of_one_that_every_line_has() -> None:
    line = json.loads(logged("json", extra={"level": "debug", "stage": "match", "time": "never", "logger": "x"}))
    assert (line["level"], line["stage"], line["logger"]) == ("warning", "detect", "streams.test")


_texts = st.text(st.characters(codec=None))


@given(_texts, _texts | st.integers() | st.floats())
def test_no_text_stops_a_line(message: str, value: object) -> None:
    record = logging.makeLogRecord({"msg": message, "levelno": 30, "levelname": "WARNING", "name": "n", "field": value})
    json.loads(logs._Json("detect").format(record)).pop("field")
    text = logs._Text("detect").format(record)
    text.encode()
    assert len(text.splitlines()) == 1


def test_libraries_are_quieter_than_we_are() -> None:
    set_up("info", "text", "detect")
    assert not logging.getLogger("aiokafka.consumer").isEnabledFor(logging.INFO)
    assert logging.getLogger("streams.app").isEnabledFor(logging.INFO)
