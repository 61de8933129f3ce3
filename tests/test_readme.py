"""The README leads a newcomer: what it tells them to write is accepted, and what it tells them to call works."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
FILES = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^\$ groundswell (.+)$", README, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, model_cache: Path) -> Path:
    """Where a newcomer has saved the files, with the model exported already."""
    for name, content in FILES:
        (tmp_path / name).write_text(content)
    shutil.copytree(model_cache, tmp_path / ".groundswell" / "models")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_it_shows_works_on_the_files_that_it_shows(command: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams", *command.split()], cwd=folder, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_it_shows_files_and_commands_at_all() -> None:
    assert [name for name, _ in FILES] == ["bakery.yaml", "mentions.jsonl"]
    assert len(COMMANDS) == 3


@pytest.mark.parametrize(
    "readme", [*sorted(ROOT.glob("*/README.md")), ROOT / "README.md"], ids=lambda path: str(path.parent.name)
)
def test_every_link_to_a_file_leads_somewhere(readme: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", readme.read_text())

    assert [link for link in links if not (readme.parent / link).exists()] == []
