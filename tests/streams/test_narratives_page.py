"""What the page of a recording's narratives says beside its cards."""

from collections import Counter

from alerting.alert import Severity
from detectors.detection import Detection
from streams.backtest.known import Known
from streams.backtest.run import Report
from streams.narratives.page import MOST_TOLD, MOST_UNTOLD, headline, page
from streams.narratives.survey import Survey, Surveyed
from tests.building import alert, evidence, time


def told(number: int) -> Surveyed:
    one = alert(detector="narrative", subject=f"n-{number}", kind="unverified", severity=Severity.CRITICAL)
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
