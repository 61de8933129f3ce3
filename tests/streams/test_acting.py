"""What people do from a terminal: the inbox, and the commands that act on a story of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from kafka import TopicPartition

from alerting.action import Action, ActionKind, Handling, Mute
from alerting.alert import Severity, State, Story
from streams import records
from streams.acting import NoSuchStory, found
from streams.cli import main
from streams.inbox import who_sees_to_it
from streams.kafka import topic_contents, topics
from streams.kafka.client import UnreachableError, access, admin
from streams.kafka.producing import Output
from streams.kafka.topic_contents import NoSuchTopic, contents, newest
from streams.settings.config import Kafka
from tests.building import story, time

HOSTILE = "<!channel> \x1b[31mred\x1b[0m \u202egnorw [bold]x[/bold]"


def some() -> list[Story]:
    return [
        story(id="aaaa11112222", risk=80, headline="Census Office: nine times the usual"),
        story(id="aaaa33334444", risk=40, severity=Severity.WARNING, headline=HOSTILE),
        story(id="bbbb11112222", risk=90, state=State.RESOLVED, headline="Census Office: was loud"),
    ]


def test_a_story_is_meant_by_the_beginning_of_its_id() -> None:
    assert found(some(), "aaaa3").id == "aaaa33334444"
    assert found(some(), " BBBB1 ").id == "bbbb11112222"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("aaaa", "several stories begin with aaaa: aaaa11112222 .*aaaa33334444"),
        ("cccc", "no story has an id that begins with cccc; the most pressing are aaaa11112222"),
        ("bbb", "write at least 4 characters of the id; the most pressing are aaaa11112222"),
        ("", "write at least 4 characters"),
    ],
)
def test_what_names_none_or_several_is_answered_with_what_there_is(said: str, answer: str) -> None:
    with pytest.raises(NoSuchStory, match=answer):
        found(some(), said)
    with pytest.raises(NoSuchStory, match="no story is remembered"):
        found([], said)


def test_the_inbox_says_until_when_a_story_is_muted_and_not_that_it_was() -> None:
    muted = story(handling=Handling(assigned_to="Ada", mute=Mute(by="Ben", until=time("14:00"))))
    assert who_sees_to_it(muted, time("13:59")) == "Ada; muted until 01 Apr 14:00 UTC"
    assert who_sees_to_it(muted, time("14:00")) == "Ada"


class Office:
    """A config whose topics exist, on a real Kafka."""

    def __init__(self, kafka: Kafka, folder: Path) -> None:
        self.kafka = kafka
        self.config = folder / "office.yaml"
        self.config.write_text(
            f"""
