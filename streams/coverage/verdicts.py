"""What the figures mean for somebody who decides: a sentence for each language, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, assert_never

from alerting.language_names import language_name
from alerting.wording import counted, number
from streams.coverage.counting import Row
from streams.encoding.languages import UNKNOWN
from streams.encoding.sentence_model import EncoderUnavailable, declared_languages
from streams.settings.config import Encoder as EncoderSettings

_WIDER = ("paraphrase-multilingual-MiniLM-L12-v2", "bge-m3")
"""Models of many languages, those that are told of first."""
_Reason = Literal["language", "script", "uncalibrated", "shattered"]
_REASONS: Mapping[_Reason, str] = {
    "language": "the model {model} covers {covered}",
    "script": "written in Latin letters, in which no model has learned it",
    "uncalibrated": "the model {model} is not calibrated for it",
    "shattered": "the tokenizer of {model} shatters them",
}
NEARLY_ALL = 0.9
"""Share of a language's mentions from which it is said to be compared by meaning."""
FEW = 0.002
"""Share of all mentions below which a language gets no sentence of its own: of some words anybody errs."""


def verdict(row: Row, settings: EncoderSettings, covered: frozenset[str]) -> str:
    """One language in a sentence.

    Args:
        row: Over all channels.
        settings: Which model is configured.
        covered: The languages that it is said to cover.
    """
    name = language_name(row.language)
    name = name[0].upper() + name[1:]
    with_words = row.heard - row.no_words
    if not with_words:
        return f"{name}: {counted(row.heard, 'mention')} without any words, compared with nothing."
    if not row.letters:
        every = "all " if with_words > 1 else ""
        return f"{name}: {every}{counted(with_words, 'mention')} compared by meaning."
    if row.encoded >= NEARLY_ALL * with_words:
        return f"{name}: {number(row.encoded)} of {counted(with_words, 'mention')} compared by meaning."
    part = f"{number(row.letters)} of " if row.encoded else ""
    why = _REASONS[_reason(row, covered)].format(model=settings.model, covered=_listed(covered))
    return f"{name}: {part}{counted(with_words, 'mention')}, matched by letters only: {why}."


def advice(rows: Sequence[Row], settings: EncoderSettings, covered: frozenset[str]) -> list[str]:
    """What to do about the languages that are matched by letters: a sentence for each reason, with all it concerns."""
    concerned: dict[_Reason, list[str]] = {}
    for row in rows:
        if row.letters > (1 - NEARLY_ALL) * (row.heard - row.no_words):
            concerned.setdefault(_reason(row, covered), []).append(row.language)
    return [" ".join(_told(reason, codes)) for reason, codes in concerned.items()]


def worth_a_verdict(rows: Sequence[Row]) -> list[Row]:
    """The languages that are told of one by one."""
    heard = sum(row.heard for row in rows)
    return [row for row in rows if row.heard >= FEW * heard and row.language != UNKNOWN]


def rest(rows: Sequence[Row]) -> list[str]:
    """Of the others, what little there is to say."""
    told = {row.language for row in worth_a_verdict(rows)}
    few = [row for row in rows if row.language not in told and row.language != UNKNOWN]
    said = []
    for unknown in (row for row in rows if row.language == UNKNOWN):
        if unknown.heard > unknown.no_words:
            by = ", matched by letters only" if unknown.letters > unknown.encoded else ""
            said.append(
                f"Language unknown: {counted(unknown.heard - unknown.no_words, 'mention')}{by}: too short or too mixed "
                "to tell. A source that says the language in `lang` helps."
            )
        if unknown.no_words:
            said.append(f"No words: {counted(unknown.no_words, 'mention')} of links, handles, pictures or emoji alone.")
    if few:
        mentions = counted(sum(row.heard for row in few), "mention")
        said.append(f"{counted(len(few), 'further language')} with {mentions} together: often guesses at short texts.")
    return said


def _reason(row: Row, covered: frozenset[str]) -> "_Reason":
    """The one that most of a language's mentions share."""
    most = max(row.not_covered, row.uncalibrated, row.shattered)
    if row.not_covered == most:
        return "script" if row.language in covered else "language"
    return "uncalibrated" if row.uncalibrated == most else "shattered"


def _told(reason: "_Reason", codes: Sequence[str]) -> Iterator[str]:
    listed = ", ".join(codes)
    match reason:
        case "language":
            yield f"To compare {listed} by meaning,"
            wider = [model for model in _WIDER if set(codes) <= _languages_of(model)]
            if wider:
                yield f"use a model that covers them ({' or '.join(wider)}), or"
            yield "list them under encoder.languages if this model has learned them."
        case "script":
            yield f"Of {listed} nothing in Latin letters can be compared by meaning: no model has learned it."
        case "uncalibrated":
            yield f"To compare {listed} by meaning, run `groundswell calibrate` on a recording that has them."
        case "shattered":
            yield f"Texts in {listed} are full of what the tokenizer does not know: look at some of them."
        case _:
            assert_never(reason)


def _listed(codes: frozenset[str]) -> str:
    listed = sorted(codes)
    return ", ".join(listed) if len(listed) <= 8 else f"{len(listed)} languages, but not this one"


def _languages_of(model: str) -> frozenset[str]:
    try:
        return declared_languages(EncoderSettings(model=model))
    except EncoderUnavailable:
        return frozenset()
