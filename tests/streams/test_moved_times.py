"""Recordings that are said anew: moved to now, at a speed, and where a clock goes wrong."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from streams import ingesting
from streams.commands.ingest import command
from streams.ingesting import Sender, moved
from tests.streams.sending import NOW, OLD, Kept, line, recording, times


def test_rebased_to_now_the_newest_mention_is_said_now_and_the_others_keep_their_distance(tmp_path: Path) -> None:
    kept = Kept()
    lines = [line(OLD), line(OLD + timedelta(hours=3)), line(OLD + timedelta(hours=1))]
    Sender(kept, "mentions").send(recording(tmp_path, *lines), now=NOW)
    assert times(kept.lines) == [NOW - timedelta(hours=3), NOW, NOW - timedelta(hours=2)]


def test_rebased_mentions_arrive_when_they_arrive(tmp_path: Path) -> None:
    kept = Kept()
    Sender(kept, "mentions").send(recording(tmp_path, line(arrived_at=OLD.isoformat(), lang="en")), now=NOW)
    (mention,) = map(json.loads, kept.lines)
    assert "arrived_at" not in mention
    assert mention["lang"] == "en"


def test_rebased_accounts_keep_their_age() -> None:
    shift = NOW - OLD
    young = {"id": "a", "created_at": (OLD - timedelta(days=3)).isoformat()}
    mention = json.loads(moved(line(author=young), shift))
    assert datetime.fromisoformat(mention["author"]["created_at"]) == NOW - timedelta(days=3)
    assert mention["author"]["id"] == "a"


@pytest.mark.parametrize(
    "author", [None, "somebody", {}, {"created_at": None}, {"created_at": 5}, {"created_at": "2014-08-10T09:00:00"}]
)
def test_what_is_no_age_of_an_account_stays_as_it_is(author: Any) -> None:
    mention = json.loads(moved(line(author=author), NOW - OLD))
    assert mention["author"] == author
    assert datetime.fromisoformat(mention["at"]) == NOW


def test_an_age_that_leads_out_of_the_calendar_stays_as_it_is() -> None:
    last = "9999-12-31T00:00:00Z"
    assert json.loads(moved(line(author={"created_at": last}), NOW - OLD))["author"]["created_at"] == last


@pytest.mark.parametrize("odd", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_one_clock_that_goes_wrong_does_not_move_all_others(odd: str, tmp_path: Path) -> None:
    kept = Kept()
    wrong = line().replace(OLD.isoformat().encode(), odd.encode())
    Sender(kept, "mentions").send(recording(tmp_path, line(), wrong, line(OLD + timedelta(hours=1))), now=NOW)
    assert [at for at in times(kept.lines) if at in (NOW, NOW - timedelta(hours=1))] == [
        NOW - timedelta(hours=1),
        NOW,
    ]


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.naps: list[float] = []
        monkeypatch.setattr(ingesting, "monotonic", lambda: self.now)
        monkeypatch.setattr(ingesting, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def test_at_a_speed_lines_are_sent_when_their_time_has_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kept = Clock(monkeypatch), Kept()
    lines = [line(OLD, id=f"a{number}") for number in range(3)] + [line(OLD + timedelta(minutes=2))]
    sent = Sender(kept, "mentions").send(recording(tmp_path, *lines), speed=60)
    assert clock.naps == [2.0]
    assert [value.count(b"\n") + 1 for value in kept.values] == [3, 1]
    assert kept.flushed_at[0] == 1  # what was said before is on its way before it waits
    assert sent.seconds == 2.0


def test_at_a_speed_one_clock_that_goes_wrong_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kept = Clock(monkeypatch), Kept()
    wrong = [line(datetime(1970, 1, 1, tzinfo=UTC)), line(datetime(2099, 1, 1, tzinfo=UTC)), b"oops"]
    Sender(kept, "mentions").send(recording(tmp_path, *wrong, line(OLD), line(OLD + timedelta(seconds=5))), speed=1)
    assert clock.now == 5.0
    assert len(kept.lines) == 5


def test_at_a_speed_and_rebased_the_newest_is_said_when_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clock(monkeypatch)
    kept = Kept()
    lines = [line(OLD), line(OLD + timedelta(minutes=10))]
    Sender(kept, "mentions").send(recording(tmp_path, *lines), speed=60, now=NOW)
    assert times(kept.lines)[-1] == NOW + timedelta(seconds=10)


@given(st.binary(max_size=80) | st.datetimes(timezones=st.timezones()).map(lambda at: line(at)))
def test_nothing_in_a_line_stops_its_being_moved(value: bytes) -> None:
    for shift in (timedelta(days=300_000), timedelta(days=-300_000), timedelta(0)):
        assert isinstance(moved(value, shift), bytes)


def test_a_stream_cannot_be_rebased_for_its_times_are_not_known_beforehand(tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, [str(tmp_path / "none.yaml"), "-", "--rebase", "now"])
    assert answer.exit_code == 2
    assert "give a file" in answer.output
