"""AlertmanagerNotifier against HTTP servers of ours; against the real one in test_alertmanager_real.py."""

import asyncio
import json
import time as blocking
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from alerting.alert import Reason, Receipt, Severity, State
from alerting.alertmanager import AlertmanagerNotifier
from alerting.alertmanager_alerts import LabelSet
from alerting.notifier import Delivered, Refused, TryAgain
from tests.alerting.label_sets import SPIKE, over, spike
from tests.building import notification
from tests.fake_http import Answer, FakeHttp
from tests.waiting import until


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[FakeHttp]:
    async with FakeHttp(Answer(body="[]")) as running:
        yield running


def make(*peers: FakeHttp, **changes: Any) -> AlertmanagerNotifier:
    return AlertmanagerNotifier(name="am", urls=[peer.url for peer in peers], **changes)


def listed(*sets: LabelSet) -> str:
    """As Alertmanager answers when it is asked what it has."""
    labels = [{"alertname": "X", "detector": one.detector, "severity": one.severity} for one in sets]
    return json.dumps([{"labels": one, "annotations": {}, "status": {"state": "active"}} for one in labels])


def bodies(peer: FakeHttp) -> list[list[dict[str, Any]]]:
    return [json.loads(request.body) for request in peer.posted()]


async def test_the_receipt_says_what_fires_there(peer: FakeHttp) -> None:
    notifier = make(peer)
    outcome = await notifier.send(notification(), None)
    assert outcome == Delivered(Receipt(channel="am", ts="narrative=warning volume_spike=critical"))
    raised = notification(Reason.ESCALATED, alerts=(spike(Severity.LIFE_SAFETY),))
    assert isinstance(outcome, Delivered)
    later = await notifier.send(raised, outcome.receipt)
    assert later == Delivered(Receipt(channel="am", ts="volume_spike=life_safety"))
    await notifier.close()
    ends = {tuple(one["labels"][key] for key in ("detector", "severity")): one["endsAt"] for one in bodies(peer)[-1]}
    assert set(ends) == {("volume_spike", "life_safety"), ("volume_spike", "critical"), ("narrative", "warning")}
    week = datetime.now(UTC) + timedelta(days=6)
    assert [key for key, at in ends.items() if datetime.fromisoformat(at) > week] == [("volume_spike", "life_safety")]


async def test_without_a_receipt_alertmanager_is_asked_what_it_has(peer: FakeHttp) -> None:
    peer.by_method["GET"] = Answer(body=listed(LabelSet("volume_spike", "warning")))
    notifier = make(peer)
    assert await notifier.find(notification()) == Receipt(channel="am", ts="volume_spike=warning")
    await notifier.send(notification(alerts=(spike(),)), None)
    await notifier.close()
    (sent,) = bodies(peer)
    assert [one["labels"]["severity"] for one in sent] == ["critical", "warning"]
    asked = next(request for request in peer.requests if request.method == "GET")
    assert asked.path == "/api/v2/alerts?filter=story%3D%225f0c9ab1d2e34455%22&filter=monitor%3D%22census%22"


async def test_every_peer_is_told_and_one_that_has_it_is_enough(peer: FakeHttp) -> None:
    async with FakeHttp(Answer(body="[]")) as other, FakeHttp(Answer(body="[]")) as gone:
        notifier = make(peer, other, gone)
        await gone.stop()
        assert isinstance(await notifier.send(notification(), None), Delivered)
        await notifier.close()
        assert len(peer.posted()) == len(other.posted()) == 1


async def test_a_peer_to_try_again_goes_before_one_that_refuses(peer: FakeHttp) -> None:
    async with FakeHttp(Answer(status=503)) as busy:
        peer.answer = Answer(status=400)
        notifier = make(peer, busy)
        assert isinstance(await notifier.send(notification(), None), TryAgain)
        await notifier.close()


async def test_what_fires_is_sent_again_and_again_to_a_peer_that_was_away(peer: FakeHttp) -> None:
    async with FakeHttp(Answer(status=503)) as away:
        notifier = make(peer, away, resend_every=timedelta(milliseconds=10))
        await notifier.send(notification(), None)
        away.answer, before = Answer(body="[]"), len(away.posted())
        await until(lambda: len(away.posted()) >= before + 2)
        await notifier.close()
        assert [one["labels"]["detector"] for one in bodies(away)[-1]] == ["volume_spike", "narrative"]
        after = len(away.posted())
        await asyncio.sleep(0.05)
        assert len(away.posted()) == after


