"""HTTP and JSON with one catalog: time limits, a rate, patience where it helps, and a token that is never shown.

Tried again: 429 (as long as Retry-After says), 500, 502, 503, 504, a connection that fails or hangs. Not: 401 and 403, which end the
push. Redirects are not followed, so the token goes nowhere else.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from detectors.errors import ConfigError
from detectors.message import Msg
from reports.catalogs import Response, Stopped

AGAIN = (429, 500, 502, 503, 504)
LONGEST = 120.0                               # seconds waited at most before one more try
MOST = 64 * 2**20                             # bytes of an answer read at most


def checked(url: str) -> SplitResult:
    """The address of a catalog; ConfigError for one that is none, or that holds a secret."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            Msg("no address of a catalog"),
            where=url.rsplit("@", 1)[-1],
            hint=Msg("--url https://catalog.example.com"),
        )
    if parts.username or parts.password:
        raise ConfigError(
            Msg("a secret must not stand in a URL"),
            hint=Msg("name an environment variable: token: {env: ...}"),
        )
    return parts


class Http:
    """A client of `reports.catalogs.Client`. `writes` counts requests that change something, each try once."""

    def __init__(
        self, url: str, token: str = "", *, basic: bool = False, rate: float = 0, timeout: float = 30, tries: int = 5,
        sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = checked(url)
        self._host, self._secure, self._path = parts.netloc, parts.scheme == "https", parts.path.rstrip("/")
        told = "Basic " + base64.b64encode(token.encode()).decode() if basic else f"Bearer {token}"
        self._headers = {"Accept": "application/json"} | ({"Authorization": told} if token else {})
        self._pause = 1 / rate if rate else 0.0
        self._timeout, self._tries, self._sleep, self._clock = timeout, tries, sleep, clock
        self._next = 0.0
        self._open: http.client.HTTPConnection | None = None
        self.requests = self.writes = 0

    def __repr__(self) -> str:
        return f"Http({self._host})"

    def get(self, path: str) -> Response:
        """Ask for a path below the address."""
        return self._ask("GET", path, None, {}, True)

    def send(self, method: str, path: str, body: Any, *, headers: Mapping[str, str] | None = None, reads: bool = False) -> Response:
        """Send JSON. A body of text goes as it is."""
        data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
        return self._ask(method, path, data, {"Content-Type": "application/json"} | dict(headers or {}), reads)

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _ask(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str], reads: bool) -> Response:
        what = ""
        for n in range(self._tries):
            self._wait()
            self.requests += 1
            self.writes += not reads
            wait = min(0.5 * 2**n, LONGEST)
            try:
                status, got, told = self._once(method, path, data, headers)
            except ssl.SSLCertVerificationError:
                raise Stopped(
                    Msg("its certificate is not trusted"),
                    where=self._host,
                    hint=Msg("see SSL_CERT_FILE of OpenSSL"),
                ) from None
            except (OSError, http.client.HTTPException) as e:
                self.close()
                what = (
                    Msg("no answer in time")
                    if isinstance(e, TimeoutError)
                    else Msg("cannot be reached ({kind})", kind=type(e).__name__)
                )
            else:
                if status not in AGAIN:
                    return self._answer(status, got, told, reads)
                what = Msg("answers {n} again and again", n=status)
                wait = _retry_after(got.get("retry-after", ""), wait)
            if n + 1 < self._tries:
                self._sleep(wait)
        raise Stopped(
            what,
            where=self._host,
            hint=Msg("nothing is lost: try again later; what a push has to deliver stays queued"),
        )

    def _answer(self, status: int, got: Mapping[str, str], told: bytes, reads: bool) -> Response:
        if status in (401, 403):
            if status == 401:
                what = Msg("the catalog does not know the token or it has expired ({n})", n=status)
            elif reads:
                what = Msg("the catalog does not allow this account to read ({n})", n=status)
            else:
                what = Msg("the catalog does not allow this account to write ({n})", n=status)
            raise Stopped(what, where=self._host,
                          hint=Msg("renew it and try again; what a push has to deliver stays queued"))
        if 300 <= status < 400:
            raise Stopped(
                Msg("the catalog sends us elsewhere ({n})", n=status),
                where=self._host,
                hint=Msg("give its final address in url"),
            )
        if status < 300 and told.lstrip()[:1] == b"<":
            raise Stopped(Msg("a web page stands at this address, not the catalog's API"), where=self._host,
                          hint=Msg("see url: what is the path of its API?"))
        if len(told) >= MOST:
            return Response(status, None, got.get("etag", ""), "long")
        try:
            body = json.loads(told) if told.strip() else None
        except (ValueError, RecursionError):
            return Response(status, None, got.get("etag", ""), "garbled")
        return Response(status, body, got.get("etag", ""), "" if told.strip() else "empty")

    def _once(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        if self._open is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._open = kind(self._host, timeout=self._timeout)
        self._open.request(method, self._path + path, data, {**self._headers, **headers})
        answer = self._open.getresponse()
        body = answer.read(MOST)
        if not answer.isclosed():             # longer than we read
            self.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body

    def _wait(self) -> None:
        if not self._pause:
            return
        if (left := self._next - self._clock()) > 0:
            self._sleep(left)
        self._next = max(self._clock(), self._next) + self._pause


def _retry_after(told: str, otherwise: float) -> float:
    """Seconds a server asks us to wait: a number, or the date until when."""
    if told.strip().isdigit():
        return min(float(told), LONGEST)
    try:
        return max(0.0, min(parsedate_to_datetime(told).timestamp() - time.time(), LONGEST))
    except (TypeError, ValueError):
        return otherwise
