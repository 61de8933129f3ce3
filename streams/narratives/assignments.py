"""Which narrative each document of a stream belongs to: when it arrived, and as far as known at the end.

It runs the detector itself, so that what is judged from outside is what runs live.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from msgspec import Struct, structs
from threadpoolctl import threadpool_limits

from detectors.contract import MonitorContext
from detectors.mention import Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.gathering import Placed
from streams.stages.match import Encodes

_AT_ONCE = 512
_A_MOMENT = timedelta(microseconds=1)
_LAST_TICK = timedelta(hours=1)
"""So that what belongs together at the end of the stream is united, as the next full hour would do."""


class Assignment(Struct, frozen=True):
    """What is written of a document."""

    arrival: str
    """The narrative that it was given when it arrived; its own where it says too little to belong to any."""
    end: str
    """That narrative after all that was united and parted later."""


def assigned(
    documents: Sequence[Mention],
    encoder: Encodes,
    context: MonitorContext,
    params: NarrativeDetector.Params,
    progress: Callable[[int], None] = lambda count: None,
) -> list[Assignment]:
    """One for each document, in the order in which they were given; they are taken in by their times.

    The mentions' ids must differ. `progress` is told how many were taken in.
    """
    follower = _Follower(NarrativeDetector(context, params))
    taken = 0
    with threadpool_limits(1, user_api="blas"):  # as in the worker: the matrices are small
        for some in _batches(sorted(documents, key=lambda document: (document.at, document.id))):
            follower.take([_encoded(*pair) for pair in zip(some, encoder.encode(some), strict=True)])
            taken += len(some)
            progress(taken)
        follower.come_to_rest()
    return [follower.assignment(document.id) for document in documents]


class _Follower:
    """A detector, and where each mention went."""

    def __init__(self, detector: NarrativeDetector) -> None:
        self._detector = detector
        self._arrival: dict[str, tuple[str, str]] = {}
        """Narrative and wording by the mention's id."""
        self._home: dict[str, str] = {}
        """The newest known narrative of each wording, of those that are forgotten too."""
        self._regrouped_at = 0
        detector.follow = self._note

    def take(self, mentions: Sequence[Mention]) -> None:
        for mention in mentions:
            self._detector.observe(mention)
        self._advance(mentions[-1].at + _A_MOMENT)
        self._last = mentions[-1].at

    def come_to_rest(self) -> None:
        if self._arrival:
            self._advance(self._last + _LAST_TICK + _A_MOMENT)

    def assignment(self, mention: str) -> Assignment:
        if mention not in self._arrival:
            alone = f"alone-{mention}"
            return Assignment(alone, alone)
        narrative, wording = self._arrival[mention]
        return Assignment(narrative, self._home.get(wording, narrative))

    def _advance(self, watermark: datetime) -> None:
        self._detector.advance(watermark)
        self._look()

    def _note(self, mention: str, placed: Placed) -> None:
        if placed.narrative is not None and placed.wording is not None:
            self._arrival[mention] = placed.narrative.id, placed.wording.id
            self._home[placed.wording.id] = placed.narrative.id
        if self._detector.state.regrouped_at != self._regrouped_at:
            self._look()

    def _look(self) -> None:
        """Where each wording belongs now; what is forgotten stays where it was."""
        self._regrouped_at = self._detector.state.regrouped_at
        self._home |= {name: wording.narrative for name, wording in self._detector.state.wordings.items()}


def _encoded(mention: Mention, encoding: Encoding) -> Mention:
    return structs.replace(mention, encoding=encoding)


def _batches(documents: Iterable[Mention]) -> Iterator[list[Mention]]:
    documents = iter(documents)
    while some := list(islice(documents, _AT_ONCE)):
        yield some
