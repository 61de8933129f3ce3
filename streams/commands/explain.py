"""`groundswell explain`: why a story was told to whom, or was not."""

from pathlib import Path

import click


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("alert")
@click.option("--json", "as_json", is_flag=True, help="The decisions with all their inputs, one a line, for programs.")
def command(config: Path, alert: str, as_json: bool) -> None:
    """Say step by step why the story ALERT was told to whom, or was held, and when.

    ALERT is the id of a story or the fingerprint of an alert, or the beginning of one. Everything comes from the
    records that the workers wrote, and each decision is made once more from what was recorded with it.
    """
    from zoneinfo import ZoneInfo

    import msgspec

    from alerting.decision import is_same, recompute
    from streams.explaining.printing import print_steps
    from streams.explaining.reading import NothingRecorded, story_records
    from streams.explaining.story_steps import story_steps
    from streams.kafka import topics
    from streams.kafka.client import AccessError, access
    from streams.kafka.topic_contents import NoSuchTopic
    from streams.settings.loading import ConfigError, load

    try:
        settings = load(config)
        known = story_records(access(settings.kafka), topics.names(settings.kafka), alert)
    except (ConfigError, AccessError, NoSuchTopic, NothingRecorded) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        for decision in known.decisions:
            made = {"decision": decision, "made_again": is_same(recompute(decision), decision.verdict)}
            click.echo(msgspec.json.encode(made))
        return
    zone = ZoneInfo(settings.organisation.timezone)
    print_steps(story_steps(known.story, known.found, known.decisions, zone))
