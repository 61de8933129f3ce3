"""What libraries say in the log: each sentence once a minute, and nothing twice that a line of ours told."""

import logging
import sys
from collections.abc import Iterator
from io import StringIO

import pytest

from streams.stages import logs
from streams.stages.logs import set_up, told


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """All that is logged. Logging is one for the whole process: other tests must not notice."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    libraries = {name: logging.getLogger(name).level for name in logs._LIBRARIES}
    out = StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    set_up("info", "text", "detect")
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in libraries.items():
        logging.getLogger(name).setLevel(before)


def test_a_sentence_that_a_library_repeats_is_logged_once_a_minute_with_how_often_it_came(
    log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(logs, "monotonic", lambda: clock[0])
    library = logging.getLogger("aiokafka.client")
    for number in range(500):
        library.error("Unable connect to node with id %s", number)
    library.error("Unable to update metadata from %s", [1])
    assert log.getvalue().count("\n") == 2
    clock[0] += 61
    library.error("Unable connect to node with id %s", 1)
    assert log.getvalue().splitlines()[-1].endswith('Unable connect to node with id 1 said_before="499"')


def test_our_own_lines_are_all_logged(log: StringIO) -> None:
    for _ in range(3):
        logging.getLogger("streams.stages.outbox").warning("a receiver could not take a notification; trying again")
        logging.getLogger("kafkaesque").warning("not that library")
    assert log.getvalue().count("\n") == 6


def test_what_we_told_of_an_error_no_library_tells_again(log: StringIO) -> None:
    try:
        raise OSError("gone")
    except OSError as error:
        told(error)
        logging.getLogger("faust.app.base").exception("[^-App]: Crashed reason=%r", error)
    logging.getLogger("faust.worker").critical("[^Worker]: We experienced a crash! Reraising original exception...")
    assert log.getvalue() == ""
    try:
        raise OSError("another")
    except OSError as error:
        logging.getLogger("faust.app.base").exception("[^-App]: Crashed reason=%r", error)
    assert "another" in log.getvalue()


def test_what_is_remembered_of_sentences_is_bounded(log: StringIO) -> None:
    rarely = logs._Rarely()
    for number in range(5_000):
        record = logging.LogRecord("faust", logging.WARNING, "", 0, f"each time another: {number}", (), None)
        assert rarely.filter(record)
    assert len(rarely._said) <= logs._MOST_REMEMBERED
