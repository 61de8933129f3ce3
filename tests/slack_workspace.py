"""What a workspace of the Slack on the loopback interface is set to, and what it forbids an app for that."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Workspace:
    """What `groundswell slack check` looks at; tests change it."""

    scopes: set[str] = field(
        default_factory=lambda: {
            "chat:write",
            "channels:history",
            "groups:history",
            "channels:read",
            "groups:read",
            "users:read",
        }
    )
    tells_scopes: bool = True
    """In a header, as Slack does."""
    is_member: bool = True
    is_archived: bool = False
    is_private: bool = False
    app_token: str = "xapp-1-fake"
    app_scopes: set[str] = field(default_factory=lambda: {"connections:write"})
    unknown_methods: set[str] = field(default_factory=set)

    def headers(self) -> dict[str, str]:
        return {"x-oauth-scopes": ",".join(sorted(self.scopes))} if self.tells_scopes else {}

    def refusal(self, method: str, channel_is_known: bool) -> str | None:
        """Slack's code for a call that the scopes or the channel's state do not allow."""
        of_channel = "groups" if self.is_private else "channels"
        needed = {"chat": "chat:write"}.get(method.partition(".")[0])
        if method.startswith("conversations."):
            needed = f"{of_channel}:{'read' if method == 'conversations.info' else 'history'}"
        if needed and needed not in self.scopes:
            return "missing_scope"
        if method == "auth.test":
            return None
        if not channel_is_known or (self.is_private and not self.is_member):
            return "channel_not_found"
        if method != "conversations.info" and not self.is_member:
            return "not_in_channel"
        return "is_archived" if self.is_archived and method.startswith("chat.") else None

    def open_connection(self, authorization: str | None) -> dict[str, Any]:
        if authorization != f"Bearer {self.app_token}":
            return {"ok": False, "error": "invalid_auth"}
        if "connections:write" not in self.app_scopes:
            return {"ok": False, "error": "missing_scope"}
        return {"ok": True, "url": "wss://127.0.0.1/link/?ticket=1"}

    def about(self, channel: str) -> dict[str, Any]:
        states = {"is_member": self.is_member, "is_archived": self.is_archived, "is_private": self.is_private}
        return {"ok": True, "channel": {"id": channel, "name": "press", **states}}
