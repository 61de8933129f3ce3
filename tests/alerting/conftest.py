"""Fixtures that are made of builders and stand beside them."""

from tests.alerting.slack_senders import notifier, slack

__all__ = ["notifier", "slack"]
