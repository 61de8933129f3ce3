"""What people do about stories from a terminal: finds the story that they mean, and sends what they did.

NoSuchStory   what was said names no story, or several
"""

import getpass
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec

from alerting.action import Action, ActionKind, Person
from alerting.alert import Story
from alerting.phrases import name
from alerting.plain_text import literal
from alerting.wording import title
from streams import records
from streams.kafka.client import Access, UnreachableError, for_kafka_python
from streams.kafka.topic_contents import newest
from streams.kafka.topics import TopicNames

SHORTEST = 4
"""Characters of an id from which on it may be cut."""
_SHOWN = 5
_PATIENCE = timedelta(seconds=20)


class NoSuchStory(Exception):  # noqa: N818 - the house names errors for what is wrong
    """Says what was looked for, and what there is."""


def stories(access: Access, topics: TopicNames) -> list[Story]:
    """All that are remembered, the most pressing first, those that are over at the end. Raises as `newest` does."""
    found = []
    for value in newest(access, topics.stories).values():
        try:
            found.append(msgspec.json.decode(value, type=Story))
        except msgspec.MsgspecError:
            continue  # of another version: whoever is remembered by the workers is written anew when it changes
    return sorted(found, key=lambda story: (story.state.value, -story.risk, story.starts_at, story.id))


def found(known: Sequence[Story], said: str) -> Story:
    """The story with an id that begins so. Raises `NoSuchStory`."""
    said = said.strip().lower()
    fitting = [story for story in known if story.id.startswith(said)] if len(said) >= SHORTEST else []
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NoSuchStory(f"several stories begin with {name(said)}: {_listed(fitting)}; write more of the id")
    if not known:
        raise NoSuchStory("no story is remembered: nothing was told in the last hours")
    if len(said) < SHORTEST:
        raise NoSuchStory(f"write at least {SHORTEST} characters of the id; the most pressing are {_listed(known)}")
    raise NoSuchStory(f"no story has an id that begins with {name(said)}; the most pressing are {_listed(known)}")


def action_on(
    story: Story,
    kind: ActionKind,
    *,
    by: str | None = None,
    length: timedelta | None = None,
    reason: str = "",
    assignee: str = "",
) -> Action:
    """What the person at this terminal does; `by` is another name than that of the account.

    What was typed or pasted may hold bytes that are no text: they are replaced, as in Slack's windows.
    """
    account = _account()
    return Action(
        id=uuid4().hex[:16],
        monitor=story.monitor,
        story=story.id,
        kind=kind,
        by=Person(id=f"terminal:{account}", name=literal(by or account)),
        at=datetime.now(UTC),
        length=length,
        reason=literal(reason),
        assignee=literal(assignee),
    )


def send(access: Access, topics: TopicNames, actions: Iterable[Action]) -> None:
    """Returns when Kafka has them. Raises `UnreachableError`."""
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    try:
        producer = KafkaProducer(**for_kafka_python(access), acks="all")
        try:
            sent = [
                producer.send(topics.monitored, key=action.monitor.encode(), value=records.encode(action))
                for action in actions
            ]
            for each in sent:
                each.get(timeout=_PATIENCE.total_seconds())
        finally:
            producer.close(timeout=_PATIENCE.total_seconds())
    except KafkaError as error:
        raise UnreachableError(f"Kafka does not take it: {error}. Try again: to do it twice does no harm") from error


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _listed(some: Sequence[Story]) -> str:
    shown = "; ".join(f"{story.id} ({title(story)})" for story in some[:_SHOWN])
    return f"{shown}; …" if len(some) > _SHOWN else shown