async def test_a_mistake_while_it_sends_again_shows_with_the_next_telling(
    peer: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier = make(peer, resend_every=timedelta(milliseconds=10))
    await notifier.send(notification(), None)
    monkeypatch.setattr(notifier, "_forget_if_stopped", lambda: 1 / 0)
    await until(lambda: any(task.done() for task in notifier._tasks))
    with pytest.raises(ZeroDivisionError):
        await notifier.send(notification(), None)
    await notifier.close()


async def test_an_end_is_sent_again_and_what_fired_before_it_is_not(peer: FakeHttp) -> None:
    notifier = make(peer, resend_every=timedelta(milliseconds=10))
    outcome = await notifier.send(notification(), None)
    assert isinstance(outcome, Delivered)
    ended = notification(Reason.RESOLVED, state=State.RESOLVED, alerts=(over(),))
    assert await notifier.send(ended, outcome.receipt) == Delivered(Receipt(channel="am", ts=""))
    count = len(peer.posted())
    await until(lambda: len(peer.posted()) > count + 1)
    await notifier.close()
    for sent in bodies(peer)[count:]:
        assert all(datetime.fromisoformat(one["endsAt"]) <= datetime.now(UTC) for one in sent)


async def test_a_peer_that_was_away_hears_of_the_end_of_a_severity_however_long_that_takes(
    peer: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would fire there for a week."""
    monkeypatch.setattr("alerting.alertmanager.RESOLVED_AGAIN_FOR", timedelta(0))
    async with FakeHttp(Answer(status=503)) as away:
        notifier = make(peer, away, resend_every=timedelta(milliseconds=10))
        warned = Receipt(channel="am", ts="volume_spike=warning")
        outcome = await notifier.send(notification(Reason.ESCALATED, alerts=(spike(),)), warned)
        assert isinstance(outcome, Delivered)
        await notifier.send(notification(Reason.MORE, alerts=(spike(score=0.9),)), outcome.receipt)
        missed, away.answer = len(away.posted()), Answer(body="[]")
        await until(lambda: len(away.posted()) >= missed + 3)
        await notifier.close()
        heard = [[one["labels"]["severity"] for one in sent] for sent in bodies(away)[missed:]]
        assert sorted(heard[0]) == ["critical", "warning"]
        assert heard[-1] == ["critical"]


async def test_a_worker_that_was_stopped_for_long_sends_nothing_of_before(
    peer: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one has the partition since, and may have told that it is over."""
    monkeypatch.setattr("alerting.alertmanager.LONGEST_STALL", timedelta(milliseconds=50))
    notifier = make(peer, resend_every=timedelta(milliseconds=10))
    await notifier.send(notification(), None)
    blocking.sleep(0.2)  # noqa: ASYNC251 - as SIGSTOP does
    count = len(peer.posted())
    await asyncio.sleep(0.1)
    await notifier.close()
    assert len(peer.posted()) == count


async def test_a_password_is_sent_as_http_wants_it(peer: FakeHttp) -> None:
    notifier = make(peer, username="gröundswell", password="p:w")
    await notifier.send(notification(), None)
    await notifier.close()
    assert {request.headers["authorization"] for request in peer.requests} == {"Basic Z3LDtnVuZHN3ZWxsOnA6dw=="}


async def test_a_long_answer_is_read_to_its_end(peer: FakeHttp) -> None:
    many = [LabelSet(f"detector_{number}", "info") for number in range(20_000)]
    peer.by_method["GET"] = Answer(body=listed(*many, SPIKE))
    notifier = make(peer)
    found = await notifier.find(notification())
    await notifier.close()
    assert found is not None
    assert "volume_spike=critical" in found.ts.split()


async def test_a_receipt_of_another_type_of_receiver_ends_nothing(peer: FakeHttp) -> None:
    notifier = make(peer)
    outcome = await notifier.send(notification(), Receipt(channel="C0CENSUS", ts="1900000000.000001"))
    await notifier.close()
    assert outcome == Delivered(Receipt(channel="am", ts="narrative=warning volume_spike=critical"))
    assert len(bodies(peer)[0]) == 2


@pytest.mark.parametrize("body", ["<html>hello</html>", '{"status": "ok"}', "[1]", '[{"labels": 1}]', ""])
async def test_what_is_no_alertmanager_is_noticed(peer: FakeHttp, body: str) -> None:
    peer.answer = Answer(body=body)
    notifier = make(peer)
    outcome = await notifier.send(notification(), None)
    assert await notifier.find(notification()) is None
    await notifier.close()
    assert isinstance(outcome, Refused)
    assert "is not Alertmanager's API v2" in outcome.why
    assert peer.posted() == []
