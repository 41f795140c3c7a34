"""HTTP and JSON with one catalog: time limits, a rate, patience where it helps, and a token never shown.

Tried again: 429 (after as long as Retry-After says), 500, 502, 503, 504, a connection that fails or hangs.
A request that would have another effect the second time is tried again only where it cannot have had one: no
connection, 429, 503 with Retry-After. Not: 401, 403 and 407, which end the push.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from detectors.errors import ConfigError
from detectors.message import Msg, Text
from detectors.redaction import is_well_formed, redact
from reports.catalogs import Effect, Response, Stopped
from scanner.deliver.wire import ASK_PROXY, PROXY_PASSWORD, Limits, Wire, WireAnswer, WireFault, WireRequest

if TYPE_CHECKING:
    from urllib3.util import Retry

RETRIED = (429, 500, 502, 503, 504)
LONGEST_WAIT = 120.0                          # seconds before one more try
FIRST_WAIT = 0.5                              # seconds; doubled before each further try
REPEATABLE = ("GET", "PUT", "DELETE")         # RFC 9110, 9.2.2
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
    timeout: float = 30                       # seconds without a byte
    whole: float = 300                        # seconds of one request and its answer
    tries: int = 5                            # of one request
    sleep: Callable[[float], None] = time.sleep         # seconds
    clock: Callable[[], float] = time.monotonic         # seconds

    @property
    def pause(self) -> float:
        """Seconds from one request to the next."""
        return 1 / self.rate if self.rate else 0.0


class Http:
    """A client of `reports.catalogs.Client`. writes: counts requests that change something, every try."""

    def __init__(
        self, url: str, token: str = "", *, basic: bool = False, patience: Patience = Patience()
    ) -> None:
        """Raise ConfigError for a bad address or token. basic: the token is `user:password`."""
        parts = check_address(url)
        self._host, self._address = parts.netloc, url.rstrip("/")
        limits = Limits(patience.timeout, patience.whole, MAX_BYTES)
        self._wire = Wire(_authorization(token, basic), limits)
        self._patience = patience
        self._next = 0.0                      # when the next request may go, by the clock
        self.requests = self.writes = 0

    def __repr__(self) -> str:
        return f"Http({self._host})"

    def get(self, path: str) -> Response:
        """Ask for a path below the address."""
        return self._ask(self._request("GET", path), "none")

    def send(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        headers: Mapping[str, str] | None = None,
        effect: Effect = "once",
    ) -> Response:
        """Send JSON; a body of text goes as it is."""
        data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
        complete = {"Content-Type": "application/json"} | dict(headers or {})
        if effect == "once" and (method in REPEATABLE or "If-Match" in complete):
            effect = "same"
        return self._ask(self._request(method, path, data, complete), effect)

    def _request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> WireRequest:
        accepted = {"Accept": "application/json"} | dict(headers or {})
        return WireRequest(method, self._address + path, body, accepted)

    def close(self) -> None:
        self._wire.close()

    def _ask(self, request: WireRequest, effect: Effect) -> Response:
        """Ask until there is an answer; raise Stopped when there is none, or it ends the push."""
        from urllib3.exceptions import MaxRetryError

        tries = _tries(self._patience)
        while True:
            answer, fault, again = self._try(request, effect)
            if not fault and answer is not None:
                return response_of(answer.status, answer.headers, answer.body)
            try:
                tries = tries.increment(request.method, request.url)
            except MaxRetryError:
                again = False
            if not again:
                raise Stopped(
                    fault,
                    where=self._host,
                    hint=Msg("nothing is lost: try again later; what a push has to deliver stays queued"),
                )
            retry_after = answer.headers.get("retry-after", "") if answer is not None else ""
            self._patience.sleep(_wait(tries, retry_after))

    def _try(self, request: WireRequest, effect: Effect) -> tuple[WireAnswer | None, Text, bool]:
        """Return the answer, what is wrong with it, and whether to ask again.

        Raise Stopped for an answer after which every other request is in vain.
        """
        self._keep_rate()
        self.requests += 1
        self.writes += effect != "none"
        try:
            answer = self._wire.send(request)
        except WireFault as e:
            if e.hint:
                raise Stopped(e.what, where=self._host, hint=e.hint) from None
            return None, e.what, not e.sent or effect != "once"
        if answer.status in RETRIED:
            refused = answer.status == 429 or answer.status == 503 and "retry-after" in answer.headers
            again = effect != "once" or refused
            return answer, Msg("answers {n} again and again", n=answer.status), again
        if answer.status == 403 and answer.by_proxy:
            raise Stopped(
                Msg("the proxy, or the catalog behind it, refuses ({n})", n=403),
                where=self._host,
                hint=ASK_PROXY,
            )
        if (stop := stop_reason(answer.status, answer.body, effect == "none")) is not None:
            what, hint = stop
            raise Stopped(what, where=self._host, hint=hint)
        return answer, "", False

    def _keep_rate(self) -> None:
        """Wait until the next request may go."""
        pause, clock = self._patience.pause, self._patience.clock
        if not pause:
            return
        if (wait := self._next - clock()) > 0:
            self._patience.sleep(wait)
        self._next = max(clock(), self._next) + pause


def _authorization(token: str, basic: bool) -> str:
    """Return the value of the header, empty without a token; raise ConfigError if no header holds it."""
    if not token:
        return ""
    if not token.isprintable() or not (basic or token.isascii()):
        raise ConfigError(
            Msg("the token is not one line of ASCII characters"),
            hint=Msg("its environment variable or file holds the token alone, in one line"),
        )
    return "Basic " + base64.b64encode(token.encode()).decode() if basic else f"Bearer {token}"


def _tries(patience: Patience) -> Retry:
    """Return the tries that are left of a request, with the waits between them."""
    from urllib3.util import Retry

    return Retry(total=patience.tries - 1, backoff_factor=FIRST_WAIT, backoff_max=LONGEST_WAIT)


def _wait(tries: Retry, retry_after: str) -> float:
    """Return the seconds before the next try. retry_after: the header, a number or the date until when."""
    from urllib3.exceptions import InvalidHeader

    try:
        return min(tries.parse_retry_after(retry_after), LONGEST_WAIT)
    except (InvalidHeader, ValueError, OverflowError):
        return max(FIRST_WAIT, tries.get_backoff_time())


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
    if status == 407:
        return Msg("the proxy wants a password ({n})", n=status), PROXY_PASSWORD
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
