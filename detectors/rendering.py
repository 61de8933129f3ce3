"""A detection as plain text: the least that every detector's evidence must be good for.

Foreign text is quoted on one line, without anything that a terminal or a reader's eye would act on.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from detectors.detection import Detection, Evidence, Exemplar, MatchedClaim, Share


def as_text(detection: Detection) -> str:
    """Several lines for a person to read."""
    evidence = detection.evidence
    return "\n".join(
        [
            f"{detection.detector}: {detection.kind}, level {detection.level}, at {_moment(detection.at)}",
            evidence.summary,
            f"Since {_moment(evidence.since)}. {evidence.counterfactual}",
            *_effects(detection),
            *_claim(evidence.claim),
            *_timeline(evidence),
            *(f"- {signal.text}" for signal in evidence.signals),
            *(_share(share) for share in evidence.shares),
            *(_exemplar(exemplar) for exemplar in evidence.exemplars),
            *(f"Not known: {what}" for what in evidence.unknown),
        ]
    )


def quoted(text: str) -> str:
    """Foreign text on one line, in quotation marks, with a space for whatever cannot be printed."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return f"“{' '.join(printable.split())}”"


def counted(count: int, word: str) -> str:
    """`1 mention`, `1,200 mentions`; for words whose plural ends with s."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def spanned(span: timedelta) -> str:
    """A length of time as people say it: `45 minutes`, `1 h 22 min`, `7 hours`, `3 days`."""
    minutes = max(1, round(span / timedelta(minutes=1)))
    if minutes < 60:
        return counted(minutes, "minute")
    if minutes < 6 * 60 and minutes % 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return counted(round(minutes / 60), "hour") if minutes < 48 * 60 else counted(round(minutes / 1440), "day")


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M %Z")


def _effects(detection: Detection) -> Iterable[str]:
    if detection.effects:
        yield "Marked: " + ", ".join(effect.value.replace("_", " ") for effect in detection.effects)


def _claim(claim: MatchedClaim | None) -> Iterable[str]:
    if claim is None:
        return
    verb = "Matches" if claim.certain else "Possibly matches"
    checked = f"{quoted(claim.checked_by)}{f', {claim.checked_on}' if claim.checked_on else ''}"
    yield f"{verb} a fact-checked claim: {quoted(claim.claim)} ({checked}: {quoted(claim.verdict)})"
    if claim.answer:
        yield f"Approved answer: {quoted(claim.answer)}"


def _timeline(evidence: Evidence) -> Iterable[str]:
    if evidence.timeline:
        counts = " ".join(f"{point.observed:g}" for point in evidence.timeline)
        yield f"From {_moment(evidence.timeline[0].at)} to {_moment(evidence.timeline[-1].at)}: {counts}"


def _share(share: Share) -> str:
    usual = "" if share.usual is None else f", usually {share.usual:.1f}"
    return f"- {share.dimension} {quoted(share.name)}: {share.mentions:,}{usual}"


def _exemplar(exemplar: Exemplar) -> str:
    by = f" by {quoted(exemplar.handle)}" if exemplar.handle else ""
    return f"- {exemplar.role}, {_moment(exemplar.at)}{by} on {quoted(exemplar.channel)}: {quoted(exemplar.text)}"
