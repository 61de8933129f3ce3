"""Whether the alerts of a scenario are those that it expects, and in words what was expected and what came instead."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alerting import wording
from alerting.alert import Alert
from detectors.detection import Effect
from streams.backtest.known import Known, firings
from streams.backtest.run import Report
from streams.scenarios.moments import Calendar
from streams.scenarios.scenario import ANY, OTHER, Expectation
from streams.settings import config as settings
from streams.settings import duration


class Told(Known, frozen=True, kw_only=True):
    """An alert, with all that the live workers would have published of it."""

    changes: tuple[Alert, ...]
    """In order; what is expected of its effects and words may hold for any of them."""

    @property
    def effects(self) -> list[Effect]:
        """All that it ever had."""
        return sorted({effect for alert in self.changes for effect in alert.effects})


def told(report: Report) -> list[Told]:
    """All alerts of a report, by when they were known."""
    begun = firings(report.changes)
    newest: dict[str, int] = {}
    changes: list[list[Alert]] = [[] for _ in begun]
    beginnings = {place: number for number, (place, _) in enumerate(begun)}
    for place, alert in enumerate(report.changes):
        number = newest[alert.fingerprint] = beginnings.get(place, newest.get(alert.fingerprint, 0))
        changes[number].append(alert)
    return [
        Told(alert=last, known_at=report.changed_at[place], changes=tuple(of_it))
        for (place, last), of_it in zip(begun, changes, strict=True)
    ]


class Failure(Struct, frozen=True, kw_only=True):
    """An expectation that does not hold."""

    line: int
    expected: str
    found: str
    """One line: how many there are."""
    alerts: tuple[tuple[Told, str], ...] = ()
    """Those that speak against it, or come nearest to it; with what is wrong with each."""


def failures(
    expectations: Sequence[Expectation], lines: Sequence[int], known: Sequence[Told], calendar: Calendar
) -> list[Failure]:
    """All that does not hold. `lines` are those of the expectations, `known` all alerts that there were."""
    checked = [_Check(each, calendar) for each in expectations]
    asked_for = [check for check in checked if check.expectation.alert is not None]
    others = [each for each in known if not any(check.fits(each) for check in asked_for)]
    found = (
        check.failure(line, others if check.expectation.no_alert == OTHER else known)
        for check, line in zip(checked, lines, strict=True)
    )
    return [failure for failure in found if failure is not None]


def window(expectation: Expectation, calendar: Calendar) -> tuple[datetime | None, datetime | None]:
    """From when, and until when (exclusive), an alert is expected to be known."""
    starts = [calendar.moment(each) for each in (expectation.of, expectation.after) if each]
    ends = [calendar.moment(expectation.before)] if expectation.before else []
    if expectation.of and expectation.within:
        ends.append(calendar.moment(expectation.of) + expectation.within)
    return max(starts, default=None), min(ends, default=None)


def allowed(expectation: Expectation) -> tuple[int, float]:
    """How many alerts there may be: at least, at most."""
    if expectation.no_alert is not None:
        return 0, 0
    if expectation.count is None:
        return 1, float("inf")
    first, _, last = str(expectation.count).partition(" to ")
    return int(first), int(last or first)


class _Check:
    """One expectation."""

    def __init__(self, expectation: Expectation, calendar: Calendar) -> None:
        self.expectation = expectation
        self._calendar = calendar
        self._detector = expectation.alert or expectation.no_alert

    def fits(self, known: Told) -> bool:
        return self._is_about(known.alert) and not list(self._misfits(known))

    def failure(self, line: int, known: Sequence[Told]) -> Failure | None:
        fitting = [each for each in known if self.fits(each)]
        least, most = allowed(self.expectation)
        if least <= len(fitting) <= most:
            return None
        shown = [(each, "") for each in fitting]
        if not fitting:
            missed = [(each, ", ".join(self._misfits(each))) for each in known if self._is_about(each.alert)]
            shown = sorted(missed, key=lambda miss: (miss[1].count(","), miss[0].known_at))
        return Failure(line=line, expected=self._in_words(), found=self._found(len(fitting)), alerts=tuple(shown))

    def _is_about(self, alert: Alert) -> bool:
        return self._detector in (ANY, OTHER, alert.detector)

    def _found(self, count: int) -> str:
        if count:
            return f"{count:,} such alert{'' if count == 1 else 's'} came"
        return "no such alert came"

    def _misfits(self, known: Told) -> Iterator[str]:
        """What is not as expected, in words."""
        expected, alert = self.expectation, known.alert
        start, end = window(expected, self._calendar)
        if start is not None and known.known_at < start:
            yield f"{_apart(start - known.known_at)} too early"
        if end is not None and known.known_at >= end:
            yield f"{_apart(known.known_at - end)} too late"
        if expected.at_least and alert.severity < settings.severity(expected.at_least):
            yield f"only {alert.severity.label}"
        if expected.at_most and alert.severity > settings.severity(expected.at_most):
            yield f"as severe as {alert.severity.label}"
        if expected.effect and expected.effect not in known.effects:
            yield f"not {expected.effect.value}"
        if expected.no_effect and expected.no_effect in known.effects:
            yield expected.no_effect.value
        claims = {change.evidence.claim.id for change in known.changes if change.evidence.claim}
        if expected.claim and expected.claim not in claims:
            yield f"matches the claim {wording.names(sorted(claims))}" if claims else "matches no claim"
        if expected.says and not any(_says(change, expected.says) for change in known.changes):
            yield "does not say so"
        lasted = (alert.resolved_at or alert.last_at) - known.known_at
        if expected.lasts and lasted < expected.lasts:
            yield f"over after {wording.duration(lasted)}"

    def _in_words(self) -> str:
        return " ".join(self._words())

    def _words(self) -> Iterator[str]:
        expected = self.expectation
        number = "an alert" if expected.count in (None, 1) else f"{expected.count} alerts"
        if expected.no_alert is not None:
            number = "no other alert" if expected.no_alert == OTHER else "no alert"
        yield number if self._detector in (ANY, OTHER) else f"{number} of {self._detector}"
        if expected.count == 1:
            yield "and no second one"
        if expected.within:
            yield f"within {duration.say(expected.within)} of {expected.of}"
        for name, value in (
            ("after", expected.after),
            ("before", expected.before),
            ("of severity at least", expected.at_least),
            ("of severity at most", expected.at_most),
            ("that is", expected.effect and expected.effect.value),
            ("that is not", expected.no_effect and expected.no_effect.value),
            ("that matches the claim", expected.claim),
            ("that says", expected.says and f'"{expected.says}"'),
            ("that lasts at least", expected.lasts and duration.say(expected.lasts)),
        ):
            if value:
                yield f"{name} {value}"


def _apart(length: timedelta) -> str:
    return wording.duration(length) if length >= timedelta(minutes=1) else "less than a minute"


def _says(alert: Alert, words: str) -> bool:
    """In our own sentences, not in what was quoted."""
    evidence = alert.evidence
    signals = (signal.text for signal in evidence.signals)
    turns = (turn.text for turn in evidence.turns)
    said = (evidence.summary, evidence.counterfactual, *evidence.unknown, *signals, *turns)
    return any(words.casefold() in each.casefold() for each in said)
