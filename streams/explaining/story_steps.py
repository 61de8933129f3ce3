"""Why a story was told, or was not: what was found and decided, and the decisions made again. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from alerting.alert import Hold, State, Story
from alerting.decision import NOBODY, Decision, Verdict, is_same, recompute
from alerting.severity import because, row_of
from streams.explaining.step import Line, Step, clock, shown, step
from streams.records import Found

_MOST_FOUND = 12
_MOST_DECIDED = 40


def story_steps(story: Story, found: Sequence[Found], decisions: Sequence[Decision], zone: tzinfo) -> list[Step]:
    """The steps of one story.

    Args:
        story: As it is now, or was when it was last decided on.
        found: The findings behind its alerts, oldest first.
        decisions: Those on it, oldest first.
        zone: In which times are told.
    """
    return [
        step(f"Story {story.id} of {story.monitor}", _about(story, zone)),
        step("What was found", _found(found, zone) if found else ["nothing of it is left in the records"]),
        step("How severe it is", _severity(story)),
        step("Who was told, and who was not", decided(decisions, zone) if decisions else [_UNDECIDED]),
        step("The same decisions, made again", _made_again(decisions)),
    ]


_UNDECIDED = (
    "no decision about it is left in the records: they are kept for 30 days, from the version on that writes them"
)


_BUDGET = (
    "what is told here may still have waited for the digest: a route's budget (interrupts_a_day) is kept by notify, "
    "which writes in the message what was spent"
)


def decided(decisions: Sequence[Decision], zone: tzinfo) -> Iterator[Line]:
    """A line for each moment and outcome, with the receivers that have it in common; the newest where they are many."""
    together: dict[tuple[datetime, str, str], list[Decision]] = {}
    for each in decisions:
        together.setdefault((each.at, each.route, _outcome(each)), []).append(each)
    lines = [
        Line(f"{clock(at, zone)}, {_said(*alike)}", _interrupts(alike[0].verdict))
        for (at, _, _), alike in together.items()
    ]
    if len(lines) > _MOST_DECIDED:
        yield Line(f"{len(lines) - _MOST_DECIDED} before these; --json tells all")
    yield from lines[-_MOST_DECIDED:]
    if any(_interrupts(each.verdict) for each in decisions):
        yield Line(_BUDGET)


def _about(story: Story, zone: tzinfo) -> Iterator[Line]:
    yield Line(shown(story.headline))
    over = f", over since {clock(story.updated_at, zone)}" if story.state is State.RESOLVED else ""
    yield Line(f"{story.severity.label}, began {clock(story.starts_at, zone)}{over}")
    mute = story.handling.mute
    if mute is not None:
        until = "it is over" if mute.until is None else clock(mute.until, zone)
        yield Line(f"muted by {shown(mute.by, 80)} until {until}", False)


def _found(found: Sequence[Found], zone: tzinfo) -> Iterator[Line]:
    telling = _turning(found)
    if len(found) > len(telling):
        yield Line(f"{len(found)} findings, of which these weighed more than any before, or are the newest")
    for each in telling:
        detection = each.detection
        yield Line(
            f"{clock(detection.at, zone)}, {detection.detector} ({detection.kind}, level {detection.level}, score "
            f"{detection.score:.2f}): {shown(detection.evidence.summary)}",
            True,
        )
        if detection.evidence.counterfactual:
            yield Line(shown(detection.evidence.counterfactual))
        yield Line(f"that is {row_of(detection).severity.label} by itself: {because(detection)}")


def _turning(found: Sequence[Found]) -> list[Found]:
    """At most so many, oldest first: those more severe than any before, and the newest of the others."""
    worst, rises = -1, []
    for number, each in enumerate(found):
        severity = row_of(each.detection).severity
        if severity > worst:
            worst = severity
            rises.append(number)
    others = [number for number in range(len(found)) if number not in rises]
    newest = others[max(0, len(others) - (_MOST_FOUND - len(rises))) :]
    return [found[number] for number in sorted(rises + newest)]


def _severity(story: Story) -> Iterator[Line]:
    for alert in story.alerts:
        effects = ", ".join(effect.value for effect in alert.effects) or "no effects"
        about = f" of {shown(alert.subject, 60)}" if alert.subject else ""
        state = "fires" if alert.state is State.FIRING else "is over"
        yield Line(
            f"alert {alert.fingerprint}: {alert.detector}{about} {state}, {alert.severity.label} (score "
            f"{alert.score:.2f}, {effects})"
        )
    yield Line(f"the story is {story.severity.label}: the most severe of them since it began; that never falls")


def _said(*alike: Decision) -> str:
    """What was decided for some receivers alike."""
    first = alike[0]
    if first.receiver == NOBODY:
        return _outcome(first)
    *names, last = [shown(each.receiver, 60) for each in alike]
    receivers = f"{', '.join(names)} and {last}" if names else last
    return f"{receivers} by route {shown(first.route, 60) or '(none any more)'}: {_outcome(first)}"


def _outcome(decision: Decision) -> str:
    verdict = decision.verdict
    if decision.receiver == NOBODY:
        return "nobody is told: no route wants it"
    if verdict.reason is None:
        what = verdict.unspoken.value if verdict.unspoken is not None else "nothing"
        return f"nothing, where it would have been {what}{_because(verdict.gate)}"
    if verdict.hold is not None:
        return f"{verdict.reason.value}, written but held{_because(verdict.hold)}"
    return verdict.reason.value


def _because(hold: Hold | None) -> str:
    return "" if hold is None else f", gate {hold.gate.value}: {shown(hold.why)}"


def _interrupts(verdict: Verdict) -> bool:
    return verdict.reason is not None and verdict.hold is None


def _made_again(decisions: Sequence[Decision]) -> Iterator[Line]:
    others = [(each, made) for each in decisions if not is_same(made := recompute(each), each.verdict)]
    same = len(decisions) - len(others)
    if same:
        yield Line(f"{same} of {len(decisions)} come out the same from what was recorded with them", True)
    for each, made in others:
        yield Line(
            f"decision {each.id} comes out otherwise: recorded was {_said(each)}; now it would be "
            f"{made.reason.value if made.reason else 'nothing'}{_because(made.hold)}. The rules or the time zones of "
            "this version are not those by which it was decided",
            False,
        )
    if not decisions:
        yield Line("there are none")
