"""`groundswell assign`: who sees to a story."""

from pathlib import Path

import click

from streams.commanding import act


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("story")
@click.argument("name", required=False)
@click.option("--by", metavar="NAME", help="Your name, where that of this account is not what people know you by.")
def command(config: Path, story: str, name: str | None, by: str | None) -> None:
    """Assign STORY to NAME, or to yourself.

    STORY is its id, or the beginning of it, as `groundswell inbox` and the message show it. Nobody is called for it.
    """
    from alerting.action import ActionKind

    act(config, story, ActionKind.ASSIGN, by=by, assignee=name or "")
