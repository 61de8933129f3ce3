"""By what a message of ours is found again: its metadata, and the `block_id`s of its blocks. Pure.

Slack keeps both. Servers that stand in for it may keep only one of them, or neither: then the same words are the same
message.
"""

import hashlib
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from msgspec import Struct

from alerting.slack_parts import Block

STORY = "groundswell_story"
TURN = "groundswell_turn"
DIGEST = "groundswell_digest"

_LONGEST_ID = 64


class Mark(Struct, frozen=True, kw_only=True):
    """What a message says of itself, to nobody but us."""

    event: str
    """`STORY`, `TURN` or `DIGEST`."""
    receiver: str
    about: str
    """The story's id, or the digest's route."""
    ids: tuple[str, ...]
    """Of what it tells: notifications, turns, a digest."""

    def metadata(self) -> dict[str, Any]:
        payload = {"story": self.about, "receiver": self.receiver, "notification": ",".join(self.ids)}
        return {"event_type": self.event, "event_payload": payload}

    def on(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks, the first ones with a `block_id` for each of the ids."""
        marked = [
            block if "block_id" in block else {**block, "block_id": f"{self._prefix}{told[:_LONGEST_ID]}"}
            for block, told in zip(blocks, self.ids, strict=False)
        ]
        return [*marked, *blocks[len(marked) :]]

    def told_in(self, message: Mapping[str, Any]) -> frozenset[str]:
        """The ids of what a message tells of the same thing, to the same receiver; none where it is another's."""
        match message.get("metadata"):
            case {"event_type": self.event, "event_payload": dict(payload)}:
                is_ours = (payload.get("story"), payload.get("receiver")) == (self.about, self.receiver)
                return frozenset(str(payload.get("notification", "")).split(",")) if is_ours else frozenset()
        blocks = message.get("blocks")
        ids = (block.get("block_id") for block in blocks if isinstance(block, dict)) if isinstance(blocks, list) else ()
        return frozenset(
            one.removeprefix(self._prefix) for one in ids if isinstance(one, str) and one.startswith(self._prefix)
        )

    @property
    def _prefix(self) -> str:
        about = hashlib.sha256("\x1f".join((self.receiver, self.about)).encode(errors="replace")).hexdigest()[:24]
        return f"{self.event} {about} "


def is_bare(message: Mapping[str, Any], text: str) -> bool:
    """Whether a server has kept nothing of a message but these words."""
    shown = message.get("text")
    kept = message.get("metadata") or message.get("blocks")
    return not kept and isinstance(shown, str) and unescape(shown) == unescape(text)
