"""What `notify` saves of a receiver is read again as it was, field by field."""

from datetime import date

import pytest
from msgspec import Struct, msgpack, structs

from alerting.alert import Gate, Hold, Reason, Receipt, Turn
from alerting.budget import Spent
from alerting.digest import composed, held_story
from alerting.precision import Precision
from alerting.refusal import Refusal
from streams.stages.desk import RouteRow
from streams.stages.entry import Entry
from streams.stages.rows import read_rows, refusal_row, route_row
from tests.building import notification, time

TURN = Turn(id="t", reason=Reason.ESCALATED, at=time("12:07"), line="Escalated")
HELD = structs.replace(notification(), hold=Hold(gate=Gate.BUDGET, why="10 of 10"), turns=(TURN,), route="press")
ENTRY = Entry(
    known=["a", "b"],
    waiting=structs.replace(notification(), turns=(TURN,), budget="3 of 10 today", news=("alert:x",)),
    waits_since=time("12:05"),
    receipt=Receipt(channel="C1", ts="1.0"),
    is_told=True,
    newest=time("12:06"),
    is_resolved=True,
    held=HELD,
    held_at=time("12:06:30"),
    listed="digest",
    kept=(TURN,),
    budget="3 of 10 today",
    budget_day=date(2030, 4, 1),
    monitor="census",
    detectors=("volume_spike",),
    is_lost=True,
    useful=2,
    not_useful=1,
)
ROUTE = RouteRow(
    spent=Spent(day=date(2030, 4, 1), interruptions=3),
    digested=time("09:00"),
    digest=composed(
        [held_story(HELD, time("12:06"), (TURN,))],
        route="press",
        receiver="comms",
        at=time("09:00"),
        timezone="Europe/Berlin",
        precision=[Precision(monitor="census", detector="d", useful=1, not_useful=0)],
    ),
)
REFUSAL = Refusal(since=time("12:00"), why="Revoked.", waiting=2, is_told=True, over_at=time("12:30"), is_removed=True)


@pytest.mark.parametrize("row", [ENTRY, ROUTE, REFUSAL], ids=lambda row: type(row).__name__)
def test_the_row_of_this_test_says_something_in_every_field(row: Struct) -> None:
    defaults = {field.name: field.default for field in structs.fields(row)}
    assert [name for name, default in defaults.items() if getattr(row, name) in (default, [], None)] == []


def test_what_is_saved_is_read_as_it_was() -> None:
    rows = {"s1": ENTRY, route_row("press"): ROUTE, refusal_row: REFUSAL}
    read = read_rows({name: msgpack.encode(row) for name, row in rows.items()}, lambda name, why: pytest.fail(why))
    assert (read.entries, read.routes, read.refusal) == ({"s1": ENTRY}, {"press": ROUTE}, REFUSAL)
