"""The contract of a receiver's sender: one story in, one outcome out, never an exception.

A notifier tells the newest state of a story. It is called again after `TryAgain`, with the same or a newer
notification, so the same telling twice must end in one message.
"""

from abc import ABC, abstractmethod
from datetime import timedelta
from typing import ClassVar

from msgspec import Struct

from alerting.alert import Notification, Receipt
from alerting.digest import Digest


class Delivered(Struct, frozen=True):
    """The receiver has it."""

    receipt: Receipt | None = None
    """Needed to edit the message later; None where a receiver keeps no messages."""


class TryAgain(Struct, frozen=True):
    """Not now: a limit, a time-out, a server's error."""

    why: str
    after: timedelta | None = None
    """As the receiver asked; None leaves it to the outbox."""


class Refused(Struct, frozen=True):
    """Never: the channel is gone, the token was revoked, the message is not acceptable. Somebody must act."""

    why: str
    """As a sentence, with the remedy after a colon where one is known."""
    is_message: bool = False
    """Only this message is at fault; others may still go through."""


Outcome = Delivered | TryAgain | Refused


class Notifier(ABC):
    """Tells stories to one receiver. One call at a time; the outbox sees to the pace."""

    pace: ClassVar[timedelta] = timedelta(0)
    """How long to wait after one call before the next."""

    interrupts: ClassVar[bool] = True
    """Whether it calls people. Only then budgets, quiet hours and digests are for it: a machine is told everything."""
    has_threads: ClassVar[bool] = True
    """Whether turns stand below a message, and so are said once it is there; others say them with the message."""
    knock_every: ClassVar[timedelta] = timedelta(seconds=15)
    """How often to try again where it refuses everything: somebody may have mended it a moment ago."""
    edit_every: ClassVar[timedelta] = timedelta(0)
    """Between two edits of one message that only bring newer numbers."""

    @abstractmethod
    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        """Tell it: a new message without a receipt, the same message edited (and its thread continued) with one.

        What `turns_of(notification)` gives is said in the thread, each turn once. A notification with `hold` calls
        nobody: it only edits what is there, and does nothing where nothing can be edited.
        """

    async def room(self) -> None:  # noqa: B027 - most notifiers have no pace of their own
        """Returns when an edit that only brings newer numbers would be made at once; until then something more
        important may come.
        """

    async def send_digest(self, digest: Digest) -> Outcome:
        """Tell what was held back, as one message of its own. Needed where `interrupts`."""
        return Refused("This kind of receiver has no digests: send them to another.", is_message=True)

    async def has_digest(self, digest: Digest) -> bool | TryAgain:
        """Whether an earlier run told it before it could note that."""
        return False

    async def find(self, notification: Notification) -> Receipt | None:
        """The message that an earlier run may have posted for this story before it could note the receipt."""
        return None

    async def close(self) -> None:  # noqa: B027 - most notifiers hold nothing to give back
        """Give back connections."""
