"""Tells stories by mail: one thread for each, whose later mails tell what changed.

A mail cannot be edited. So what would only edit a message (newer numbers, who sees to it) is not sent at all, and shows
in the next mail. The subject, by which some mail programs make threads, stays that of the first mail.
"""

import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from alerting.alert import QUIET, Notification, Receipt
from alerting.digest import Digest
from alerting.email_message import digest_mail, mail, message_id, subject
from alerting.merging import turns_of
from alerting.notifier import Delivered, Notifier, Outcome, Refused, TryAgain

logger = logging.getLogger(__name__)

_QUIT_SECONDS = 5

Encryption = Literal["starttls", "tls", "none"]
DEFAULT_PORTS = {"starttls": 587, "tls": 465, "none": 25}

_REFUSED = {
    530: "wants a user name and a password",
    534: "wants another way to log in",
    535: "does not accept the user name and password",
    538: "wants encryption",
    550: "does not know an address, or does not take mail for it",
    552: "finds the mail too large",
    553: "does not accept an address",
    554: "refuses the mail",
}


class EmailNotifier(Notifier):
    """One receiver of type `email`.

    Args:
        name: The receiver's name in the config.
        server: The mail server's name.
        port: What is usual for the encryption, where absent.
        tls: `starttls` and `tls` accept nothing less, and only valid certificates.
        sender: An address.
        to: Addresses; all of them see each other.
        username: For servers that want one, with `password`.
        timeout: For each step of the conversation with the server.
    """

    # Mail servers take many connections in a row for an attack.
    pace = timedelta(seconds=1)
    # ... and lock an account after some wrong passwords.
    knock_every = timedelta(minutes=5)
    has_threads = False

    def __init__(
        self,
        *,
        name: str,
        server: str,
        sender: str,
        to: Sequence[str],
        port: int | None = None,
        tls: Encryption = "starttls",
        username: str | None = None,
        password: str = "",
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._name = name
        self._server = server
        self._port = port or DEFAULT_PORTS[tls]
        self._tls = tls
        self._sender = sender
        self._to = tuple(to)
        self._login = (username, password if username else None)
        self._timeout = timeout

    async def send(self, notification: Notification, receipt: Receipt | None) -> Outcome:
        if notification.hold is not None:
            return Delivered(receipt)
        if receipt is None or not receipt.channel.startswith("<"):  # of another type, that had this one's name before
            first = message_id(notification.id, notification.receiver, self._sender)
            receipt = Receipt(channel=first, ts=subject(notification.story))
            message = mail(notification, receipt, datetime.now(UTC), sender=self._sender, to=self._to, is_first=True)
        elif all(turn.reason in QUIET for turn in turns_of(notification)):
            return Delivered(receipt)
        else:
            message = mail(notification, receipt, datetime.now(UTC), sender=self._sender, to=self._to, is_first=False)
        return await self._deliver(message.as_bytes()) or Delivered(receipt)

    async def send_digest(self, digest: Digest) -> Outcome:
        message = digest_mail(digest, self._name, datetime.now(UTC), sender=self._sender, to=self._to)
        return await self._deliver(message.as_bytes()) or Delivered()

    async def _deliver(self, message: bytes) -> TryAgain | Refused | None:
        """None once the server has it."""
        from aiosmtplib import (
            SMTP,
            SMTPDataError,
            SMTPException,
            SMTPRecipientsRefused,
            SMTPResponseException,
            SMTPServerDisconnected,
        )

        username, password = self._login
        client = SMTP(
            hostname=self._server,
            port=self._port,
            timeout=self._timeout.total_seconds(),
            use_tls=self._tls == "tls",
            start_tls=self._tls == "starttls",
            username=username,
            password=password,
        )
        try:
            await client.connect()
            refused, _ = await client.sendmail(self._sender, self._to, message)
            with suppress(SMTPException, OSError):  # it has the mail, whatever it says now
                await client.quit(timeout=_QUIT_SECONDS)
        except SMTPRecipientsRefused as error:
            # One that is only refused for now may be taken later.
            return self._answered(min(one.code for one in error.recipients))
        except SMTPResponseException as error:
            return self._answered(error.code, is_message=isinstance(error, SMTPDataError))
        except (SMTPServerDisconnected, TimeoutError, OSError) as error:
            return self._failed(error)
        except (SMTPException, ValueError):
            wanted = "STARTTLS" if self._tls == "starttls" else "login"
            return Refused(
                f"The mail server {self._server} does not offer what the receiver asks for, such as {wanted}."
            )
        finally:
            client.close()
        if refused:
            logger.warning(
                "the mail server does not take the mail for some of the receiver's addresses",
                extra={"receiver": self._name, "refused": len(refused), "of": len(self._to)},
            )
        return None

    def _answered(self, code: int, *, is_message: bool = False) -> TryAgain | Refused:
        """4xx is for now, 5xx for good (RFC 5321, 4.2.1)."""
        if code < 500:
            return TryAgain(f"the mail server {self._server} does not take the mail now (SMTP {code})")
        what = _REFUSED.get(code, "refuses the mail")
        return Refused(f"The mail server {self._server} {what} (SMTP {code}).", is_message=is_message)

    def _failed(self, error: Exception) -> TryAgain | Refused:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Refused(f"The certificate of the mail server {self._server} is not valid for that name.")
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, TimeoutError):
            return TryAgain(f"the mail server {self._server} did not answer in time")
        return TryAgain(f"cannot connect to the mail server {self._server}, or the connection broke")
