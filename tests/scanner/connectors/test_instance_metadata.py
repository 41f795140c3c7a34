"""A cloud's metadata address is asked for credentials only where a source or a profile wants that."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import places
import pytest

from scanner.cli.metadata_guard import ADDRESSES, _check

SCAN = """
import sys
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
options = dict(pair.split("=", 1) for pair in sys.argv[2:])
source = Source("s", sys.argv[1], options=options, timeout=3)
print([str(s.reason) for s in job.scan(Config((source,))).skipped])
"""
URLS = ("s3://bucket/a.csv", "delta+s3://bucket/t", "iceberg+s3://bucket/t", "iceberg+glue://")


@pytest.fixture
def metadata():
    """A stand-in for the address, which counts what it is asked and has no credentials."""
    asked = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_PUT = do_GET

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def scan(address, home, url, *options, **variables):
    own = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "GOOGLE_"))}
    places_of_it = {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": address,
        "AWS_METADATA_ENDPOINT": address,
        "AWS_REGION": "cn-north-1",
        "AWS_DEFAULT_REGION": "cn-north-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "HOME": str(home),
        "PYTHONPATH": str(places.ROOT),
    }
    return subprocess.run(
        [sys.executable, "-c", SCAN, url, *options],
        capture_output=True,
        text=True,
        check=True,
        env=own | places_of_it | variables,
    ).stdout


@pytest.mark.system
def test_it_is_not_asked(metadata, tmp_path):
    address, asked = metadata
    for url in URLS:
        assert "no credentials" in scan(address, tmp_path, url), url

        assert asked == [], url


@pytest.mark.system
def test_it_is_asked_where_a_source_or_a_profile_wants_that(metadata, tmp_path):
    address, asked = metadata
    scan(address, tmp_path, URLS[0], "instance_role=yes")
    by_source = len(asked)
    (tmp_path / "config").write_text(
        "[profile ours]\nrole_arn = arn:aws:iam::1:role/r\ncredential_source = Ec2InstanceMetadata\n"
    )
    scan(address, tmp_path, URLS[0], AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_PROFILE="ours")

    assert 0 < by_source < len(asked)


@pytest.mark.parametrize("host", sorted(ADDRESSES))
def test_the_command_line_refuses_these_addresses_to_every_library(host, monkeypatch):
    with pytest.raises(ConnectionRefusedError):
        _check("socket.getaddrinfo", (host, 80, 0, 0, 0))
    with pytest.raises(ConnectionRefusedError):
        _check("socket.connect", (None, (f"{host}", 80)))
    _check("socket.connect", (None, ("127.0.0.1", 80)))
    _check("socket.connect", (None, "/run/postgresql/.s"))


@pytest.mark.system
def test_the_refusal_holds_for_a_process_of_ours(tmp_path):
    code = (
        "import socket\nfrom scanner.cli import metadata_guard\nmetadata_guard.install()\n"
        "try:\n    socket.create_connection(('169.254.169.254', 80), 1)\n"
        "except ConnectionRefusedError as e:\n    print(e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(places.ROOT)},
    )

    assert done.stdout == "instance metadata is not asked\n"
