"""Servers of PostgreSQL's protocol with an older catalogue: tried on PostgreSQL, by the old statements."""

import pytest
import sqlalchemy as sa

from scanner.connectors import connect
from scanner.connectors.sql.dialects import postgresql as rules_of_postgresql
from scanner.testing import rows_of

TABLES = (
    "CREATE TABLE member (id BIGINT PRIMARY KEY, mobile VARCHAR(20) NOT NULL, paid NUMERIC(10, 2))",
    "COMMENT ON TABLE member IS '会员'",
    "COMMENT ON COLUMN member.mobile IS '手机号'",
    "CREATE TABLE visit (day DATE, shop INT, PRIMARY KEY (day, shop)) PARTITION BY RANGE (day)",
    "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE VIEW adult AS SELECT id, mobile FROM member",
    "INSERT INTO member SELECT g, '138' || lpad(g::text, 8, '0'), g FROM generate_series(1, 5000) g",
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    "ANALYZE member",
)


def facts(info):
    columns = [(c.name, c.type, c.comment, c.primary_key, c.nullable) for c in info.columns]
    return info.ref.schema, info.ref.name, info.kind, info.comment, columns


@pytest.mark.server
def test_the_older_catalogue_lists_the_same_tables_and_samples_along_keys(postgresql, monkeypatch):
    postgresql.fill(*TABLES)
    listed = {}
    for oldest in ((12,), (99,)):
        monkeypatch.setattr("scanner.connectors.sql.dialects.postgresql.OLDEST", oldest)
        source = connect(postgresql.reader, password=postgresql.password)
        tables = list(source.tables())
        member = next(t for t in tables if t.ref.name == "member")
        sample = source.sample(member.ref, ("mobile",), 1_000, 7)
        listed[oldest] = [facts(t) for t in tables], member.rows.high, str(sample.drawn.method)
        assert all(mobile.startswith("138") for (mobile,) in rows_of(sample.batches))
        source.close()

    assert listed[(12,)][:2] == listed[(99,)][:2]
    assert len(listed[(99,)][0]) == 3
    assert listed[(99,)][2] == "ranges of the key" != listed[(12,)][2]


@pytest.mark.parametrize(
    ("words", "name"),
    {
        "(openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29 03:09:38 on x86_64": "opengauss",
        "gaussdb (GaussDB Kernel 505.1.0 build 44f4fa53) compiled at 2024-06-21": "opengauss",
        "PostgreSQL 9.2.4 (openGauss 3.0.0 build 02c14696) compiled at 2022-04-01": "opengauss",
        "PostgreSQL 11.3 (Release: Hologres 2.1.0) on x86_64-pc-linux-gnu": "opengauss",
        "PostgreSQL 14.10 (PolarDB 14.10.13.0) on x86_64-linux-gnu": "postgresql",
        "PostgreSQL 15.8 (Debian 15.8-0+deb12u1) on x86_64-pc-linux-gnu": "postgresql",
    }.items(),
)
def test_a_server_of_the_protocol_is_known_by_its_version(words, name):
    class Connection:
        """Answers `SELECT pg_catalog.version()`."""

        def __init__(self, dialect):
            self.dialect = dialect

        def exec_driver_sql(self, statement):
            assert "version()" in statement
            return self

        def scalar(self):
            return words

    engine = sa.create_engine("postgresql+psycopg://u@h/d")
    rules_of_postgresql.prepare_engine(engine)
    connection = Connection(engine.dialect)
    engine.dialect.server_version_info = engine.dialect._get_server_version_info(connection)

    assert rules_of_postgresql.detect_dialect(connection) == name
