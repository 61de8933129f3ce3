"""`groundswell demo` as a person runs it: in a folder of its own, from nothing, and nothing is left behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from streams.demo.config import SlackChannel, adapted, slack_from
from streams.demo.stages import Progress, stop_leftovers
from streams.settings.config import Slack, Terminal
from streams.settings.loading import load
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
COMMAND = [sys.executable, "-m", "streams", "demo"]


def environment() -> dict[str, str]:
    hidden = ("SLACK_BOT_TOKEN", "SLACK_CHANNEL", "SLACK_API_URL", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    # The child runs elsewhere, and finds the packages here.
    return kept | {"COLUMNS": "100", "PYTHONPATH": str(EXAMPLES.parents[1])}


def with_model(folder: Path, models: Path) -> Path:
    (folder / ".groundswell").mkdir()
    (folder / ".groundswell" / "models").symlink_to(models)
    return folder


def processes_of(folder: Path) -> list[str]:
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = [*(process.info["cmdline"] or ()), process.info["cwd"] or ""]
        if process.pid != os.getpid() and any(word.startswith(str(folder)) for word in words):
            found.append(" ".join(words))
    return found


def until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    deadline = monotonic() + seconds
    while not is_so():
        assert monotonic() < deadline
        sleep(0.1)


@pytest.mark.kafka
@pytest.mark.timeout(480)
def test_the_demo_tells_the_story_and_ends_by_itself(tmp_path: Path, model_cache: Path) -> None:
    folder = with_model(tmp_path, model_cache)
    ran = subprocess.run(COMMAND, cwd=folder, env=environment(), capture_output=True, text=True, timeout=450)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    said = re.sub(r"[\s│]+", " ", ran.stdout)
    assert "Matches a fact-checked claim Census data is handed to immigration authorities" in said
    assert "Approved answer, from Data protection officer The Census Act forbids us" in said
    assert "matched by letters only" in said
    assert "3,745 lines read" in said
    assert "15 were no mentions and are dead letters" in said
    assert re.search(r"match http://127\.0\.0\.1:\d+/metrics", said)
    assert processes_of(folder) == []


@pytest.mark.kafka
@pytest.mark.timeout(480)
async def test_the_demo_tells_slack_as_well(tmp_path: Path, model_cache: Path) -> None:
    folder = with_model(tmp_path, model_cache)
    async with FakeSlack() as slack:
        names = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": CHANNEL, "SLACK_API_URL": slack.base_url}
        ran = await asyncio.create_subprocess_exec(
            *COMMAND, cwd=folder, env=environment() | names, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await ran.communicate()
        assert ran.returncode == 0, said.decode()[-3000:]
        texts = [message["text"] for message in slack.stories()]
        answers = [str(message["blocks"]) for message in slack.stories()]
    assert "Alerts come below, and in Slack." in said.decode()
    assert any("A narrative that matches a fact-checked claim" in text for text in texts)
    assert any("The Census Act forbids us" in answer for answer in answers)
    assert len(texts) == said.decode().count("╭")


@pytest.mark.kafka
@pytest.mark.timeout(480)
def test_hostile_text_reaches_the_terminal_as_text(tmp_path: Path, model_cache: Path) -> None:
    """The example's, under a monitor that hears hardly anything else."""
    config = tmp_path / "hostile.yaml"
    config.write_text(
        "organisation: {name: Census Office}\n"
        "monitors:\n"
        "  - name: hostile\n"
        "    query: census AND (followers:>200000 OR immigration)\n"
        "    lateness: 1s\n"
        "    detectors: {volume_spike: {sensitivity: high, at_least_mentions: 2}}\n"
        "receivers: [{name: console, type: terminal}]\n"
        "routes: [{receivers: [console]}]\n",
        "utf-8",
    )
    command = [*COMMAND, "--config", str(config)]
    ran = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, timeout=450)
    assert ran.returncode == 0, ran.stderr.decode()
    shown = ran.stdout + (tmp_path / ".groundswell/demo/alerts.txt").read_bytes()
    assert b"Alert" in shown
    for harm in ("\x1b", "\x07", "\x08", "\u202e", "\u2066", "\u200b"):
        assert harm.encode() not in shown
    assert b"none is needed" in shown  # no detector of it reads vectors


