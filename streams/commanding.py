"""What the commands share by which people act on stories."""

from datetime import timedelta
from pathlib import Path

import click

from alerting.action import Action, ActionKind
from alerting.alert import Severity, Story
from alerting.phrases import duration as in_words
from alerting.phrases import name as shown_name
from streams.settings import duration


class Length(click.ParamType):
    """A time like `8h`."""

    name = "time"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            length = duration.parse(value)
        except ValueError:
            self.fail(f"{value!r} is no time; expected for example {duration.likely(value) or '8h'}", param, ctx)
        if not length:
            self.fail(f"{value!r} is over at once; expected for example 8h", param, ctx)
        return length


def act(
    config: Path,
    story: str,
    kind: ActionKind,
    *,
    by: str | None,
    length: timedelta | None = None,
    reason: str = "",
    assignee: str = "",
) -> None:
    """Find the story that is meant, send the action, and say what was done."""
    from alerting.wording import title
    from streams.acting import NoSuchStory, action_on, found, send, stories
    from streams.kafka import topics
    from streams.kafka.client import AccessError, access
    from streams.kafka.topic_contents import NoSuchTopic
    from streams.settings.loading import ConfigError, load

    try:
        kafka = load(config).kafka
        there, names = access(kafka), topics.names(kafka)
        meant = found(stories(there, names), story)
        action = action_on(meant, kind, by=by, length=length, reason=reason, assignee=assignee)
        send(there, names, [action])
    except (ConfigError, AccessError, NoSuchTopic, NoSuchStory) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done(action)}: {title(meant)} ({meant.id})")
    if more := remark(meant, action):
        click.echo(more)


def done(action: Action) -> str:
    """`Muted for 1 h`."""
    said = _DONE[action.kind]
    if action.kind is ActionKind.ASSIGN and action.assignee:
        return f"{said} to {shown_name(action.assignee)}"
    return f"{said} for {in_words(action.length)}" if action.length else said


def remark(story: Story, action: Action) -> str:
    """What else there is to know of it."""
    if action.kind is ActionKind.MUTE and story.severity is Severity.LIFE_SAFETY:
        return "It is a matter of life (life_safety), so it interrupts all the same."
    first = story.handling.acknowledged_by
    if action.kind is ActionKind.ACKNOWLEDGE and first and first != action.by.name:
        return f"{shown_name(first)} had acknowledged it before, and stays named."
    return ""


_DONE = {
    ActionKind.ACKNOWLEDGE: "Acknowledged",
    ActionKind.ASSIGN: "Assigned",
    ActionKind.MUTE: "Muted",
    ActionKind.UNMUTE: "No longer muted",
    ActionKind.USEFUL: "Noted as useful",
    ActionKind.NOT_USEFUL: "Noted as not useful",
}
