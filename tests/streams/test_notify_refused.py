"""A receiver that refuses everything, or that the config no longer has."""

import msgspec
import pytest

from alerting.alert import Reason, State
from alerting.notifier import Refused
from streams.stages.entry import Entry
from tests.building import notification
from tests.streams.notifying import RECEIPT, Open, routed
from tests.waiting import until


async def test_what_is_for_a_receiver_that_the_config_does_not_have_is_kept_for_a_worker_that_knows_it(
    stage: Open, caplog: pytest.LogCaptureFixture
) -> None:
    ours = stage({"gone": {"s1": msgspec.msgpack.encode(Entry(known=["n"], receipt=RECEIPT))}})
    first, newer = (notification(Reason.MORE, told=told, id="s1", receiver="gone") for told in (1, 2))
    ours.take(first, first, newer)
    assert "does not have" in caplog.text
    assert ours.work.is_idle
    ours.save()
    assert not ours.work.wants_saving
    assert ours.entry("gone", "s1").waiting == newer
    theirs = stage({"comms": ours.groups["gone"]})
    await theirs.until_idle()
    assert theirs.listeners["comms"].told == [(newer, RECEIPT)]


async def test_what_waits_for_a_receiver_that_is_gone_is_kept(stage: Open, caplog: pytest.LogCaptureFixture) -> None:
    row = msgspec.msgpack.encode(Entry(waiting=notification(id="s1", receiver="gone")))
    ours = stage({"gone": {"s1": row}})
    assert "no longer has" in caplog.text
    assert [vars(record)["receiver"] for record in caplog.records] == ["gone"]
    ours.take(notification(id="s2"))
    ours.save()
    assert ours.groups["gone"] == {"s1": row}


async def test_a_receiver_that_refuses_everything_is_told_of_at_the_others_once_and_when_it_is_over(
    stage: Open,
) -> None:
    ours = stage()
    ours.listeners["comms"].refusal = Refused("The token was revoked: set a new one.")
    ours.take(routed("s1"))
    ours.save()
    await until(lambda: ours.count("groundswell_receiver_refused", receiver="comms") == 1)
    assert ours.tick("12:07") == []  # before a checkpoint holds it, nobody is told
    ours.save()
    (told,) = ours.tick("12:08")
    assert (told.receiver, told.reason, told.story.owner) == ("risk", Reason.FIRST, None)
    assert "comms" in told.story.headline
    assert "The token was revoked: set a new one." in told.story.alerts[0].evidence.summary
    assert ours.tick("12:09") == []
    ours.save()
    theirs = stage(ours.groups)
    await theirs.until_idle()
    theirs.save()
    (over,) = theirs.tick("12:10")
    assert (over.reason, over.story.id, over.story.state) == (Reason.RESOLVED, told.story.id, State.RESOLVED)
    theirs.save()
    assert theirs.count("groundswell_receiver_refused", receiver="comms") == 0
    assert ":refused" not in theirs.groups["comms"]


async def test_the_end_of_a_refusal_that_comes_while_a_checkpoint_is_made_waits_for_the_next(stage: Open) -> None:
    ours = stage()
    ours.listeners["comms"].refusal = Refused("The token was revoked.")
    ours.take(routed("s1"))
    ours.save()
    await until(lambda: ours.count("groundswell_receiver_refused", receiver="comms") == 1)
    ours.save()
    assert len(ours.tick("12:07")) == 1
    ours.work.changed()
    ours.listeners["comms"].refusal = None
    await ours.until_idle()
    ours.work.saved()
    assert ours.tick("12:08") == []
    ours.save()
    assert len(ours.tick("12:09")) == 1
