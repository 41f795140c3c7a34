"""One HTTP request over the network: the only place that opens a connection to a catalog or a webhook.

Proxies and CA bundles come from the environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE),
else the system's. Never: a redirect that is followed, a password of .netrc, a cookie, a second try. An answer
is bounded in bytes and, with all that precedes it, in seconds.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detectors.message import Msg, Text

if TYPE_CHECKING:
    from socket import socket

    import requests

CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXY_PASSWORD = Msg("https_proxy=http://user:password@host:port")
ASK_PROXY = Msg("ask who runs the proxy, or name the host in NO_PROXY")
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})")           # words of http.client
UNSENT = {"NewConnectionError", "ConnectTimeout", "ConnectTimeoutError", "ProxyError", "SSLError"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take. pause: seconds without a byte; whole: seconds altogether; size: bytes."""

    pause: float = 30
    whole: float = 300
    size: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class WireRequest:
    """What is sent."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came over the wire. headers: their names in lower case. body: no more than the limit's bytes.

    by_proxy: a proxy handed it over unencrypted, and may have made it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    by_proxy: bool = False


class WireFault(Exception):
    """There is no answer. what: why, without any address; sent: perhaps the server received the request.

    hint: what to do where another try is in vain; empty where it may help.
    """

    def __init__(self, what: Msg, *, sent: bool, hint: Text = "") -> None:
        super().__init__(what)
        self.what, self.sent, self.hint = what, sent, hint


class Wire:
    """Sends requests, one at a time, and keeps the connection between them."""

    def __init__(self, authorization: str = "", limits: Limits = Limits()) -> None:
        """authorization: value of the header of that name; empty for none."""
        self._authorization = authorization
        self._limits = limits
        self._session: requests.Session | None = None
        self._cutter = _Cutter()

    def send(self, request: WireRequest) -> WireAnswer:
        """Return the answer to a request; raise WireFault when there is none."""
        import requests

        if self._session is None:
            self._session = _open_session(self._authorization, self._cutter)
        try:
            with self._cutter.after(self._limits.whole), self._ask(self._session, request) as response:
                body = response.raw.read(self._limits.size, decode_content=False)
                headers = {name.lower(): value for name, value in response.headers.items()}
                answer = WireAnswer(response.status_code, headers, body, _by_proxy(request.url))
        except (requests.RequestException, _urllib3_error(), OSError, ValueError) as e:
            self.close()
            raise _fault(e, self._cutter.cut) from None
        if self._cutter.cut:
            self.close()
            raise WireFault(Msg("no answer in time"), sent=True)
        return answer

    def _ask(self, session: requests.Session, request: WireRequest) -> requests.Response:
        return session.request(
            request.method,
            request.url,
            data=request.body,
            headers=dict(request.headers or {}) | {"Accept-Encoding": "identity"},
            timeout=self._limits.pause,
            allow_redirects=False,
            stream=True,
        )

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


class _Cutter:
    """Ends a connection when its time is over: bytes that drip would never be late one by one."""

    def __init__(self) -> None:
        self.cut = False
        self._socket: socket | None = None
        self._timer: threading.Timer | None = None

    def after(self, seconds: float) -> _Cutter:
        self.cut = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        return self

    def __enter__(self) -> None:
        if self._timer is not None:
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def watch(self, opened: socket) -> None:
        """Remember the socket in use; end it at once if the time is over already."""
        self._socket = opened
        if self.cut:
            self._end()

    def _end(self) -> None:
        import socket

        self.cut = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:                   # closed already
                pass


def _by_proxy(url: str) -> bool:
    """Does a proxy read the request and its answer? Of https it only carries the bytes."""
    from requests.utils import get_environ_proxies, select_proxy

    return url.startswith("http:") and bool(select_proxy(url, get_environ_proxies(url)))


def _urllib3_error() -> type[Exception]:
    from urllib3.exceptions import HTTPError

    return HTTPError


def _open_session(authorization: str, cutter: _Cutter) -> requests.Session:
    """Return a session that follows no redirect, stores no cookie and reads no .netrc."""
    from http.cookiejar import DefaultCookiePolicy

    import requests

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:
            """Return no target: not even the body of a redirect is read to prepare for one."""

    def authorize(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set our token, or nothing. That there is such a function keeps .netrc unread."""
        if authorization:
            prepared.headers["Authorization"] = authorization
        return prepared

    session = Session()
    session.auth = authorize
    session.verify = _certificates()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("http://", "https://"):
        session.mount(scheme, _watched_adapter(cutter))
    return session


