"""What people do about a story: it holds for everyone, once, and until the story is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerting.action import Action, ActionKind, Handling, Person, begun_anew, handled
from alerting.alert import Reason
from alerting.dispatcher import Dispatcher, DispatcherSettings
from alerting.handling_wording import handled_lines
from alerting.outcome import Suppression
from alerting.precision import Precision
from alerting.routes import Route
from tests.building import detection, evidence, story, time

NOON = datetime(2030, 4, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA = Person(id="slack:T1/U1", name="Ada")
BEN = Person(id="terminal:ben", name="Ben")


def action(kind: ActionKind = ActionKind.ACKNOWLEDGE, by: Person = ADA, **changes: Any) -> Action:
    known: dict[str, Any] = {"id": f"{kind}-{by.id}", "monitor": "census", "story": "s", "at": NOON}
    return Action(kind=kind, by=by, **(known | changes))


def after(*actions: Action, now: datetime = NOON) -> Handling:
    handling = Handling()
    for each in actions:
        handling = handled(handling, each, now)
    return handling


def test_who_acknowledges_first_stays() -> None:
    known = after(action(by=ADA), action(by=BEN))
    assert (known.acknowledged_by, known.acknowledged_at) == ("Ada", NOON)


def test_without_a_name_one_takes_it_on_oneself() -> None:
    assert after(action(ActionKind.ASSIGN)).assigned_to == "Ada"
    known = after(action(ActionKind.ASSIGN, assignee="Ben"))
    assert (known.assigned_to, known.assigned_by) == ("Ben", "Ada")


def test_a_mute_ends_by_stream_time_or_with_the_story() -> None:
    known = after(action(ActionKind.MUTE, length=HOUR, reason="the minister speaks"))
    assert known.is_muted(NOON + HOUR - timedelta(seconds=1))
    assert not known.is_muted(NOON + HOUR)
    for_good = after(action(ActionKind.MUTE))
    assert for_good.is_muted(NOON + 1000 * HOUR)
    assert not begun_anew(for_good).is_muted(NOON)
    assert not after(action(ActionKind.MUTE), action(ActionKind.UNMUTE)).is_muted(NOON)


def test_the_last_word_of_each_person_counts() -> None:
    known = after(
        action(ActionKind.USEFUL), action(ActionKind.NOT_USEFUL), action(ActionKind.NOT_USEFUL, BEN, reason="spam")
    )
    assert (known.useful, known.not_useful) == (0, 2)
    assert after(action(ActionKind.NOT_USEFUL), action(ActionKind.USEFUL)).useful == 1


def test_why_it_was_not_useful_is_shown_until_that_person_thinks_otherwise() -> None:
    spam, again = action(ActionKind.NOT_USEFUL, reason="spam"), action(ActionKind.NOT_USEFUL)
    satire = action(ActionKind.NOT_USEFUL, BEN, reason="satire · <!here>")

    def shown(*actions: Action) -> tuple[str, ...]:
        return handled_lines(story(handling=after(*actions)), NOON)

    assert shown(spam, again) == ("Judged not useful by 1 (spam)",)
    assert shown(spam, satire) == ("Judged not useful by 2 (spam; satire · <!here>)",)
    assert shown(spam, satire, action(ActionKind.USEFUL)) == ("Judged useful by 1, not useful by 1 (satire · <!here>)",)
    many = [action(ActionKind.NOT_USEFUL, Person(id=f"u{n}", name="U"), reason=f"why {n}") for n in range(9)]
    assert list(after(*many).reasons.values()) == [f"why {n}" for n in range(4, 9)]


def test_long_words_of_people_are_cut() -> None:
    known = after(action(ActionKind.MUTE, Person(id="u", name="n" * 1000), reason="r" * 10_000))
    assert known.mute is not None
    assert (len(known.mute.by), len(known.mute.reason)) == (80, 300)


def dispatcher() -> Dispatcher:
    monitor = Dispatcher(
        DispatcherSettings(
            monitor="census", organisation="Census Office", routes=(Route(receivers=("slack", "console")),)
        )
    )
    monitor.observe(detection(), time("12:05"))
    monitor.advance(time("12:05"))
    return monitor


def test_everybody_who_was_told_sees_what_somebody_did_at_once_and_once() -> None:
    monitor = dispatcher()
    (story,) = monitor.stories
    outcome = monitor.act(action(story=story.id))
    assert [(each.receiver, each.reason) for each in outcome.notifications] == [
        ("slack", Reason.HANDLED),
        ("console", Reason.HANDLED),
    ]
    assert {each.news for each in outcome.notifications} == {("acknowledged",)}
    assert [each.handling.acknowledged_by for each in outcome.stories] == ["Ada"]
    repeated = monitor.act(action(story=story.id))
    assert (repeated.notifications, repeated.suppressed) == ((), (Suppression.REPEATED,))
    assert monitor.advance(time("12:06")).notifications == ()


def test_a_reason_that_comes_after_its_verdict_is_told() -> None:
    monitor = dispatcher()
    (known,) = monitor.stories
    for number, reason in enumerate(("", "spam")):
        outcome = monitor.act(action(ActionKind.NOT_USEFUL, id=f"a{number}", story=known.id, reason=reason))
        assert {each.news for each in outcome.notifications} == {("judged",)}
    assert {handled_lines(each.story, NOON) for each in outcome.notifications} == {("Judged not useful by 1 (spam)",)}


def test_verdicts_are_counted_for_each_detector_and_outlive_the_story() -> None:
    monitor = dispatcher()
    (story,) = monitor.stories
    monitor.act(action(ActionKind.NOT_USEFUL, story=story.id))
    monitor.act(action(ActionKind.NOT_USEFUL, BEN, story=story.id))
    monitor.act(action(ActionKind.USEFUL, story=story.id))
    monitor.act(action(ActionKind.ACKNOWLEDGE, story=story.id))
    assert monitor.verdicts == (Precision(detector="volume_spike", useful=1, not_useful=1),)
    monitor.advance(time("12:05") + timedelta(days=3))
    assert monitor.stories == ()
    assert monitor.verdicts == (Precision(detector="volume_spike", useful=1, not_useful=1),)


def test_what_is_taken_back_is_told_too() -> None:
    monitor = dispatcher()
    (story,) = monitor.stories
    monitor.act(action(ActionKind.MUTE, story=story.id))
    outcome = monitor.act(action(ActionKind.UNMUTE, story=story.id))
    assert {each.news for each in outcome.notifications} == {("unmuted",)}


def test_an_action_on_a_story_that_is_not_remembered_changes_nothing() -> None:
    monitor = dispatcher()
    before = msgspec.msgpack.encode(monitor.state)
    assert monitor.act(action(story="gone")).suppressed == (Suppression.NO_STORY,)
    assert msgspec.msgpack.encode(monitor.state) == before


def test_a_story_that_comes_back_waits_for_somebody_anew() -> None:
    monitor = dispatcher()
    (story,) = monitor.stories
    monitor.act(action(story=story.id))
    monitor.act(action(ActionKind.ASSIGN, story=story.id))
    monitor.advance(time("15:05"))
    monitor.observe(detection(at=time("16:00"), starts_at=time("15:50"), evidence=evidence()), time("16:00"))
    (back,) = monitor.stories
    assert back.id == story.id
    assert (back.handling.acknowledged_by, back.handling.assigned_to) == (None, "Ada")


def test_all_survives_a_restart() -> None:
    monitor = dispatcher()
    (story,) = monitor.stories
    monitor.act(action(ActionKind.MUTE, story=story.id, length=HOUR))
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(monitor.state), type=Dispatcher.State)
    assert Dispatcher(monitor.settings, saved).stories == monitor.stories
