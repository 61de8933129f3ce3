"""One request to a receiver over HTTP, and what its answer means: for receivers that have no client of their own.

It never waits, never tries again and never follows a redirect: what is signed, or carries a password, goes where the
config says and nowhere else.
"""

import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct

from alerting.notifier import Refused, TryAgain

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LONGEST_PAUSE = timedelta(days=1)
_READ_AT_MOST = 4 * 1024 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LATER = {408: "took too long to read the request", 425: "asks to be told later", 429: "asks for a pause"}
_MESSAGE_IS_AT_FAULT = frozenset({400, 413, 422})
_NEVER = {
    400: "does not understand the request",
    401: "does not accept the receiver's credentials",
    403: "forbids the request",
    404: "is not there",
    405: "is not there",
    407: "is behind a proxy that wants credentials",
    410: "is gone for good",
    413: "finds the message too large",
    415: "does not take this kind of message",
}


class Answered(Struct, frozen=True):
    """It worked."""

    body: bytes


class Exchange:
    """The requests of one receiver. The connection is made with the first of them.

    Args:
        whom: Who answers, for people: "the Alertmanager at am-1:9093".
        timeout: For one request.
        headers: Sent with each of them.
    """

    def __init__(self, whom: str, *, timeout: timedelta, headers: Mapping[str, str] | None = None) -> None:
        self._whom = whom
        self._timeout = timeout
        self._headers = {"User-Agent": "groundswell", **(headers or {})}
        self._session: ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered | TryAgain | Refused:
        return await self._ask("POST", url, body, headers)

    async def get(self, url: str) -> Answered | TryAgain | Refused:
        return await self._ask("GET", url, None, {})

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answered | TryAgain | Refused:
        from aiohttp import ClientConnectorCertificateError, ClientConnectorError, ClientError, InvalidURL

        try:
            request = self._connected().request(
                method, url, data=body, headers=headers, allow_redirects=False, proxy=_proxy(url)
            )
            async with request as response:
                answered = await _body(response) if method == "GET" else b""
                return _meaning(self._whom, response.status, response.headers.get("Retry-After"), answered)
        except InvalidURL:
            return Refused(f"The address of {self._whom} is none: correct it in the receiver's settings.")
        except (ClientConnectorCertificateError, ssl.SSLCertVerificationError):
            return Refused(f"The certificate of {self._whom} is not valid, or of an authority that is not known here.")
        except ClientConnectorError:
            return TryAgain(f"cannot connect to {self._whom}")
        except TimeoutError:
            return TryAgain(f"{self._whom} did not answer in time")
        except (ClientError, OSError, ValueError):
            return TryAgain(f"the connection to {self._whom} broke, or its answer could not be read")

    def _connected(self) -> "ClientSession":
        if self._session is None:
            from aiohttp import ClientSession, ClientTimeout, DummyCookieJar

            self._session = ClientSession(
                timeout=ClientTimeout(total=self._timeout.total_seconds()),
                cookie_jar=DummyCookieJar(),
                headers=self._headers,
            )
        return self._session


async def _body(response: "ClientResponse") -> bytes:
    """All of it, unless it has no end."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _READ_AT_MOST:
            break
    return bytes(body)


def host_of(url: str) -> str:
    """Host and port, as people name a server; never a user, a password or a path, in which secrets may stand."""
    return urlsplit(url).netloc.rpartition("@")[2]


def pause(retry_after: str | None, now: datetime | None = None) -> timedelta | None:
    """`Retry-After`, in seconds or as a date, at most a day; None where it says nothing we can read."""
    if retry_after is None:
        return None
    try:
        wait = timedelta(seconds=min(float(retry_after), LONGEST_PAUSE.total_seconds()))
    except (ValueError, OverflowError):
        try:
            wait = parsedate_to_datetime(retry_after) - (now or datetime.now(UTC))
        except (ValueError, TypeError):  # not a date, or one without a zone
            return None
        wait = max(wait, timedelta(0))
    return min(wait, LONGEST_PAUSE) if wait >= timedelta(0) else None


def _meaning(whom: str, status: int, retry_after: str | None, body: bytes) -> Answered | TryAgain | Refused:
    if 200 <= status < 300:
        return Answered(body)
    if status in _LATER or status >= 500:
        what = _LATER.get(status, "has an error of its own")
        return TryAgain(f"{whom} {what} (HTTP {status})", pause(retry_after))
    if 300 <= status < 400:
        return Refused(f"What should be {whom} points elsewhere (HTTP {status}): give the address that it names.")
    what = _NEVER.get(status, "does not take the message")
    return Refused(f"What should be {whom} {what} (HTTP {status}).", is_message=status in _MESSAGE_IS_AT_FAULT)


def _proxy(url: str) -> str | None:
    """As the environment says (HTTPS_PROXY, NO_PROXY); never for this machine itself."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.hostname in _LOOPBACK or proxy_bypass(parts.hostname):
        return None
    return getproxies().get(parts.scheme)
