"""`make chaos N=200`: the crash test for as long as one likes, in rounds of 20 faults, with another stream in each."""

import sys
import tempfile
from pathlib import Path
from time import monotonic

import click

from streams.kafka import broker
from tests.chaos import chaos

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
        finally:
            broker.stop(kafka)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
