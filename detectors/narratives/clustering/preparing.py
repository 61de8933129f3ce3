"""Texts that come together made ready to be placed: each leans, and most products are taken at once."""

from collections.abc import Sequence

from msgspec import Struct

from detectors.narratives.clustering.leaning import lean
from detectors.narratives.clustering.packing import Vector
from detectors.narratives.clustering.placing import Block
from detectors.narratives.clustering.recent import Arrivals
from detectors.narratives.clustering.space import Space, Thresholds
from detectors.narratives.clustering.texts import Text, embeddings_of
from detectors.narratives.state import LETTERS, Narrative, WordingState


class Prepared(Struct, frozen=True):
    """A text that is ready to be placed."""

    block: Block[WordingState, Narrative]
    row: int
    """In the block."""
    dense: Vector
    """Its embedding as it is, before it leant."""


def prepared(
    name: str,
    space: Space[WordingState, Narrative],
    texts: Sequence[Text],
    taken: Sequence[int],
    thresholds: Sequence[Thresholds],
) -> dict[str, Prepared]:
    """By the ids of their mentions, texts of the space of this name; none is placed yet.

    Texts that are compared by their letters do not lean.

    Args:
        taken: Numbers of the mentions, in the order in which mentions are taken in.
    """
    embeddings = embeddings_of(texts, space.dense)
    dense, terms = embeddings, [text.terms for text in texts]
    if name != LETTERS:
        hashes, times = [text.key[1] for text in texts], [text.heard.at.timestamp() for text in texts]
        arrivals = Arrivals(embeddings, terms, hashes, taken, times)
        dense, terms = lean(name, space.recent, arrivals, [each.leans_from for each in thresholds])
    block = Block(space, dense, terms, thresholds)
    return {text.heard.id: Prepared(block, row, embeddings[row]) for row, text in enumerate(texts)}
