from alerting import wording
from alerting.alert import Reason, Severity, State
from alerting.refusal import Refusal, told_to
from detectors.detection import Audience
from tests.building import time

REVOKED = Refusal(since=time("12:00"), why="The bot token was revoked: set a new one.", waiting=4)


def test_it_names_the_receiver_the_remedy_and_what_waits() -> None:
    told = told_to(REVOKED, "press", "on-call", "Census Office")
    assert (told.receiver, told.reason, told.route) == ("on-call", Reason.FIRST, "")
    assert (told.story.severity, told.story.audience) == (Severity.CRITICAL, Audience.OPERATIONS)
    assert "press" in wording.title(told.story)
    assert "set a new one. 4 messages waited for it then, and nothing is lost" in wording.why_now(told.story)
    assert "Do what is said above." in wording.next_step(told.story)
    assert "Mentions" not in dict(wording.facts(told.story))


def test_it_is_over_in_the_same_story() -> None:
    first = told_to(REVOKED, "press", "on-call", "Census Office")
    ended = Refusal(since=REVOKED.since, why=REVOKED.why, is_told=True, over_at=time("13:00"))
    over = told_to(ended, "press", "on-call", "Census Office")
    assert (over.reason, over.story.state, over.story.id) == (Reason.RESOLVED, State.RESOLVED, first.story.id)
    assert over.id != first.id
    assert "after 1 h." in wording.why_now(over.story)


def test_another_time_is_another_story_and_the_same_always_has_the_same_id() -> None:
    first, again = (told_to(REVOKED, "press", "on-call", "Census Office") for _ in range(2))
    later = told_to(Refusal(since=time("15:00"), why=REVOKED.why), "press", "on-call", "Census Office")
    assert first.id == again.id
    assert later.story.id != first.story.id
