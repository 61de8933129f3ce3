"""Mentions find their wordings and narratives by their letters and their vectors, in bounded memory."""

from collections.abc import Sequence
from datetime import timedelta
from time import process_time
from typing import Any

import numpy as np
import pytest

from detectors.narratives.clustering.gathering import Gathering, Placed
from detectors.narratives.clustering.lexical import letter_terms
from detectors.narratives.clustering.regrouping import regroup
from detectors.narratives.clustering.space import Thresholds
from detectors.narratives.state import LETTERS, Heard, NarrativeState
from tests.detectors.stories_in_space import START


def heard(number: int, text: str, **changes: Any) -> Heard:
    known: dict[str, Any] = {
        "id": f"m{number}",
        "at": START + timedelta(seconds=number),
        "channel": "x",
        "language": "en",
        "author": f"a{number}",
    }
    return Heard(text=text, **(known | changes))


def take_in(gathering: Gathering, mentions: Sequence[Heard], at_once: int = 64) -> list[Placed]:
    placed: list[Placed] = []
    for first in range(0, len(mentions), at_once):
        placed += gathering.take_in(mentions[first : first + at_once])
    return placed


def said(number: int) -> str:
    """Nothing that was said before."""
    return " ".join(f"word{number * 9 + place}x" for place in range(9))


def test_wordings_are_bounded_and_those_that_were_heard_once_and_longest_ago_go_first() -> None:
    gathering = Gathering(NarrativeState())
    twice = take_in(gathering, [heard(0, said(0)), heard(1, said(0))])[0].wording
    for first in range(2, 2002, 200):
        take_in(gathering, [heard(number, said(number)) for number in range(first, first + 200)])
        regroup(gathering, START + timedelta(seconds=first + 200), timedelta(days=3), most=300)
        assert len(gathering.state.wordings) <= 300
    kept = sorted(gathering.state.wordings.values(), key=lambda each: each.number)
    assert len(kept) == len(gathering.state.narratives) == 300
    assert kept[0] is twice
    assert {each.sample.mention_id for each in kept[1:]} == {f"m{number}" for number in range(1703, 2002)}
    assert take_in(gathering, [heard(3000, said(5))])[0].wording not in kept, "what was forgotten is not known"


def test_a_text_with_the_wording_of_its_mention_can_be_followed_to_its_last_narrative() -> None:
    gathering = Gathering(NarrativeState())
    texts = ["the mayor of the town has sold the old harbour to a foreign bank", said(7), "ok"]
    placed = take_in(gathering, [heard(number, text) for number, text in enumerate(texts)])
    assert placed[2] == Placed(None, None)
    one, other = placed[0], placed[1]
    assert one.wording is not None
    assert one.narrative is not None
    assert other.narrative is not None
    assert one.wording.narrative == one.narrative.id != other.narrative.id
    regroup(gathering, START + timedelta(days=4), timedelta(days=3))
    assert not gathering.state.narratives
    assert one.wording.narrative == one.narrative.id, "when it is forgotten, its last narrative stays"


def test_thresholds_are_those_of_a_language() -> None:
    strict = {f"{LETTERS}|de": Thresholds(same_narrative=0.99, same_wording=0.99, cut=0.99)}
    texts = [f"the mayor of the town has sold the old harbour to a {who} bank" for who in ("foreign", "local")]
    for language, narratives in (("en", 1), ("de", 2)):
        gathering = Gathering(NarrativeState(), strict)
        take_in(gathering, [heard(number, text, language=language) for number, text in enumerate(texts)])
        regroup(gathering, START, timedelta(days=3))
        assert len(gathering.state.narratives) == narratives


@pytest.mark.parametrize("text", ["", "ok", "!!!", "😀" * 50, "😀 😀 😀 👍", "a", "https://x.example/1"])
def test_what_says_nothing_belongs_nowhere(text: str) -> None:
    gathering = Gathering(NarrativeState())
    vector = np.full(384, 384**-0.5, "<f2").tobytes()
    mentions = [heard(0, text), heard(1, text, space="model/384", vector=vector)]
    assert take_in(gathering, mentions) == [Placed(None, None)] * 2
    assert not gathering.state.wordings


def test_a_vector_of_what_is_no_number_does_no_harm() -> None:
    gathering = Gathering(NarrativeState())
    bad = [np.full(8, value, "<f2").tobytes() for value in (np.nan, np.inf, -np.inf, 60_000.0, 0.0)]
    placed = take_in(gathering, [heard(n, said(n), space="model/8", vector=vector) for n, vector in enumerate(bad)])
    assert all(each.narrative is not None for each in placed)
    regroup(gathering, START, timedelta(days=3))
    assert len(gathering.state.wordings) == len(bad)


def test_the_same_text_again_costs_no_search() -> None:
    gathering = Gathering(NarrativeState())
    texts = [heard(number, "people say that the census office sells all answers") for number in range(5_100)]
    take_in(gathering, texts[:100])
    started = process_time()
    take_in(gathering, texts[100:])
    assert (process_time() - started) / 5_000 < 500e-6
    assert len(gathering.state.wordings) == 1


def test_texts_of_one_story_are_found_by_their_letters_in_any_script() -> None:
    assert letter_terms("東京で") == ["東", "京", "で", "東京", "京で"]
    assert letter_terms("서울 시") == ["서", "울", "서울", "시"]
    assert letter_terms("a cat") == ["a$", "cat$", " cat", "cat "]
    gathering = Gathering(NarrativeState())
    texts = ["東京で大きな地震がありました", "大きな地震が東京であったそうです", "この店のラーメンはとても美味しい"]
    one, other, third = take_in(gathering, [heard(number, text) for number, text in enumerate(texts)])
    assert one.narrative is other.narrative
    assert third.narrative is not one.narrative
