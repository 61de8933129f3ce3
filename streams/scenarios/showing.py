"""Results of scenarios as a test runner shows them: a line each, and below it what is not as expected."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.text import Text

from alerting import wording
from alerting.plain_text import literal
from streams.scenarios.expecting import Failure, Told
from streams.scenarios.run import Result

_MOST_ALERTS = 5
_MARGIN = 4


def show(results: Sequence[Result], took: timedelta, console: Console, *, with_alerts: bool) -> None:
    """One scenario: `results` are those of each of its seeds, at least one."""
    for part in _parts(results, took, with_alerts=with_alerts):
        # What a terminal follows or a person copies is left in one piece.
        console.print(part, soft_wrap=isinstance(part, Text))


def _parts(results: Sequence[Result], took: timedelta, *, with_alerts: bool) -> Iterator[RenderableType]:
    failed = [result for result in results if not result.passed]
    scenario = results[0].ready.scenario
    mark = Text("  ✗ ", "bold red") if failed else Text("  ✓ ", "green")
    told = f"  {_times(results, failed)}{took.total_seconds():.1f} s"
    yield Text.assemble(mark, wording.sentence(scenario.name), (told, "dim"))
    for result in failed[:1]:
        seed = f" (seed {result.seed})" if len(results) > 1 else ""
        for failure in result.failures:
            yield from _failure(failure, result, seed)
    if with_alerts:
        yield from _all_alerts(failed[0] if failed else results[0])
    elif failed:
        yield _whole(Text(_see_more(failed[0], len(results)), "dim"))


def summary(results: Sequence[Sequence[Result]], took: timedelta) -> Text:
    """All scenarios, each with the results of its seeds."""
    failed = sum(any(not result.passed for result in of_scenario) for of_scenario in results)
    passed = len(results) - failed
    counted = ", ".join([f"{passed:,} passed"] * (passed > 0) + [f"{failed:,} failed"] * (failed > 0))
    text = f"{wording.counted(len(results), 'scenario')}: {counted}, in {took.total_seconds():.1f} s"
    return Text(text, style="bold red" if failed else "bold green")


def as_record(result: Result) -> dict[str, Any]:
    """For machines."""
    ready = result.ready
    return {
        "file": ready.file,
        "line": ready.line,
        "scenario": ready.scenario.name,
        "seed": result.seed,
        "passed": result.passed,
        "mentions": result.mentions,
        "failures": [
            {"line": failure.line, "expected": failure.expected, "found": failure.found} for failure in result.failures
        ],
        "alerts": [
            {
                "known_at": each.known_at,
                "when": ready.calendar.say(each.known_at),
                "severity": each.alert.severity.label,
                "detector": each.alert.detector,
                "effects": each.effects,
                "summary": each.alert.evidence.summary,
            }
            for each in result.known
        ],
    }


def _times(results: Sequence[Result], failed: Sequence[Result]) -> str:
    if len(results) == 1:
        return ""
    return f"{len(results) - len(failed):,} of {len(results):,} seeds passed, "


def _failure(failure: Failure, result: Result, seed: str) -> Iterator[RenderableType]:
    place = f"{result.ready.file}:{failure.line}"
    yield _whole(Text.assemble((literal(place), "bold"), seed))
    yield _indented(Text.assemble(("expected  ", "dim"), wording.sentence(failure.expected)))
    colon = ":" if failure.alerts else ""
    nothing = "" if failure.alerts or result.known else ", nor any other"
    yield _indented(Text.assemble(("but       ", "dim"), f"{failure.found}{nothing}{colon}"))
    for known, wrong in failure.alerts[:_MOST_ALERTS]:
        yield from _alert(known, result, wrong)
    if (more := len(failure.alerts) - _MOST_ALERTS) > 0:
        yield _indented(Text(f"          and {more:,} more", style="dim"))


def _alert(known: Told, result: Result, wrong: str) -> Iterator[RenderableType]:
    alert = known.alert
    effects = "".join(f", {effect.value}" for effect in known.effects)
    when = result.ready.calendar.say(known.known_at)
    head = Text.assemble((when, "bold"), f"  {alert.severity.label}{effects}  {wording.name(alert.detector)}")
    if wrong:
        head.append(f"  ({wording.sentence(wrong)})", style="yellow")
    yield _indented(head, 10)
    yield _indented(Text(wording.sentence(alert.evidence.summary)), 12)


def _all_alerts(result: Result) -> Iterator[RenderableType]:
    heard = f"{wording.counted(result.mentions, 'mention')} heard, {wording.counted(len(result.known), 'alert')}"
    yield _indented(Text(heard, style="dim"))
    for known in result.known:
        yield from _alert(known, result, "")


def _see_more(result: Result, seeds: int) -> str:
    words = result.ready.scenario.name.replace('"', '\\"')
    of_seeds = f" --seeds {seeds}" if seeds > 1 else ""
    return f'see all alerts: groundswell test {result.ready.file} --only "{words}" --show{of_seeds}'


def _whole(text: Text) -> Text:
    return Text(" " * _MARGIN) + text


def _indented(text: Text, by: int = 0) -> RenderableType:
    return Padding.indent(text, _MARGIN + by)
