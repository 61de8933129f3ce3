"""A story as Alertmanager's alerts: which label sets fire, which end, and what is said of them. Pure.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from alerting import wording
from alerting.alert import Alert, Hold, State, Story
from alerting.handling_wording import handled_lines
from alerting.plain_text import cut, literal
from detectors.mention import Moment

_ANSWER = 700
_QUOTES = 3
# Annotations end in places that we do not know: in Slack, in mails, in pages. Nothing begins a tag or a mention there.
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›"})


class LabelSet(Struct, frozen=True):
    """What tells the alerts of one story apart."""

    detector: str
    severity: str


class Posted(Struct, frozen=True, kw_only=True):
    """One of Alertmanager's alerts, as it is sent."""

    label_set: LabelSet
    labels: dict[str, str]
    """Only what stays: anything that changes would make another alert of it."""
    annotations: dict[str, str]
    starts_at: Moment
    ends_at: Moment | None
    """None while it fires."""

    def payload(self, expires_at: datetime) -> dict[str, Any]:
        """As the API wants it; what fires ends at `expires_at` unless it is sent again."""
        return {
            "labels": self.labels,
            "annotations": self.annotations,
            "startsAt": self.starts_at,
            "endsAt": self.ends_at or expires_at,
        }


def posted_alerts(
    story: Story, before: Iterable[LabelSet], now: datetime, hold: Hold | None = None
) -> tuple[Posted, ...]:
    """What to send of a story: all that fires, and the end of what fired before and does not any more.

    Args:
        story: As it is now.
        before: The label sets of it that stand in Alertmanager.
        now: By the clock on the wall. Alertmanager measures by it, and a story's own times may be ahead of it.
        hold: Why nobody else is called, which is said. Alertmanager has mutes and quiet hours of its own.
    """
    story = msgspec.structs.replace(story, timezone="UTC")  # as all times of Alertmanager
    firing: dict[LabelSet, list[Alert]] = {}
    ended: dict[LabelSet, list[Alert]] = {}
    for alert in story.alerts:
        sets = firing if alert.state is State.FIRING else ended
        sets.setdefault(_label_set(alert), []).append(alert)
    over = [one for one in before if one not in firing]
    if not firing and not over:
        over = list(ended)  # it came and went while nobody could be told
    held = {} if hold is None else {"held": wording.sentence(hold.why).translate(_NO_MARKUP)}
    return tuple(
        [_posted(story, one, alerts, now, None, held) for one, alerts in firing.items()]
        + [
            _posted(story, one, ended.get(one, []), now, _ended_at(ended.get(one, []), now), {})
            for one in sorted_sets(over)
        ]
    )


def standing(body: bytes) -> frozenset[LabelSet] | None:
    """The label sets in an answer to `GET /api/v2/alerts`; None where it is no such answer."""
    try:
        answer = msgspec.json.decode(body, type=list[_Listed])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = (LabelSet(one.labels.get("detector", ""), one.labels.get("severity", "")) for one in answer)
    return frozenset(one for one in found if one.detector and one.severity)


def sorted_sets(sets: Iterable[LabelSet]) -> list[LabelSet]:
    return sorted(sets, key=lambda one: (one.detector, one.severity))


class _Listed(Struct, frozen=True):
    labels: dict[str, str]


def _label_set(alert: Alert) -> LabelSet:
    return LabelSet(alert.detector, alert.severity.label)


def _posted(
    story: Story, one: LabelSet, alerts: list[Alert], now: datetime, ends_at: datetime | None, more: dict[str, str]
) -> Posted:
    """`alerts` are those of the story that have the label set; none where it was told with it, and has another now."""
    starts_at = min([alert.starts_at for alert in alerts] or [story.starts_at])
    return Posted(
        label_set=one,
        labels=_labels(story, one),
        annotations=_annotations(_seen_from(story, alerts)) | more,
        # Alertmanager refuses what ends before it begins.
        starts_at=min(starts_at, ends_at or now),
        ends_at=ends_at,
    )


def _seen_from(story: Story, alerts: list[Alert]) -> Story:
    """The story as these alerts of it tell it."""
    if not alerts:
        return story
    others = (alert for alert in story.alerts if alert not in alerts)
    first = alerts[0]
    return msgspec.structs.replace(story, alerts=(*alerts, *others), severity=first.severity, state=first.state)


def _ended_at(alerts: list[Alert], now: datetime) -> datetime:
    """Never ahead of the wall's clock: until then it would fire."""
    return min(max((alert.resolved_at or now for alert in alerts), default=now), now)


def _labels(story: Story, one: LabelSet) -> dict[str, str]:
    camel = "".join(word.capitalize() for word in one.detector.split("_"))
    return {
        "alertname": f"Groundswell{camel}",
        "detector": one.detector,
        "monitor": story.monitor,
        "severity": one.severity,
        "story": story.id,
        "organisation": wording.name(story.organisation),
    }


def _annotations(story: Story) -> dict[str, str]:
    """What is said of the story's first alert: `summary` and `description` are what templates show by convention."""
    claim = wording.matched_claim(story)
    said = {
        "summary": wording.title(story),
        "description": wording.why_now(story),
        "evidence": "\n".join(_evidence(story)),
        "claim": f"{wording.claim_heading(claim)}: {wording.sentence(claim.claim)}" if claim else "",
        "verdict": wording.claim_verdict(claim) if claim else "",
        "approved_answer": cut(literal(claim.answer, newlines=True), _ANSWER) if claim and claim.answer else "",
        "next_step": wording.next_step(story),
        "owner": wording.name(story.owner or ""),
        "handled": "; ".join(handled_lines(story, story.updated_at)),
    }
    return {key: text.translate(_NO_MARKUP) for key, text in said.items() if text}


def _evidence(story: Story) -> Iterable[str]:
    for label, value in wording.facts(story):
        yield f"{label}: {value}"
    for one in wording.exemplars(story)[:_QUOTES]:
        text = cut(literal(one.text), wording.QUOTE) or "(no text)"
        yield " ".join(filter(None, (f"{wording.caption(one)}: “{text}”", wording.link(one))))
    if story.alerts:
        yield wording.why_fired(story.alerts[0])