@pytest.mark.kafka
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path, model_cache: Path) -> None:
    folder = with_model(tmp_path, model_cache)
    out = folder / "out.txt"
    with out.open("wb") as written:
        running = subprocess.Popen(COMMAND, cwd=folder, env=environment(), stdout=written, stderr=written)
    until(lambda: "Model" in out.read_text("utf-8") or running.poll() is not None)
    sleep(2)  # in the middle of starting the stages
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130, out.read_text("utf-8")
    assert processes_of(folder) == []


def test_a_second_demo_in_the_same_folder_says_so(tmp_path: Path) -> None:
    import fcntl

    folder = tmp_path / ".groundswell" / "demo"
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = subprocess.run(COMMAND, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "another demonstration runs" in ran.stderr


def test_a_config_that_is_wrong_is_explained_and_nothing_is_started(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("organization: {name: X}\n", "utf-8")
    command = [*COMMAND, "--config", str(wrong)]
    ran = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "wrong.yaml:1" in ran.stderr
    assert not (tmp_path / ".groundswell" / "kafka").exists()


def test_the_demos_config_is_the_given_one_with_topics_ports_and_receivers_of_its_own(tmp_path: Path) -> None:
    given = EXAMPLES / "health.yaml"
    text = adapted(
        given.read_text("utf-8"),
        given.parent,
        prefix="demo-1.",
        told_to=tmp_path / "alerts.txt",
        slack=SlackChannel("C0123456789", base_url="http://127.0.0.1:9/api/"),
    )
    path = tmp_path / "config.yaml"
    path.write_text(text, "utf-8")
    config, original = load(path), load(given)
    assert config.monitors == original.monitors
    assert config.kafka.topic_prefix == "demo-1."
    assert config.kafka.partitions == original.kafka.partitions
    told, slack = config.receivers
    assert isinstance(told, Terminal)
    assert isinstance(slack, Slack)
    assert slack.base_url == "http://127.0.0.1:9/api/"
    assert {route.receivers for route in config.routes} == {("demo", "slack")}
    assert all(route.interrupts_a_day is None and not route.quiet for route in config.routes)
    assert (config.metrics.match, config.metrics.detect, config.metrics.notify) == (0, 0, 0)
    assert all(Path(claims).is_absolute() for claims in config.claims)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"SLACK_BOT_TOKEN": "t"}, None),
        ({"SLACK_CHANNEL": "C1"}, None),
        ({"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": " C1 "}, SlackChannel("C1")),
        (
            {"SLACK_BOT_TOKEN": "t", "SLACK_CHANNEL": "C1", "SLACK_API_URL": "http://localhost/api/"},
            SlackChannel("C1", base_url="http://localhost/api/"),
        ),
    ],
)
def test_slack_takes_a_token_and_a_channel(given: dict[str, str], expected: SlackChannel | None) -> None:
    assert slack_from(given) == expected


def test_stages_that_a_killed_demo_left_are_ended_and_others_are_not(tmp_path: Path) -> None:
    program = "import time; time.sleep(60)"
    left = subprocess.Popen([sys.executable, "-c", program, "run", str(tmp_path / "config.yaml")])
    other = subprocess.Popen([sys.executable, "-c", program])
    try:
        # Right after it was started a process may have no command line yet.
        while not psutil.Process(left.pid).cmdline():
            sleep(0.01)
        (tmp_path / "stages.pid").write_text(str(other.pid))
        assert not stop_leftovers(tmp_path)
        assert other.poll() is None
        (tmp_path / "stages.pid").write_text(str(left.pid))
        assert stop_leftovers(tmp_path)
        assert not psutil.pid_exists(left.pid)
        assert not stop_leftovers(tmp_path)
    finally:
        for one in (left, other):
            one.kill()
            one.wait()


def test_all_is_told_when_detect_has_judged_and_notify_has_told() -> None:
    assert Progress(matched=3, heard=3, decided=2, done=2).is_told
    assert not Progress(matched=3, heard=2, decided=2, done=2).is_told
    assert not Progress(matched=3, heard=3, decided=2, done=1).is_told
