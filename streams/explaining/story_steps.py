"""Why a story was told, or was not: what was found and decided, and the decisions made again. Pure."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from alerting.alert import Hold, State, Story
from alerting.decision import NOBODY, Decision, Verdict, recompute
from alerting.severity import row_of
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
    """A line for each decision."""
    for each in decisions[:_MOST_DECIDED]:
        yield Line(f"{clock(each.at, zone)}, {_said(each)}", _interrupts(each.verdict))
    if len(decisions) > _MOST_DECIDED:
        yield Line(f"and {len(decisions) - _MOST_DECIDED} more; --json tells all")
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
    for each in found[:_MOST_FOUND]:
        detection = each.detection
        yield Line(
            f"{clock(detection.at, zone)}, {detection.detector} ({detection.kind}, level {detection.level}, score "
            f"{detection.score:.2f}): {shown(detection.evidence.summary)}",
            True,
        )
        if detection.evidence.counterfactual:
            yield Line(shown(detection.evidence.counterfactual))
        row = row_of(detection)
        yield Line(f"that is {row.severity.label} by itself: {row.why}")
    if len(found) > _MOST_FOUND:
        yield Line(f"and {len(found) - _MOST_FOUND} more")


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


def _said(decision: Decision) -> str:
    verdict = decision.verdict
    if decision.receiver == NOBODY:
        return "nobody is told: no route wants it"
    way = f"{shown(decision.receiver, 60)} by route {shown(decision.route, 60) or '(none any more)'}"
    if verdict.reason is None:
        what = verdict.unspoken.value if verdict.unspoken is not None else "nothing"
        return f"{way}: nothing, where it would have been {what}{_because(verdict.gate)}"
    if verdict.hold is not None:
        return f"{way}: {verdict.reason.value}, written but held{_because(verdict.hold)}"
    return f"{way}: {verdict.reason.value}"


def _because(hold: Hold | None) -> str:
    return "" if hold is None else f", gate {hold.gate.value}: {shown(hold.why)}"


def _interrupts(verdict: Verdict) -> bool:
    return verdict.reason is not None and verdict.hold is None


def _made_again(decisions: Sequence[Decision]) -> Iterator[Line]:
    others = [(each, made) for each in decisions if (made := recompute(each)) != each.verdict]
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
