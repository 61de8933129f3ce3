"""What is said of a story, in words: the same for every receiver.

Every string that leaves here is literal text (`plain_text.literal`): a receiver escapes it for its own markup, no more.
"""

from collections.abc import Sequence
from datetime import UTC, tzinfo

from alerting.alert import Alert, Notification, Reason, Severity, State, Story
from alerting.claim_wording import answer_heading as answer_heading
from alerting.claim_wording import claim_heading as claim_heading
from alerting.claim_wording import claim_in_short as claim_in_short
from alerting.claim_wording import claim_verdict as claim_verdict
from alerting.claim_wording import claim_why as claim_why
from alerting.claim_wording import matched_claim as matched_claim
from alerting.growth_wording import growth as growth
from alerting.growth_wording import growth_heading as growth_heading
from alerting.growth_wording import reached as reached
from alerting.handling_wording import doings
from alerting.language_names import language_name
from alerting.marks_wording import for_harm, listed_words

# Whoever tells of stories says all this alike.
from alerting.phrases import duration as duration
from alerting.phrases import headline as headline
from alerting.phrases import moment as moment
from alerting.phrases import name as name
from alerting.phrases import names as names
from alerting.phrases import number as number
from alerting.phrases import sentence as sentence
from alerting.phrases import zone_name as zone_name
from alerting.plain_text import cut, isolated, shown_link
from detectors.detection import Audience, Effect, Evidence, Exemplar, Signal
from detectors.rendering import counted as counted

SYMBOLS = {Severity.INFO: "🔵", Severity.WARNING: "🟡", Severity.CRITICAL: "🔴", Severity.LIFE_SAFETY: "🚨"}
OVER = "✅"
REFUSED = "refused"
"""The kind of an alert about a receiver that takes nothing (`alerting/refusal.py`)."""

# Code points of a mention that are quoted; within a sentence fewer.
QUOTE, _EXAMPLE = 500, 120


def title(story: Story) -> str:
    """`Critical: census: 695 mentions in 3 hours, 10 times the 67 usual`; later `Resolved: …`, or `Merged: …`."""
    return f"{_state(story)}: {headline(story.headline)}"


def _state(story: Story) -> str:
    if story.state is State.FIRING:
        return severity_word(story.severity)
    return "Merged" if _goes_on_in(story) else "Resolved"


def symbol(story: Story) -> str:
    return OVER if story.state is State.RESOLVED else SYMBOLS[story.severity]


def severity_word(severity: Severity) -> str:
    return severity.label.replace("_", " ").capitalize()


def why_now(story: Story) -> str:
    """One sentence with the numbers; for a story that is over, when it ended and how long it was."""
    told = sentence(story.alerts[0].evidence.summary) if story.alerts else ""
    if story.state is State.FIRING:
        return told
    ended = max((alert.resolved_at for alert in story.alerts if alert.resolved_at), default=story.updated_at)
    if successor := _goes_on_in(story):
        return f"Since {moment(ended, story.zone)} part of another story, in which it goes on: {sentence(successor)}."
    return f"Over since {moment(ended, story.zone)}, after {duration(ended - story.starts_at)}. {_in_all(story)}"


def _in_all(story: Story) -> str:
    """`In all 82 mentions by 21 authors, at most 22 in 15 min.`; of a rise, which counts its newest hours, the last."""
    if not story.alerts or story.audience is Audience.OPERATIONS:
        return f"Last: {sentence(story.alerts[0].evidence.summary)}" if story.alerts else ""
    largest = max(story.alerts, key=lambda alert: alert.evidence.mentions)
    evidence, bins = largest.evidence, largest.evidence.timeline
    by = "" if evidence.authors is None else f" by {counted(evidence.authors, 'author')}"
    told = f"In all {counted(evidence.mentions, 'mention')}{by}"
    told = told if largest.subject else f"Last: {sentence(evidence.summary).removesuffix('.')}"
    if len(bins) < 2:
        return f"{told}."
    return f"{told}, at most {number(max(bin.observed for bin in bins))} in {duration(bins[1].at - bins[0].at)}."


def _goes_on_in(story: Story) -> str | None:
    """The headline of the story of which a story that is over became a part: what ended last of it goes on there."""
    ended = [alert for alert in story.alerts if alert.resolved_at is not None]
    last = max((alert.resolved_at for alert in ended if alert.resolved_at is not None), default=None)
    successors = (alert.successor for alert in ended if alert.resolved_at == last)
    return next((each.headline for each in successors if each is not None and each.story != story.id), None)


