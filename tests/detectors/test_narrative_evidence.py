from collections.abc import Sequence
from datetime import timedelta

from detectors.detection import Detection, Effect
from detectors.mention import Author, Encoding, Mention
from tests.detectors.talk import LATER, MINUTE, RUMOUR, START, chatter, hear, known, mention, rumour

WEEKS_LATER = LATER + timedelta(days=19)


def test_a_story_that_repeats_a_known_claim_says_so_and_carries_the_answer() -> None:
    found, _ = hear([*chatter(44), *rumour(20)], claims=(known(), known("Drones film every single house from above")))
    first = found[0]
    assert first.kind == "known_claim"
    assert first.evidence.mentions < 8, "a known claim needs only the authors"
    assert first.evidence.claim is not None
    assert first.evidence.claim.id == "sale"
    assert first.evidence.claim.answer == "It is not sold."
    assert Effect.KNOWN_CLAIM in first.effects


def test_texts_without_vectors_are_gathered_by_their_letters_and_told_with_that_caveat() -> None:
    text = "国勢調査の回答が保険会社に売られているらしい。本当なら許せない。"
    uncovered = Encoding(model="fake", language="ja", uncovered="language")
    told = [mention(f"{text}{'！' * (n % 3)}", LATER + n * MINUTE, f"j{n}", encoding=uncovered) for n in range(12)]
    other = [mention(other, LATER + n * MINUTE, f"o{n}", encoding=None) for n, other in enumerate((
        "今日は天気がとても良いので公園を散歩しました。", "駅前の新しいラーメン屋はいつも行列ができている。",
        "来週の会議の資料をまだ準備していません。"))]  # fmt: skip
    found, detector = hear([*chatter(44), *told, *other])
    assert len(found) == 1
    assert "letters only" in found[0].evidence.summary
    assert any("letters only" in each for each in found[0].evidence.unknown)
    assert len([each for each in detector.state.narratives.values() if each.space == "letters"]) == 4


def exemplar_roles(found: Sequence[Detection]) -> set[str]:
    return {each.role for each in found[-1].evidence.exemplars}


def test_the_evidence_shows_first_typical_widest_newest_and_most_different() -> None:
    star = mention(f"{RUMOUR} dear followers", LATER + 5 * MINUTE, "star", author=Author(id="star", followers=500_000))
    odd = [mention(f"{RUMOUR} therefore burn letters tonight everywhere", LATER + n * MINUTE, f"o{n}") for n in (3, 4)]
    found, _ = hear([*chatter(44), *rumour(33), star, *odd])
    assert {"first", "newest", "widest reach"} <= exemplar_roles(found)
    assert Effect.WIDE_REACH in found[-1].effects
    assert all(len(each.evidence.timeline) <= 20 for each in found)
    assert "would have stayed quiet below 8 mentions" in found[0].evidence.counterfactual


def counterfactual(mentions: list[Mention]) -> str:
    found, _ = hear([*chatter(44), *mentions])
    return found[0].evidence.counterfactual


def test_the_counterfactual_names_what_asked_for_so_many() -> None:
    assert counterfactual(rumour(20)) == (
        "It would have stayed quiet below 8 mentions in 6 hours, or with fewer than 5 authors."
    )
    everyday = counterfactual(rumour(60, text="How do I fill in the form online"))
    assert "well above the" in everyday
    assert "usual for it" in everyday
    found, _ = hear([*chatter(44), *rumour(20)], claims=(known(),))
    assert found[0].evidence.counterfactual == (
        "It would have stayed quiet with fewer than 5 authors; without the match, below 8 mentions in 6 hours."
    )


def test_the_counterfactual_is_true_one_mention_or_one_author_less_is_not_told() -> None:
    assert hear([*chatter(44), *rumour(8)])[0]
    assert not hear([*chatter(44), *rumour(7)])[0]
    four = [mention(f"{RUMOUR} number {n}", LATER + n * MINUTE, f"r{n % 4}") for n in range(40)]
    assert not hear([*chatter(44), *four])[0]


