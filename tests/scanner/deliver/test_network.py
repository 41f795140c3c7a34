"""The one HTTP client, against servers and a proxy on loopback: what it sends where, and when it gives up."""

import socket
import socketserver
import ssl
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest

from detectors.errors import ConfigError
from reports.catalogs import Stopped
from scanner.deliver.http import Http, Patience
from scanner.deliver.telemetry import send
from scanner.deliver.wire import CA_VARIABLES, Limits, Wire, WireFault, WireRequest

pytestmark = pytest.mark.system

TOKEN = "s3cret-token"


class Server:
    """Answers what it is handed, in turn, the last again and again; keeps what it was sent."""

    def __init__(self, *answers):
        self.answers, self.requests, self.over = list(answers), [], threading.Event()

    def answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _handler(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.requests.append((self.command, self.path, dict(self.headers), body))
            self.close_connection = True
            answer = server.answer()
            if callable(answer):
                return answer(self)
            status, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.send_header("Connection", "close")
            self.end_headers()
            return self.wfile.write(b"{}")

        do_GET = do_POST = do_PATCH = do_PUT = do_CONNECT = _do

        def log_message(self, *_):
            pass

    return Handler


@contextmanager
def serving(server, context=None):
    """The server at an address of 127.0.0.1. context: of TLS."""
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    if context is not None:
        http.socket = context.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    http.handle_error = lambda *_: None
    http.daemon_threads = True
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http{'s' if context else ''}://127.0.0.1:{http.server_port}"
    finally:
        server.over.set()
        http.shutdown()
        http.server_close()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", *CA_VARIABLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def client(url, **more):
    return Http(url, TOKEN, patience=Patience(sleep=lambda s: None, timeout=5, **more))


# ---- what is sent where


def test_a_redirect_gets_neither_token_nor_body():
    other = Server((200, {}))
    with serving(other) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            server = Server((status, {"Location": elsewhere + "/x"}))
            with serving(server) as url:
                with pytest.raises(Stopped, match="elsewhere"):
                    client(url).send("POST", "/v1", {"a": 1})
                assert "answered" in send("text", url)

    assert other.requests == [] and server.requests[0][2]["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("token", ["", TOKEN])
def test_netrc_is_not_read(tmp_path, monkeypatch, token):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password of-somebody-else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = Server((200, {"Set-Cookie": "a=b"}))
    with serving(server) as url:
        http = Http(url, token)
        http.get("/a")
        http.get("/b")
        send("text", url)

    headers = [request[2] for request in server.requests]
    assert [h.get("Authorization") for h in headers] == [f"Bearer {token}" if token else None] * 2 + [None]
    assert not any("Cookie" in h for h in headers)


def test_a_proxy_of_the_environment_is_used_and_no_proxy_is_heeded(monkeypatch):
    proxy, server = Server((200, {})), Server((200, {}))
    with serving(proxy) as address, serving(server) as url:
        monkeypatch.setenv("http_proxy", address.replace("//", "//me:proxy-pw@"))
        client("http://catalog.example.com").get("/v1")
        send("text", "http://hook.example.com/secret")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        client(url).get("/v1")

    assert [r[1] for r in proxy.requests] == [
        "http://catalog.example.com/v1",
        "http://hook.example.com/secret",
    ]
    assert proxy.requests[0][2]["Proxy-Authorization"].startswith("Basic ")
    assert len(server.requests) == 1 and "Proxy-Authorization" not in server.requests[0][2]


@pytest.mark.parametrize(
    ("status", "words", "requests"),
    [
        (403, "the proxy refuses (403). ask who runs the proxy", 1),
        (407, "the proxy wants a password (407)", 1),
        (502, "the proxy refuses (502)", 2),
    ],
)
def test_a_proxy_that_refuses_is_named_and_never_sees_the_token(monkeypatch, status, words, requests):
    proxy = Server((status, {}))
    with serving(proxy) as address:
        monkeypatch.setenv("https_proxy", address.replace("//", "//me:proxy-pw@"))
        with pytest.raises(Stopped) as e:
            client("https://catalog.example.com", tries=2).send("POST", "/v1", {})

    assert words in e.value.line()
    assert [r[0] for r in proxy.requests] == ["CONNECT"] * requests
    assert not any("Authorization" in r[2] for r in proxy.requests)
    assert "proxy-pw" not in e.value.line() and TOKEN not in e.value.line()


@pytest.mark.parametrize(("status", "words"), [(407, "the proxy wants a password"), (403, "the proxy, or")])
def test_a_proxy_that_refuses_what_it_reads_is_not_asked_again(monkeypatch, status, words):
    proxy = Server((status, {}))
    with serving(proxy) as address:
        monkeypatch.setenv("http_proxy", address)
        with pytest.raises(Stopped, match=words):
            client("http://catalog.example.com").get("/v1")

    assert len(proxy.requests) == 1


def test_a_proxy_that_is_not_there_stops_after_the_tries(monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused.getsockname()[1]}")
        http = client("http://catalog.example.com", tries=3)
        with pytest.raises(Stopped, match=r"the proxy lets nothing through \(ConnectionRefusedError\)"):
            http.send("POST", "/v1", {})
        assert http.requests == 3
        monkeypatch.delenv("http_proxy")
        with pytest.raises(Stopped, match=r"cannot be reached \(ConnectionRefusedError\)"):
            client(f"http://127.0.0.1:{unused.getsockname()[1]}", tries=1).get("/v1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(file, context of a server): a certificate of 127.0.0.1 that only this file vouches for."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_private_authority_is_trusted_where_the_environment_names_it(certificate, monkeypatch, variable):
    file, context = certificate
    server = Server((200, {}))
    with serving(server, context) as url:
        with pytest.raises(Stopped, match="not trusted"):
            client(url).get("/v1")
        assert server.requests == []
        monkeypatch.setenv(variable, str(file))
        assert client(url).get("/v1").good


# ---- tried again, or not


@pytest.mark.parametrize(
    ("effect", "answer", "requests"),
    [
        ("once", (500, {}), 1),
        ("once", (503, {}), 1),
        ("once", (503, {"Retry-After": "1"}), 4),
        ("once", (429, {}), 4),
        ("same", (500, {}), 4),
        ("none", (502, {}), 4),
    ],
)
def test_only_what_cannot_have_an_effect_twice_is_sent_again(effect, answer, requests):
    server = Server(answer)
    with serving(server) as url, pytest.raises(Stopped, match=str(answer[0])):
        client(url, tries=4).send("POST", "/v1", {}, effect=effect)

    assert len(server.requests) == requests


@pytest.mark.parametrize(
    ("method", "headers", "requests"),
    [
        ("POST", {}, 1),
        ("PATCH", {}, 1),
        ("PATCH", {"If-Match": '"3"'}, 3),
        ("PUT", {}, 3),
    ],
)
def test_a_lost_answer(method, headers, requests):
    server = Server(lambda handler: None)
    with serving(server) as url, pytest.raises(Stopped, match="cannot be reached"):
        client(url, tries=3).send(method, "/v1", {}, headers=headers)

    assert len(server.requests) == requests


def test_a_webhook_is_told_once():
    server = Server((503, {"Retry-After": "1"}))
    with serving(server) as url:
        assert "503" in send("text", url + "/secret-path")

    assert len(server.requests) == 1


# ---- bounds


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def dripping(where):
    """Sends a byte now and then: in the status line, in the headers or in the body."""

    def drip(handler):
        handler.wfile.write(
            {
                "status": b"HTTP/1.1 2",
                "headers": b"HTTP/1.1 200 OK\r\nX: ",
                "body": b"HTTP/1.1 200 OK\r\n\r\n",
            }[where]
        )
        while not handler.server_over.wait(0.02):
            handler.wfile.write(b"0")

    return drip


def test_an_endless_body_is_cut():
    server = Server(endless)
    with serving(server) as url:
        wire = Wire(limits=Limits(size=2**20))
        assert len(wire.send(WireRequest("GET", url)).body) == 2**20


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("where", ["status", "headers", "body"])
def test_an_answer_that_drips_ends_with_the_time(where, tls, certificate, monkeypatch):
    file, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    server = Server(dripping(where))
    BaseHTTPRequestHandler.server_over = server.over
    with (
        serving(server, context if tls else None) as url,
        pytest.raises(WireFault, match="no answer in time"),
    ):
        Wire(limits=Limits(pause=5, whole=0.3)).send(WireRequest("GET", url))


def test_a_proxy_that_drips_ends_with_the_time(monkeypatch):
    proxy = Server(dripping("headers"))
    BaseHTTPRequestHandler.server_over = proxy.over
    with serving(proxy) as address:
        monkeypatch.setenv("https_proxy", address)
        with pytest.raises(WireFault, match="no answer in time"):
            Wire(limits=Limits(pause=5, whole=0.3)).send(WireRequest("GET", "https://catalog.example.com"))


class Silent(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(65536)
        self.server.over.wait(30)


def test_a_silent_server_ends_with_the_pause():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        server.over = threading.Event()
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with pytest.raises(WireFault, match="no answer in time") as e:
            Wire(limits=Limits(pause=0.2)).send(
                WireRequest("GET", f"http://127.0.0.1:{server.server_address[1]}")
            )
        server.over.set()
        server.shutdown()

    assert e.value.sent


@pytest.mark.parametrize("token", [TOKEN + "\r\nX: y", TOKEN + "\ny", TOKEN + "密"])
def test_a_token_that_no_header_can_hold_is_wrong_usage_and_not_shown(token):
    with pytest.raises(ConfigError, match="not one line of ASCII") as e:
        Http("http://127.0.0.1:1", token)

    assert TOKEN not in e.value.line()
