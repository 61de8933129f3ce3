"""Every state of a Slack message, of its thread, its windows and its digests, beside the file that was approved.

Look at them: `python -m tests.block_kit_html tests/alerting/golden/slack_firing.json > page.html`.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from alerting.action import Handling, Mute
from alerting.alert import Gate, Hold, Notification, Reason, Severity, State, Story
from alerting.digest import composed, held_story
from alerting.slack_blocks import Shape, notification_message, turn_message
from alerting.slack_controls import Controls
from alerting.slack_digest import digest_message
from alerting.slack_windows import ask_why_mute, ask_why_not_useful, evidence
from tests.alerting.test_slack_blocks import ATTACKS
from tests.building import alert, claim, exemplar, notification, story, time
from tests.building import evidence as evidence_of
from tests.slack_block_rules import block_problem, too_long, view_problem
from tests.slack_markup_parser import acting_in_message

GOLDEN = Path(__file__).parent / "golden"
FULL = Shape(controls=Controls.FULL)
HANDLED = Handling(
    acknowledged_by="Ada",
    acknowledged_at=time("12:07"),
    assigned_to="Ben",
    assigned_by="Ada",
    mute=Mute(by="Ben", until=time("13:10"), reason="we answer at one o'clock"),
    verdicts={"slack:T1/U1": True, "slack:T1/U2": True, "slack:T1/U3": False},
)
QUIET = Hold(
    gate=Gate.QUIET_HOURS,
    why="quiet hours let only life safety through, and this is critical",
    until=time("2030-04-02T07:00"),
)


def spent(told: Notification, budget: str = "3 of 10 today") -> Notification:
    return replace(told, budget=budget)


BARE = alert(
    evidence=evidence_of(
        timeline=(),
        exemplars=(),
        signals=(),
        shares=(),
        unknown=(),
        channels=(),
        languages=(),
        authors=None,
        usual=None,
    )
)
HOSTILE = alert(
    evidence=evidence_of(
        exemplars=(exemplar("".join(ATTACKS[:20]), handle="<!here>", channel="*x*", url="javascript:alert(1)"),),
        claim=claim(certain=False, url="https://раураl.com/login", answer=None),
        channels=("<!everyone>", "evil.example"),
    )
)
OVER = (alert(state=State.RESOLVED, resolved_at=time("14:20")),)

STATES: Mapping[str, tuple[Notification, Shape]] = {
    "firing": (spent(notification()), FULL),
    "handled": (notification(Reason.HANDLED, told=2, handling=HANDLED, at="12:11"), FULL),
    "held": (replace(notification(Reason.ESCALATED, told=3), hold=QUIET), FULL),
    "over_budget": (
        replace(
            notification(Reason.REOPENED, told=3),
            hold=Hold(gate=Gate.BUDGET, why="10 of 10 today are spent"),
            budget="10 of 10 today",
        ),
        FULL,
    ),
    "plain": (notification(), Shape(chart=False, controls=Controls.PLAIN)),
    "without_buttons": (notification(), Shape()),
    "small": (spent(notification()), Shape(controls=Controls.FULL, budget_bytes=4_500)),
    "hostile": (
        notification(
            headline="Census <!channel> & *more*",
            alerts=(HOSTILE,),
            handling=Handling(acknowledged_by="<!here> *ada*", mute=Mute(by="@ben", until=None, reason="<!channel>")),
        ),
        FULL,
    ),
    "life_safety": (notification(severity=Severity.LIFE_SAFETY), FULL),
    "bare": (notification(severity=Severity.INFO, owner=None, alerts=(BARE,)), FULL),
    "resolved": (
        notification(
            Reason.RESOLVED, state=State.RESOLVED, alerts=OVER, handling=replace(HANDLED, mute=None), at="14:20"
        ),
        FULL,
    ),
}

NEWS: Mapping[Reason, tuple[str, ...]] = {
    Reason.CHANGED: ("claim:census-sale", "certain:census-sale"),
    Reason.SPREAD: ("channel:youtube", "language:ja"),
    Reason.HANDLED: ("acknowledged",),
    Reason.ESCALATED: ("channel:youtube", "claim:census-sale", "acknowledged"),
}


def approved(name: str, found: Any) -> None:
    """Set GROUNDSWELL_UPDATE_GOLDEN=1 to approve what is rendered now."""
    shown = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    file = GOLDEN / f"slack_{name}.json"
    if os.environ.get("GROUNDSWELL_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == shown


@pytest.mark.parametrize("name", STATES)
def test_messages_look_as_they_were_approved(name: str) -> None:
    message = notification_message(*STATES[name])
    shown = {"text": message.text, "blocks": list(message.blocks)}
    approved(name, shown)
    assert block_problem(list(message.blocks)) is None
    assert not too_long(list(message.blocks))
    assert acting_in_message(message.text, list(message.blocks)) == []


def test_the_lines_of_a_thread_look_as_they_were_approved() -> None:
    over: dict[str, Any] = {"state": State.RESOLVED, "alerts": OVER, "handling": HANDLED}
    said = [
        replace(notification(reason, told=1, **(over if reason is Reason.RESOLVED else {})), news=NEWS.get(reason, ()))
        for reason in Reason
        if reason not in (Reason.FIRST, Reason.MORE)
    ]
    handled = [replace(told, story=replace(told.story, handling=HANDLED)) for told in said]
    approved("thread", [turn_message(told).text for told in handled])
    for told in handled:
        message = turn_message(told)
        assert block_problem(list(message.blocks)) is None


def test_windows_look_as_they_were_approved() -> None:
    remembered = json.dumps(["census/5f0c9ab1d2e34455", "C0CENSUS", None])
    windows = {
        "window_mute": ask_why_mute(remembered),
        "window_not_useful": ask_why_not_useful(remembered),
        "window_more": evidence(story(handling=HANDLED)),
        "window_hostile": evidence(story(headline="<!channel>", alerts=(HOSTILE,))),
        "window_forgotten": evidence(None),
    }
    for name, view in windows.items():
        approved(name, view)
        assert view_problem(view) is None
        assert acting_in_message("", view["blocks"]) == []


def test_a_window_of_a_story_with_too_much_evidence_keeps_slacks_limits() -> None:
    long = "国勢調査の回答が売られる。" * 60
    shown = evidence_of(exemplars=tuple(exemplar(f"{long}{number}") for number in range(5)), unknown=(long,) * 9)
    crowded: Story = story(
        alerts=tuple(alert(subject=f"n-{number}", evidence=shown) for number in range(40)),
    )
    assert view_problem(evidence(crowded)) is None


def test_a_digest_looks_as_it_was_approved() -> None:
    held = [
        held_story(replace(notification(Reason.ESCALATED), hold=QUIET), time("23:10")),
        held_story(
            replace(notification(severity=Severity.WARNING, id="b"), hold=replace(QUIET, gate=Gate.BUDGET)),
            time("23:20"),
        ),
    ]
    digest = composed(
        held,
        route="press",
        receiver="comms",
        at=time("2030-04-02T07:00"),
        timezone="Europe/Berlin",
        spent="7 of 10",
    )
    message = digest_message(digest)
    shown = {"text": message.text, "blocks": list(message.blocks)}
    approved("digest", shown)
    assert block_problem(list(message.blocks)) is None
    assert acting_in_message(message.text, list(message.blocks)) == []


def test_a_digest_of_everything_keeps_slacks_limits_in_any_script() -> None:
    long = "سيبيعون بيانات التعداد " * 100
    told = replace(notification(headline=long), hold=replace(QUIET, why=long))
    held = [replace(held_story(told, time("23:10")), story=str(number)) for number in range(40)]
    digest = composed(held, route="press", receiver="comms", at=time("07:00"), timezone="UTC")
    blocks = list(digest_message(digest).blocks)
    assert block_problem(blocks) is None
    assert not too_long(blocks)


def test_controls_are_new_whenever_the_story_changed() -> None:
    def ids(told: Notification) -> list[str]:
        return [block["block_id"] for block in notification_message(told, FULL).blocks if "block_id" in block]

    first, same = ids(notification()), ids(notification())
    changed = ids(notification(handling=Handling(acknowledged_by="Ada")))
    assert first == same
    assert len({*first, *changed}) == 4
    muted = notification(handling=Handling(mute=Mute(by="Ada", until=time("20:00"))))
    assert ids(muted)[0] != ids(replace(muted, at=time("20:01")))[0]
    later = notification(updated_at=time("12:05") + timedelta(seconds=1))
    assert not set(first) & set(ids(later))
