"""`groundswell why-not`: why nobody was told of a mention, or who was."""

from pathlib import Path

import click


@click.command("why-not")
@click.argument("config", type=click.Path(path_type=Path))
@click.argument("mention")
def command(config: Path, mention: str) -> None:
    """Say step by step what became of MENTION, which is its id or its link: where it was dropped, or who was told.

    Everything comes from the records that the workers wrote: whether it was heard, which queries of CONFIG match it
    (asked anew), how it was compared, what was found then and what that would have taken, and who was told or held
    back. Mentions are kept for as long as CONFIG says (kafka.retention).
    """
    from zoneinfo import ZoneInfo

    from streams.explaining.mention_steps import Watched, mention_steps
    from streams.explaining.printing import print_steps
    from streams.explaining.reading import mention_records
    from streams.kafka import topics
    from streams.kafka.client import AccessError, access
    from streams.kafka.topic_contents import NoSuchTopic
    from streams.queries.query import parse
    from streams.settings.loading import ConfigError, load
    from streams.stages.starting import reads_vectors

    try:
        settings = load(config)
        readers = reads_vectors(settings)
        there, names = access(settings.kafka), topics.names(settings.kafka)
        trace = mention_records(there, names, mention, settings.kafka.partitions)
    except (ConfigError, AccessError, NoSuchTopic) as error:
        raise click.ClickException(str(error)) from error
    watched = {
        each.name: Watched(query=parse(each.query), lateness=each.lateness, reads_vectors=each.name in readers)
        for each in settings.monitors
    }
    print_steps(mention_steps(mention, trace, watched, ZoneInfo(settings.organisation.timezone)))
