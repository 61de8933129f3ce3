import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec import Struct, structs

from alerting.alert import Gate, Hold
from streams.cli import main
from streams.kafka import client as kafka_client
from streams.kafka import topic_contents, topics
from streams.settings.loading import load
from streams.stages.allowance import allowances
from streams.stages.checkpoint import Checkpoints
from streams.stages.desk import Desk, RouteRow
from streams.stages.entry import Entry
from streams.stages.rows import route_row
from tests.building import notification, time

CONFIG = """
organisation: {{name: Census Office, timezone: Europe/Berlin}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: comms, type: slack, channel: C0CENSUS}}
  - {{name: console, type: terminal}}
routes:
  - {{name: press, receivers: [comms, console], interrupts_a_day: 5}}
kafka: {{bootstrap: '{bootstrap}', topic_prefix: digest-command-, partitions: 2}}
"""


def held() -> Entry:
    told = structs.replace(
        notification(id="s1"), route="press", hold=Hold(gate=Gate.BUDGET, why="5 of 5 interruptions are spent.")
    )
    return Entry(known=[told.id], newest=told.at, held=told, held_at=told.at)


async def save(path: Path, entry: Entry, **rows: Struct) -> None:
    config = load(path)
    client = kafka_client.for_aiokafka(kafka_client.access(config.kafka))
    others = {route_row(route): msgspec.msgpack.encode(row) for route, row in rows.items()}
    # Kafka surely shows what it has committed only when the next owner has taken over.
    for groups in ({"comms": {"s1": msgspec.msgpack.encode(entry)} | others}, {}):
        checkpoints = Checkpoints(client, topics.names(config.kafka).notify_state, 1, "digest-command-test")
        await checkpoints.take_over()
        await checkpoints.save(0, groups)
        await checkpoints.close()


@pytest.mark.kafka
def test_what_called_nobody_is_shown_and_counts_as_told_nowhere(kafka: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(CONFIG.format(bootstrap=kafka))
    before = CliRunner().invoke(main, ["digest", str(path)])
    assert before.exit_code == 0, before.output
    assert "comms · Digest of press" in before.output
    assert "nothing was held back" in before.output
    with kafka_client.admin(kafka_client.access(load(path).kafka)) as admin:
        topics.create_missing(admin, topics.required(load(path).kafka))
    asyncio.run(save(path, held()))
    for _ in range(2):
        found = CliRunner().invoke(main, ["digest", str(path), "--route", "press"])
        assert "1 story called nobody" in found.output
        assert "over the budget: 5 of 5 interruptions are spent." in found.output
        assert "console" not in found.output
    asyncio.run(save(path, structs.replace(held(), listed="told")))
    assert "nothing was held back" in CliRunner().invoke(main, ["digest", str(path)]).output
    assert "1 story called nobody" in CliRunner().invoke(main, ["digest", str(path), "--all"]).output
    machine = CliRunner().invoke(main, ["digest", str(path), "--receiver", "console"])
    assert machine.exit_code == 1
    assert "only receivers of type slack and email call people" in machine.output
    assert time("12:05:10") == held().held_at
    refused = Desk("comms", True, allowances(load(path)), {}).compose(
        allowances(load(path))["press"], time("17:00"), [], {"s1": held()}
    )
    asyncio.run(save(path, structs.replace(held(), listed="told"), press=RouteRow(digest=refused)))
    waiting = CliRunner().invoke(main, ["digest", str(path)]).output
    assert "comms · made and not told yet (see groundswell_receiver_refused) · Digest of press" in waiting


@pytest.mark.parametrize(("option", "said"), [("--route", "pres"), ("--receiver", "coms")])
def test_a_name_that_is_none_is_answered_with_the_one_that_is_likely_meant(
    option: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(CONFIG.format(bootstrap="127.0.0.1:1"))
    found = CliRunner().invoke(main, ["digest", str(path), option, said])
    assert found.exit_code == 2
    assert "did you mean" in found.output


def test_a_kafka_that_is_away_is_told_of_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_contents.contents, "__kwdefaults__", {"patience": timedelta(seconds=0.1)})
    path = tmp_path / "a.yaml"
    path.write_text(CONFIG.format(bootstrap="127.0.0.1:1"))
    found = CliRunner().invoke(main, ["digest", str(path)])
    assert found.exit_code == 1
    assert "127.0.0.1:1" in found.output
    assert "Traceback" not in found.output
