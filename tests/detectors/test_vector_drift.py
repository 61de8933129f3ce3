"""Drift: a model that tells nothing apart is found out, and loud stories and subjects are not taken for one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from detectors.contract import MonitorContext
from detectors.detection import Detection, Effect
from detectors.mention import Author, Encoding, Mention
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.calibration import Calibration, Spread, are_related, words_of
from detectors.narratives.clustering.drift import FEWEST, WINDOW, Drift
from detectors.narratives.state import LETTERS, Heard, hear
from detectors.vector_drift import VectorDrift

START = datetime(2030, 4, 1, tzinfo=UTC)
DIMENSIONS = 64
DICE = np.random.default_rng(1)


def said(
    number: int,
    text: str,
    vector: np.ndarray[tuple[int], np.dtype[np.float64]],
    *,
    language: str = "en",
    **changes: str,
) -> Mention:
    encoding = Encoding(
        model=changes.get("model", "m-1"),
        language=language,
        vector=(vector / np.linalg.norm(vector)).astype("<f2").tobytes(),
    )
    author = Author(id=changes.get("author", f"author{number}"))
    return Mention(
        id=f"{number}", channel="x", at=START + timedelta(minutes=number), text=text, author=author, encoding=encoding
    )


def words(number: int) -> str:
    return " ".join(f"word{number}x{each}" for each in range(8))


def sound(numbers: range, language: str = "en") -> Iterator[Mention]:
    """Texts that share no words, and that the model tells apart."""
    return (said(number, words(number), DICE.normal(size=DIMENSIONS), language=language) for number in numbers)


def alike(numbers: range, likeness: float, language: str = "en") -> Iterator[Mention]:
    """Texts that share no words, and of which any two have about this cosine."""
    common, own = np.zeros(DIMENSIONS), DICE.normal(size=(len(numbers), DIMENSIONS))
    common[0] = np.sqrt(likeness)
    own *= np.sqrt(1 - likeness) / np.linalg.norm(own, axis=1, keepdims=True)
    return (
        said(number, words(number), common + each, language=language) for number, each in zip(numbers, own, strict=True)
    )


def one_story(numbers: range) -> Iterator[Mention]:
    """Texts that tell the same in much the same words, by different people."""
    for number in numbers:
        chosen = DICE.permutation([f"story{each}" for each in range(10)])[:7]
        vector = np.eye(DIMENSIONS)[1] + 0.3 * DICE.normal(size=DIMENSIONS) / 8
        yield said(number, " ".join([*chosen, f"own{number}"]), vector)


def compared(mentions: Iterator[Mention], drift: Drift) -> list[bool]:
    """Of each, whether it may be compared by its vector."""
    return [drift.as_compared(hear(mention)).space != LETTERS for mention in mentions]


def calibration(**changes: object) -> Calibration:
    spread = Spread(median=0.1, p99=0.35, p995=0.4)
    known: dict[str, Any] = {
        "model": "m-1",
        "dimensions": DIMENSIONS,
        "language": "en",
        "texts": 2000,
        "pairs": 90_000,
        "dense": spread,
        "compared": spread,
        "directions": 100.0,
    }
    return Calibration(**(known | changes))


def told(mentions: Sequence[Mention], context: MonitorContext | None = None) -> list[Detection]:
    detector = VectorDrift(context or MonitorContext(), VectorDrift.Params())
    found: list[Detection] = []
    for mention in mentions:
        detector.observe(mention)
        found += detector.advance(mention.at)
    return [*found, *detector.advance(START + timedelta(days=30))]


def test_a_model_that_tells_nothing_apart_any_more_is_found_out_within_some_hundred_texts() -> None:
    drift = Drift((), {})
    assert all(compared(sound(range(500)), drift))
    trusted = compared(alike(range(500, 1000), 0.95), drift)
    assert 50 <= trusted.index(False) <= 300
    assert not any(trusted[300:])


@pytest.mark.parametrize("likeness", [0.56, 0.62, 0.64])
def test_languages_that_an_english_model_does_not_know_are_found_out_from_the_start(likeness: float) -> None:
    """The median cosines of unrelated Japanese, Korean and Arabic texts to it."""
    trusted = compared(alike(range(300), likeness, "ja"), Drift((), {}))
    assert trusted.index(False) == FEWEST


@pytest.mark.parametrize("likeness", [0.25, 0.3, 0.37])
def test_a_monitor_about_one_subject_is_no_drift(likeness: float) -> None:
    assert all(compared(alike(range(3000), likeness), Drift((), {})))


def test_one_loud_story_is_no_drift_even_where_all_tell_it() -> None:
    drift = Drift((), {})
    assert all(compared(sound(range(300)), drift))
    assert all(compared(one_story(range(300, 2000)), drift))


def test_each_language_is_watched_alone() -> None:
    drift = Drift((), {})
    for english, korean in zip(sound(range(0, 400, 2)), alike(range(1, 401, 2), 0.7, "ko"), strict=True):
        drift.as_compared(hear(english))
        drift.as_compared(hear(korean))
    assert drift.adrift() == {"ko"}


def test_a_model_that_is_well_again_is_trusted_again() -> None:
    drift = Drift((), {})
    compared(alike(range(200), 0.9), drift)
    trusted = compared(sound(range(200, 400)), drift)
    assert not any(trusted[: WINDOW // 3])
    assert all(trusted[WINDOW:])


def test_it_does_not_go_to_and_fro_at_the_limit() -> None:
    drift = Drift((), {})
    limit = drift.limit("m-1/64|en")
    trusted = compared(alike(range(4000), limit), drift)
    assert sum(one is not other for one, other in pairwise(trusted)) <= 1


def test_what_is_usual_of_a_model_is_what_was_calibrated() -> None:
    compressed = calibration(dense=Spread(median=0.75, p99=0.85, p995=0.87))
    assert all(compared(alike(range(400), 0.76), Drift((compressed,), {})))
    assert not all(compared(alike(range(400), 0.95), Drift((compressed,), {})))


def test_a_language_or_a_model_without_a_calibration_is_compared_by_its_letters() -> None:
    drift = Drift((calibration(),), {})
    assert all(compared(sound(range(5)), drift))
    assert not any(compared(sound(range(5), "de"), drift))
    other = said(1, words(1), DICE.normal(size=DIMENSIONS), model="m-2")
    assert not any(compared(iter([other]), drift))


@pytest.mark.parametrize("parts", [(np.nan, np.nan), (np.inf, 0.0), (np.inf, -np.inf), (0.0, 0.0)])
def test_vectors_that_are_no_numbers_count_as_all_alike(parts: tuple[float, float]) -> None:
    encodings = [Encoding(model="m-1", language="en", vector=np.full(8, part, "<f2").tobytes()) for part in parts]
    broken = [structs.replace(said(n, words(n), np.ones(DIMENSIONS)), encoding=encodings[n % 2]) for n in range(100)]
    assert not all(compared(iter(broken), Drift((), {})))


def test_no_more_than_32_languages_are_watched() -> None:
    drift = Drift((), {})
    for number in range(100):
        drift.as_compared(hear(said(number, words(number), DICE.normal(size=DIMENSIONS), language=f"l{number}")))
    assert len(drift.watched) == 32
    assert "m-1/64|l99" in drift.watched


def test_texts_are_related_where_they_share_words_of_any_script() -> None:
    one, other = words_of("The census office sells our answers"), words_of("Our answers: sold by the census office!")
    assert are_related(one, other)
    assert not are_related(one, words_of("It rains again in every mountain village"))
    assert are_related(words_of("国勢調査の回答が売られる"), words_of("国勢調査の回答は秘密です"))
    assert not are_related(words_of("国勢調査の回答が売られる"), words_of("明日は雨でしょう"))


def test_those_who_run_the_system_are_told_once_an_hour_while_it_lasts() -> None:
    found = told([*sound(range(200)), *alike(range(200, 600), 0.95), *sound(range(600, 900))])
    assert len({(each.subject, each.starts_at) for each in found}) == 1
    assert 4 <= len(found) <= 7
    assert all(each.effects == (Effect.OPERATIONS,) for each in found)
    first = found[0]
    assert START + timedelta(minutes=250) <= first.at <= START + timedelta(minutes=500)
    assert "The model m-1 no longer tells texts in en apart" in first.evidence.summary
    assert "where 0.09 is usual" in first.evidence.summary


def test_no_more_is_remembered_of_what_was_told_than_of_what_is_watched() -> None:
    detector = VectorDrift(MonitorContext(), VectorDrift.Params())
    for number in range(40):
        for mention in alike(range(number * 60, number * 60 + 60), 0.95, language=f"l{number}"):
            detector.observe(mention)
            detector.advance(mention.at)
    assert len(detector.state.watched) == 32
    assert 0 < len(detector.state.telling) <= 33


def test_nothing_is_told_of_a_sound_model_or_of_texts_without_vectors() -> None:
    plain = [Mention(id=f"p{each}", channel="x", at=START, text=words(each)) for each in range(200)]
    assert told([*sound(range(1000)), *plain]) == []


def test_narratives_of_a_language_adrift_are_found_by_letters_and_say_so() -> None:
    """Else all that is said in it would become one narrative: as it does until the drift is found."""
    detector = NarrativeDetector(MonitorContext(), NarrativeDetector.Params())
    found: list[Detection] = []
    copies = [said(3000 + each, f"Nobody counts the ships of the harbour, they say {each}", np.ones(DIMENSIONS))
              for each in range(150)]  # fmt: skip
    for mention in [*sound(range(2000)), *alike(range(2000, 2500), 0.95), *copies]:
        detector.observe(mention)
        found += detector.advance(mention.at)
    found += detector.advance(START + timedelta(days=5))
    [story] = [each for each in found if "ships" in each.evidence.exemplars[0].text][:1]
    assert detector.state.narratives[story.subject].space == LETTERS
    assert any("all texts of a language of it look alike" in each for each in story.evidence.unknown)


def test_what_is_said_of_a_narrative_is_what_was_known_when_it_was_told_however_many_come_at_once() -> None:
    """Also where the model is trusted again a few mentions later."""
    copies = [said(3000 + each, f"Nobody counts the ships of the harbour, they say {each}", np.ones(DIMENSIONS))
              for each in range(64)]  # fmt: skip
    sane = [structs.replace(each, id=f"s{each.id}") for each in sound(range(3025, 3145))]
    mentions = [*sound(range(110)), *alike(range(2000, 2200), 0.95)]
    mentions += sorted([*copies, *sane], key=lambda each: (each.at, each.id))

    def told(at_once: int) -> list[Detection]:
        detector = NarrativeDetector(MonitorContext(), NarrativeDetector.Params())
        found: list[Detection] = []
        for number, mention in enumerate(mentions):
            detector.observe(mention)
            found += detector.advance(mention.at) if number % at_once == 0 else ()
        return [*found, *detector.advance(START + timedelta(days=5))]

    assert told(1) == told(1000)


def test_hearing_it_again_from_saved_state_changes_nothing() -> None:
    mentions: list[Heard] = [hear(each) for each in [*sound(range(90)), *alike(range(90, 260), 0.9)]]
    steady = Drift((), {})
    one = [steady.as_compared(each).space for each in mentions]
    watched = Drift((), {}).watched
    other = [Drift((), watched).as_compared(each).space for each in mentions]
    assert one == other
    assert steady.watched == watched
