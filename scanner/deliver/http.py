"""HTTP and JSON with one catalog: time limits, a rate, patience where it helps, and a token never shown.

Tried again: 429 (after as long as Retry-After says), 500, 502, 503, 504, a connection that fails or hangs.
Not: 401 and 403, which end the push. Redirects are not followed, so the token goes nowhere else.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from detectors.errors import ConfigError
from detectors.message import Msg
from detectors.redaction import is_well_formed, redact
from reports.catalogs import Response, Stopped

RETRIED = (429, 500, 502, 503, 504)
LONGEST_WAIT = 120.0                          # seconds before one more try
FIRST_WAIT = 0.5                              # seconds; doubled before each further try
MAX_BYTES = 64 * 2**20                        # of an answer that are read


def check_address(url: str) -> SplitResult:
    """Return the parts of a catalog's address; raise ConfigError for one that is none or holds a secret."""
    parts = urlsplit(url) if is_well_formed(url) else SplitResult("", "", "", "", "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            Msg("no address of a catalog"),
            where=redact(url),
            hint=Msg("--url https://catalog.example.com"),
        )
    if redact(url) != url:
        raise ConfigError(
            Msg("a secret must not stand in a URL"),
            hint=Msg("name an environment variable: token: {env: ...}"),
        )
    return parts


@dataclass(frozen=True, slots=True)
class Patience:
    """How fast, how long and how often a client asks."""

    rate: float = 0                           # requests a second at most; 0: as fast as answers come
    timeout: float = 30                       # seconds until an answer
    tries: int = 5                            # of one request
    sleep: Callable[[float], None] = time.sleep         # seconds
    clock: Callable[[], float] = time.monotonic         # seconds

    @property
    def pause(self) -> float:
        """Seconds from one request to the next."""
        return 1 / self.rate if self.rate else 0.0


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked of a catalog. reads: it changes nothing."""

    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str]
    reads: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came over the wire. headers: their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A client of `reports.catalogs.Client`. writes: counts requests that change something, every try."""

    def __init__(
        self, url: str, token: str = "", *, basic: bool = False, patience: Patience = Patience()
    ) -> None:
        """Raise ConfigError for a bad address. basic: the token is `user:password`."""
        parts = check_address(url)
        self._host, self._secure, self._path = parts.netloc, parts.scheme == "https", parts.path.rstrip("/")
        self._headers = {"Accept": "application/json"} | _authorization(token, basic)
        self._patience = patience
        self._next = 0.0                      # when the next request may go, by the clock
        self._open: http.client.HTTPConnection | None = None
        self.requests = self.writes = 0

    def __repr__(self) -> str:
        return f"Http({self._host})"

    def get(self, path: str) -> Response:
        """Ask for a path below the address."""
        return self._ask(_Request("GET", path, None, {}, True))

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        reads: bool = False,
    ) -> Response:
        """Send JSON; a body of text goes as it is."""
        data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
        complete = {"Content-Type": "application/json"} | dict(headers or {})
        return self._ask(_Request(method, path, data, complete, reads))

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _ask(self, request: _Request) -> Response:
        """Ask until there is an answer; raise Stopped when there is none, or it ends the push."""
        fault = ""
        for n in range(self._patience.tries):
            self._keep_rate()
            self.requests += 1
            self.writes += not request.reads
            wait = min(FIRST_WAIT * 2**n, LONGEST_WAIT)
            try:
                answer = self._once(request)
            except ssl.SSLCertVerificationError:
                raise Stopped(
                    Msg("its certificate is not trusted"),
                    where=self._host,
                    hint=Msg("see SSL_CERT_FILE of OpenSSL"),
                ) from None
            except (OSError, http.client.HTTPException) as e:
                self.close()
                fault = _connection_fault(e)
            else:
                if answer.status not in RETRIED:
                    self._stop_if_useless(answer, request.reads)
                    return response_of(answer.status, answer.headers, answer.body)
                fault = Msg("answers {n} again and again", n=answer.status)
                wait = _retry_after(answer.headers.get("retry-after", ""), wait)
            if n + 1 < self._patience.tries:
                self._patience.sleep(wait)
        raise Stopped(
            fault,
            where=self._host,
            hint=Msg("nothing is lost: try again later; what a push has to deliver stays queued"),
        )

    def _stop_if_useless(self, answer: _Answer, reads: bool) -> None:
        """Raise Stopped for an answer after which every other request is in vain."""
        if (stop := stop_reason(answer.status, answer.body, reads)) is not None:
            what, hint = stop
            raise Stopped(what, where=self._host, hint=hint)

    def _once(self, request: _Request) -> _Answer:
        if self._open is None:
            kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
            self._open = kind(self._host, timeout=self._patience.timeout)
        headers = {**self._headers, **request.headers}
        self._open.request(request.method, self._path + request.path, request.body, headers)
        answer = self._open.getresponse()
        body = answer.read(MAX_BYTES)
        if not answer.isclosed():             # longer than we read
            self.close()
        return _Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)

    def _keep_rate(self) -> None:
        """Wait until the next request may go."""
        pause, clock = self._patience.pause, self._patience.clock
        if not pause:
            return
        if (wait := self._next - clock()) > 0:
            self._patience.sleep(wait)
        self._next = max(clock(), self._next) + pause


def _authorization(token: str, basic: bool) -> dict[str, str]:
    if not token:
        return {}
    encoded = "Basic " + base64.b64encode(token.encode()).decode() if basic else f"Bearer {token}"
    return {"Authorization": encoded}


def _connection_fault(error: Exception) -> Msg:
    if isinstance(error, TimeoutError):
        return Msg("no answer in time")
    return Msg("cannot be reached ({kind})", kind=type(error).__name__)


def stop_reason(status: int, body: bytes, reads: bool) -> tuple[Msg, Msg] | None:
    """Return (what happened, what to do) for an answer that ends the push; None for any other."""
    if status in (401, 403):
        if status == 401:
            what = Msg("the catalog does not know the token or it has expired ({n})", n=status)
        elif reads:
            what = Msg("the catalog does not allow this account to read ({n})", n=status)
        else:
            what = Msg("the catalog does not allow this account to write ({n})", n=status)
        return what, Msg("renew it and try again; what a push has to deliver stays queued")
    if 300 <= status < 400:
        return Msg("the catalog sends us elsewhere ({n})", n=status), Msg("give its final address in url")
    if status < 300 and body.lstrip()[:1] == b"<":
        return (
            Msg("a web page stands at this address, not the catalog's API"),
            Msg("see url: what is the path of its API?"),
        )
    return None


def response_of(status: int, headers: Mapping[str, str], body: bytes) -> Response:
    """Return an answer with its JSON, or with why there is none."""
    etag = headers.get("etag", "")
    if len(body) >= MAX_BYTES:
        return Response(status, None, etag, "long")
    if not body.strip():
        return Response(status, None, etag, "empty")
    try:
        return Response(status, json.loads(body), etag)
    except (ValueError, RecursionError):
        return Response(status, None, etag, "garbled")


def _retry_after(text: str, otherwise: float) -> float:
    """Return the seconds of a Retry-After header: a number, or the date until when."""
    if text.strip().isdigit():
        return min(float(text), LONGEST_WAIT)
    try:
        return max(0.0, min(parsedate_to_datetime(text).timestamp() - time.time(), LONGEST_WAIT))
    except (TypeError, ValueError):
        return otherwise
