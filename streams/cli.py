"""The command `groundswell`. Each subcommand is a module of `streams/commands/`, imported only when it is called."""

import importlib
import pkgutil
from importlib.metadata import packages_distributions
from pathlib import Path

import click

import alerting
import detectors
import streams
from streams import commands


class Commands(click.Group):
    """Finds its subcommands by the names of modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"streams.commands.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="groundswell", prog_name="groundswell")
def main() -> None:
    """Tells, within seconds and with evidence, when something builds in what is said about an organisation.

    Begin with `groundswell check CONFIG`, which says what a config will do.
    """
    _refuse_to_be_shadowed()


def _refuse_to_be_shadowed() -> None:
    """The names of our packages are common ones: another distribution's modules in their place would run instead."""
    ours = Path(streams.__file__).parent.parent
    for package in (alerting, detectors):
        if Path(str(package.__file__)).parent.parent != ours:
            name = package.__name__
            others = sorted(set(packages_distributions().get(name, ())) - {"groundswell"})
            raise click.ClickException(
                f"{' and '.join(others) or 'something else'} brings a package called `{name}` too, which hides "
                "groundswell's: install groundswell into an environment of its own"
            )
