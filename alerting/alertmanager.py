"""Tells stories to Alertmanager (API v2): one of its alerts for each detector of a story, resolved when it is over.

Identity there is the label set, and severity is part of it. So when severity rises, the old label set is ended in the
same request. Which label sets stand is the receipt, or else what Alertmanager itself says: nothing of it is kept here.

Alertmanager wants to be told again and again, keeps alerts only in memory, and takes one that it has not heard of for
resolved; our outbox tells only what changes. Hence two things. A firing alert is sent with an end far ahead, so that
no restart of ours resolves it. And what was sent is sent again every minute, so that an Alertmanager that was
restarted, or away while its peers took the news, has it soon.
"""

import asyncio
import base64
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
from msgspec import Struct

from alerting.alert import Hold, Notification, Receipt, Story
from alerting.alertmanager_alerts import LabelSet, Posted, posted_alerts, standing
from alerting.http_exchange import Answered, Exchange, host_of
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain

logger = logging.getLogger(__name__)

RESEND_EVERY = timedelta(minutes=1)
RESOLVED_AGAIN_FOR = timedelta(minutes=5)
"""How long an end is sent again: for peers that were away."""
LONGEST_STALL = timedelta(seconds=5)
"""Less than after what another worker takes over from one that says nothing."""


class _Sent(Struct, frozen=True, kw_only=True):
    """What Alertmanager was told last of a story."""

    alerts: tuple[Posted, ...]
    at: float
    """By the event loop's clock."""


class AlertmanagerNotifier(Notifier):
    """One receiver of type `alertmanager`.

    Args:
        name: The receiver's name in the config.
        urls: Of every peer, each on its own: they do not tell each other of alerts.
        username: For peers that want one, with `password`.
        expires_after: After how long without a word from us a firing alert counts as resolved.
        timeout: For one request.
        resend_every: How often all that fires is sent again.
    """

    interrupts = False

    def __init__(
        self,
        *,
        name: str,
        urls: Sequence[str],
        username: str | None = None,
        password: str = "",
        expires_after: timedelta = timedelta(days=7),
        timeout: timedelta = timedelta(seconds=10),
        resend_every: timedelta = RESEND_EVERY,
    ) -> None:
        headers = {} if username is None else basic_authorization(username, password)
        self._name = name
        self._peers = {
            f"{url.rstrip('/')}/api/v2/alerts": Exchange(
                f"Alertmanager at {host_of(url)}", timeout=timeout, headers=headers
            )
            for url in urls
        }
        self._expires_after = expires_after
        self._resend_every = resend_every
        self._sent: dict[str, _Sent] = {}
        self._one_at_a_time = asyncio.Lock()  # what is sent again is never older than what was sent meanwhile
        self._resending: asyncio.Task[None] | None = None

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if self._resending is None:
            self._resending = asyncio.create_task(self._resend())
        async with self._one_at_a_time:
            return await self._send(notification.story, notification.hold, receipt)

    async def find(self, notification: Notification) -> Receipt | None:
        found = await self._look(notification.story)
        return self._receipt(found) if isinstance(found, frozenset) and found else None

    async def close(self) -> None:
        task, self._resending = self._resending, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for exchange in self._peers.values():
            await exchange.close()

    async def _send(self, story: Story, hold: Hold | None, receipt: Receipt | None) -> Outcome:
        before = await self._look(story) if receipt is None else _label_sets(receipt)
        if not isinstance(before, frozenset):
            return before
        alerts = posted_alerts(story, before, datetime.now(UTC), hold)
        outcome = await self._post(alerts)
        if isinstance(outcome, Answered):
            self._sent[story.id] = _Sent(alerts=alerts, at=asyncio.get_running_loop().time())
            return Delivered(self._receipt(frozenset(one.label_set for one in alerts if one.ends_at is None)))
        return outcome

    async def _resend(self) -> None:
        while True:
            before = datetime.now(UTC)
            await asyncio.sleep(self._resend_every.total_seconds())
            if datetime.now(UTC) - before > self._resend_every + LONGEST_STALL:
                # Another worker may have taken over while this one was stopped, and have ended what fires here.
                self._sent.clear()
            async with self._one_at_a_time:
                self._sent = self._worth_resending()
                if alerts := [alert for sent in self._sent.values() for alert in sent.alerts]:
                    await self._post(alerts)

    def _worth_resending(self) -> dict[str, _Sent]:
        """What fires, and what ended a short while ago."""
        recent = asyncio.get_running_loop().time() - RESOLVED_AGAIN_FOR.total_seconds()
        kept = {}
        for story, sent in self._sent.items():
            alerts = tuple(alert for alert in sent.alerts if alert.ends_at is None or sent.at > recent)
            if alerts:
                kept[story] = msgspec.structs.replace(sent, alerts=alerts)
        return kept

    async def _post(self, alerts: Iterable[Posted]) -> Answered | TryAgain | Refused:
        """Tell every peer. One that has it is enough: the others get it when all is sent again."""
        expires_at = datetime.now(UTC) + self._expires_after
        body = msgspec.json.encode([alert.payload(expires_at) for alert in alerts])
        headers = {"Content-Type": "application/json"}
        answers = await asyncio.gather(*(peer.post(url, body, headers) for url, peer in self._peers.items()))
        return self._joined(answers)

    async def _look(self, story: Story) -> frozenset[LabelSet] | TryAgain | Refused:
        """The label sets of a story that stand in any peer."""
        of_story, of_monitor = quote(f'story="{story.id}"'), quote(f'monitor="{story.monitor}"')
        query = f"?filter={of_story}&filter={of_monitor}"
        answers = await asyncio.gather(*(peer.get(url + query) for url, peer in self._peers.items()))
        joined = self._joined(answers)
        if not isinstance(joined, Answered):
            return joined
        found = [standing(answer.body) for answer in answers if isinstance(answer, Answered)]
        read = [sets for sets in found if sets is not None]
        if not read:
            return Refused("What answers at the receiver's urls is not Alertmanager's API v2: correct them.")
        return frozenset().union(*read)

    def _joined(self, answers: Sequence[Answered | TryAgain | Refused]) -> Answered | TryAgain | Refused:
        """One that worked makes it work; else one to try again; else what the first refused for."""
        worked = [answer for answer in answers if isinstance(answer, Answered)]
        failed = [answer for answer in answers if not isinstance(answer, Answered)]
        if worked:
            for one in failed:
                logger.warning(
                    "a peer of Alertmanager does not take alerts; they are sent to it again every minute",
                    extra={"receiver": self._name, "why": one.why},
                )
            return worked[0]
        later = [answer for answer in failed if isinstance(answer, TryAgain)]
        return later[0] if later else failed[0]

    def _receipt(self, sets: frozenset[LabelSet]) -> Receipt:
        return Receipt(channel=self._name, ts=" ".join(sorted(f"{one.detector}={one.severity}" for one in sets)))


def _label_sets(receipt: Receipt) -> frozenset[LabelSet]:
    """None are in a receipt of another type of receiver, that had this one's name before."""
    pairs = (word.partition("=") for word in receipt.ts.split())
    return frozenset(LabelSet(detector=detector, severity=severity) for detector, _, severity in pairs if severity)


def basic_authorization(username: str, password: str) -> dict[str, str]:
    """The header for a user name and a password (RFC 7617, in UTF-8)."""
    return {"Authorization": f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"}
