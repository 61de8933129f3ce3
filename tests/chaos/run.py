"""`make chaos N=200`: the crash test for as long as one likes, in rounds of 20 faults, with another stream in each.

Then as many kill -9 of the work of `notify` alone, at random moments.
"""

import sys
import tempfile
from pathlib import Path
from time import monotonic

import click

from streams.kafka import broker
from tests.chaos import chaos, notify_kills

FAULTS_A_ROUND = 20


@click.command()
@click.option("--faults", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first round.")
@click.option("--stages", default="match,detect,notify", show_default=True, help="Those whose workers are hit.")
def main(faults: int, seed: int, stages: str) -> None:
    """Kill, stop and pause workers; the exit code is 1 where anything differs from a run without faults."""
    failed = False
    with tempfile.TemporaryDirectory(prefix="groundswell-chaos-") as folder:
        kafka = Path(folder) / "kafka"
        try:
            for number, left in enumerate(range(faults, 0, -FAULTS_A_ROUND)):
                home = Path(folder) / f"round-{number}"
                home.mkdir()
                started = monotonic()
                verdict = chaos.run(
                    home,
                    kafka=kafka,
                    models=Path(folder) / "models",
                    faults=min(left, FAULTS_A_ROUND),
                    seed=seed + number,
                    stages=stages.split(","),
                    say=click.echo,
                )
                click.echo(
                    f"round {number + 1}: {len(verdict.faults)} faults, {verdict.events:,} events, "
                    f"{verdict.outputs:,} outputs ({verdict.repeats:,} repeats), {verdict.rows:,} rows, "
                    f"{verdict.stories} stories, {monotonic() - started:.0f} s: "
                    + ("all as without faults" if not verdict.problems else "; ".join(verdict.problems))
                )
                failed = failed or bool(verdict.problems)
            failed = _kill_notify(Path(folder), kafka, faults, seed) or failed
        finally:
            broker.stop(kafka)
    sys.exit(1 if failed else 0)


def _kill_notify(folder: Path, kafka: Path, kills: int, seed: int) -> bool:
    """Whether anything was lost or told twice."""
    started = monotonic()
    bootstrap = broker.start(kafka).bootstrap
    found = notify_kills.run(folder, bootstrap=bootstrap, kills=kills, seed=seed, say=click.echo)
    click.echo(
        f"notify alone: {found.kills} kill -9, {found.changes:,} changes, {found.stories} stories as messages and "
        f"{found.in_digests} only in {found.digests} digests, {found.calls:,} calls of Slack, "
        f"{monotonic() - started:.0f} s: "
        + ("none lost, none told twice" if not found.problems else "; ".join(found.problems))
    )
    return bool(found.problems)


if __name__ == "__main__":
    main()
