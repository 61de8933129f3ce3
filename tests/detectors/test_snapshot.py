from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from detectors.contract import MonitorContext
from detectors.mention import Mention
from detectors.snapshot import SnapshotMismatch, restore, rows_of, snapshot, state_from
from detectors.volume_spike import VolumeSpike

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Account(Struct):
    posts: int = 0


class State(Struct):
    newest: int = 0
    accounts: dict[str, Account] = msgspec.field(default_factory=dict)
    by_hour: dict[int, float] = msgspec.field(default_factory=dict)


class Params(Struct, frozen=True):
    after: timedelta = timedelta(hours=1)


def test_a_dict_by_name_becomes_one_row_per_entry_and_all_else_one_row() -> None:
    rows = rows_of(State(newest=3, accounts={"a/b": Account(1), "": Account(2)}, by_hour={7: 0.5}))
    assert set(rows) == {"", "accounts/a/b", "accounts/"}


def test_only_the_rows_of_changed_entries_change() -> None:
    state = State(accounts={"one": Account(1), "two": Account(2)})
    before = rows_of(state)
    state.accounts["two"].posts = 3
    after = rows_of(state)
    assert {name for name in after if after[name] != before[name]} == {"accounts/two"}


@given(st.integers(), st.dictionaries(st.text(), st.integers(0, 9)), st.dictionaries(st.integers(0, 23), st.floats()))
def test_a_state_comes_back_from_its_rows_whatever_their_order(
    newest: int, accounts: dict[str, int], by_hour: dict[int, float]
) -> None:
    newest %= 2**63
    state = State(newest, {name: Account(posts) for name, posts in accounts.items()}, by_hour)
    rows = rows_of(state, version=2, params=Params())
    back = state_from(State, dict(reversed(rows.items())), version=2, params=Params())
    assert rows_of(back, version=2, params=Params()) == rows
    assert list(back.accounts) == sorted(accounts)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ({}, "the first row is missing"),
        (rows_of(State(), version=2), "version 2, not 1"),
        (rows_of(State(), params=Params()), "other parameters"),
        (rows_of(Account()), "other fields"),
        (rows_of(State()) | {"strangers/x": b""}, "belongs to no field"),
        (rows_of(State()) | {"accounts/x": b"\xc1"}, "cannot be read"),
        ({"": b"garbage"}, "cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(rows: dict[str, bytes], why: str) -> None:
    with pytest.raises(SnapshotMismatch, match=why):
        state_from(State, rows)


def test_a_detector_is_restored_for_the_same_params_only() -> None:
    spike = VolumeSpike(MonitorContext(), VolumeSpike.Params())
    spike.observe(Mention(id="1", channel="news", at=NOON, text="a"))
    spike.advance(NOON + timedelta(hours=1))
    rows = snapshot(spike)
    assert restore(VolumeSpike, MonitorContext(), VolumeSpike.Params(), rows).state == spike.state
    with pytest.raises(SnapshotMismatch, match="other parameters"):
        restore(VolumeSpike, MonitorContext(), VolumeSpike.Params(sensitivity="low"), rows)
