"""What is said of a story, in words, for every receiver."""

from datetime import date

from alerting import wording
from alerting.action import Handling
from alerting.alert import Reason, Severity, State
from alerting.handling_wording import handled_lines
from detectors.detection import EarlierLife, Effect, Share, Turn
from tests.building import alert, claim, evidence, exemplar, notification, story, time


def told(*shares: Share) -> tuple[str, ...]:
    return wording.growth(story(alerts=(alert(evidence=evidence(shares=shares)),)))


def test_what_makes_a_rise_is_one_line_for_each_dimension_with_what_is_usual() -> None:
    assert told(
        Share(dimension="channel", name="reddit", mentions=1180, usual=3.24),
        Share(dimension="channel", name="x", mentions=40, usual=12.0),
        Share(dimension="language", name="fr", mentions=90, usual=0.0),
        Share(dimension="term", name="#leak", mentions=300, usual=0.04),
        Share(dimension="term", name="sold", mentions=290, usual=0.0),
        Share(dimension="link", name="leak.example/story", mentions=40, usual=1.0),
        Share(dimension="author", name="ada.example", mentions=40, usual=0.0),
    ) == (
        "Channels: reddit 1,180 (usual 3.2), x 40 (usual 12)",
        "Languages: French 90 (usual 0)",
        "Words: #leak 300, sold 290 (usual 0)",
        "Links: leak.example/story 40 (usual 1)",
        "Accounts: ada.example 40 (usual 0)",
    )


def test_parts_of_the_newest_mentions_only_are_told_as_such() -> None:
    def heading(of: int | None) -> str:
        return wording.growth_heading(story(alerts=(alert(evidence=evidence(shares_of=of)),)))

    assert heading(None) == "What makes the rise"
    assert heading(91) == "What makes the rise, in its newest 91 mentions"


def test_the_largest_parts_are_not_told_as_what_makes_a_rise_where_nothing_is_known_to_be_usual() -> None:
    assert told(Share(dimension="channel", name="reddit", mentions=1180)) == ()
    assert told() == ()
    assert wording.growth(story(alerts=())) == ()


def test_names_of_parts_are_cut_and_made_literal_and_look_alike_hosts_are_shown_as_such() -> None:
    (words, links) = told(
        Share(dimension="term", name="a\x1b[31m\u202eb" + "c" * 100, mentions=3, usual=0.0),
        Share(dimension="link", name="аррӏе.example/login", mentions=3, usual=0.0),
    )
    assert words.startswith("Words: a[31mbccc")
    assert len(words) < 90
    assert links.startswith("Links: xn--")


def test_mentions_are_told_as_a_multiple_of_what_is_usual() -> None:
    def mentions(count: int, usual: float | None) -> str:
        return dict(wording.facts(story(alerts=(alert(evidence=evidence(mentions=count, usual=usual)),))))["Mentions"]

    assert mentions(480, 65.0) == "480, 7 times the usual 65"
    assert mentions(130, 65.0) == "130, 2 times the usual 65"
    assert mentions(170, 65.0) == "170, 2.6 times the usual 65"
    assert mentions(12, 0.4) == "12 (usual 0.4)"
    assert mentions(60, 65.0) == "60 (usual 65)"
    assert mentions(60, None) == "60"


def test_before_anyone_answers_few_accounts_they_are_looked_at() -> None:
    few = alert(effects=(Effect.COORDINATED,), severity=Severity.WARNING)
    assert wording.next_step(story(alerts=(few,))).startswith("Look at the accounts first")
    answered = alert(effects=(Effect.COORDINATED,), evidence=evidence(claim=claim()))
    assert wording.next_step(story(alerts=(answered,))).startswith("Give the approved answer")
    assert wording.next_step(story(alerts=(alert(),))).startswith("Read what is said")
    carried_far = alert(effects=(Effect.COORDINATED, Effect.WIDE_REACH))
    assert wording.next_step(story(alerts=(carried_far,))).startswith("Look at the accounts first")


def test_a_claim_is_told_with_who_checked_it_when_how_sure_it_is_and_why() -> None:
    checked = claim(checked_on=date(2026, 3, 2), why=("close in meaning (cosine 0.83)", "shares the numbers 63"))
    assert wording.claim_verdict(checked) == (
        "No evidence, says Example Fact Check, 02 Mar 2026 (97 % sure that it is this claim) "
        "· factcheck.example/census-sale"
    )
    assert wording.claim_why(checked) == "Why: close in meaning (cosine 0.83); shares the numbers 63"
    assert wording.claim_why(claim(why=())) == ""
    assert wording.claim_verdict(claim(url=None)).endswith("says Example Fact Check (97 % sure that it is this claim)")
    assert wording.claim_heading(claim(certain=False)) == "Possibly matches a fact-checked claim"


def test_what_few_began_and_many_carry_on_is_no_longer_about_few() -> None:
    crowd = alert(effects=(Effect.COORDINATED,), severity=Severity.CRITICAL)
    assert wording.next_step(story(alerts=(crowd,))).startswith("Read what is said")