organisation: {{name: Census Office}}
monitors: [{{name: census, query: census, detectors: {{volume_spike: {{}}}}}}]
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
kafka: {{bootstrap: "{kafka.bootstrap}", topic_prefix: {kafka.topic_prefix}, partitions: 2}}
"""
        )
        with admin(access(kafka)) as client:
            topics.create_missing(client, topics.required(kafka))

    def write(self, *outputs: Output) -> None:
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self.kafka.bootstrap)
        for output in outputs:
            producer.send(output.topic, key=output.key, value=output.value)
        producer.flush()
        producer.close()

    def run(self, command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, [command, str(self.config), *arguments], env={"COLUMNS": "140"})

    def actions(self) -> list[Action]:
        rows = contents(access(self.kafka), topics.names(self.kafka).monitored)
        return [msgspec.convert(records.monitored(row.value or b""), Action) for row in rows]


@pytest.fixture
def office(kafka_settings: Kafka, tmp_path: Path) -> Office:
    made = Office(kafka_settings, tmp_path)
    topic = topics.names(kafka_settings).stories
    gone = story(id="cccc")
    made.write(
        Output(topic=topic, key=b"census/cccc", value=msgspec.json.encode(gone)),
        *(Output(topic=topic, key=f"census/{s.id}".encode(), value=msgspec.json.encode(s)) for s in some()),
        Output(topic=topic, key=b"census/cccc", value=None),
        Output(topic=topic, key=b"census/of-another-version", value=b'{"no": "story"}'),
    )
    return made


@pytest.mark.kafka
def test_the_inbox_lists_what_is_open_the_most_pressing_first(office: Office) -> None:
    shown = office.run("inbox")
    assert shown.exit_code == 0
    lines = [line for line in shown.output.splitlines() if "aaaa" in line and "CONFIG" not in line]
    assert [line.split()[0] for line in lines] == ["80", "40"]
    assert "bbbb" not in shown.output
    assert "nobody yet; owner" in shown.output
    assert not {"\x1b", "\u202e"}.intersection(shown.output)
    assert "[bold]x[/bold]" in shown.output
    assert "bbbb11112222" in office.run("inbox", "--all").output
    of_one = office.run("inbox", "--monitor", "cencus")
    assert "did you mean" in of_one.output


@pytest.mark.kafka
def test_the_inbox_as_json_is_the_stories(office: Office) -> None:
    lines = office.run("inbox", "--json").output.splitlines()
    assert [msgspec.json.decode(line, type=Story).id for line in lines] == ["aaaa11112222", "aaaa33334444"]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("command", "arguments", "expected"),
    [
        ("ack", (), {"kind": ActionKind.ACKNOWLEDGE}),
        ("assign", ("Ben",), {"kind": ActionKind.ASSIGN, "assignee": "Ben"}),
        (
            "mute",
            ("--for", "8h", "--reason", "the minister speaks"),
            {"kind": ActionKind.MUTE, "length": timedelta(hours=8), "reason": "the minister speaks"},
        ),
        ("unmute", (), {"kind": ActionKind.UNMUTE}),
        ("feedback", ("not-useful", "--reason", "spam"), {"kind": ActionKind.NOT_USEFUL, "reason": "spam"}),
    ],
)
def test_a_command_sends_an_action_to_its_monitor(
    office: Office, command: str, arguments: tuple[str, ...], expected: dict[str, Any]
) -> None:
    done = office.run(command, "aaaa1", *arguments, "--by", "Ada")
    assert done.exit_code == 0, done.output
    assert "nine times the usual (aaaa11112222)" in done.output
    (action,) = office.actions()
    assert (action.monitor, action.story, action.by.name) == ("census", "aaaa11112222", "Ada")
    assert {name: getattr(action, name) for name in expected} == expected


@pytest.mark.kafka
def test_a_command_that_means_no_story_sends_nothing(office: Office) -> None:
    missed = office.run("ack", "zzzz")
    assert missed.exit_code == 1
    assert "no story has an id that begins with zzzz" in missed.output
    no_time = office.run("mute", "aaaa1", "--for", "5 minutes")
    assert no_time.exit_code == 2
    assert "expected for example 5m" in no_time.output
    assert office.actions() == []


@pytest.mark.kafka
def test_without_topics_a_command_says_that_nothing_ran_yet(kafka_settings: Kafka) -> None:
    with pytest.raises(NoSuchTopic, match="Kafka has no topic never-made: nothing ran with this config yet"):
        newest(access(kafka_settings), "never-made")


def test_a_kafka_that_goes_away_while_it_is_read_is_not_waited_for_without_end() -> None:
    class Silent:
        def assign(self, partitions: object) -> None: ...
        def seek_to_beginning(self, partition: object) -> None: ...
        def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
            return dict.fromkeys(partitions, 7)

        def position(self, partition: object) -> int:
            return 3

        def poll(self, timeout_ms: int) -> dict[Any, Any]:
            return {}

    reading = topic_contents._of_partition(Silent(), TopicPartition("stories", 0), timedelta(0))
    with pytest.raises(UnreachableError, match="while stories was read"):
        list(reading)
