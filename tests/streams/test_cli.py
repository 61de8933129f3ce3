import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from streams.cli import Commands, main

HEAVY = (
    "torch",
    "sentence_transformers",
    "openvino",
    "faust",
    "aiokafka",
    "kafka",
    "slack_sdk",
    "lingua",
    "transformers",
)


def names() -> list[str]:
    assert isinstance(main, Commands)
    return main.list_commands(click.Context(main))


def test_the_commands_of_the_main_job_are_there() -> None:
    assert {"backtest", "broker", "check", "detectors", "ingest", "match", "run", "topics"} <= set(names())


def test_the_overview_says_what_it_is_and_names_every_command() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    for name in names():
        assert f"\n  {name} " in answer.output


@pytest.mark.parametrize("name", names())
def test_each_command_has_help_of_its_own(name: str) -> None:
    answer = CliRunner().invoke(main, [name, "--help"])
    assert answer.exit_code == 0
    assert answer.output.startswith("Usage: ")
    assert isinstance(main, Commands)
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.help


def test_an_unknown_command_is_an_error() -> None:
    answer = CliRunner().invoke(main, ["telepathy"])
    assert answer.exit_code == 2
    assert "No such command" in answer.output


def test_the_version_is_told() -> None:
    assert "groundswell" in CliRunner().invoke(main, ["--version"]).output


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from streams.cli import main\n"
        "for arguments in (['--help'], ['check', '--help'], ['run', '--help'], ['ingest', '--help']):\n"
        "    assert CliRunner().invoke(main, arguments).exit_code == 0\n"
        "print(*sorted(set(sys.argv[1:]) & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", program, *HEAVY]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip() == ""


@pytest.mark.parametrize(
    "arguments", [["check"], ["run"], ["ingest"], ["backtest"], ["backtest", "only-a-config.yaml"]]
)
def test_missing_arguments_are_named(arguments: list[str]) -> None:
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 2
    assert "Missing argument" in answer.output


@pytest.mark.parametrize("command", [["run"], ["run", "--stage", "detect"], ["ingest"], ["backtest"]])
def test_a_config_that_is_not_there_is_said_in_a_sentence(command: list[str]) -> None:
    files = [] if command[0] == "run" else [__file__]
    done = subprocess.run(
        [sys.executable, "-m", "streams", command[0], "nowhere.yaml", *files, *command[1:]],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == (78 if command[0] == "run" else 1)
    assert "nowhere.yaml" in done.stderr
    assert "Traceback" not in done.stderr