def test_what_became_of_a_story_is_told_with_what_it_was_before() -> None:
    turn = Turn(at=time("12:30"), text="It took in a narrative of 14 mentions, told of since 12:10.")
    earlier = EarlierLife(subject="n-1", first_at=time("08:00"), last_at=time("09:00"), mentions=41, likeness=0.9)
    told = wording.history(story(alerts=(alert(evidence=evidence(turns=(turn,), earlier=earlier)),)))
    assert told == (
        "Told before: 41 mentions from 01 Apr 08:00 UTC to 01 Apr 09:00 UTC",
        "01 Apr 12:30 UTC: It took in a narrative of 14 mentions, told of since 12:10.",
    )


def test_the_sentence_below_a_headline_does_not_repeat_its_numbers() -> None:
    summary = "252 mentions by 204 authors in 1 h 22 min: a narrative that matches a fact-checked claim; it is new."
    narrative = alert(detector="narrative", subject="n1", evidence=evidence(summary))
    firing = story(headline="census: “It is so” · 252 mentions by 204 authors in 1 h 22 min", alerts=(narrative,))
    assert wording.beyond_title(firing) == "A narrative that matches a fact-checked claim; it is new."
    assert wording.why_now(firing) == summary
    assert wording.beyond_title(story(headline="census: something else", alerts=(narrative,))) == summary


def test_a_further_narrative_of_a_story_comes_with_an_example_of_it() -> None:
    (other,) = wording.others(story())
    assert other.startswith("A narrative grew from 4 to 90 mentions in 15 minutes. “")
    assert "国勢調査の回答が保険会社に売られるらしい。" in other
    first = evidence("5 mentions.", exemplars=(exemplar("They ask for a PIN.", role="first"),))
    of_one = story(alerts=(alert(), alert(subject="n1", detector="narrative", evidence=first)))
    assert wording.others(of_one) == ["5 mentions. “They ask for a PIN.”"]
    assert wording.others(story(alerts=(alert(), alert()))) == ["118 mentions in 5 minutes, where 13 are usual."]


def test_the_count_of_a_rise_is_not_told_as_that_of_the_whole_story() -> None:
    over = {"state": State.RESOLVED, "resolved_at": time("14:20")}
    rise, narrative = alert(**over), alert(detector="narrative", subject="n1", **over)
    told = wording.why_now(story(state=State.RESOLVED, alerts=(rise,)))
    assert told.endswith("Last: 118 mentions in 5 minutes, where 13 are usual, at most 118 in 5 min.")
    assert wording.beyond_title(story(state=State.RESOLVED, alerts=(rise,))) == told
    told = wording.why_now(story(state=State.RESOLVED, alerts=(narrative,)))
    assert told.endswith("In all 252 mentions by 204 authors, at most 118 in 5 min.")


def test_a_doubling_says_of_what() -> None:
    rise = alert(evidence=evidence("415 mentions in 3 hours, 6 times the 66 usual at this hour.", mentions=415))
    told = notification(Reason.DOUBLED, alerts=(alert(subject="n1", detector="narrative"), rise))
    assert wording.turn(told) == "Doubled: 415 mentions in 3 hours, 6 times the 66 usual at this hour."
    said = evidence(
        "64 mentions by 6 authors in 23 minutes: a narrative that is posted as if by arrangement; it is new."
    )
    told = notification(Reason.DOUBLED, alerts=(alert(subject="n1", detector="narrative", evidence=said),))
    assert wording.turn(told) == "Doubled: 64 mentions by 6 authors in 23 minutes"


def test_what_was_compared_by_letters_alone_is_said_with_its_number() -> None:
    facts = dict(wording.facts(story(alerts=(alert(evidence=evidence(by_letters=16)),))))
    assert facts["By letters only"] == "16: the model does not cover their language"


def test_a_story_of_life_safety_says_which_words_made_it_one() -> None:
    spoken = alert(effects=(Effect.HARM, Effect.OFFICIALS), severity=Severity.LIFE_SAFETY)
    told = notification(Reason.ESCALATED, severity=Severity.LIFE_SAFETY, alerts=(spoken,))
    assert wording.turn(told).startswith("Escalated to life safety, as many speak of harm: ")
    listed = "words of harm (organisation.harm) and words of officials (organisation.officials)"
    assert f"At least a tenth of the mentions held {listed}, which makes it more severe." in wording.why_fired(spoken)
    assert "a tenth" not in wording.why_fired(alert())


def test_a_turn_does_not_say_its_number_twice() -> None:
    said = alert(evidence=evidence("207 mentions in 1 hour, 10 times the 20 usual.", mentions=207))
    for reason, word in ((Reason.ESCALATED, "Escalated to critical"), (Reason.REOPENED, "Back again")):
        told = wording.turn(notification(reason, alerts=(said,)))
        assert told == f"{word}: 207 mentions in 1 hour, 10 times the 20 usual."
    told = wording.turn(notification(Reason.FIRST, alerts=(said,), headline="census: 207 mentions in 1 hour"))
    assert told == "Critical: census: 207 mentions in 1 hour"


def test_a_verdict_that_nobody_gave_is_not_told() -> None:
    def told(**verdicts: bool) -> tuple[str, ...]:
        return handled_lines(story(handling=Handling(verdicts=verdicts)), time("12:10"))

    assert told(ada=True) == ("Judged useful by 1",)
    assert told(ada=False, ben=False) == ("Judged not useful by 2",)
    assert told(ada=True, ben=False) == ("Judged useful by 1, not useful by 1",)
