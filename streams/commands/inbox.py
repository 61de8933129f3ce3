"""`groundswell inbox`: what is open, most pressing first."""

from pathlib import Path

import click


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--monitor", "monitors", multiple=True, metavar="NAME", help="Only of this monitor; several times.")
@click.option("--all", "also_over", is_flag=True, help="Those that are over, too, as long as they are remembered.")
@click.option("--json", "as_json", is_flag=True, help="One story a line, with its alerts and evidence, for programs.")
def command(config: Path, monitors: tuple[str, ...], also_over: bool, as_json: bool) -> None:
    """List the stories that are open, most pressing first.

    The risk, from 0 to 100, compares stories of all monitors: severity decides its band (info below 25, warning below
    55, critical below 90, life_safety above), score, growth, claims and reach the place within it.
    """
    import msgspec

    from alerting.alert import State
    from streams.acting import stories
    from streams.inbox import print_inbox
    from streams.kafka import topics
    from streams.kafka.client import AccessError, access
    from streams.kafka.topic_contents import NoSuchTopic
    from streams.settings.loading import ConfigError, load
    from streams.settings.problem import did_you_mean

    try:
        settings = load(config)
        names = [monitor.name for monitor in settings.monitors]
        for wanted in monitors:
            if wanted not in names:
                raise click.UsageError(f"no monitor is called {wanted!r}{did_you_mean(wanted, names)}")
        known = stories(access(settings.kafka), topics.names(settings.kafka))
    except (ConfigError, AccessError, NoSuchTopic) as error:
        raise click.ClickException(str(error)) from error
    shown = [
        story
        for story in known
        if (also_over or story.state is State.FIRING) and (not monitors or story.monitor in monitors)
    ]
    if as_json:
        for story in shown:
            click.echo(msgspec.json.encode(story))
    else:
        print_inbox(shown)
