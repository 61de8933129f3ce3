"""`groundswell new detector`: what it writes is a whole detector, in a package of one's own as in this repository."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec import Struct

from streams.commands.new import command

ROOT = Path(__file__).parents[2]
NAME = "new_account_links"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
CONFIG = f"""\
organisation: {{name: Bakery}}
monitors:
  - name: bakery
    query: bakery
    detectors: {{{NAME}: {{at_least: 5}}}}
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
"""


def new(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, ["detector", *map(str, arguments)])


class Package(Struct, frozen=True):
    """A package of another company, as the command wrote it, in an environment in which it is installed."""

    folder: Path
    site: Path
    output: str

    def run(self, *arguments: str) -> str:
        """What a program of Python's says in its folder; it must succeed."""
        surroundings = os.environ | {"PYTHONPATH": f"{self.folder}{os.pathsep}{self.site}", "COLUMNS": "150"}
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=self.folder, env=surroundings, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder, site = tmp_path_factory.mktemp("theirs"), tmp_path_factory.mktemp("site")
    answer = new(NAME, "--into", folder)
    assert answer.exit_code == 0, answer.output
    _install(folder / "pyproject.toml", site)
    return Package(folder, site, answer.output)


def _install(project_file: Path, site: Path) -> None:
    """What an installer leaves behind: the entry points, where Python looks for them."""
    project = tomllib.loads(project_file.read_text())["project"]
    metadata = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = [
        line
        for group, entries in project["entry-points"].items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))


def test_it_writes_one_file_one_test_and_what_makes_a_package_of_them(package: Package) -> None:
    assert {path.name for path in package.folder.glob("*.*")} >= {f"{NAME}.py", f"test_{NAME}.py", "pyproject.toml"}
    assert f"wrote {package.folder / NAME}.py" in package.output
    assert f"pip install --editable {package.folder}" in package.output


def test_its_test_passes_as_written(package: Package) -> None:
    said = package.run("pytest", "-q", "-p", "no:cacheprovider", f"test_{NAME}.py")

    assert " passed" in said


def test_types_and_style_are_right_as_written(package: Package) -> None:
    package.run("mypy", "--strict", "--no-incremental", f"{NAME}.py", f"test_{NAME}.py")
    package.run("ruff", "check", "--isolated", "--no-cache", "--line-length=120", ".")
    package.run("ruff", "format", "--check", "--isolated", "--no-cache", "--line-length=120", ".")


def test_groundswell_lists_it_by_its_entry_point(package: Package) -> None:
    assert f"{NAME}  New accounts post many links within an hour." in " ".join(
        package.run("streams", "detectors").split("\n")
    )
    assert "younger_than" in package.run("streams", "detectors", NAME)


def test_a_config_may_use_it_and_a_backtest_lets_it_speak(package: Package) -> None:
    (package.folder / "bakery.yaml").write_text(CONFIG)
    (package.folder / "mentions.jsonl").write_text("\n".join(_mention(number) for number in range(12)))

    assert "Ready" in package.run("streams", "check", "bakery.yaml")
    said = package.run("streams", "backtest", "bakery.yaml", "mentions.jsonl")

    assert "mentions with links came from new accounts within an hour" in " ".join(said.split())


def _mention(number: int) -> str:
    """Seven with links by new accounts, then others an hour later, so that the first hour is over."""
    at = NOON + number * timedelta(minutes=1) + (timedelta(hours=2) if number >= 7 else timedelta(0))
    author = {"id": f"a{number}", "created_at": (at - timedelta(days=1)).isoformat()}
    links = ["https://shop.example/"] if number < 7 else []
    whole = {"id": f"m{number}", "channel": "bluesky", "at": at.isoformat(), "text": "A bakery!", "author": author}
    return json.dumps(whole | {"links": links})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What shows that a folder is groundswell's own repository, and how it is checked."""
    shutil.copytree(ROOT / "detectors", tmp_path / "detectors", ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("streams/cli.py", "pyproject.toml"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    return tmp_path


@pytest.mark.parametrize("name", [NAME, "aaa", "zzz_3"])
def test_in_our_own_repository_they_go_where_they_belong_and_pass_its_checks(name: str, repository: Path) -> None:
    before = {path for path in repository.rglob("*") if path.is_file()}

    answer = new(name, "--into", repository)

    assert answer.exit_code == 0, answer.output
    written = [repository / "detectors" / f"{name}.py", repository / "tests" / "detectors" / f"test_{name}.py"]
    assert {path for path in repository.rglob("*") if path.is_file()} - before == set(written)
    assert "detectors/README.md" in answer.output
    for check in (("check",), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--no-cache", *written],
            cwd=repository,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout


def test_within_a_package_of_ones_own_the_entry_point_says_where_it_is(tmp_path: Path) -> None:
    inner = tmp_path / "src" / "acme" / "listening"
    inner.mkdir(parents=True)
    for package in (inner, inner.parent):
        (package / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "acme"\n')

    answer = new(NAME, "--into", inner)

    assert answer.exit_code == 0, answer.output
    assert f'{NAME} = "acme.listening.{NAME}:NewAccountLinks"' in answer.output
    assert '[project.entry-points."groundswell.detectors"]' in answer.output
    assert f"from acme.listening.{NAME} import NewAccountLinks" in (inner / f"test_{NAME}.py").read_text()
    assert (tmp_path / "pyproject.toml").read_text() == '[project]\nname = "acme"\n'


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Links", "goes on with small letters, digits and underscores"),
        ("many-links", "goes on with small letters, digits and underscores"),
        ("../links", "goes on with small letters, digits and underscores"),
        ("class", "a word of Python's own: choose another name"),
        ("json", "a module called 'json' already: choose another name"),
        ("volume_spike", "a detector called 'volume_spike' already: see groundswell detectors volume_spike"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_remedy(name: str, why: str, tmp_path: Path) -> None:
    answer = new(name, "--into", tmp_path)

    assert answer.exit_code == 1
    assert why in answer.output
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("existing", [f"{NAME}.py", f"test_{NAME}.py"])
def test_a_file_that_exists_stays_as_it_is(existing: str, tmp_path: Path) -> None:
    (tmp_path / existing).write_text("mine")

    answer = new(NAME, "--into", tmp_path)

    assert answer.exit_code == 1
    assert f"{existing} exists already" in answer.output
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(existing, "mine")]
