"""What goes wrong in the field: one clear line each, the rest goes on, and the exit status tells."""

import os
import sqlite3
import subprocess
import sys
from datetime import date

import places
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

import scanner
import servers
from detectors.errors import ConfigError
from reports.load import load
from reports.model import labels
from scanner import job
from scanner.config.model import Config, read
from scanner.config.sources import Source
from scanner.gather import scan_sources

PHONES = [f"1370000{i * 3761 % 9973:04d}" for i in range(60)]  # in no order: serials are no findings


def scan(url, **options):
    return scanner.scan(str(url), **options)


def member_csv(path, encoding="utf-8"):
    path.write_text(
        "name,mobile\n" + "".join(f"林{i},{p}\n" for i, p in enumerate(PHONES)), encoding=encoding
    )


def database(path, *statements, rows=()):
    connection = sqlite3.connect(path)
    for s in statements:
        connection.execute(s)
    for sql, values in rows:
        connection.executemany(sql, values)
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def only(report):
    assert len(report.skipped) == 1
    line = f"{report.skipped[0].id}: {report.skipped[0].reason}. {report.skipped[0].hint}"
    assert "\n" not in line and "Traceback" not in line
    return line


@pytest.mark.server
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_wrong_password(kind, request):
    server = request.getfixturevalue(kind)
    source = Source("db", server.reader, password="not-the-password")

    report = job.scan(Config(sources=(source,)))

    assert "wrong user or password" in only(report)
    assert "not-the-password" not in str(report)
    assert job.exit_status(report, None) == 3


@pytest.mark.system
@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_an_unreachable_host(scheme):
    report = job.scan(
        Config(
            sources=(Source("db", f"{scheme}://reader:s3cret@127.0.0.1:{servers.free_port()}/x", timeout=3),)
        )
    )

    assert "host cannot be reached" in only(report)
    assert "s3cret" not in str(report)
    assert report.sources[0].url.startswith(f"{scheme}://reader:***@")


def test_one_bad_source_does_not_stop_the_others(tmp_path):
    member_csv(tmp_path / "member.csv")
    report = job.scan(
        Config(
            sources=(
                Source("gone", f"sqlite:///{tmp_path}/none.db"),
                Source("ok", str(tmp_path / "member.csv")),
            )
        )
    )

    assert "no such file" in only(report)
    assert labels(report)["ok/member/mobile"] == "phone_mobile"


def test_rows_that_could_not_be_counted_are_told_by_the_exit_status(tmp_path, monkeypatch):
    """A table that is gone after it was looked at was read in part: nothing is skipped, and yet lost."""
    from detectors.errors import SourceError
    from detectors.message import Msg
    from scanner.count import flow

    def gone(request):
        raise SourceError(Msg("the file is gone"), where="member")

    member_csv(tmp_path / "member.csv")
    (tmp_path / "chujing.yaml").write_text(
        """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {crm: {url: member.csv}}
flows: [{id: f, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/member/mobile]}]
""",
        encoding="utf-8",
    )
    assert job.exit_status(scan(tmp_path / "chujing.yaml"), None) == 0
    monkeypatch.setattr(flow, "count_rows", gone)
    report = scan(tmp_path / "chujing.yaml")

    assert not report.skipped and report.flows[0].individuals.method == "statistics"
    assert job.exit_status(report, None) == 3


def test_an_unknown_table_in_a_flow_is_listed_and_the_rest_is_decided(tmp_path):
    member_csv(tmp_path / "member.csv")
    (tmp_path / "chujing.yaml").write_text(
        """
version: 1
exporter: {id: a, entities: [a], facts: {ciio: no, important_data: none}}
sources: {crm: {url: member.csv}}
flows:
  - {id: bad, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/membr/mobile]}
  - {id: good, entity: a, recipient: {name: HQ}, purpose: crm, fields: [crm/member/mobile]}
""",
        encoding="utf-8",
    )

    report = scan(tmp_path / "chujing.yaml")
    bad, good = report.flows

    assert bad.unresolved == ('no column "crm/membr/mobile" was found. Did you mean "crm/member/mobile"?',)
    assert bad.individuals.high is None
    assert good.individuals.best == 60
    assert job.exit_status(report, None) == 3


def test_an_empty_table_and_a_column_of_nulls(tmp_path):
    url = database(
        tmp_path / "a.db",
        "CREATE TABLE empty (mobile TEXT)",
        "CREATE TABLE nulls (id INTEGER, mobile TEXT)",
        rows=[("INSERT INTO nulls VALUES (?, NULL)", [(i,) for i in range(50)])],
    )

    report = scan(url)
    columns = {c.id: c for t in report.tables for c in t.columns}

    assert not report.skipped
    assert columns["a/empty/mobile"].examined == columns["a/nulls/mobile"].examined == 0
    assert labels(report)["a/nulls/mobile"] == "phone_mobile"


