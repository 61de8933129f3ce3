"""Letters written from right to left draw no number of ours into what they are quoted in (Unicode Annex 9)."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from alerting import wording
from alerting.alert import Reason
from alerting.email_message import subject
from alerting.phrases import headline, sentence
from alerting.plain_text import literal
from alerting.slack_markup import inert
from alerting.story import headline as made
from tests.building import alert, claim, evidence, exemplar, notification, story

FSI, PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
HEBREW, ARABIC = "בדיקה של טענה", "سمعت أن مكتب"
_right_to_left = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}]")


def outside_of_isolates(text: str) -> str:
    return regex.sub(rf"{FSI}[^{FSI}{PDI}]*{PDI}", "", text)


@pytest.mark.parametrize("said", [HEBREW, ARABIC, f"{HEBREW} ” {ARABIC}", f"“{HEBREW}"])
def test_the_count_behind_a_quotation_stays_behind_it(said: str) -> None:
    of = alert(subject="n1", evidence=evidence(exemplars=(exemplar(said),), claim=None))
    told = story(headline=made(of), alerts=(of,))
    shown = [wording.title(told), subject(told), wording.turn(notification(Reason.FIRST, headline=made(of)))]
    for line in shown:
        assert not _right_to_left.search(outside_of_isolates(line))
        assert f"{PDI}” · 252 mentions" in line
        assert literal(line) == literal(line.replace(FSI, "").replace(PDI, ""))


def test_a_claim_and_its_verdict_stand_apart() -> None:
    matched = claim(claim=HEBREW, verdict="97 von 100")
    told = wording.turn(notification(Reason.CHANGED, alerts=(alert(evidence=evidence(claim=matched)),)))
    assert f"“{FSI}{HEBREW}{PDI}” 97 von 100" in told
    assert not _right_to_left.search(outside_of_isolates(told))


def test_what_is_written_from_left_to_right_stays_as_it_is() -> None:
    assert sentence("“They sell it” · 5 mentions") == "“They sell it” · 5 mentions"
    assert headline("nothing quoted") == "nothing quoted"


@given(st.text(st.sampled_from(f"“”{FSI}{PDI}aא1 ·"), max_size=30))
def test_every_isolate_ends(text: str) -> None:
    for shown in (sentence(text), headline(text)):
        assert shown.count(FSI) == shown.count(PDI) <= 1
        assert shown.find(FSI) <= shown.find(PDI)


def test_slacks_plain_text_keeps_the_ends_of_quotations_too() -> None:
    line = inert(f"Critical: census: “{HEBREW}” · 252 mentions", 150)
    assert not _right_to_left.search(outside_of_isolates(line))
    assert line.count(FSI) == line.count(PDI) == 1
