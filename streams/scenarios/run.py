"""Runs scenarios: their mentions go through the pipelines of the live workers, and what follows is judged."""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from streams.scenarios.expecting import Failure, Told, failures, told
from streams.scenarios.mentions import recording
from streams.scenarios.scenario_file import Ready
from streams.stages.starting import backtest_with

_LONG_AFTER = timedelta(days=365)
"""When it is judged: no time in it lies in the future, and clocks that run ahead are known by the arrival alone."""


class Result(Struct, frozen=True, kw_only=True):
    """What became of a scenario."""

    ready: Ready
    seed: int
    mentions: int
    """Those that the monitor heard."""
    known: tuple[Told, ...]
    """All alerts, by when they were known."""
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        return not self.failures


def run(ready: Ready, seed: int | None = None, keep: Callable[[list[bytes]], None] = lambda lines: None) -> Result:
    """Run one. Raises `EncoderUnavailable` where a detector needs one.

    Args:
        ready: What to run.
        seed: Of chance; the scenario's own where absent.
        keep: Is given the lines of the recording.
    """
    scenario, calendar = ready.scenario, ready.calendar
    seed = scenario.seed if seed is None else seed
    lines = list(recording(scenario, calendar, ready.texts, seed))
    keep(lines)
    report = backtest_with(ready.config, ready.base, calendar.end + _LONG_AFTER, ready.path).run(lines)
    known = told(report)
    return Result(
        ready=ready,
        seed=seed,
        mentions=report.matches.total(),
        known=tuple(known),
        failures=tuple(failures(scenario.expect, ready.expectation_lines, known, calendar)),
    )