def test_ten_megabytes_in_one_cell(tmp_path):
    (tmp_path / "big.csv").write_text(
        "id,remark\n1," + "长" * 3_500_000 + "\n2,13700000001\n", encoding="utf-8"
    )
    url = database(
        tmp_path / "big.db",
        "CREATE TABLE t (id INTEGER, remark TEXT)",
        rows=[("INSERT INTO t VALUES (?, ?)", [(1, "x" * 10_000_000), (2, "y")])],
    )

    assert not scan(tmp_path / "big.csv").skipped
    assert not scan(url).skipped


def test_a_truncated_parquet_file(tmp_path):
    pq.write_table(pa.table({"mobile": PHONES * 100}), tmp_path / "bad.parquet")
    whole = (tmp_path / "bad.parquet").read_bytes()
    (tmp_path / "bad.parquet").write_bytes(whole[: len(whole) // 2])
    member_csv(tmp_path / "member.csv")

    report = scan(tmp_path)

    assert "not a complete Parquet file" in only(report)
    assert any(c.endswith("member/mobile") for c in labels(report))


def test_parquet_damaged_inside_keeps_its_names(tmp_path):
    pq.write_table(pa.table({"mobile": PHONES * 2000}), tmp_path / "bad.parquet", compression="zstd")
    whole = bytearray((tmp_path / "bad.parquet").read_bytes())
    whole[8:300] = b"\xff" * 292
    (tmp_path / "bad.parquet").write_bytes(bytes(whole))

    report = scan(tmp_path / "bad.parquet")

    assert "cannot be read" in only(report)
    assert report.tables[0].status == "skipped"
    assert labels(report)["bad/bad/mobile"] == "phone_mobile"


def test_parquet_of_which_nothing_can_be_read_is_not_scanned_and_the_rest_of_one_is(tmp_path):
    """A column or a row group that is whole is read; of a file without any, no row is taken for none."""
    place = tmp_path / "bad.parquet"

    def status(damaged):
        table = pa.table({"mobile": PHONES * 40, "n": range(len(PHONES) * 40)})
        pq.write_table(table, place, row_group_size=1200, compression="zstd")
        whole, footer = bytearray(place.read_bytes()), pq.ParquetFile(place).metadata
        for group, column in damaged:
            chunk = footer.row_group(group).column(column)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            whole[start: start + 60] = b"\xff" * 60
        place.write_bytes(bytes(whole))
        report = scan(place)
        assert report.skipped and job.exit_status(report, None) == 3
        assert labels(report)["bad/bad/mobile"] == "phone_mobile"
        return report.tables[0].status

    assert status([(0, 0), (1, 0)]) == status([(0, 0), (0, 1)]) == "scanned"
    assert status([(0, 0), (0, 1), (1, 0), (1, 1)]) == "skipped"


def test_ragged_rows_and_two_encodings_in_one_csv(tmp_path):
    lines = [
        "姓名,手机号,城市".encode("gb18030"),
        *(f"林{i},{p},上海".encode("gb18030") for i, p in enumerate(PHONES)),
        "陈二,13800138001".encode(),
        "周三,13800138002,杭州,多了,一格".encode("gb18030"),
    ]
    (tmp_path / "m.csv").write_bytes(b"\n".join(lines))

    report = scan(tmp_path / "m.csv")

    table = report.tables[0]
    assert table.drawn.rows_total == 62
    assert (table.rows.low, table.rows.high) == (62, None)            # one line was read by another encoding
    assert "other_encoding" in {loss.kind for loss in table.losses}
    assert labels(report)["m/m/手机号"] == "phone_mobile"


def test_a_workbook_with_formulas_and_no_header(tmp_path):
    book = Workbook()
    for i, p in enumerate(PHONES):
        book.active.append([f"{i}", p, f"=A{i + 1}*2"])
    book.save(tmp_path / "f.xlsx")

    report = scan(tmp_path / "f.xlsx")

    assert [c.name for c in report.tables[0].columns][:2] == ["A", "B"]
    assert labels(report)["f/f/B"] == "phone_mobile"
    assert report.tables[0].rows.low == 60
    assert [loss.kind for loss in report.tables[0].losses] == ["formulas_without_values"]


def test_names_with_quotes_emoji_and_sql(tmp_path):
    names = ['mo"bile', "手机📱", "x'; DROP TABLE t; --", "a/b.c*%"]
    columns = ", ".join('"' + n.replace('"', '""') + '" TEXT' for n in names)
    url = database(
        tmp_path / "n.db",
        f'CREATE TABLE "t""; --" ({columns})',
        rows=[('INSERT INTO "t""; --" VALUES (?, ?, ?, ?)', [(p,) * 4 for p in PHONES])],
    )

    report = scan(url)

    assert not report.skipped
    assert [c.name for c in report.tables[0].columns] == names
    assert report.tables[0].columns[3].id == 'n/t"; --/a%2Fb%2Ec%2A%25'
    assert all(c.findings[0].finding.label == "phone_mobile" for c in report.tables[0].columns)


def test_an_unknown_key_names_file_line_and_the_nearest(tmp_path):
    (tmp_path / "c.yaml").write_text("version: 1\nsorces: {}\n")

    with pytest.raises(ConfigError) as e:
        read(tmp_path / "c.yaml")

    assert e.value.line() == f'{tmp_path}/c.yaml:2: unknown key "sorces". Did you mean "sources"?'


def test_a_file_that_vanishes_during_the_scan(tmp_path, monkeypatch):
    member_csv(tmp_path / "member.csv")
    (tmp_path / "zlast.csv").write_text("a,b\n1,2\n")
    listed = scan_sources.list_sources

    def list_then_delete(*args):
        listed(*args)
        (tmp_path / "member.csv").unlink()

    monkeypatch.setattr(scan_sources, "list_sources", list_then_delete)

    report = scan(tmp_path)

    assert "the file is gone" in only(report)
    assert {t.status for t in report.tables} == {"skipped", "scanned"}


INTERRUPTED = """
import os, signal, sys
from scanner import cli
from scanner.gather import progress
step = progress.Progress.step
interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)
progress.Progress.step = lambda self, what: interrupt() if what.endswith("md") else step(self, what)
sys.argv = ["chujing", *sys.argv[1:]]
cli.main()
"""


def test_ctrl_c_leaves_a_valid_partial_report(tmp_path):
    for letter in "abcdef":
        member_csv(tmp_path / f"m{letter}.csv")
    out = tmp_path / "report.json"

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "scan", str(tmp_path / "*.csv"), "-o", str(out)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(places.ROOT)},
    )
    report = load(out)

    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert "interrupted" in done.stdout
    assert report.run.interrupted
    assert [t.id.rsplit("/", 1)[1] for t in report.tables] == ["ma", "mb", "mc"]


