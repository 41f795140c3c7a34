"""An account that may more than read is said; views that run code and tables elsewhere are not sampled."""

from datetime import date

import pytest
import sqlalchemy as sa

import servers
from detectors.errors import SourceError
from detectors.model import Skipped
from reports.wording.table import coverage_words
from scanner import job
from scanner.config.model import Config
from scanner.config.sources import Source
from scanner.connectors import connect
from scanner.testing import rows_of

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


HIDING = (
    "CREATE TABLE {name} (id int, mobile text)",
    "INSERT INTO {name} SELECT g, '138' || g FROM generate_series(10000001, 10000060) g",
    "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
)


def read(source, name):
    info = next(t for t in source.tables() if not isinstance(t, Skipped) and t.ref.name == name)
    return source.sample(info.ref, tuple(c.name for c in info.columns), 1_000, 1)


@pytest.mark.server
class TestWhatPostgresqlHides:
    @pytest.fixture
    def source(self, postgresql):
        for name, policy in (("none", ""), ("third", "id %% 3 = 0"), ("all_of_it", "true")):
            postgresql.fill(*(statement.format(name=name) for statement in HIDING))
            if policy:
                postgresql.fill(f"CREATE POLICY p ON {name} USING ({policy})")
        postgresql.fill("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        source = connect(postgresql.reader, password=postgresql.password)
        yield source
        source.close()

    @pytest.mark.parametrize(("name", "words", "kind"), [
        ("none", "none of about 60", "hidden_rows"),
        ("third", "20 of about 60", "hidden_rows"),
        ("all_of_it", "rows may be hidden", "rows_may_hide"),
    ])
    def test_rows_that_a_policy_hides_are_said(self, name, words, kind, source):
        sample = read(source, name)
        [loss] = sample.losses
        list(source.read(next(t.ref for t in source.tables() if t.ref.name == name), ("id",), {}))

        assert (loss.kind, loss.rows) == (kind, True)
        assert words in loss.message
        assert [counted.kind for counted in source.losses(_ref(source, name))] == [kind]

    def test_a_scan_says_it_and_whoever_sees_all_is_told_nothing(self, source, postgresql):
        report = scan(postgresql)

        assert job.exit_status(report, None) == 3
        assert any("none of about 60" in s.reason for s in report.skipped)
        rows = {t.id.rpartition("/")[2]: t.rows.method for t in report.tables}
        assert "exact" not in rows.values()
        whole = scan(postgresql, admin=True)
        assert {t.rows.method for t in whole.tables} == {"exact"}
        assert not whole.skipped

    def test_of_views_that_ask_under_the_rights_of_this_account_it_is_said_as_well(self, source, postgresql):
        postgresql.fill(
            "CREATE VIEW asks WITH (security_invoker = true) AS SELECT * FROM none",
            "CREATE VIEW asks_further WITH (security_invoker = on) AS SELECT * FROM asks",
            "CREATE VIEW of_its_owner AS SELECT * FROM none",
            "GRANT SELECT ON asks, asks_further, of_its_owner TO reader")
        names = ("asks", "asks_further", "of_its_owner")
        kinds = {name: [loss.kind for loss in read(source, name).losses] for name in names}

        assert kinds == {"asks": ["rows_may_hide"], "asks_further": ["rows_may_hide"], "of_its_owner": []}

    def test_of_a_large_table_it_is_said_by_the_estimate(self, source, postgresql):
        postgresql.fill(
            "CREATE TABLE large AS SELECT g AS id, g::text AS mobile FROM generate_series(1, 60000) g",
            "ANALYZE large", "ALTER TABLE large ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY p ON large USING (id > 50000)", "GRANT SELECT ON large TO reader")
        [loss] = read(source, "large").losses

        assert loss.kind == "hidden_rows"
        assert 45_000 < loss.n < 55_000
        assert "of about 60,000" in loss.message


def _ref(source, name):
    return next(t.ref for t in source.tables() if t.ref.name == name)


@pytest.mark.server
class TestColumnsThatMayNotBeRead:
    def test_postgresql_reads_those_that_may_be_and_names_the_others(self, postgresql):
        postgresql.fill("CREATE TABLE member (id int, mobile text, pay int)",
                        "INSERT INTO member VALUES (1, '13700000001', 9)",
                        "GRANT SELECT (id, mobile) ON member TO reader")
        source = connect(postgresql.reader, password=postgresql.password)
        sample = read(source, "member")

        assert rows_of(sample.batches) == [("1", "13700000001", None)]
        assert {(e.kind, e.n, e.lost) for e in sample.losses} == {("denied_columns", 1, True)}
        assert "pay" in sample.losses[0].message
        assert "GRANT SELECT" in sample.losses[0].hint
        source.close()
        report = scan(postgresql)
        assert job.exit_status(report, None) == 3
        assert [c.name for c in report.tables[0].columns] == ["id", "mobile", "pay"]

    def test_mariadb_names_what_it_shows_and_says_that_there_may_be_more(self, mariadb):
        mariadb.fill("CREATE TABLE hidden (id int, mobile varchar(20), pay int)",
                     "INSERT INTO hidden VALUES (1, '13700000001', 9)",
                     "CREATE TABLE shown LIKE hidden", "INSERT INTO shown SELECT * FROM hidden",
                     "CREATE USER clerk IDENTIFIED BY 'clerk-3Rt'",
                     "GRANT SELECT (id, mobile) ON hidden TO clerk",
                     "GRANT SELECT (id, mobile), INSERT (pay) ON shown TO clerk")
        try:
            source = connect(mariadb.reader.replace("reader", "clerk"), password="clerk-3Rt")
            shown, hidden = read(source, "shown"), read(source, "hidden")
            source.close()
        finally:
            mariadb.fill("DROP USER clerk")

        assert rows_of(shown.batches) == [("1", "13700000001", None)]
        assert "pay" in shown.losses[0].message
        assert rows_of(hidden.batches) == [("1", "13700000001")]
        assert [(e.kind, e.lost) for e in hidden.losses] == [("columns_unseen", False)]


@pytest.mark.server
def test_a_schema_that_is_closed_is_named_as_what_is_to_be_granted(postgresql):
    postgresql.fill("CREATE SCHEMA hr", "CREATE TABLE hr.pay (mobile text)",
                    "GRANT SELECT ON hr.pay TO reader")
    [skipped] = scan(postgresql).skipped

    assert "permission denied" in skipped.reason and "USAGE" in skipped.hint


@pytest.mark.server
class TestBrokenViews:
    def test_of_mariadb_are_called_broken(self, mariadb):
        mariadb.fill(
            *ROWS, "CREATE USER leaver@localhost", "GRANT ALL ON shop.* TO leaver@localhost",
            "CREATE DEFINER = leaver@localhost VIEW orphan AS SELECT * FROM member",
            "DROP USER leaver@localhost",
            "CREATE TABLE base (mobile varchar(20))", "CREATE VIEW empty AS SELECT mobile FROM base",
            "DROP TABLE base")
        report = scan(mariadb)
        reasons = {s.id.rpartition("/")[2]: (str(s.reason), str(s.hint)) for s in report.skipped}

        assert set(reasons) == {"orphan", "empty"}
        assert all("the view is broken" in reason and "view" in hint for reason, hint in reasons.values())
        assert "the account that defined it is gone" in reasons["orphan"][0]
        assert [t.status for t in report.tables if t.id.endswith("/member")] == ["scanned"]

    def test_of_postgresql_whose_owner_may_not_read_is_told_so(self, postgresql):
        postgresql.fill(
            *ROWS, "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk",
            "GRANT ALL ON SCHEMA public TO clerk", "CREATE VIEW v AS SELECT * FROM member",
            "ALTER VIEW v OWNER TO clerk", "GRANT SELECT ON v TO reader")
        source = connect(postgresql.reader, password=postgresql.password)
        with pytest.raises(SourceError, match="the view is broken") as e:
            read(source, "v")

        assert "owner of the view" in e.value.hint
        source.close()
        postgresql.fill("DROP VIEW v", "REVOKE ALL ON SCHEMA public FROM clerk", "DROP ROLE clerk")

    def test_of_postgresql_that_was_never_filled_is_told_so(self, postgresql):
        postgresql.fill(*ROWS, "CREATE MATERIALIZED VIEW v AS SELECT * FROM member WITH NO DATA",
                        "GRANT SELECT ON v TO reader")
        source = connect(postgresql.reader, password=postgresql.password)
        with pytest.raises(SourceError, match="never filled"):
            read(source, "v")
        source.close()


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


@pytest.mark.server
class TestViewsThatShowRowsByWhoAsks:
    def test_of_postgresql(self, postgresql):
        postgresql.fill(
            *ROWS, "CREATE VIEW by_user AS SELECT * FROM member WHERE current_user = 'boss' OR id = 1",
            "CREATE VIEW further AS SELECT mobile FROM by_user",
            "CREATE VIEW by_setting AS SELECT * FROM member "
            "WHERE id::text = current_setting('x.tenant', true)",
            "CREATE VIEW says_who AS SELECT current_user::text AS who, mobile FROM member",
            "CREATE VIEW plain AS SELECT * FROM member WHERE mobile <> 'current_users'",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
        methods = {t.id.rpartition("/")[2]: t.rows.method for t in scan(postgresql).tables}

        assert {name for name, method in methods.items() if method != "exact"} == {
            "by_user", "further", "by_setting"}
        assert {"says_who", "plain", "member"} <= methods.keys()

    def test_of_mariadb(self, mariadb):
        mariadb.fill(
            *ROWS, "CREATE VIEW by_user AS SELECT * FROM member WHERE current_user() LIKE 'boss%%' OR id = 1",
            "CREATE VIEW further AS SELECT mobile FROM by_user",
            "CREATE VIEW says_who AS SELECT user() AS who, mobile FROM member",
            "GRANT SHOW VIEW ON shop.* TO reader")
        methods = {t.id.rpartition("/")[2]: t.rows.method for t in scan(mariadb).tables}
        mariadb.fill("REVOKE SHOW VIEW ON shop.* FROM reader")

        assert {name for name, method in methods.items() if method != "exact"} == {"by_user", "further"}
