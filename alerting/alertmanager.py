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
"""How long the end of a story is sent again to peers that have it: they may take in later what was sent before."""
RESOLVED_TRIED_FOR = timedelta(days=1)
"""How long, while a peer does not have it."""
LONGEST_STALL = timedelta(seconds=5)
"""Less than after what another worker takes over from one that says nothing."""


class _Sent(Struct, kw_only=True):
    """What Alertmanager was told last of one label set of a story."""

    alert: Posted
    at: float
    """By the event loop's clock."""
    all_have_it: bool
    """Every peer."""
    is_over: bool
    """Whether nothing of its story fires any more."""

    def is_worth_resending(self, now: float) -> bool:
        """What fires; what ended, until every peer has it, and a story's end for a while longer.

        The end of a severity that every peer has is not sent again: Alertmanager would tell it with its next news.
        """
        if self.alert.ends_at is None:
            return True
        if self.all_have_it:
            return self.is_over and now - self.at < RESOLVED_AGAIN_FOR.total_seconds()
        return now - self.at < RESOLVED_TRIED_FOR.total_seconds()


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
    has_threads = False

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
        self._sent: dict[tuple[str, LabelSet], _Sent] = {}
        self._one_at_a_time = asyncio.Lock()  # what is sent again is never older than what was sent meanwhile
        self._tasks: list[asyncio.Task[None]] = []
        self._awake_at = datetime.now(UTC)

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if not self._tasks:
            self._awake_at = datetime.now(UTC)
            self._tasks = [asyncio.create_task(self._resend()), asyncio.create_task(self._watch())]
        for task in self._tasks:
            if task.done():
                task.result()  # a mistake of ours: the outbox stops the worker, and its successor sends all again
        async with self._one_at_a_time:
            return await self._send(notification.story, notification.hold, receipt)

    async def find(self, notification: Notification) -> Receipt | None:
        found = await self._look(notification.story)
        return self._receipt(found) if isinstance(found, frozenset) and found else None

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for exchange in self._peers.values():
            await exchange.close()

    async def _send(self, story: Story, hold: Hold | None, receipt: Receipt | None) -> Outcome:
        before = await self._look(story) if receipt is None else _label_sets(receipt)
        if not isinstance(before, frozenset):
            return before
        alerts = posted_alerts(story, before, datetime.now(UTC), hold)
        answers = await self._post(alerts)
        outcome = self._joined(answers)
        if isinstance(outcome, Answered):
            self._note(story, alerts, all_have_it=_all_worked(answers))
            return Delivered(self._receipt(frozenset(one.label_set for one in alerts if one.ends_at is None)))
        return outcome

    def _note(self, story: Story, alerts: Iterable[Posted], *, all_have_it: bool) -> None:
        now, is_over = asyncio.get_running_loop().time(), all(one.ends_at is not None for one in alerts)
        for one in alerts:
            sent = _Sent(alert=one, at=now, all_have_it=all_have_it, is_over=is_over)
            self._sent[story.id, one.label_set] = sent

    async def _resend(self) -> None:
        while True:
            await asyncio.sleep(self._resend_every.total_seconds())
            async with self._one_at_a_time:
                self._forget_if_stopped()
                now = asyncio.get_running_loop().time()
                self._sent = {key: sent for key, sent in self._sent.items() if sent.is_worth_resending(now)}
                if self._sent:
                    answers = await self._post(sent.alert for sent in self._sent.values())
                    self._joined(answers)
                    for sent in self._sent.values():
                        sent.all_have_it |= _all_worked(answers)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LONGEST_STALL.total_seconds() / 5)
            self._forget_if_stopped()

    def _forget_if_stopped(self) -> None:
        """Another worker may have taken over while this one was stopped, and have ended what fires here."""
        now = datetime.now(UTC)
        if now - self._awake_at > LONGEST_STALL:
            self._sent.clear()
        self._awake_at = now

    async def _post(self, alerts: Iterable[Posted]) -> list[Answered | TryAgain | Refused]:
        """Tell every peer. One that has it is enough: the others get it when all is sent again."""
        expires_at = datetime.now(UTC) + self._expires_after
        body = msgspec.json.encode([alert.payload(expires_at) for alert in alerts])
        headers = {"Content-Type": "application/json"}
        return await asyncio.gather(*(peer.post(url, body, headers) for url, peer in self._peers.items()))

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


def _all_worked(answers: Iterable[Answered | TryAgain | Refused]) -> bool:
    return all(isinstance(answer, Answered) for answer in answers)


def _label_sets(receipt: Receipt) -> frozenset[LabelSet]:
    """None are in a receipt of another type of receiver, that had this one's name before."""
    pairs = (word.partition("=") for word in receipt.ts.split())
    return frozenset(LabelSet(detector=detector, severity=severity) for detector, _, severity in pairs if severity)


def basic_authorization(username: str, password: str) -> dict[str, str]:
    """The header for a user name and a password (RFC 7617, in UTF-8)."""
    return {"Authorization": f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"}
