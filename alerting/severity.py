"""How much a finding matters: one table, read from the top, the first row that fits decides.

What a detector's `score` is to mean, so that scores of different detectors compare:

- below 0.5: worth knowing when one looks anyway;
- from 0.5: somebody should look at it today;
- from 0.8: somebody should be interrupted now.

`life_safety` is for words of harm, which every organisation names for itself.
"""

from msgspec import Struct

from alerting.alert import Severity
from detectors.detection import Detection, Effect


class Row(Struct, frozen=True, kw_only=True):
    """A finding fits that has all the effects, the score, and a certain match of a claim where one is asked for."""

    effects: frozenset[Effect] = frozenset()
    certain_claim: bool = False
    score: float = 0.0
    """At least this."""
    severity: Severity
    why: str


TABLE: tuple[Row, ...] = (
    Row(
        effects=frozenset({Effect.OPERATIONS}),
        score=0.5,
        severity=Severity.WARNING,
        why="the public is not concerned: it calls an engineer, never a crisis team",
    ),
    Row(effects=frozenset({Effect.OPERATIONS}), severity=Severity.INFO, why="likewise"),
    Row(
        effects=frozenset({Effect.BEING_DEBUNKED}),
        severity=Severity.INFO,
        why="the crowd answers it already; to answer louder would spread it",
    ),
    Row(
        effects=frozenset({Effect.HARM, Effect.BEING_QUESTIONED}),
        score=0.3,
        severity=Severity.WARNING,
        why="people ask whether they are in danger: somebody should answer today, and a question wakes nobody",
    ),
    Row(
        effects=frozenset({Effect.BEING_QUESTIONED}),
        severity=Severity.INFO,
        why="people ask, and do not assert",
    ),
    Row(
        effects=frozenset({Effect.HARM, Effect.COORDINATED}),
        score=0.5,
        severity=Severity.CRITICAL,
        why="a chorus with words of harm: somebody should look now, but an alarm that nothing holds back needs a crowd",
    ),
    Row(
        effects=frozenset({Effect.HARM}),
        score=0.5,
        severity=Severity.LIFE_SAFETY,
        why="people may come to harm: the organisation named these words itself",
    ),
    Row(effects=frozenset({Effect.HARM}), score=0.3, severity=Severity.CRITICAL, why="likewise, smaller"),
    Row(effects=frozenset({Effect.HARM}), severity=Severity.WARNING, why="likewise, a beginning"),
    Row(
        effects=frozenset({Effect.KNOWN_CLAIM}),
        certain_claim=True,
        score=0.5,
        severity=Severity.CRITICAL,
        why="fact-checkers have looked at it, and it spreads",
    ),
    Row(
        effects=frozenset({Effect.KNOWN_CLAIM}),
        certain_claim=True,
        severity=Severity.WARNING,
        why="likewise, while it is small: there is time to prepare the answer",
    ),
    Row(
        effects=frozenset({Effect.WIDE_REACH}),
        score=0.6,
        severity=Severity.CRITICAL,
        why="those who carry it reach many, so the count of mentions says too little",
    ),
    Row(effects=frozenset({Effect.WIDE_REACH}), score=0.3, severity=Severity.WARNING, why="likewise, smaller"),
    Row(
        effects=frozenset({Effect.OFFICIALS}),
        score=0.6,
        severity=Severity.CRITICAL,
        why="those who can ask the organisation to answer are part of it",
    ),
    Row(effects=frozenset({Effect.OFFICIALS}), score=0.3, severity=Severity.WARNING, why="likewise, smaller"),
    Row(
        effects=frozenset({Effect.COORDINATED}),
        score=0.5,
        severity=Severity.WARNING,
        why=(
            "a chorus and not a crowd: six accounts are as loud as 480 people, and wake nobody; "
            "critical only with a known claim or wide reach"
        ),
    ),
    Row(effects=frozenset({Effect.COORDINATED}), severity=Severity.INFO, why="likewise, smaller"),
    Row(score=0.8, severity=Severity.CRITICAL, why="what the score means"),
    Row(
        effects=frozenset({Effect.KNOWN_CLAIM}),
        score=0.3,
        severity=Severity.WARNING,
        why="possibly a known claim: a person should look whether it is",
    ),
    Row(score=0.5, severity=Severity.WARNING, why="what the score means"),
    Row(severity=Severity.INFO, why="what the score means"),
)
"""The last row fits everything."""
_LIKEWISE = "likewise"


def severity_of(detection: Detection) -> Severity:
    """What the table says of one finding."""
    return row_of(detection).severity


def row_of(detection: Detection) -> Row:
    """The row of the table that decides about one finding."""
    return next(row for row in TABLE if _fits(row, detection))


def because(detection: Detection) -> str:
    """Why the table says so, also where the row only says that it is as in the row above."""
    at = TABLE.index(row_of(detection))
    parts = [TABLE[at].why]
    while parts[0].startswith(_LIKEWISE):
        at -= 1
        parts = [TABLE[at].why, *(part.removeprefix(_LIKEWISE).removeprefix(", ") for part in parts)]
    return ", ".join(part for part in parts if part)


def table_in_markdown() -> str:
    """The table as the README shows it."""
    rows = (f"| {_effects(row)} | {row.score:g} | {row.severity.label} | {row.why} |" for row in TABLE)
    return "\n".join(("| effects | score from | severity | because |", "|---|---|---|---|", *rows))


def _fits(row: Row, detection: Detection) -> bool:
    claim = detection.evidence.claim
    return (
        detection.score >= row.score
        and row.effects.issubset(detection.effects)
        and (not row.certain_claim or (claim is not None and claim.certain))
    )


def _effects(row: Row) -> str:
    names = ", ".join(sorted(row.effects)) or "any"
    return f"{names}, certain" if row.certain_claim else names
