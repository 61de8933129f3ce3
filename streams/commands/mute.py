"""`groundswell mute`: nobody is interrupted for a story."""

from datetime import timedelta
from pathlib import Path

import click

from streams.commanding import Length, act


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("story")
@click.option("--for", "length", type=Length(), metavar="TIME",
              help="For so long, for example 1h or 8h; until the story is over where absent.")  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="Why, as everybody will read it.")
@click.option("--by", metavar="NAME", help="Your name, where that of this account is not what people know you by.")
def command(config: Path, story: str, length: timedelta | None, reason: str, by: str | None) -> None:
    """Mute STORY: its message is still edited, and nobody is interrupted.

    STORY is its id, or the beginning of it, as `groundswell inbox` and the message show it. What is a matter of life
    (`life_safety`) interrupts all the same.
    """
    from alerting.action import ActionKind

    act(config, story, ActionKind.MUTE, by=by, length=length, reason=reason)
