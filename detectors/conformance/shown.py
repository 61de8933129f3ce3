"""What is wrong with the form of a detection and with its evidence, each in a few words."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from detectors.conformance.hearing import Stream
from detectors.contract import Detector
from detectors.detection import Audience, Detection, Effect, detection_id
from detectors.rendering import as_text

MOST_EVIDENCE_BYTES = 32_000
MOST_LETTERS = 600
_KIND = re.compile(r"[a-z][a-z0-9_ -]*")
# Of a text that is cut, or put together anew, single words remain. Those with a digit are not by chance ours as well.
_TELLING = re.compile(r"(?=\w*\d)(?=\w*[^\W\d_])\w{5,}")
_LEAST_LETTERS = 5
_CLOCK = re.compile(r"\b\d{1,2}:\d\d\b|\bUTC\b")


def form_problems(cls: type[Detector], detection: Detection) -> Iterable[str]:
    """What is wrong with it, whatever it is about."""
    if detection.detector != cls.name:
        yield f"it calls itself {detection.detector!r}"
    if (Effect.OPERATIONS in detection.effects) is not (cls.audience is Audience.OPERATIONS):
        yield f"it bears the effects {[*detection.effects]}, which others hear of than its audience {cls.audience}"
    if not _KIND.fullmatch(detection.kind):
        yield f"its kind {detection.kind!r} is no plain word"
    if detection.starts_at > detection.at:
        yield "it ends before it starts"
    if detection.level < 1:
        yield f"level {detection.level} is below 1"
    if not 0 <= detection.score <= 1:
        yield f"score {detection.score} is not in [0, 1]"
    encoded = msgspec.msgpack.encode(detection)
    if len(encoded) > MOST_EVIDENCE_BYTES:
        yield f"{len(encoded):,} bytes are more than {MOST_EVIDENCE_BYTES:,}"
    # Bytes, not values: 1 == 1.0, but an alert that holds the one and then, after a restart, the other is saved anew.
    if msgspec.msgpack.encode(msgspec.msgpack.decode(encoded, type=Detection)) != encoded:
        yield "it does not round-trip through MessagePack: is there an int where a float belongs?"


def episode_problems(found: Sequence[Detection]) -> Iterable[str]:
    """What is wrong with one detection after another."""
    ids = {detection_id("", detection) for detection in found}
    if len(ids) < len(found):
        yield f"{len(found)} detections have {len(ids)} ids: the others are taken for repeats"
    newest: dict[object, Detection] = {}
    for detection in found:
        episode = (detection.subject, detection.starts_at)
        before = newest.get(episode, detection)
        if detection.level < before.level:
            yield f"within an episode the level falls from {before.level} to {detection.level}"
        newest[episode] = detection


def evidence_problems(detection: Detection, foreign: Iterable[str]) -> Iterable[str]:
    """What is wrong with how it would be shown. `foreign` is what others wrote."""
    evidence = detection.evidence
    for what, parts, most in (
        ("points", evidence.timeline, 20),
        ("exemplars", evidence.exemplars, 5),
        ("channels", evidence.channels, 20),
    ):
        if len(parts) > most:
            yield f"{len(parts)} {what} are more than {most}"
    if any(len(exemplar.text) > MOST_LETTERS for exemplar in evidence.exemplars):
        yield f"an exemplar has more than {MOST_LETTERS} characters"
    if [*evidence.timeline] != sorted(evidence.timeline, key=lambda point: point.at):
        yield "the timeline is not oldest first"
    told = [*(signal.text for signal in evidence.signals), *(turn.text for turn in evidence.turns)]
    ours = "\n".join([detection.kind, evidence.summary, evidence.counterfactual, *evidence.unknown, *told])
    for text in foreign:
        if text in ours:
            yield f"foreign text {text[:40]!r} stands where only ours may"
    if _CLOCK.search(ours):
        yield "a sentence tells a time, and only who shows it knows by whose clock it is read"
    shown = as_text(detection)
    if evidence.summary not in shown or not evidence.summary.strip() or not evidence.counterfactual.strip():
        yield "the summary or the counterfactual is missing"
    if not shown.replace("\n", "").isprintable():
        yield "it holds characters that act on a terminal"


def foreign_texts(stream: Stream) -> frozenset[str]:
    """What others wrote, whole and in telling words, but for what is too short to be told apart from our own words."""
    texts: set[str] = set()
    for each in stream.mentions:
        author = each.author
        told = (each.text, each.title, each.channel, each.url, *each.links, author.handle, author.id)
        texts.update(text for text in told if text)
    texts.update(word for text in tuple(texts) for word in _TELLING.findall(text))
    return frozenset(text for text in texts if len(text) >= _LEAST_LETTERS)
