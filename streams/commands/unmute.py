"""`groundswell unmute`: a story may interrupt again."""

from pathlib import Path

import click

from streams.commanding import act


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("story")
@click.option("--by", metavar="NAME", help="Your name, where that of this account is not what people know you by.")
def command(config: Path, story: str, by: str | None) -> None:
    """Let STORY interrupt again."""
    from alerting.action import ActionKind

    act(config, story, ActionKind.UNMUTE, by=by)