def test_an_interruption_between_tables_keeps_what_was_found(tmp_path, monkeypatch):
    for letter in "abcde":
        member_csv(tmp_path / f"m{letter}.csv")
    from scanner.gather.progress import Progress

    class Stops(Progress):
        def step(self, what):
            if what.endswith("md"):
                raise KeyboardInterrupt

    report = job.scan(
        Config(sources=(Source("f", str(tmp_path)),)), progress=Stops(quiet=True), as_of=date(2026, 1, 1)
    )

    assert report.run.interrupted
    assert [t.id for t in report.tables] == ["f/ma", "f/mb", "f/mc"]
    assert job.exit_status(report, None) == 130


def test_a_dry_run_prints_the_sql(tmp_path):
    url = database(tmp_path / "d.db", "CREATE TABLE member (id INTEGER, mobile TEXT)")
    lines = list(job.dry_run(Config(sources=(Source("d", url),)), rows=100, seed=1))

    assert "d/member" in lines[0]
    assert "LIMIT 101" in lines[1]
    assert "SELECT" in lines[1]


def test_a_view_the_database_cannot_expand_is_skipped_by_name_and_the_rest_is_scanned(tmp_path):
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.executescript("""
        CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT);
        CREATE VIEW v_gone AS SELECT no_such_function(mobile) AS m FROM member;
    """)
    connection.close()

    report = scanner.scan(f"sqlite:///{tmp_path / 'a.db'}")

    assert [t.id for t in report.tables] == ["a/member"]
    assert [(s.id, s.reason) for s in report.skipped] == [("a/v_gone", "cannot be read (OperationalError)")]


NAMED = """
version: 1
exporter: {id: acme, entities: [acme]}
sources: {crm: {url: 'sqlite:///crm.db'}, hr: {url: 'sqlite:///nowhere/hr.db'}}
flows: [{id: hq, entity: acme, recipient: {name: HQ}, purpose: crm, fields: [member/mobile]}]
"""


@pytest.mark.parametrize(
    "named",
    [
        "test_rows: {hr/pay: {city: {eq: x}}}",
        "test_rows: {pay: {city: {eq: x}}}",
        "subjects: {hr/pay/name: employee}",
        "links: [{from: hr/pay/phone, to: member/mobile}]",
    ],
    ids=["test rows", "by name alone", "subjects", "links"],
)
def test_what_is_said_of_a_source_that_cannot_be_opened_waits_for_it(tmp_path, named):
    database(
        tmp_path / "crm.db",
        "CREATE TABLE member (name TEXT, mobile TEXT)",
        rows=[("INSERT INTO member VALUES (?, ?)", [(f"林{i}", p) for i, p in enumerate(PHONES)])],
    )
    file = tmp_path / "chujing.yaml"
    file.write_text(f"{NAMED}{named}\n", encoding="utf-8")

    report = scanner.scan(str(file))
    assert [t.id for t in report.tables] == ["crm/member"] and report.skipped[0].id == "hr"
    assert [f.columns for f in report.flows] == [("crm/member/mobile",)]

    file.write_text(
        f"{NAMED.replace(', hr: {url: ', ', hr2: {url: ').replace('nowhere/hr.db', 'crm.db')}{named}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="was found"):  # with every source open it is a mistake
        scanner.scan(str(file))
