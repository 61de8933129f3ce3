"""Builds what tells receivers of the types `alertmanager`, `webhook` and `email`."""

from collections.abc import Callable
from functools import partial

from alerting.notifier import Notifier
from streams.settings.config import Alertmanager, Email, Webhook
from streams.settings.receivers import Other, password_of, secret_of


def other_notifier(receiver: Other) -> Callable[[], Notifier]:
    """How to tell it. Raises `SecretError` where a secret is missing or cannot be used: now, not at the first alert."""
    match receiver:
        case Alertmanager():
            from alerting.alertmanager import AlertmanagerNotifier

            return partial(
                AlertmanagerNotifier,
                name=receiver.name,
                urls=receiver.urls,
                username=receiver.username,
                password=password_of(receiver),
                expires_after=receiver.expires_after,
            )
        case Webhook():
            from alerting.webhook import WebhookNotifier

            return partial(WebhookNotifier, url=receiver.url, secret=secret_of(receiver), mode=receiver.mode)
        case Email():
            from alerting.email import EmailNotifier

            return partial(
                EmailNotifier,
                name=receiver.name,
                server=receiver.server,
                port=receiver.port,
                tls=receiver.tls,
                sender=receiver.sender,
                to=receiver.to,
                username=receiver.username,
                password=password_of(receiver),
            )
