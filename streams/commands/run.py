"""`groundswell run`: the three stages, all of them on this machine or one worker of one."""

import asyncio
import logging
import sys
from pathlib import Path

import click

from streams.stages.logs import Form, set_up
from streams.stages.supervising import CANNOT_RUN, command_of, stop_on_signals, supervise

logger = logging.getLogger(__name__)


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--stage", type=click.Choice(("match", "detect", "notify")), help="Run one worker of this stage.")
@click.option(
    "--log-level", type=click.Choice(("debug", "info", "warning", "error")), default="info", show_default=True
)
@click.option("--forget-model", "forget", multiple=True, metavar="NAME",
              help="Learn anew the narratives that were found with this model, which another replaced.")  # fmt: skip
@click.option("--log", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(config: Path, stage: str | None, log_level: str, forget: tuple[str, ...], form: Form) -> None:
    """Run what CONFIG says, until Ctrl-C or SIGTERM.

    Without --stage all three stages run on this machine, supervised, and topics that are missing are created. With
    --stage one worker of that stage runs; start as many as there are partitions, at most.

    The exit code is 0 after an orderly stop, 78 when a person must act first, and another when a worker failed and
    should be started again.
    """
    set_up(log_level, form, stage or "run")
    options = ["--log-level", log_level, "--log", form]
    options += [word for model in forget for word in ("--forget-model", model)]
    sys.exit(_worker(stage, config, log_level, forget) if stage else _all(config, options))


def _worker(stage: str, path: Path, log_level: str, forget: tuple[str, ...]) -> int:
    from streams.encoding.sentence_model import EncoderUnavailable
    from streams.kafka.client import AccessError
    from streams.settings.loading import ConfigError
    from streams.settings.secret import SecretError
    from streams.stages.starting import STAGES, CannotRun, run_stage

    try:
        run_stage(next(name for name in STAGES if name == stage), path, log_level, forget)
    except (ConfigError, AccessError, SecretError, EncoderUnavailable, CannotRun) as error:
        return _explain(error)


def _all(path: Path, options: list[str]) -> int:
    from streams.kafka.client import AccessError, access
    from streams.settings.loading import ConfigError, load
    from streams.stages.starting import STAGES, CannotRun, wait_for_kafka

    try:
        config = load(path)
        access(config.kafka)  # a local broker that nobody has started yet is not waited for
        wait_for_kafka(config, path, create_topics=True)
    except (ConfigError, AccessError, CannotRun) as error:
        return _explain(error)
    except KeyboardInterrupt:
        return 0

    async def all_stages() -> int:
        until = asyncio.Event()
        stop_on_signals(until)
        return await supervise({stage: command_of(stage, str(path), options) for stage in STAGES}, until)

    return asyncio.run(all_stages())


def _explain(error: Exception) -> int:
    click.echo(f"Error: {error}", err=True)
    return CANNOT_RUN
