"""Tells those who run the system when the model no longer tells the texts of a language apart.

`narratives/clustering/drift.py` says when that is, and the detector `narrative` goes by the same: what is told here is
that it compares such texts by their letters. Mentions are taken in in (at, id) order behind the watermark, as there.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from msgspec import Struct, field

from detectors.contract import Detector, MonitorContext
from detectors.detection import Audience, Detection, Effect, Evidence
from detectors.mention import Mention, Moment
from detectors.narratives.clustering.drift import Drift, median_of
from detectors.narratives.state import LETTERS, Heard, Watched, hear
from detectors.registry import detector

KIND = "drift"
SCORE = 0.7
"""An engineer should look today: see `alerting/severity.py`."""
_AGAIN_AFTER = timedelta(hours=1)


class Telling(Struct, kw_only=True):
    """What was told of a language."""

    starts_at: Moment
    told_at: Moment
    mentions: int = 0
    """Heard since it began."""


@detector("vector_drift")
class VectorDrift(Detector):
    """The model no longer tells the texts of a language apart: to it, what has nothing to do with each other is alike.

    Then something is wrong with the model or with what it is given: another one under the same name, a broken export, a
    language that it does not know, an alphabet of tricks. Narratives of that language are found by their letters until
    it is over, which is told again each hour. To the routes with `audience: operations`.

    Fails when: fewer than 50 pairs of texts that share no words come in the language; the vectors are worthless without
    being alike (noise: narratives then fall apart, but none are mixed up); a language was always as alike as it is, for
    `groundswell calibrate` was run on it so.
    """

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        pass

    class State(Struct, kw_only=True):
        held: dict[str, Heard] = field(default_factory=dict)
        watched: dict[str, Watched] = field(default_factory=dict)
        telling: dict[str, Telling] = field(default_factory=dict)
        """As `watched` by `space|language`, of those that are told."""
        clock: Moment | None = None
        """The greatest event time taken in."""

    audience = Audience.OPERATIONS
    reads_vectors = True

    params: Params
    state: State

    def __init__(self, context: MonitorContext, params: Params, state: State | None = None) -> None:
        super().__init__(context, params, state)
        self._drift = Drift(context.calibrations, self.state.watched)
        self._queue = [(heard.at, heard.id) for heard in self.state.held.values()]
        heapify(self._queue)

    def observe(self, mention: Mention) -> None:
        heard = hear(mention)
        if heard.space != LETTERS and heard.id not in self.state.held:
            self.state.held[heard.id] = heard
            heappush(self._queue, (heard.at, heard.id))

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        found: list[Detection] = []
        while self._queue and self._queue[0][0] < watermark:
            found += self._take_in(self.state.held.pop(heappop(self._queue)[1]))
        return found

    def _take_in(self, heard: Heard) -> list[Detection]:
        state, key = self.state, f"{heard.space}|{heard.language}"
        now = state.clock = max(heard.at, state.clock or heard.at)
        self._drift.as_compared(heard)
        watched = state.watched.get(key)
        if watched is None or watched.since is None:
            state.telling.pop(key, None)
            return []
        telling = state.telling.get(key)
        is_due = telling is None or now >= telling.told_at + _AGAIN_AFTER
        if telling is None:
            state.telling = {each: told for each, told in state.telling.items() if each in state.watched}
            telling = state.telling[key] = Telling(starts_at=now, told_at=now)
        telling.mentions += 1
        if not is_due:
            return []
        telling.told_at = now
        return [self._detection(key, watched, telling)]

    def _detection(self, key: str, watched: Watched, telling: Telling) -> Detection:
        space, _, language = key.rpartition("|")
        model, usual = space.rpartition("/")[0], self._drift.usual(key)
        return Detection(
            detector=self.name,
            subject=key,
            kind=KIND,
            starts_at=telling.starts_at,
            at=telling.told_at,
            level=1,
            score=SCORE,
            effects=(Effect.OPERATIONS,),
            evidence=Evidence(
                summary=(
                    f"The model {model} no longer tells texts in {language} apart: half of the last "
                    f"{len(watched.cosines)} pairs that share no words have a cosine above {median_of(watched):.2f}, "
                    f"where {usual:.2f} is usual."
                ),
                mentions=telling.mentions,
                since=telling.starts_at,
                languages=(language,),
                counterfactual=f"It would have stayed quiet up to a cosine of {self._drift.limit(key):.2f}.",
                unknown=(
                    "Whether the model was changed, or what is said: if the texts shown by its narratives are in this "
                    "language and differ, draw its thresholds anew by groundswell calibrate.",
                ),
            ),
        )
