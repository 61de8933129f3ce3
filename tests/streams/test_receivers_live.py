"""Mail, a webhook and Alertmanager told by the real worker from a real Kafka, through a crash."""

import asyncio
import json
import signal
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from kafka import KafkaProducer

from alerting.alert import Alert, Notification, Reason, Severity, State
from streams import records
from streams.kafka import client as kafka_client
from tests.building import alert, notification, story, time
from tests.fake_http import Answer, FakeHttp
from tests.fake_mail import FakeMail
from tests.live import Live, running

T = TypeVar("T")
DAY = "2026-03-01"
CONFIG = """
organisation: {{name: Census Office}}
monitors:
  - {{name: census, query: census, detectors: {{volume_spike: {{}}}}}}
receivers:
  - {{name: on-call, type: alertmanager, urls: ['{alertmanager}']}}
  - {{name: tool, type: webhook, url: '{webhook}/hook'}}
  - {{name: desk, type: email, server: 127.0.0.1, port: {mail}, tls: none, sender: a@b.example, to: [c@d.example]}}
routes:
  - {{receivers: [on-call, tool, desk], update_every: 1s}}
kafka: {{bootstrap: '{kafka}', topic_prefix: '{prefix}-', partitions: 2, session_timeout: 6s}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""


@pytest.mark.kafka
def test_a_story_goes_on_where_it_was_told_though_the_worker_is_killed(kafka: str, tmp_path: Path) -> None:
    alertmanager, webhook, mail = FakeHttp(Answer(body="[]")), FakeHttp(), FakeMail()
    with served(alertmanager, webhook, mail):
        config = tmp_path / "live.yaml"
        places = {"alertmanager": alertmanager.url, "webhook": webhook.url, "mail": mail.port}
        config.write_text(CONFIG.format(kafka=kafka, prefix=tmp_path.name, **places))
        secret = {"GROUNDSWELL_WEBHOOK_SECRET": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtMTIzNA=="}
        with running(config, tmp_path, secret) as live:
            worker = live.start("notify")
            worker.wait_until_ready()
            tell(live, Reason.FIRST, spike(Severity.WARNING))
            live.wait_until("all are told", lambda: states(alertmanager, webhook, mail) == {"warning"})

            # It may be killed before it has noted what was told: then that is told once more, as what it was.
            worker.signal(signal.SIGKILL)
            worker.process.wait()
            live.workers.remove(worker)
            tell(live, Reason.ESCALATED, spike(Severity.CRITICAL))
            live.start("notify").wait_until_ready(90)
            live.wait_until("all hear that it rose", lambda: states(alertmanager, webhook, mail) == {"critical"})

            over = spike(Severity.CRITICAL, state=State.RESOLVED, resolved_at=time(f"{DAY}T14:05"))
            tell(live, Reason.RESOLVED, over)
            live.wait_until("all hear that it is over", lambda: states(alertmanager, webhook, mail) == {"resolved"})

    sent = [tuple(one["labels"]["severity"] for one in json.loads(request.body)) for request in alertmanager.posted()]
    assert list(dict.fromkeys(sent)) == [("warning",), ("critical", "warning"), ("critical",)]
    events = {(event := json.loads(request.body))["id"]: event["type"] for request in webhook.posted()}
    assert len(events) == 3
    threads = {str(message["References"]).split()[0] for message in mail.messages()}
    assert len(threads) == 1
    assert len({str(message["Message-ID"]) for message in mail.messages()}) == 3


def states(alertmanager: FakeHttp, webhook: FakeHttp, mail: FakeMail) -> set[str]:
    """What each of them was told last."""
    if not (alertmanager.posted() and webhook.posted() and mail.mails):
        return set()
    alerts = json.loads(alertmanager.posted()[-1].body)
    firing = [one["labels"]["severity"] for one in alerts if one["endsAt"] > datetime.now(UTC).isoformat()]
    event = json.loads(webhook.posted()[-1].body)["data"]["story"]
    shown = mail.messages()[-1]["From"].addresses[0].display_name
    return {
        *(firing or ["resolved"]),
        "resolved" if event["state"] == "resolved" else event["severity"],
        shown.removeprefix("Groundswell: "),
    }


def spike(severity: Severity, **changes: Any) -> Alert:
    return alert(severity=severity, starts_at=time(f"{DAY}T11:50"), last_at=time(f"{DAY}T12:05"), **changes)


def tell(live: Live, reason: Reason, found: Alert) -> None:
    """As the stage before would."""
    producer = KafkaProducer(**kafka_client.for_kafka_python(kafka_client.access(live.config.kafka)))
    state, severity = found.state, found.severity
    for receiver in live.config.receivers:
        of = story(alerts=(found,), state=state, severity=severity)
        one: Notification = notification(reason, receiver=receiver.name, story=of)
        producer.send(live.topics.notifications, key=receiver.name.encode(), value=records.encode(one))
    producer.flush()
    producer.close()


@contextmanager
def served(*servers: FakeHttp | FakeMail) -> Iterator[None]:
    """Servers at work in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    for server in servers:
        wait_for(server.__aenter__())
    try:
        yield
    finally:
        for server in servers:
            wait_for(server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
