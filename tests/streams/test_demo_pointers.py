"""What the demo says to try next works as it stands there."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from streams.demo.screen import Screen

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"


def pointers() -> list[str]:
    """The command lines, in their order."""
    stream = io.StringIO()
    Screen(Console(file=stream)).pointers({}, Path("alerts.txt"), Path("config.yaml"), keep=False)
    return [line.strip() for line in stream.getvalue().splitlines() if line.startswith("    ")]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the examples, in which `groundswell` is the one that is tested."""
    shutil.copytree(EXAMPLES, tmp_path / "deploy" / "examples")
    command = tmp_path / "bin" / "groundswell"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m streams "$@"\n')
    command.chmod(0o755)
    return tmp_path


def test_all_that_needs_no_kafka_works_as_it_stands_there(checkout: Path) -> None:
    paths = {"PATH": f"{checkout / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(EXAMPLES.parents[1])}
    lines = [line for line in pointers() if "broker" not in line and "backtest" not in line]
    assert len(lines) == 3
    for line in lines:
        done = subprocess.run(
            ["sh", "-ec", line.replace(";", "\n")], cwd=checkout, env=os.environ | paths, capture_output=True, text=True
        )
        assert done.returncode == 0, line + done.stderr
        assert done.stdout
