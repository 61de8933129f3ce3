"""`groundswell claims`: known claims from elsewhere, and those that a config has. Each part is loaded when called."""

import importlib

import click

_MODULES = {
    "import": "streams.claims_files.import_command",
    "list": "streams.claims_files.list_command",
    "match": "streams.claims_files.match_command",
}
"""By the word after `claims`: the module whose `command` it is."""


class _Parts(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _MODULES:
            return None
        found = importlib.import_module(_MODULES[cmd_name]).command
        assert isinstance(found, click.Command)
        return found


@click.command("claims", cls=_Parts)
def command() -> None:
    """Import fact-checked claims, see which are known, and match posts to them."""
