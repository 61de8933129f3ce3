"""Seen before: narratives that were told are kept as their centres, so that one that comes back is known again.

A narrative that is told for the first time is compared with those that are forgotten, in the same space and against the
same background as its mentions were. What it must reach is more than what a mention needs to belong to a narrative
(`Thresholds.same_narrative`): centres of many texts are closer to each other than single texts are.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from detectors.detection import EarlierLife
from detectors.narratives.clustering.background import Background
from detectors.narratives.clustering.clusters import GRID, sums_of
from detectors.narratives.clustering.lexical import DIMENSIONS
from detectors.narratives.state import Narrative, NarrativeState, Past, WordingState

_MOST = 200
_PLACES = 48
"""Of the lexical components, the greatest."""

Centre = NDArray[np.float64]


def keep(state: NarrativeState, narrative: Narrative, wordings: Sequence[WordingState]) -> None:
    """Notes a narrative that is told, as it is now. Its wordings' sums must have been written back."""
    tally, (dense, lexical) = narrative.tally, _mean(wordings)
    places = np.sort(np.argsort(-lexical, kind="stable")[:_PLACES])
    places = places[lexical[places] > 0]
    last_at = tally.last_at or narrative.newest.at
    first_at = narrative.earlier.first_at if narrative.earlier else tally.first_at or last_at
    if narrative.earlier is not None:
        state.pasts.pop(narrative.earlier.subject, None)
    state.pasts[narrative.id] = Past(
        space=narrative.space,
        first_at=first_at,
        last_at=last_at,
        mentions=tally.mentions,
        dense=dense.astype("<f2").tobytes(),
        places=places.astype("<u2").tobytes(),
        weights=lexical[places].astype("<f2").tobytes(),
    )
    if len(state.pasts) > _MOST:
        del state.pasts[min(state.pasts, key=lambda name: (state.pasts[name].last_at, name))]


def leave(state: NarrativeState, gone: Iterable[Narrative]) -> None:
    """Notes of narratives that are forgotten how far they came in the end."""
    for narrative in gone:
        past = state.pasts.get(narrative.id)
        if past is not None:
            last_at = max(past.last_at, narrative.tally.last_at or past.last_at)
            mentions = max(past.mentions, narrative.tally.mentions)
            state.pasts[narrative.id] = structs.replace(past, last_at=last_at, mentions=mentions)


def earlier_life(
    state: NarrativeState,
    narrative: Narrative,
    wordings: Sequence[WordingState],
    background: Background | None,
    least: float,
) -> EarlierLife | None:
    """The forgotten narrative that is most like this one, from `least` on; None without.

    The wordings' sums must have been written back.
    """
    forgotten = [
        (name, past)
        for name, past in sorted(state.pasts.items())
        if past.space == narrative.space and name not in state.narratives
    ]
    if not forgotten:
        return None
    own = _seen(*_mean(wordings), background)
    alike = [(_cosine(own, _seen(*_centre(past), background)), past.last_at, name, past) for name, past in forgotten]
    likeness, _, name, past = max(alike, key=lambda each: each[:3])
    if likeness < least:
        return None
    return EarlierLife(
        subject=name,
        first_at=past.first_at,
        last_at=past.last_at,
        mentions=past.mentions,
        likeness=round(min(1.0, likeness), 2),
    )


def _mean(wordings: Sequence[WordingState]) -> tuple[Centre, Centre]:
    """Of all texts' vectors: the dense part, and that of words or letters."""
    weight = sum(wording.weight for wording in wordings)
    centre = sums_of(wordings).sum(axis=0) / (GRID * max(1, weight))
    return centre[:-DIMENSIONS], centre[-DIMENSIONS:]


def _centre(past: Past) -> tuple[Centre, Centre]:
    lexical = np.zeros(DIMENSIONS)
    lexical[np.frombuffer(past.places, "<u2").astype(np.intp)] = np.frombuffer(past.weights, "<f2")
    return np.frombuffer(past.dense, "<f2").astype(np.float64), lexical


def _seen(dense: Centre, lexical: Centre, background: Background | None) -> Centre:
    """Against the background, as the clusters' vectors are."""
    if background is not None and len(dense):
        dense = np.sqrt(background.stretch) * (dense - background.mean / GRID)
    return np.concatenate([dense, lexical])


def _cosine(one: Centre, other: Centre) -> float:
    return float(one @ other / max(1e-9, float(np.linalg.norm(one) * np.linalg.norm(other))))
