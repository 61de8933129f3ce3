"""`groundswell slack check`: what a Slack receiver still needs, in words, before anybody relies on it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from alerting.slack_check import Receiver, check_slack
from alerting.slack_finding import Finding, Verdict
from streams.settings.config import Config, Slack
from streams.settings.loading import ConfigError, load
from streams.settings.problem import did_you_mean
from streams.settings.secret import SecretError, read_secret
from streams.stages.slack_apps import is_classic

_MARKS = {
    Verdict.GOOD: ("✔", "green"),
    Verdict.LACKING: ("!", "yellow"),
    Verdict.UNKNOWN: ("?", "cyan"),
    Verdict.MISSING: ("✘", "bold red"),
}


@click.group("slack")
def command() -> None:
    """Set Slack up."""


@command.command("check")
@click.argument("config", type=click.Path(path_type=Path))
@click.option("--receiver", "wanted", metavar="NAME", help="Only this receiver.")
@click.option("--post-sample", is_flag=True, help="Post a made-up story, which says that it is one.")
def check(config: Path, wanted: str | None, post_sample: bool) -> None:
    """Say what the Slack receivers of CONFIG have, and what they still need.

    It asks Slack and changes nothing there; with --post-sample it posts one message into each channel. The exit code is
    1 where something is missing without which nothing would be told.
    """
    try:
        loaded = load(config)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    found = [
        finding
        for slack in _wanted(loaded, wanted)
        for finding in asyncio.run(_shown(loaded, slack, datetime.now(UTC) if post_sample else None))
    ]
    missing = sum(finding.verdict is Verdict.MISSING for finding in found)
    if missing:
        click.echo(f"{missing} thing{'' if missing == 1 else 's'} missing, marked ✘ above.", err=True)
        raise SystemExit(1)
    click.echo("Ready: stories can be told.")


def _wanted(config: Config, name: str | None) -> list[Slack]:
    known = {receiver.name: receiver for receiver in config.receivers if isinstance(receiver, Slack)}
    if not known:
        raise click.ClickException("this config has no receiver of type slack")
    if name is None:
        return list(known.values())
    if name not in known:
        raise click.ClickException(f"no Slack receiver is called {name!r}{did_you_mean(name, known)}")
    return [known[name]]


async def _shown(config: Config, slack: Slack, sample_at: datetime | None) -> list[Finding]:
    """Look at one receiver, show each finding as soon as it is there, and give them all."""
    console = Console(highlight=False, emoji=False, markup=False)
    console.print(Text.assemble((slack.name, "bold"), f", channel {slack.channel}"), soft_wrap=True)
    found: list[Finding] = []
    receiver = _with_secrets(config, slack)
    if isinstance(receiver, Finding):
        found.append(receiver)
        _show(receiver, console)
    else:
        async for finding in check_slack(receiver, sample_at=sample_at):
            found.append(finding)
            _show(finding, console)
    console.print()
    return found


def _with_secrets(config: Config, slack: Slack) -> Receiver | Finding:
    try:
        token = read_secret("the bot token", file=slack.token_file, env=slack.token_env)
    except SecretError as error:
        remedy = "make the app from deploy/slack-app-manifest.yaml, install it, and copy its Bot User OAuth Token"
        return Finding(what="bot token", verdict=Verdict.MISSING, told=str(error), remedy=remedy)
    app_token, problem = None, ""
    try:
        app_token = read_secret("the app-level token", file=slack.app_token_file, env=slack.app_token_env)
    except SecretError as error:
        problem = str(error) if slack.app_token_file else ""
    channels = Counter(each.channel for each in config.receivers if isinstance(each, Slack))
    return Receiver(
        channel=slack.channel,
        base_url=slack.base_url,
        token=token,
        app_token=app_token,
        app_token_problem=problem,
        signed_http=config.slack_http is not None,
        sharing=channels[slack.channel],
        is_classic=is_classic(slack),
    )


def _show(finding: Finding, console: Console) -> None:
    mark, style = _MARKS[finding.verdict]
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(min_width=13, style="bold")
    table.add_column(overflow="fold")
    table.add_row(Text(mark, style=style), Text(finding.what), Text(finding.told))
    if finding.remedy:
        table.add_row("", "", Text(f"→ {finding.remedy}", style=style))
    console.print(Padding(table, (0, 0, 0, 2)))
