"""A desk with its entries, as a queue uses it."""

from datetime import time as clock_time
from typing import Any

import msgspec

from alerting.alert import Gate, Hold, Notification, Reason, Receipt, Severity
from alerting.digest import as_text
from streams.stages.allowance import Allowance
from streams.stages.desk import Desk
from streams.stages.entry import Entry
from tests.building import Time, time
from tests.building import notification as built

QUIET = Hold(gate=Gate.QUIET_HOURS, why="until 07:00")
RECEIPT = Receipt(channel="C1", ts="1.0")
PRESS = Allowance(
    route="press", receivers=("comms",), interrupts_a_day=10, digest=(clock_time(9), clock_time(17)), timezone="UTC"
)


class Taking:
    """A desk with its entries, as a queue would use it."""

    def __init__(self, *, interrupts: bool = True, **allowance: Any) -> None:
        self.gates: list[Gate] = []
        press = msgspec.structs.replace(PRESS, **allowance)
        self.desk = Desk("comms", interrupts, {"press": press}, held=self.gates.append)
        self.entries: dict[str, Entry] = {}
        self.count = 0

    def take(self, reason: Reason = Reason.FIRST, about: str = "s1", **changes: Any) -> Notification | None:
        """What of it is to be told."""
        hold, route = changes.pop("hold", None), changes.pop("route", "press")
        self.count += 1
        told = msgspec.structs.replace(built(reason, told=self.count, id=about, **changes), hold=hold, route=route)
        entry = self.entries.setdefault(about, Entry())
        entry.note(told)
        admitted = self.desk.admit(entry, told)
        if admitted is not None:
            entry.wait(admitted)
        return admitted

    def tell(self, about: str = "s1") -> None:
        """What waits is told."""
        entry = self.entries[about]
        entry.waiting, entry.receipt, entry.is_told = None, RECEIPT, True

    def spend(self, interruptions: int) -> None:
        for number in range(interruptions):
            assert self.take(about=f"spent-{number}", severity=Severity.CRITICAL) is not None

    def tick(self, at: Time) -> list[str]:
        return self.desk.tick(time(at), self.entries)

    @property
    def digest(self) -> str:
        digest = self.desk.rows["press"].digest
        return "" if digest is None else as_text(digest)
