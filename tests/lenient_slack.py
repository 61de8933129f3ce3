"""A Slack that is none: one of the servers that stand in for it, which keep, know and tell less than Slack does."""

from typing import Any

from aiohttp import web

from tests.fake_slack_socket import ClickableSlack

_READS = frozenset({"conversations.history", "conversations.replies", "conversations.info", "users.info"})


class LenientSlack(ClickableSlack):
    """`async with LenientSlack() as slack:`; tests say what it leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.keeps: set[str] = {"metadata", "blocks"}
        """What it keeps of a message beside its text."""
        self.tells: set[str] = {"channel", "ts", "message"}
        """What it answers to a message beside `ok`."""
        self.verbs = {"GET", "POST"}
        """By which it lets itself be read."""
        self.refuses: dict[str, str] = {}
        """By argument of `chat.*`: the code by which it is refused."""
        self.unknown_blocks: set[str] = set()
        self.verbs_seen: list[tuple[str, str, str]] = []
        """Method, verb and content type of each call."""

    def _work(self, request: web.Request, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.verbs_seen.append((method, request.method, request.content_type if request.method == "POST" else ""))
        if method in _READS and request.method not in self.verbs:
            raise web.HTTPNotFound(text="<html>no such page</html>", content_type="text/html")
        if method.startswith("chat."):
            for name, code in self.refuses.items():
                if name in arguments:
                    return {"ok": False, "error": code}
        answer = super()._work(request, method, arguments)
        for message in (one for channel in self.messages.values() for one in channel):
            for part in {"metadata", "blocks"} - self.keeps:
                message.pop(part, None)
        if method == "chat.postMessage" and answer["ok"]:
            return {key: value for key, value in answer.items() if key == "ok" or key in self.tells}
        return answer

    def _refusal(self, arguments: dict[str, Any]) -> str | None:
        if self.unknown_blocks & {block["type"] for block in arguments.get("blocks") or ()}:
            return "invalid_blocks"
        return super()._refusal(arguments)
