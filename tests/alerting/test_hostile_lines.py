"""Whatever others wrote is literal in a terminal and in the log: no escape sequence, no line of its own."""

import io
import json
import logging
import sys

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerting.alert import Notification, Reason, Receipt
from alerting.plain_text import cut, literal
from alerting.terminal import TerminalNotifier
from streams.stages import logs
from tests.alerting.hostile import filled, hostile
from tests.alerting.test_slack_states import STATES
from tests.slack_markup_parser import acting


async def in_terminal(told: Notification, receipt: Receipt | None) -> str:
    stream = io.StringIO()
    await TerminalNotifier(name="terminal", stream=stream, width=100).send(told, receipt)
    return stream.getvalue()


@pytest.mark.parametrize("name", STATES)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
async def test_nothing_that_others_wrote_acts_in_a_terminal(name: str, data: st.DataObject) -> None:
    """No control character but the line feed, and none that turns or hides text: so no escape sequence either."""
    told = replace(STATES[name][0], reason=data.draw(st.sampled_from(Reason)))
    texts = data.draw(st.lists(hostile, min_size=1, max_size=8))
    given_out = iter(range(10**6))
    attacked = filled(told, lambda: texts[next(given_out) % len(texts)])
    for receipt in (None, Receipt(channel="terminal", ts="1")):
        shown = await in_terminal(attacked, receipt)
        assert [hit for kind, hit in acting(shown) if kind == "hidden"] == []
        shown.encode()


LINE = regex.compile(r'\d\d:\d\d:\d\d notify warning  [^\n]*?(?: \w+="(?:[^"\\]|\\.)*")*\n')


@settings(max_examples=200)
@given(hostile, hostile, hostile)
def test_nothing_that_others_wrote_acts_in_a_line_of_the_log(sentence: str, value: str, error: str) -> None:
    """One line of the log is one line, its fields stay in quotes, and a trace is indented."""
    extra = {"receiver": value, "why": error}
    record = logging.makeLogRecord({"msg": sentence, "levelno": 30, "levelname": "WARNING", **extra})
    as_text = logs._Text("notify").format(record) + "\n"
    assert LINE.fullmatch(as_text)
    fields = regex.search(r' receiver="((?:[^"\\]|\\.)*)" why="((?:[^"\\]|\\.)*)"\n\Z', as_text)
    assert fields is not None
    assert [json.loads(f'"{found}"') for found in fields.groups()] == [
        cut(literal(text), 200) for text in extra.values()
    ]
    assert [hit for kind, hit in acting(as_text) if kind == "hidden"] == []

    as_json = logs._Json("notify").format(record)
    assert len(as_json.splitlines()) == 1
    assert not regex.search(r"[\p{Cc}\p{Cs}\p{DI}\p{Bidi_Control}]", as_json)
    whole = {name: text.encode("utf-8", "replace").decode() for name, text in extra.items()}
    assert {name: json.loads(as_json)[name] for name in (*extra, "stage")} == whole | {"stage": "notify"}


@settings(max_examples=100)
@given(hostile)
def test_an_error_s_words_stay_in_its_trace(words: str) -> None:
    try:
        raise ValueError(words)
    except ValueError:
        error = sys.exc_info()
    record = logging.makeLogRecord({"msg": "it broke", "levelno": 40, "levelname": "ERROR", "exc_info": error})
    first, *trace = logs._Text("notify").format(record).split("\n")
    assert first.endswith("it broke")
    assert all(line.startswith("    ") for line in trace)
    assert [hit for line in trace for kind, hit in acting(line) if kind == "hidden"] == []
    assert len(logs._Json("notify").format(record).splitlines()) == 1