def test_the_most_typical_is_the_wording_that_most_mentions_are_close_to() -> None:
    common = "Insurance brokers secretly bought census answers again"
    said = [mention(f"{common} voice{n}", LATER + (5 + n) * MINUTE, f"v{n}") for n in range(20)]
    found, _ = hear([*chatter(44), *rumour(3), *said])
    by_role = {each.role: each.text for each in found[-1].evidence.exemplars}
    assert by_role["first"].startswith(RUMOUR)
    assert by_role["typical"].startswith(common)


def test_a_narrative_that_comes_back_is_told_with_its_earlier_life() -> None:
    again = rumour(20, WEEKS_LATER)
    between = [*chatter(44), *chatter(24 * 17, each_hour=0.2, start=START + timedelta(days=3), seed=5)]
    found, _ = hear([*between, *rumour(20), *again])
    first, came_back = (
        [each for each in found if each.at < WEEKS_LATER],
        [each for each in found if each.at >= WEEKS_LATER],
    )
    assert first[0].evidence.earlier is None
    assert came_back[0].subject != first[0].subject
    earlier = came_back[0].evidence.earlier
    assert earlier is not None
    assert (earlier.subject, earlier.first_at, earlier.mentions) == (first[0].subject, LATER, 20)
    assert "it came back: heard of first 19 days ago, 20 mentions then" in came_back[0].evidence.summary


def test_another_story_is_no_earlier_life_and_the_first_of_several_lives_is_kept() -> None:
    other = "Enumerators break windows and steal parcels from porches"
    times = [LATER + timedelta(days=15 * number) for number in range(3)]
    calm = chatter(24 * 40, each_hour=0.2)
    lives = [each for at in times for each in rumour(12, at)]
    found, _ = hear([*calm, *lives, *rumour(12, times[1] + timedelta(days=5), text=other)])
    told = {each.starts_at: each for each in found}
    about_other = [each for each in told.values() if "Enumerators" in each.evidence.exemplars[0].text]
    assert about_other
    assert about_other[0].evidence.earlier is None
    third = told[times[2]].evidence.earlier
    assert third is not None
    assert third.first_at == times[0]


def test_a_narrative_by_letters_is_known_again_too() -> None:
    text = "国勢調査の回答が保険会社に売られているらしい。本当なら許せない。"
    uncovered = Encoding(model="fake", language="ja", uncovered="language")
    told = [
        mention(f"{text}{n}", at + n * MINUTE, f"j{n}", encoding=uncovered)
        for at in (LATER, WEEKS_LATER)
        for n in range(12)
    ]
    found, _ = hear([*chatter(24 * 17, each_hour=0.2), *told])
    assert found[-1].evidence.earlier is not None
    assert found[-1].evidence.by_letters == found[-1].evidence.mentions


def test_the_links_that_several_carry_are_shown() -> None:
    links = ("https://www.example.org/leak?utm_source=x#top", "http://example.org/leak")
    shared = [
        mention(f"{RUMOUR} says person{n}", LATER + n * MINUTE, f"r{n}", links=links[n % 2 : n % 2 + 1])
        for n in range(16)
    ]
    found, _ = hear([*chatter(44), *shared])
    [link] = [each for each in found[-1].evidence.shares if each.dimension == "link"]
    assert (link.name, link.mentions) == ("example.org/leak", 16)


def test_of_what_nobody_was_told_it_says_what_was_lacking_and_not_what_would_have_kept_it_quiet() -> None:
    early = rumour(14, START + MINUTE, text="Surveyors paint every second door blue at night")
    few = rumour(6)
    found, detector = hear([*chatter(44), *early, *few])
    assert found == []
    said = {each.evidence.exemplars[0].text[:9]: each.evidence.counterfactual for each in detector.survey()}
    assert said[RUMOUR[:9]] == "It would have been told from 8 mentions in 6 hours on, by 5 authors or more."
    assert (
        said["Surveyors"] == "It was heard in the first 24 hours, which teach what is usual: nothing is told in them."
    )
    [told] = hear([*chatter(44), *rumour(8)])[0]
    assert told.evidence.counterfactual == (
        "It would have stayed quiet below 8 mentions in 6 hours, or with fewer than 5 authors."
    )
