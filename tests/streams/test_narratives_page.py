"""What the page of a recording's narratives says beside its cards."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from alerting.alert import Severity
from detectors.detection import Detection, EarlierLife, Share, Signal, Turn
from streams.backtest.known import Known
from streams.backtest.run import Report
from streams.narratives.page import MOST_TOLD, MOST_UNTOLD, headline, page
from streams.narratives.survey import Survey, Surveyed
from tests.building import alert, claim, evidence, exemplar, time
from tests.streams.pages import Outline, outside


def told(number: int, **changes: Any) -> Surveyed:
    known_kind = {"subject": f"n-{number}", "kind": "unverified", "severity": Severity.CRITICAL}
    one = alert(detector="narrative", **(known_kind | changes))
    known = Known(alert=one, known_at=time("12:03"))
    return Surveyed(
        monitor="census", subject=one.subject, told=known, told_at=time("12:03"), began_at=time("11:50"), heard=None
    )


def heard(number: int) -> Surveyed:
    detection = Detection(
        detector="narrative", subject=f"h-{number}", kind="unverified", starts_at=time("11:50"), at=time("12:00"),
        level=1, score=0.3, evidence=evidence(),
    )  # fmt: skip
    return Surveyed(monitor="census", subject=detection.subject, told=None, heard=detection)


def survey(*narratives: Surveyed) -> Survey:
    report = Report(lines=900, mentions=900, matches=Counter({"census": 800}))
    report.first, report.last = time("2030-03-30T00:00:00"), time("2030-04-02T00:00:00")
    return Survey(report, narratives)


def test_what_the_page_leaves_out_is_said() -> None:
    many = survey(*map(told, range(MOST_TOLD + 9)), *map(heard, range(MOST_UNTOLD + 3)))
    html = page(many, "census.yaml over census.jsonl")
    assert headline(many) == "In 3 days 69 narratives would have been told."
    assert "57 more narratives: the first 48" in html
    assert "33 narratives that nobody was told of: the first 30" in html
    assert html.count("<article") == MOST_TOLD + MOST_UNTOLD


def test_where_all_is_shown_nothing_is_left_out() -> None:
    html = page(survey(told(1), heard(2)), "census.yaml over census.jsonl")
    assert "1 narrative that nobody was told of<" in html
    assert "more narrative" not in html


def hostile(text: str) -> str:
    """A page with the same text wherever somebody else may have written it."""
    foreign = evidence(
        f"{text}.",
        exemplars=(exemplar(text, role="typical", handle=text, channel=text, language=text),),
        channels=(text,),
        languages=(text,),
        shares=(Share(dimension="link", name=text, mentions=2),),
        signals=(Signal(name="authors", value=0.5, usual=0.2, text=text), Signal(name="spread", value=3, text=text)),
        turns=(Turn(at=time("11:55"), text=text),),
        earlier=EarlierLife(subject="n-9", first_at=time("11:00"), last_at=time("11:10"), mentions=1, likeness=0.8),
        claim=claim(claim=text, verdict=text, checked_by=text, answer=text, owner=text),
        counterfactual=text,
        unknown=(text,),
    )
    return page(survey(told(1, evidence=foreign)), text)


def test_no_text_of_a_recording_acts_on_the_page() -> None:
    assert Outline(hostile("x</p><script>alert(1)</script><b onclick=x>{{ 7*7 }}")).tags == Outline(hostile("x")).tags


@pytest.mark.parametrize("width", [320, 1200])
def test_nothing_overflows_in_a_real_browser(width: int, tmp_path: Path) -> None:
    long_word = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 4
    assert outside(hostile(f"{long_word} <img src=x onerror=alert(1)> 国勢調査 التعداد"), width, tmp_path) == []
