"""Log lines: a constant sentence, and fields beside it. What others wrote cannot forge a line."""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Literal

import msgspec
import regex

from alerting.plain_text import for_log, for_terminal, literal

Form = Literal["text", "json"]

# What ends a line for some reader (U+2028), or turns, hides or recolours what a terminal shows.
_acting = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{DI}\p{NChar}\uFFF9-\uFFFB]")

_LIBRARIES = ("aiokafka", "faust", "mode", "kafka", "slack_sdk", "aiohttp.access", "asyncio")
_SAID_AGAIN_AFTER = timedelta(minutes=1)
_MOST_REMEMBERED = 1_000
# What only repeats that a worker stops, or is no more than its consequence.
_ECHOES = ("We experienced a crash!", "Task was destroyed but it is pending!", "Timer %s is overlapping")
_TOLD = "is_told_by_groundswell"
_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "data"}


def set_up(level: str, form: Form, stage: str) -> None:
    """Send all log lines of this process to standard error.

    Args:
        level: As `logging` names them, in lower case.
        form: `text` for people, `json` for collectors.
        stage: Stands on every line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json(stage) if form == "json" else _Text(stage))
    handler.addFilter(_Rarely())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def told(error: BaseException) -> None:
    """A line of ours tells of this error: what libraries say of it is left out from now on."""
    setattr(error, _TOLD, True)


def hush_libraries() -> None:
    """They say nothing more: on the way out, what they complain of is what they are being taken away."""
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)


class _Rarely(logging.Filter):
    """Lets each sentence of a library through once a minute, with how often it was said in between: while Kafka is away
    aiokafka says a hundred times a second that it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}  # when last, and how often since

    def filter(self, record: logging.LogRecord) -> bool:
        if not f"{record.name}.".startswith(tuple(f"{library}." for library in _LIBRARIES)):
            return True
        if _is_echo(record):
            return False
        sentence, now = (record.name, str(record.msg)), monotonic()
        said_at, since = self._said.get(sentence, (None, 0))
        if said_at is not None and now - said_at < _SAID_AGAIN_AFTER.total_seconds():
            self._said[sentence] = said_at, since + 1
            return False
        if len(self._said) >= _MOST_REMEMBERED:
            self._said.clear()
        self._said[sentence] = now, 0
        if since:
            record.said_before = since
        return True


def _is_echo(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return getattr(error, _TOLD, False) or any(echo in str(record.msg) for echo in _ECHOES)


class _Text(logging.Formatter):
    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        fields = "".join(f" {name}={for_log(str(value))}" for name, value in _fields(record).items())
        line = f"{time} {self._stage:<6} {record.levelname.lower():<8} {literal(record.getMessage())}{fields}"
        # Indented, so that no error's own words can pass for a line.
        return line + "".join(f"\n    {each}" for each in for_terminal(_trace(self, record)).splitlines())


class _Json(logging.Formatter):
    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage = stage

    def format(self, record: logging.LogRecord) -> str:
        line = {name: _value(value) for name, value in _fields(record).items()} | {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "stage": self._stage,
            "logger": record.name,
            "message": _whole(record.getMessage()),
        }
        if trace := _trace(self, record):
            line["trace"] = _whole(trace)
        # As JSON may be written: whoever parses it gets the same text.
        return _acting.sub(lambda found: json.dumps(found[0])[1:-1], msgspec.json.encode(line).decode())


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""


def _value(value: object) -> int | float | str:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53):
        return value
    return _whole(str(value))


def _whole(text: str) -> str:
    """With a mark in place of half characters, which JSON in UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
