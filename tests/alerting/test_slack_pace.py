import asyncio
from datetime import timedelta

from alerting.slack_pace import SlackPace, shared_pace
from tests.waiting import settle

SECOND = 0.2
"""So long that what a busy machine adds to one time, and not to the next, is little of it."""


async def at(pace: SlackPace, method: str, channel: str = "C1", *, may_wait: bool = False) -> float:
    """When the call had its turn, in the pace's seconds."""
    await pace.turn(method, channel, may_wait=may_wait)
    return asyncio.get_running_loop().time() / SECOND


async def test_a_channel_has_one_message_or_edit_a_second_and_other_channels_do_not_wait() -> None:
    pace = SlackPace(SECOND)
    first, second, third, other = await asyncio.gather(
        at(pace, "chat.postMessage"),
        at(pace, "chat.update"),
        at(pace, "chat.postMessage"),
        at(pace, "chat.postMessage", "C2"),
    )
    assert (second - first >= 1, third - second >= 1, other < second) == (True, True, True)


async def test_edits_keep_their_pace_over_all_channels() -> None:
    pace = SlackPace(SECOND)
    times = await asyncio.gather(*(at(pace, "chat.update", f"C{number}") for number in range(4)))
    assert all(later - earlier >= 1.2 for earlier, later in zip(sorted(times), sorted(times)[1:], strict=False))


async def test_what_may_wait_lets_others_go_first() -> None:
    pace = SlackPace(SECOND)
    await pace.turn("chat.update", "C0")
    waits = asyncio.ensure_future(at(pace, "chat.update", "C1", may_wait=True))
    await asyncio.sleep(0)
    urgent = await at(pace, "chat.update", "C2")
    assert await waits > urgent


async def test_waiting_for_room_takes_none() -> None:
    pace = SlackPace(SECOND)
    await asyncio.gather(*(pace.room("chat.update", "C1") for _ in range(50)))
    turn = asyncio.ensure_future(pace.turn("chat.update", "C1"))
    await settle()
    assert turn.done()


async def test_a_pause_that_slack_asked_for_holds_the_method_in_that_channel_for_everybody() -> None:
    pace = SlackPace(0.0)
    begun = asyncio.get_running_loop().time()
    pace.pause("chat.postMessage", "C1", timedelta(seconds=0.05))
    held, other = (asyncio.ensure_future(pace.turn("chat.postMessage", channel)) for channel in ("C1", "C2"))
    await settle()
    assert (held.done(), other.done()) == (False, True)
    await held
    assert asyncio.get_running_loop().time() - begun >= 0.05


async def test_a_call_that_is_given_up_while_it_waits_does_not_hold_up_the_others() -> None:
    pace = SlackPace(SECOND)
    await pace.turn("chat.postMessage", "C1")
    gone = asyncio.ensure_future(pace.turn("chat.postMessage", "C1"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait_for(pace.turn("chat.postMessage", "C1"), 10)


def test_who_shares_a_token_shares_the_pace() -> None:
    ours = shared_pace("https://slack.example/api/", "xoxb-1")
    assert shared_pace("https://slack.example/api/", "xoxb-1") is ours
    assert shared_pace("https://slack.example/api/", "xoxb-2") is not ours