def beyond_title(story: Story) -> str:
    """What `why_now` says that the title does not: nothing, or what stands behind the same numbers."""
    told, head = why_now(story), title(story)
    numbers, _, meant = told.partition(": ")
    if meant and (how_many := numbers.rpartition(" in ")[0]) and how_many in head:
        return meant[0].upper() + meant[1:]
    return "" if told.removesuffix(".") in head else told


def facts(story: Story) -> list[tuple[str, str]]:
    """Labels and values for a small table, the most useful first. Places are those of all its alerts."""
    known = _counted(story.alerts[0].evidence) if story.alerts and story.alerts[0].kind != REFUSED else []
    if story.risk:
        known.append(("Risk", f"{story.risk} of 100"))
    known += [("Since", moment(story.starts_at, story.zone)), ("Monitor", name(story.monitor))]
    if story.owner:
        known.append(("Owner", name(story.owner)))
    found = [alert.evidence for alert in story.alerts]
    channels = dict.fromkeys(place for evidence in found for place in evidence.channels)
    languages = dict.fromkeys(place for evidence in found for place in evidence.languages)
    known += [("Channels", names([*channels]))] if channels else []
    known += [("Languages", names([language_name(code) for code in languages]))] if languages else []
    if story.alerts and (letters := story.alerts[0].evidence.by_letters):
        known.append(("By letters only", f"{number(letters)}: the model does not cover their language"))
    return known


def _counted(evidence: Evidence) -> list[tuple[str, str]]:
    mentions = number(evidence.mentions)
    if evidence.usual is not None and 1 <= evidence.usual < evidence.mentions:
        times = evidence.mentions / evidence.usual
        mentions += (
            f", {number(round(times, 1)) if times < 3 else f'{times:,.0f}'} times the usual {number(evidence.usual)}"
        )
    elif evidence.usual is not None:
        mentions += f" (usual {number(evidence.usual)})" if evidence.usual >= 0.05 else " (none are usual)"
    known = [("Mentions", mentions)]
    if evidence.authors is not None:
        known.append(("Authors", number(evidence.authors)))
    return known


def exemplars(story: Story) -> tuple[Exemplar, ...]:
    """Of the first alert that has some, in the order of the detector; the same mention only once."""
    for alert in story.alerts:
        if alert.evidence.exemplars:
            return tuple({one.mention_id + one.text: one for one in alert.evidence.exemplars}.values())
    return ()


def caption(exemplar: Exemplar, timezone: tzinfo = UTC) -> str:
    """Who said it, where and when: `Widest reach · 12:03 UTC · bluesky · ada.example · 1,200 followers · Thai`."""
    parts = [exemplar.role.capitalize(), moment(exemplar.at, timezone), name(exemplar.channel)]
    if exemplar.handle:
        parts.append(name(exemplar.handle))
    if exemplar.followers is not None:
        parts.append(counted(exemplar.followers, "follower"))
    if exemplar.language != "und":
        parts.append(name(language_name(exemplar.language)))
    return " · ".join(part for part in parts if part)


def link(exemplar: Exemplar) -> str:
    """Where it can be read, as text; empty where nothing is known."""
    return cut(shown_link(exemplar.url), 120) if exemplar.url else ""


def others(story: Story) -> list[str]:
    """One sentence for each further alert of the story; of one about something that is said, with an example of it."""
    return [_with_example(alert) for alert in story.alerts[1:]]


def _with_example(alert: Alert) -> str:
    told = alert.evidence.summary
    shown = sorted(alert.evidence.exemplars, key=lambda one: one.role != "typical") if alert.subject else ()
    said = next((one.text for one in shown if one.text), "")
    return sentence(f"{told} “{cut(said, _EXAMPLE)}”" if said else told)


def history(story: Story) -> tuple[str, ...]:
    """What was before and what became of it: an earlier life, stories that it took in or parted from."""
    if not story.alerts:
        return ()
    evidence, zone = story.alerts[0].evidence, story.zone
    told = [f"{moment(turn.at, zone)}: {sentence(turn.text)}" for turn in evidence.turns]
    if evidence.earlier is not None:
        was, by = evidence.earlier, counted(evidence.earlier.mentions, "mention")
        told.insert(0, f"Told before: {by} from {moment(was.first_at, zone)} to {moment(was.last_at, zone)}")
    return tuple(told)


def signals(story: Story) -> tuple[str, ...]:
    found: Sequence[Signal] = story.alerts[0].evidence.signals if story.alerts else ()
    return tuple(sentence(signal.text) for signal in found)


def why_fired(alert: Alert) -> str:
    """Detector and score, the words that the organisation listed, and what would have kept it quiet."""
    kind = name(alert.kind.replace("_", " "))
    told = f"{name(alert.detector)} ({kind}), score {alert.score:.2f} of 1.{listed_words(alert)}"
    return f"{told} {sentence(alert.evidence.counterfactual)}"


