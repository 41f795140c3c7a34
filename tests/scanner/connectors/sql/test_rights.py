"""An account that may more than read is said; views that run code and tables elsewhere are not sampled."""

from datetime import date

import pytest
import sqlalchemy as sa

import servers
from reports.wording.table import coverage_words
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect

DAY = date(2026, 11, 2)
ROWS = (
    "CREATE TABLE member (id INTEGER, mobile VARCHAR(20))",
    "INSERT INTO member VALUES (1, '13700000001')",
)
POSTGRESQL = (
    "CREATE FUNCTION calls(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE FUNCTION reads(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1'",
    "CREATE VIEW plain AS SELECT reads(mobile) AS mobile, random() AS r FROM member",
    "CREATE VIEW volatile AS SELECT calls(mobile) AS mobile FROM member",
    "CREATE VIEW sleeps AS SELECT mobile, CAST(pg_sleep(0) AS text) AS s FROM member",
    "CREATE VIEW behind AS SELECT mobile FROM volatile",
    "CREATE VIEW further AS SELECT s FROM sleeps",
    "CREATE MATERIALIZED VIEW stored AS SELECT calls(mobile) AS mobile FROM member",
)
MARIADB = (
    "CREATE FUNCTION calls(x VARCHAR(20)) RETURNS VARCHAR(20) RETURN x",
    "CREATE FUNCTION rinses(x VARCHAR(20)) RETURNS VARCHAR(20) DETERMINISTIC NO SQL RETURN x",
    "CREATE VIEW plain AS SELECT concat(mobile, '') AS mobile FROM member",
    "CREATE VIEW volatile AS SELECT calls(mobile) AS mobile FROM member",
    "CREATE VIEW behind AS SELECT mobile FROM volatile",
)


def scan(server, *, admin=False, **source):
    url, password = (server.admin, None) if admin else (server.reader, server.password)
    return job.scan(Config((Source("shop", url, password, **source),)), as_of=DAY)


def unread(report):
    return {t.id.rsplit("/", 1)[1]: t.why.code for t in report.tables if t.status == "metadata_only"}


@pytest.fixture
def shop(request, postgresql):
    postgresql.fill(*ROWS, *POSTGRESQL, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    return postgresql


@pytest.mark.server
class TestPostgresql:
    def test_views_that_call_volatile_functions_are_not_sampled(self, shop):
        report = scan(shop)

        assert unread(report) == dict.fromkeys(("volatile", "sleeps", "behind", "further"), "code")
        assert {t.id.rsplit("/", 1)[1] for t in report.tables if t.status == "scanned"} == {
            "member",
            "plain",
            "stored",
        }
        assert job.exit_status(report, None) == 0

    def test_unless_that_is_asked_for(self, shop):
        assert unread(scan(shop, options={"foreign_code": "yes"})) == {}

    def test_what_it_reads_from_another_server_is_not_sampled(self, shop):
        try:
            shop.fill("CREATE EXTENSION postgres_fdw")
        except sa.exc.SQLAlchemyError:
            pytest.skip("postgres_fdw is not installed")
        shop.fill(
            "CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1')",
            "CREATE FOREIGN TABLE far_member (mobile text) SERVER far",
            "CREATE VIEW v_far AS SELECT * FROM far_member",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        )

        try:
            assert unread(scan(shop)) | {"sleeps": "code"} == {
                "far_member": "remote",
                "v_far": "remote",
                **dict.fromkeys(("volatile", "sleeps", "behind", "further"), "code"),
            }
        finally:
            shop.fill("DROP EXTENSION postgres_fdw CASCADE")

    def test_what_the_account_may_is_said_once(self, shop):
        assert scan(shop).sources[0].account == ""
        shop.fill("GRANT UPDATE ON member TO reader")
        writes, superuser = scan(shop), scan(shop, admin=True)

        assert (
            "may change data" in writes.sources[0].account
            and "is a superuser" in superuser.sources[0].account
        )
        assert coverage_words(superuser, "en").count("source shop: the account is a superuser") == 1


@pytest.mark.server
class TestMariadb:
    def test_views_that_call_stored_functions_are_not_sampled(self, mariadb):
        mariadb.fill(*ROWS, *MARIADB, "GRANT EXECUTE ON shop.* TO reader")
        report = scan(mariadb)
        mariadb.fill("REVOKE EXECUTE ON shop.* FROM reader")

        assert unread(report) == {"volatile": "code", "behind": "code"}
        assert report.sources[0].account == ""

    def test_tables_of_other_servers_are_not_sampled(self, mariadb):
        try:
            mariadb.fill("INSTALL SONAME 'ha_federatedx'")
        except sa.exc.SQLAlchemyError:
            pytest.skip("the engine FEDERATED is not installed")
        mariadb.fill(*ROWS, "CREATE VIEW near AS SELECT mobile FROM member")
        port = sa.make_url(mariadb.admin).port
        mariadb.fill(
            f"CREATE TABLE far (id INTEGER, mobile VARCHAR(20)) ENGINE=FEDERATED "
            f"CONNECTION='mysql://admin:{servers.ADMIN_PASSWORD}@127.0.0.1:{port}/shop/member'",
            "CREATE VIEW v_far AS SELECT mobile FROM far",
        )

        assert unread(scan(mariadb)) == {"far": "remote", "v_far": "remote"}

    def test_what_the_account_may_is_said(self, mariadb):
        mariadb.fill(*ROWS)
        admin = connect(mariadb.admin)

        assert "is a superuser" in admin.account()
        admin.close()
