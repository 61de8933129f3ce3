"""A mail server on the loopback interface, for tests: aiosmtpd, which keeps what comes and answers as it was told."""

import asyncio
import email
import socket
import ssl
import subprocess
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USERNAME, PASSWORD = "groundswell", "correct horse"


class FakeMail:
    """`async with FakeMail() as server:`; then `server.port` on 127.0.0.1.

    Args:
        answers: By command (`MAIL`, `RCPT`, `DATA`), said instead of `250`; for `RCPT` by address as well; under
            `connect`, said instead of a greeting.
        certificate: Where given, STARTTLS is wanted of all, or TLS from the beginning with `tls_only`.
        login: Whether a user name and a password are wanted.
        wait_seconds: Before the first answer.
        reset: Whether each connection is broken at once.
    """

    def __init__(
        self,
        answers: dict[str, str] | None = None,
        *,
        certificate: tuple[Path, Path] | None = None,
        tls_only: bool = False,
        login: bool = False,
        wait_seconds: float = 0.0,
        reset: bool = False,
    ) -> None:
        self.answers = answers or {}
        self.mails: list[tuple[Envelope, EmailMessage]] = []
        self.encrypted: list[bool] = []
        """Of each mail: whether it came so."""
        self._certificate, self._tls_only, self._login = certificate, tls_only, login
        self._wait_seconds, self._reset = wait_seconds, reset
        self.port = 0

    async def __aenter__(self) -> Self:
        context = None
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._certificate)
        starttls = None if self._tls_only else context

        def protocol() -> asyncio.Protocol:
            if self._reset:
                return _Resets()
            if "connect" in self.answers:
                return _Says(self.answers["connect"])
            return SMTP(
                self,
                hostname="mail.example",
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=self._login,
                auth_require_tls=starttls is not None,
                authenticator=_authenticated,
                loop=asyncio.get_running_loop(),
            )

        server_context = context if self._tls_only else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=server_context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Nobody listens any more; doing it twice is harmless."""
        self._server.close()
        await asyncio.sleep(0)

    def messages(self) -> list[EmailMessage]:
        return [message for _, message in self.mails]

    # --- what aiosmtpd asks for ---

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        await asyncio.sleep(self._wait_seconds)
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address) or self.answers.get("RCPT", "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("DATA", "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.mails.append((envelope, message))
            self.encrypted.append(session.ssl is not None or self._tls_only)
        return answer


class _Resets(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        # Without lingering: the other side gets a reset, and not an orderly end.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        transport.abort()


class _Says(asyncio.Protocol):
    """Says one line and ends the connection."""

    def __init__(self, line: str) -> None:
        self._line = line

    def connection_made(self, transport: Any) -> None:
        transport.write(f"{self._line}\r\n".encode())
        transport.close()


def _authenticated(server: SMTP, session: Session, envelope: Envelope, mechanism: str, said: Any) -> AuthResult:
    expected = LoginPassword(USERNAME.encode(), PASSWORD.encode())
    return AuthResult(success=said == expected, handled=False)


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate that signs itself, and its key. Needs the command `openssl`."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -addext subjectAltName=DNS:{name}"
    files = ["-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return certificate, key
