"""`groundswell feedback`: whether it was right to tell of a story."""

from pathlib import Path

import click

from streams.commanding import act


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("story")
@click.argument("verdict", type=click.Choice(["useful", "not-useful"]))
@click.option("--reason", default="", metavar="TEXT", help="Why, for example: spam, same name, known, satire, planned.")
@click.option("--by", metavar="NAME", help="Your name, where that of this account is not what people know you by.")
def command(config: Path, story: str, verdict: str, reason: str, by: str | None) -> None:
    """Say whether it was useful to be told of STORY.

    The last word of each person counts. It shows in the metrics and in the digest, per detector and monitor; nothing is
    tuned by it.
    """
    from alerting.action import ActionKind

    kind = ActionKind.USEFUL if verdict == "useful" else ActionKind.NOT_USEFUL
    act(config, story, kind, by=by, reason=reason)
