"""Templates of the pages about a recording: everything in them is escaped, and what is missing is an error."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template


@cache
def template(package: str, name: str) -> Template:
    """A template beside a package's modules; what it includes lies there or beside this module."""
    packages = dict.fromkeys((package, "streams.backtest"))
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(lambda wanted: _found(tuple(packages), wanted)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def _found(packages: Sequence[str], name: str) -> str | None:
    places = [files(package) / name for package in packages]
    return next((place.read_text(encoding="utf-8") for place in places if place.is_file()), None)