def _certificates() -> str | bool:
    """Return the file or folder of certificates that are trusted; True for those that requests brings."""
    paths = ssl.get_default_verify_paths()
    named = [os.environ[name] for name in CA_VARIABLES if os.environ.get(name)]
    for path in (*named, paths.cafile, paths.capath):
        if path and (path in named or Path(path).exists()):
            return path
    return True


def _watched_adapter(cutter: _Cutter) -> Any:
    """Return an adapter whose connections show their sockets to the cutter, those through a proxy too."""
    from requests.adapters import HTTPAdapter
    from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.connection import HTTPConnection, HTTPSConnection

    def watched(kind: type[HTTPConnection]) -> type[HTTPConnection]:
        class Watched(kind):  # type: ignore[misc, valid-type]
            def _new_conn(self) -> socket:
                opened: socket = super()._new_conn()
                cutter.watch(opened)
                return opened

            def request(self, *args: Any, **options: Any) -> None:
                if self.sock is not None:     # in use before, or wrapped in TLS
                    cutter.watch(self.sock)
                super().request(*args, **options)

            def getresponse(self) -> Any:
                cutter.watch(self.sock)
                return super().getresponse()

        return Watched

    pools = {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": watched(HTTPConnection)}),
        "https": type("Pools", (HTTPSConnectionPool,), {"ConnectionCls": watched(HTTPSConnection)}),
    }

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **options: Any) -> None:
            super().init_poolmanager(*args, **options)
            self.poolmanager.pool_classes_by_scheme = pools

        def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
            manager = super().proxy_manager_for(proxy, **options)
            manager.pool_classes_by_scheme = pools
            return manager

    return Adapter(max_retries=0, pool_connections=1, pool_maxsize=1)


def _fault(error: Exception, too_late: bool) -> WireFault:
    """Return why there is no answer. The error's own words may hold addresses and secrets: only kinds."""
    causes = _causes(error)
    kinds = _kinds(causes)
    kind = type(causes[-1]).__name__
    unsent = bool(kinds & UNSENT)
    if too_late or {"Timeout", "TimeoutError"} & _kinds(c for c in causes if not _is_refused(c)):
        return WireFault(Msg("no answer in time"), sent=not unsent)
    if "SSLCertVerificationError" in kinds:
        hint = Msg("name its authority's certificates in REQUESTS_CA_BUNDLE or SSL_CERT_FILE")
        return WireFault(Msg("its certificate is not trusted"), sent=False, hint=hint)
    if refusal := _TUNNEL_REFUSED.search(" ".join(map(str, causes))):
        return _proxy_refusal(int(refusal[1]))
    if "ProxyError" in kinds or "InvalidProxyURL" in kinds:
        return WireFault(Msg("the proxy lets nothing through ({kind})", kind=kind), sent=False)
    return WireFault(Msg("cannot be reached ({kind})", kind=kind), sent=not unsent)


def _kinds(errors: Iterable[BaseException]) -> set[str]:
    return {kind.__name__ for error in errors for kind in type(error).__mro__}


def _is_refused(error: BaseException) -> bool:
    """Is it urllib3's error of a connection that was not made? It is a kind of timeout there."""
    return "NewConnectionError" in _kinds([error])


def _proxy_refusal(status: int) -> WireFault:
    """Return the fault of a proxy that opens no tunnel, by its status: below 500 it will not next time."""
    if status == 407:
        return WireFault(Msg("the proxy wants a password ({n})", n=status), sent=False, hint=PROXY_PASSWORD)
    hint = ASK_PROXY if status < 500 else ""
    return WireFault(Msg("the proxy refuses ({n})", n=status), sent=False, hint=hint)


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what it came from, the innermost last."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return causes