def unknown(story: Story) -> tuple[str, ...]:
    return tuple(sentence(text) for text in story.alerts[0].evidence.unknown) if story.alerts else ()


def next_step(story: Story) -> str:
    """What a person might do first; empty when the story is over."""
    if story.state is State.RESOLVED:
        return ""
    if story.alerts and story.alerts[0].kind == REFUSED:
        return "Do what is said above. Until then look there in other ways, and tell whoever relies on it."
    if story.audience is Audience.OPERATIONS:
        return "Look whether the source still delivers: its connector, its credentials, the query."
    claim = matched_claim(story)
    asked = f" with {who}" if (who := name((claim.owner if claim else None) or story.owner or "")) else ""
    if claim and claim.answer and claim.certain:
        return f"Give the approved answer where it is asked for; agree{asked} on who speaks."
    if claim:
        return f"Check{asked} whether it is this claim, and then answer from the fact-check."
    if story.alerts and _is_a_chorus(story.alerts[0]):
        whether = f"Decide{asked} whether to give one."
        return f"Look at the accounts first: few people say it, and an answer would carry it further. {whether}"
    if story.severity >= Severity.CRITICAL:
        return f"Read what is said, find where it began, and agree{asked} on an answer now."
    return f"Read what is said and decide{asked} whether it needs an answer."


def _is_a_chorus(alert: Alert) -> bool:
    """Few say it. What began so may have become a crowd: then it weighs more than few ever do."""
    is_a_crowd = alert.severity >= Severity.CRITICAL and Effect.WIDE_REACH not in alert.effects
    return Effect.COORDINATED in alert.effects and not is_a_crowd


def turn(notification: Notification) -> str:
    """One line for what changed since the story was last told."""
    story = notification.story
    heard = _heard(story)
    match notification.reason:
        case Reason.FIRST:
            return title(story) if heard.removesuffix(" now") in title(story) else f"{title(story)}: {heard}"
        case Reason.ESCALATED:
            to = f"{severity_word(story.severity).lower()}{for_harm(story)}"
            return f"Escalated to {to}: {_once(heard, why_now(story))}"
        case Reason.MORE:
            return f"More: {heard}"
        case Reason.CHANGED:
            claim = matched_claim(story)
            if claim and tells_claim(notification):
                return f"{claim_heading(claim)}: “{isolated(sentence(claim.claim))}” {claim_verdict(claim)}"
            return changed(notification)
        case Reason.SPREAD:
            return f"{reached(notification.news)}; {heard.removesuffix(' now')} in all"
        case Reason.DOUBLED:
            return f"Doubled: {_largest(story) if story.alerts else heard}"
        case Reason.HANDLED:
            return doings(notification)
        case Reason.REMINDER:
            return f"Still going on, {duration(notification.at - story.starts_at)} by now: {heard}"
        case Reason.RESOLVED:
            return f"{_state(story)}. {why_now(story)}"
        case Reason.REOPENED:
            return f"Back again: {_once(heard, why_now(story))}"


def tells_claim(notification: Notification) -> bool:
    """Whether a claim is what is new; of a version that does not say what is new, it is."""
    return not notification.news or any(fact.startswith(("claim:", "certain:")) for fact in notification.news)


def changed(notification: Notification) -> str:
    """One line for a story that something joined, or of which something became another kind; without its claim."""
    story, news = notification.story, notification.news
    new = [alert for alert in story.alerts if f"alert:{alert.fingerprint}:{alert.kind}" in news]
    if new:
        return " ".join(["Found now:", *(sentence(alert.evidence.summary) for alert in new[:2])])
    also = (sentence(alert.evidence.summary) for alert in story.alerts[1:3])
    return " ".join([f"Changed: {_heard(story)}.", why_now(story), *also])


def _once(heard: str, told: str) -> str:
    """No number twice."""
    return told if heard.removesuffix(" now") in told else f"{heard}. {told}"


def _heard(story: Story) -> str:
    """By the largest of its alerts, as a doubling is measured: which of them comes first may change."""
    mentions = max((alert.evidence.mentions for alert in story.alerts), default=None)
    return "no numbers yet" if mentions is None else f"{counted(mentions, 'mention')} now"


def _largest(story: Story) -> str:
    """The numbers of the largest of its alerts: the message may begin with another one."""
    largest = max(story.alerts, key=lambda alert: alert.evidence.mentions)
    told = sentence(largest.evidence.summary)
    return told.partition(": ")[0] if largest.subject else told
