"""WebhookNotifier against a real HTTP server; what it sends is read with the libraries of others."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from standardwebhooks import Webhook, WebhookVerificationError

from alerting.alert import Reason
from alerting.http_exchange import pause
from alerting.notifier import Delivered, Refused, TryAgain
from alerting.webhook import Mode, UnusableSecret, WebhookNotifier, signing_keys
from tests.building import alert, evidence, exemplar, notification, story
from tests.fake_http import Answer, FakeHttp, Request

README = Path(__file__).parents[2] / "alerting" / "README.md"
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtMTIzNA=="
OLD = "whsec_" + "b2xkLXNlY3JldC1vbGQtc2VjcmV0LTEyMzQ="


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeHttp]:
    async with FakeHttp() as running:
        yield running


async def sent(server: FakeHttp, mode: Mode = "structured", *, secret: str = SECRET, **changes: Any) -> Request:
    """The one request that a telling makes."""
    notifier = WebhookNotifier(url=f"{server.url}/hook?team=press", secret=secret, mode=mode)
    assert await notifier.send(notification(**changes), None) == Delivered()
    await notifier.close()
    (request,) = server.requests
    return request


@pytest.mark.parametrize("mode", ["structured", "binary"])
async def test_the_makers_of_cloudevents_read_it_as_one(server: FakeHttp, mode: Mode) -> None:
    request = await sent(server, mode, reason=Reason.ESCALATED)
    event = from_http_event(HTTPMessage(headers=dict(request.headers), body=request.body))
    told = notification(Reason.ESCALATED)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == told.id
    assert event.get_source() == "/groundswell/monitors/census"
    assert event.get_type() == "groundswell.story.escalated"
    assert event.get_subject() == "5f0c9ab1d2e34455"
    assert event.get_time() == told.at
    data: Any = event.get_data()
    assert data["words"]["title"].startswith("Critical: Census Office: nine times")
    assert data["words"]["next_step"].startswith("Give the approved answer")
    assert data["reason"] == "escalated"
    assert data["story"]["severity"] == "critical"
    assert [one["severity"] for one in data["story"]["alerts"]] == ["critical", "warning"]
    assert data["story"]["alerts"][1]["evidence"]["claim"]["answer"].startswith("Answers are confidential")
    assert (request.method, request.path) == ("POST", "/hook?team=press")


@pytest.mark.parametrize("mode", ["structured", "binary"])
async def test_the_makers_of_standard_webhooks_accept_the_signature(server: FakeHttp, mode: Mode) -> None:
    request = await sent(server, mode)
    assert request.headers["webhook-id"] == notification().id
    Webhook(SECRET).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(request.body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"critical", b"harmless"), dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body, dict(request.headers) | {"webhook-id": "another"})


async def test_while_a_secret_is_changed_the_old_and_the_new_one_verify(server: FakeHttp) -> None:
    request = await sent(server, secret=f"{SECRET}\n{OLD}")
    for secret in (SECRET, OLD):
        Webhook(secret).verify(request.body, dict(request.headers))


async def test_the_readme_names_all_that_the_data_holds(server: FakeHttp) -> None:
    data = json.loads((await sent(server)).body)["data"]
    section = README.read_text().partition("\n### Webhook\n")[2].partition("\n### ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(data)
    assert all(f"`{key}`" in section for key in data["words"])


async def test_a_repeat_has_the_same_id(server: FakeHttp) -> None:
    notifier = WebhookNotifier(url=server.url, secret=SECRET)
    for _ in range(2):
        await notifier.send(notification(), None)
    await notifier.close()
    assert len({request.headers["webhook-id"] for request in server.requests}) == 1


async def test_the_record_is_as_it_was_found_and_the_words_are_literal(server: FakeHttp) -> None:
    text = "\x1b[31m<script>\u202ealert(1)\x00\n</script>"
    spike = alert(evidence=evidence("More \u202e\x00 mentions.", exemplars=(exemplar(text),)))
    request = await sent(server, story=story(alerts=(spike,)))
    data = json.loads(request.body)["data"]
    assert data["story"]["alerts"][0]["evidence"]["exemplars"][0]["text"] == text
    assert data["words"]["why_now"] == "More mentions."


async def test_it_follows_nobody_elsewhere(server: FakeHttp) -> None:
    async with FakeHttp() as elsewhere:
        server.answer = Answer(status=307, headers={"Location": elsewhere.url})
        notifier = WebhookNotifier(url=server.url, secret=SECRET)
        outcome = await notifier.send(notification(), None)
        await notifier.close()
        assert isinstance(outcome, Refused)
        assert "points elsewhere" in outcome.why
        assert elsewhere.requests == []


async def test_why_never_repeats_what_stands_in_the_address_or_comes_back(server: FakeHttp) -> None:
    server.answer = Answer(status=400, body="They will sell the census to insurers!")
    notifier = WebhookNotifier(url=f"{server.url}/hook/s3cr3t", secret=SECRET)
    outcome = await notifier.send(notification(), None)
    await notifier.close()
    assert isinstance(outcome, Refused)
    assert "s3cr3t" not in outcome.why
    assert "census" not in outcome.why


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_passes_is_tried_again(server: FakeHttp, status: int) -> None:
    server.answer = Answer(status=status, headers={"Retry-After": "30"})
    notifier = WebhookNotifier(url=server.url, secret=SECRET)
    outcome = await notifier.send(notification(), None)
    await notifier.close()
    assert isinstance(outcome, TryAgain)
    assert outcome.after == timedelta(seconds=30)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/", "http://[::1/", "http://"])
async def test_no_address_raises(url: str) -> None:
    notifier = WebhookNotifier(url="http://127.0.0.1:1/", secret=SECRET)
    notifier._url = url
    assert isinstance(await notifier.send(notification(), None), TryAgain | Refused)
    await notifier.close()


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("99999999999", 86_400),
        ("inf", 86_400),
        ("Tue, 01 Jan 2030 00:01:00 GMT", 60),
        ("Tue, 01 Jan 2030 00:00:00 -0000", None),
        ("Mon, 31 Dec 2029 23:00:00 GMT", 0),
        ("-5", None),
        ("nan", None),
        ("soon", None),
        (None, None),
    ],
)
def test_a_pause_is_read_in_seconds_or_as_a_date(retry_after: str | None, seconds: float | None) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert pause(retry_after, now) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("secret", "wrong"),
    [
        ("hunter2", "it does not begin with whsec_"),
        ("whsec_not base64", "what follows whsec_ is not base64"),
        ("whsec_c2hvcnQ=", "it holds 5 bytes where 24 to 64 are expected"),
        (" ", "it is empty"),
    ],
)
def test_a_secret_that_protects_nothing_is_refused(secret: str, wrong: str) -> None:
    with pytest.raises(UnusableSecret, match=wrong) as caught:
        signing_keys(secret)
    assert "hunter2" not in str(caught.value)
