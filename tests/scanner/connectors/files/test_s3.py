"""Files and lakes on S3, against a server on this machine."""

import gzip
import http.server
import json
import threading
import urllib.request

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import s3fs
from deltalake import write_deltalake
from moto.server import ThreadedMotoServer
from pyiceberg.catalog.sql import SqlCatalog

import servers
from detectors.errors import ChujingError, SourceError
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect
from scanner.connectors.files import file_systems
from scanner.gather import scan_sources
from scanner.testing import ConnectorContract, member_rows, rows_of

KEY, SECRET = "AKIAKANARIE7", "geheim-9f8e7d"


def members():
    ids, mobiles, cities = zip(*member_rows(), strict=True)
    return pa.table({"id": ids, "mobile": mobiles, "city": cities})


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=servers.free_port(), verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture(scope="module")
def _client(endpoint):
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="members")
    return client


@pytest.fixture
def s3(_client, endpoint, monkeypatch, tmp_path):
    """A client of an S3 server with an empty bucket `lake`; credentials stand in the environment."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    _client.create_bucket(Bucket="lake")
    yield _client
    for key, _, _ in listing(_client, "lake"):
        _client.delete_object(Bucket="lake", Key=key)
    _client.delete_bucket(Bucket="lake")


def authenticate(endpoint, after):
    """Keys are checked after so many more requests."""
    request = urllib.request.Request(
        f"{endpoint}/moto-api/reset-auth", after, {"Content-Type": "text/plain"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=60):
        pass


def parquet(table, **options):
    out = pa.BufferOutputStream()
    pq.write_table(table, out, **options)
    return out.getvalue().to_pybytes()


def listing(client, bucket):
    return [
        (o["Key"], o["ETag"], o["LastModified"])
        for o in client.list_objects_v2(Bucket=bucket).get("Contents", [])
    ]


MEMBER = {
    "csv": "s3://members/csv/",
    "csv.gz in a glob": "s3://members/*/member.csv.g?",
    "parquet": "s3://members/parquet/member.parquet",
    "partitions": "s3://members/partitions",
    "delta": "delta+s3://members/delta/member",
    "delta in a folder": "s3://members/delta",
    "iceberg": "iceberg+s3://members/iceberg/member",
}


@pytest.fixture(scope="module")
def filled(_client, endpoint, tmp_path_factory):
    """The bucket `members`: the same table in every way, and what lies in it."""
    rows = "id,mobile,city\n" + "".join(f"{i},{m or ''},{c}\n" for i, m, c in member_rows())
    bodies = {
        "csv/member.csv": rows.encode(),
        "gz/member.csv.gz": gzip.compress(rows.encode()),
        "partitions/member/_SUCCESS": b"",
        "parquet/member.parquet": parquet(members(), row_group_size=30),
    }
    for city in ("上海", "杭州"):
        part = members().filter(pa.compute.equal(members()["city"], city)).drop_columns("city")
        bodies[f"partitions/member/city={city}/part-0.parquet"] = parquet(part)
    for key, body in bodies.items():
        _client.put_object(Bucket="members", Key=key, Body=body)
    access = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    write_deltalake("s3://members/delta/member", members(), partition_by=["city"], storage_options=access)
    catalogue = SqlCatalog(
        "c",
        uri=f"sqlite:///{tmp_path_factory.mktemp('c')}/c.db",
        warehouse="s3://members/iceberg",
        **{
            "s3.endpoint": endpoint,
            "s3.access-key-id": KEY,
            "s3.secret-access-key": SECRET,
            "s3.region": "us-east-1",
        },
    )
    catalogue.create_namespace("hr")
    catalogue.create_table("hr.member", members().schema, location="s3://members/iceberg/member").append(
        members()
    )
    return listing(_client, "members")


class TestS3(ConnectorContract):
    """CSV, Parquet, Delta and Iceberg; nothing is ever written."""

    @pytest.fixture(params=MEMBER.values(), ids=MEMBER)
    def source(self, request, s3, filled):
        yield connect(request.param, name="source")
        assert listing(s3, "members") == filled


@pytest.mark.parametrize("kind", ["options", "profile"])
def test_credentials_from_options_or_a_profile(kind, s3, endpoint, monkeypatch, tmp_path):
    write_deltalake("s3://lake/d", pa.table({"id": [1]}), storage_options={"AWS_ALLOW_HTTP": "true"})
    s3.put_object(Bucket="lake", Key="a.csv", Body=b"id\n1\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    options = {"endpoint_url": endpoint, "region": "us-east-1"}
    if kind == "options":
        options |= {"key": KEY, "secret": SECRET}
    else:
        (tmp_path / "credentials").write_text(
            f"[shop]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n", encoding="utf-8"
        )
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        options |= {"profile": "shop"}
    for url in ("s3://lake/a.csv", "delta+s3://lake/d"):
        source = connect(url, options=options)
        assert rows_of(source.read(next(source.tables()).ref, ("id",), {})) == [("1",)]


def test_the_fingerprint_is_the_etag(s3):
    s3.put_object(Bucket="lake", Key="a.csv", Body=b"id\n1\n")
    first = next(connect("s3://lake/").tables()).fingerprint
    s3.put_object(Bucket="lake", Key="a.csv", Body=b"id\n1\n")
    same = next(connect("s3://lake/").tables()).fingerprint
    s3.put_object(Bucket="lake", Key="a.csv", Body=b"id\n2\n")

    assert first == same != next(connect("s3://lake/").tables()).fingerprint


def test_a_sample_fetches_a_part_of_a_large_file(s3, monkeypatch):
    table = pa.table(
        {"id": range(400_000), "filler": [f"{i * 7919 % 999_983:06}{i:030}" for i in range(400_000)]}
    )
    body = parquet(table, row_group_size=4_000, compression="none", use_dictionary=False)
    s3.put_object(Bucket="lake", Key="big.parquet", Body=body)
    source = connect("s3://lake/big.parquet")
    fetched = []
    whole = s3fs.S3File._fetch_range
    monkeypatch.setattr(
        s3fs.S3File,
        "_fetch_range",
        lambda self, start, end: fetched.append(end - start) or whole(self, start, end),
    )
    sample = source.sample(next(source.tables()).ref, ("id",), 2_000, 1)

    assert sample.drawn.method == "random rows of 32 of 100 row groups"
    assert 0 < sum(fetched) < len(body) * 0.6


def test_an_object_removed_while_scanning_is_skipped_and_the_rest_read(s3, monkeypatch):
    for name in ("a", "b"):
        s3.put_object(Bucket="lake", Key=f"{name}.csv", Body=b"id\n1\n")
    whole = scan_sources.read_tables
    monkeypatch.setattr(
        scan_sources, "read_tables", lambda *a: s3.delete_object(Bucket="lake", Key="a.csv") and whole(*a)
    )
    report = job.scan(Config(sources=(Source("s", "s3://lake/"),)))

    assert [(s.id, s.reason) for s in report.skipped] == [("s/a", "s3://lake/a.csv: the file is gone")]
    assert [t.status for t in report.tables] == ["skipped", "scanned"]


# what goes wrong before a byte is read


def line(url, **options):
    """The one line a user sees."""
    with pytest.raises(ChujingError) as e:
        source = connect(url, timeout=2, **options)
        found = list(source.tables())
        raise SourceError(found[0].reason, hint=found[0].hint)
    told = e.value.line()
    assert "\n" not in told and KEY not in told and SECRET not in told and "Traceback" not in told
    return told


LAKES = ["s3://lake/in/", "delta+s3://lake/in", "iceberg+s3://lake/in/metadata/v1.metadata.json"]


@pytest.mark.parametrize("url", LAKES)
def test_a_wrong_key(url, s3, endpoint):
    s3.put_object(Bucket="lake", Key="in/a.csv", Body=b"id\n1\n")
    authenticate(endpoint, b"0")
    try:
        told = line(url)
    finally:
        authenticate(endpoint, b"inf")

    assert "wrong key, secret or token" in told or "permission denied" in told


@pytest.mark.parametrize("url", LAKES)
def test_an_endpoint_that_cannot_be_reached(url, s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{servers.free_port()}")

    assert "host cannot be reached" in line(url)


@pytest.fixture
def expired():
    """A server that says to every request what S3 says to an old token."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = (
                b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code><Message>The provided token has "
                b"expired.</Message></Error>"
            )
            self.send_response(400)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_POST = do_GET

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("url", ["s3://lake/in/", "s3://lake/*.csv", "delta+s3://lake/in"])
def test_a_token_that_expired(url, s3, expired, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", expired)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "geheim-token")

    told = line(url)
    assert "the credentials have expired" in told and "geheim" not in told


@pytest.mark.parametrize("url", LAKES[:2])
def test_no_credentials_at_all(url, s3, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    assert "no credentials" in line(url)


def test_no_such_bucket_or_profile(s3, monkeypatch):
    assert "no such" in line("s3://nope/in/")
    assert "no such profile" in line("s3://lake/in/", options={"profile": "nope"})


def test_a_source_that_cannot_be_reached_does_not_end_the_scan(s3, monkeypatch, tmp_path):
    (tmp_path / "member.csv").write_text("id\n1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{servers.free_port()}")
    report = job.scan(Config(sources=(Source("far", "s3://lake/"), Source("near", str(tmp_path)))))

    assert [s.id for s in report.skipped] == ["far"]
    assert [t.id for t in report.tables] == ["near/member"]
    assert job.exit_status(report, None) == 3


def test_secrets_are_in_no_repr(s3, endpoint):
    s3.put_object(Bucket="lake", Key="a.csv", Body=b"id\n1\n")
    source = connect("s3://lake/a.csv", options={"key": KEY, "secret": SECRET, "endpoint_url": endpoint})
    place = source._groups[0].files[0]

    assert SECRET not in repr(source._groups) + repr(place) + json.dumps(str(list(source.tables())))


def test_a_time_limit_reaches_the_driver():
    system, _ = file_systems.open_file_system("s3://lake/", {}, 7)

    assert (system.config_kwargs["read_timeout"], system.config_kwargs["connect_timeout"]) == (7, 7)
