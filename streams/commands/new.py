"""`groundswell new`: writes the files from which an engineer starts."""

import keyword
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

import click
from msgspec import Struct

from detectors.registry import ENTRY_POINTS, NAME, load_detectors


@click.group("new")
def command() -> None:
    """Write the files from which you start, complete and working."""


@command.command("detector")
@click.argument("name")
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where your detector is to live, instead of here: an empty folder, or a package of your own.",
)
def new_detector(name: str, folder: Path) -> None:
    """Write a detector called NAME, and its test.

    Within groundswell's own repository they go where they belong. Anywhere else they become a small package of your
    own, which groundswell finds by its entry point. Nothing that exists is changed.
    """
    _refuse_bad_name(name)
    place = _place(name, folder)
    _refuse_taken_name(name, place)
    files_of = dict(_files(place))
    if existing := [path for path in files_of if path.exists()]:
        raise click.ClickException(f"{existing[0]} exists already: choose another name, or remove it")
    for path, content in files_of.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        click.echo(f"wrote {path}")
    click.echo("\n".join(_next_steps(place, has_new_project=place.project in files_of)))


class _Place(Struct, frozen=True, kw_only=True):
    """Where a detector goes."""

    name: str
    module: str
    file: Path
    test: Path
    project: Path | None
    """The pyproject.toml that has to name it; None in groundswell's own repository, which finds it by itself."""

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def entry_point(self) -> str:
        return f'[project.entry-points."{ENTRY_POINTS}"]\n{self.name} = "{self.module}:{self.class_name}"'


def _refuse_bad_name(name: str) -> None:
    if NAME.match(name) and not keyword.iskeyword(name):
        return
    if keyword.iskeyword(name):
        raise click.ClickException(f"{name!r} is a word of Python's own: choose another name")
    raise click.ClickException(
        f"{name!r} cannot be a detector's name: it begins with a small letter and goes on with small letters, digits "
        "and underscores, like new_account_links"
    )


def _refuse_taken_name(name: str, place: _Place) -> None:
    known = load_detectors()
    if name in known:
        raise click.ClickException(f"there is a detector called {name!r} already: see groundswell detectors {name}")
    # A file json.py would be imported instead of Python's own, or be hidden by it.
    is_taken = name in sys.stdlib_module_names or find_spec(name) is not None
    is_hidden = place.file.with_suffix("").is_dir()
    if is_hidden or (place.module == name and is_taken and not place.file.exists()):
        raise click.ClickException(f"there is a module called {name!r} already: choose another name")


def _place(name: str, folder: Path) -> _Place:
    if _is_groundswell(folder):
        return _Place(
            name=name,
            module=f"detectors.{name}",
            file=folder / "detectors" / f"{name}.py",
            test=folder / "tests" / "detectors" / f"test_{name}.py",
            project=None,
        )
    packages: list[str] = []
    root = folder.absolute()
    while (root / "__init__.py").exists():
        packages.insert(0, root.name)
        root = root.parent
    return _Place(
        name=name,
        module=".".join([*packages, name]),
        file=folder / f"{name}.py",
        test=folder / f"test_{name}.py",
        project=_project_of(root) or folder / "pyproject.toml",
    )


def _is_groundswell(folder: Path) -> bool:
    return all((folder / part).is_file() for part in ("detectors/registry.py", "streams/cli.py", "pyproject.toml"))


def _project_of(root: Path) -> Path | None:
    """The pyproject.toml of the project whose modules stand in a folder, or in its folder `src`."""
    candidates = (folder / "pyproject.toml" for folder in (root, root.parent))
    return next((path for path in candidates if path.is_file()), None)


def _files(place: _Place) -> Iterator[tuple[Path, str]]:
    """What is to be written."""
    yield place.file, _with_sorted_imports(_filled("detector.py", place), place)
    yield place.test, _with_sorted_imports(_filled("test.py", place), place)
    if place.project is not None and not place.project.exists():
        yield place.project, _filled("pyproject.toml", place)


def _filled(template: str, place: _Place) -> str:
    text = (files("streams.commands") / "new_detector" / f"{template}.template").read_text("utf-8")
    return Template(text).substitute(
        name=place.name,
        class_name=place.class_name,
        module=place.module,
        project=place.name.replace("_", "-"),
        entry_point=place.entry_point,
        file=place.file.name,
    )


def _with_sorted_imports(text: str, place: _Place) -> str:
    """With what others wrote before what is one's own, as ruff wants it: in this repository `detectors` is our own."""
    lines = text.split("\n")
    places = [number for number, line in enumerate(lines) if line.startswith(("import ", "from "))]
    theirs = [number for number in places if _package(lines[number]) not in sys.stdlib_module_names]
    own = [lines[number] for number in theirs if _package(lines[number]) == place.module.split(".")[0]]
    others = [lines[number] for number in theirs if lines[number] not in own]
    blocks = ["\n".join(sorted(block, key=_import_order)) for block in (others, own) if block]
    return "\n".join([*lines[: theirs[0]], "\n\n".join(blocks), *lines[theirs[-1] + 1 :]])


def _package(line: str) -> str:
    return line.split()[1].split(".")[0]


def _import_order(line: str) -> tuple[bool, str]:
    return line.startswith("from "), line.split()[1]


def _next_steps(place: _Place, *, has_new_project: bool) -> Iterator[str]:
    yield ""
    yield "It is a complete detector: replace what it looks for."
    if place.project is None:
        yield "Add its row to the table of detectors/README.md."
    else:
        if not has_new_project:
            yield f"Name it in {place.project}, so that groundswell finds it:"
            yield from ("", place.entry_point, "")
        yield "Install it beside groundswell, into the same environment:"
        yield f"  pip install --editable {place.project.parent}"
    yield "Then:"
    yield f"  pytest {place.test}"
    yield f"  groundswell detectors {place.name}"
    yield "and in a config, under a monitor's detectors:"
    yield f"  {place.name}: {{}}"
