"""`groundswell ack`: somebody saw it, and sees to it."""

from pathlib import Path

import click

from streams.commanding import act


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("story")
@click.option("--by", metavar="NAME", help="Your name, where that of this account is not what people know you by.")
def command(config: Path, story: str, by: str | None) -> None:
    """Acknowledge STORY: everybody sees that you have seen it.

    STORY is its id, or the beginning of it, as `groundswell inbox` and the message show it. Nobody is called for it,
    and it is told all the same how it goes on.
    """
    from alerting.action import ActionKind

    act(config, story, ActionKind.ACKNOWLEDGE, by=by)
