"""The order in which tables are read, with reasons; copies suggested for exclusion;
what a plan costs and how it looks.
"""

import csv
import json
import sqlite3
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from mappings.model import Flow, Recipient
from reports.reading_plan import TableSummary, to_csv
from reports.wording.reading_plan import PlanView, exclude_lines, render
from scanner.cli.app import app
from scanner.config.sources import Source
from scanner.gather.priority import (
    merge_shards_and_copies,
    rank_tables,
    reading_order,
    sensitive_labels,
    summarize,
)
from scanner.gather.reading_plan import ReadingPace, flow_tables, make_plan, sample_bytes
from scanner.gather.table_copies import exclusion_patterns, find_copies, originals

FLOW, HEALTH, PHONE, UNSURE, NOTHING = (
    {},
    {"sensitive": 1, "personal": 2},
    {"personal": 1},
    {"uncertain": 3},
    {},
)


def entry(name, columns=10, key="", **more):
    return TableSummary(f"s/{name}", columns, key=key or name, **more)


def placed(*entries, flows=(), read=None):
    return [
        (r.summary.id.removeprefix("s/"), r.priority)
        for r in rank_tables(entries, {f"s/{f}" for f in flows}, read)
    ]


RANKING = {
    "the places in their order": (
        [
            entry("nothing"),
            entry("unsure", **UNSURE),
            entry("phones", rows=9, **PHONE),
            entry("health", rows=1, **HEALTH),
            entry("sent", rows=0),
            entry("bak_health", copy_of="s/health", **HEALTH),
        ],
        ["sent"],
        {},
        [
            ("sent", "flow"),
            ("health", "sensitive"),
            ("phones", "persons"),
            ("unsure", "uncertain"),
            ("nothing", "rest"),
            ("bak_health", "copy"),
        ],
    ),
    "more rows first, and unknown numbers before them": (
        [entry("few", rows=5, **PHONE), entry("many", rows=5_000, **PHONE), entry("unknown", **PHONE)],
        [],
        {},
        [("unknown", "persons"), ("many", "persons"), ("few", "persons")],
    ),
    "sensitive tables of a flow before its others": (
        [entry("big", rows=10_000, **PHONE), entry("ill", rows=10, **HEALTH)],
        ["big", "ill"],
        {},
        [("ill", "flow"), ("big", "flow")],
    ),
    "the more of a table is open, the sooner": (
        [entry("wide", columns=300, uncertain=3), entry("narrow", columns=4, uncertain=3)],
        [],
        {},
        [("narrow", "uncertain"), ("wide", "uncertain")],
    ),
    "never read before read, the longest ago first; flows before all": (
        [
            entry("daily", rows=9, **HEALTH),
            entry("old", rows=8, **HEALTH),
            entry("new"),
            entry("sent", **HEALTH),
        ],
        ["sent"],
        {"s/daily": "2026-11-24", "s/old": "2026-01-02", "s/sent": "2026-11-24"},
        [("sent", "flow"), ("new", "rest"), ("old", "sensitive"), ("daily", "sensitive")],
    ),
    "a copy in a flow is in a flow": (
        [entry("bak_a", copy_of="s/a"), entry("a")],
        ["bak_a"],
        {},
        [("bak_a", "flow"), ("a", "rest")],
    ),
    "shards are in a flow when one of them is": (
        [entry("t_{0-9}", members=("s/t_0", "s/t_1", "s/t_2")), entry("u")],
        ["t_1"],
        {},
        [("t_{0-9}", "flow"), ("u", "rest")],
    ),
    "names decide where all else is equal": (
        [entry("b"), entry("a")],
        [],
        {},
        [("a", "rest"), ("b", "rest")],
    ),
}


@pytest.mark.parametrize("case", RANKING.values(), ids=RANKING)
def test_ranking(case):
    entries, flows, read, expected = case
    assert placed(*entries, flows=flows, read=read) == expected


def info(name, *columns, comment="", kind="table", definition="", rows=None):
    return TableInfo(
        TableRef(name),
        tuple(ColumnInfo(*c) for c in columns),
        comment,
        Rows(0, rows, "statistics"),
        kind=kind,
        definition=definition,
    )


def test_names_and_comments_place_a_table():
    sensitive = sensitive_labels("gbt-45574-2025")
    columns = ("id", "int"), ("xm", "varchar", "姓名"), ("diagnosis", "text", "诊断结果")
    patient = summarize("s/patient", info("patient", *columns), sensitive)
    assert (patient.labels[0], patient.sensitive >= 1, patient.columns) == ("health", True, 3)
    opaque = summarize(
        "s/t9",
        info("t9", ("c1", "varchar"), ("c2", "text"), ("c3", "int"), ("c4", "text", "说明")),
        sensitive,
    )
    assert (opaque.uncertain, opaque.personal) == (2, 0)
    goods = summarize("s/sku", info("sku", ("sku_id", "bigint"), ("price", "decimal")), sensitive)
    assert (goods.personal, goods.sensitive, goods.uncertain, goods.labels) == (0, 0, 0, ())
    sql = 'SELECT a FROM "crm".member m JOIN orders o ON true'
    view = summarize("s/v", info("v", ("a", "int"), kind="view", definition=sql), sensitive)
    assert view.reads == ("member", "orders")


def test_order_gives_the_ids_of_a_scan():
    infos = {
        f"s/{i.ref.name}": i
        for i in (
            info("sku", ("sku_id", "bigint")),
            info("member", ("mobile", "varchar", "手机号"), rows=50),
            info("patient", ("diagnosis", "text", "诊断结果")),
            info("orders", ("order_no", "varchar")),
        )
    }
    sensitive = sensitive_labels("gbt-45574-2025")
    assert reading_order(infos, {"s/orders"}, sensitive) == ["s/orders", "s/patient", "s/member", "s/sku"]
    kept = {t: summarize(t, i, sensitive) for t, i in infos.items()}
    assert reading_order(infos, set(), sensitive, kept, {"s/patient": "2026-11-01"}) == [
        "s/member",
        "s/orders",
        "s/sku",
        "s/patient",
    ]


COPIES = {
    "a word before": (
        ["member", "tmp_member", "bak_member", "test_member"],
        {"tmp_member", "bak_member", "test_member"},
    ),
    "a word behind": (
        ["member", "member_copy", "member_backup", "member_old", "member_bak2"],
        {"member_copy", "member_backup", "member_old", "member_bak2"},
    ),
    "a day behind": (
        ["member", "member_20240101", "member20240102", "member_20241301"],
        {"member_20240101", "member20240102"},
    ),
    "several marks": (
        ["member", "bak_member_20240101", "member_copy_bak"],
        {"bak_member_20240101", "member_copy_bak"},
    ),
    "other columns": (["member:a", "member_bak:b"], set()),
    "nothing it could be a copy of": (["tmp_member", "test", "order_2026"], set()),
    "in a schema for such things": (["ods.member", "bak.member", "dwd.member"], {"bak.member"}),
}


def ref(name):
    schema, _, table = name.rpartition(".")
    return TableRef(table, schema)


@pytest.mark.parametrize("case", COPIES.values(), ids=COPIES)
def test_copies(case):
    tables, expected = case
    given = {ref(n): key or "same" for n, _, key in (t.partition(":") for t in tables)}
    assert set(find_copies(given)) == {ref(n) for n in expected}


def test_a_copy_of_a_copy_is_a_copy_of_the_living_table():
    tables = {ref(n): "same" for n in ("member", "member_bak", "member_bak_20240101")}
    assert set(find_copies(tables).values()) == {ref("member")}
    assert list(originals("bak_member_20240101")) == ["member_20240101", "member"]


def test_days_of_a_table_are_no_copies_but_its_backups_by_day_are():
    days = [entry(f"log_202601{i:02}", key="log") for i in (1, 2, 3)]
    backups = [entry(f"bak_member_202601{i:02}", key="m") for i in (1, 2, 3)]
    found = {
        e.id: e.copy_of
        for e in merge_shards_and_copies([entry("log", key="log"), *days, entry("member", key="m"), *backups])
    }
    assert found == {
        "s/log": "",
        "s/log_{YYYYMMDD}": "",
        "s/member": "",
        "s/bak_member_{YYYYMMDD}": "s/member",
    }


def test_a_backup_of_one_shard_is_a_copy_of_the_whole():
    shards = [entry(f"user_{i}", key="u") for i in range(4)]
    found = {e.id: e.copy_of for e in merge_shards_and_copies([*shards, entry("user_2_bak", key="u")])}
    assert found == {"s/user_{0-3}": "", "s/user_2_bak": "s/user_{0-3}"}


def test_exclusions_match_every_copy_and_nothing_else():
    tables = {
        TableRef(n, "ods"): "same"
        for n in (
            "member",
            "tmp_member",
            "tmp_a",
            "a",
            "b",
            "b_copy",
            "tmp[x]",
            "bak_member",
            "bak_b",
            "bak_report",
        )
    }
    tables[TableRef("bak_report", "ods")] = "other"  # keeps `bak_*` from being a pattern
    copied = {*find_copies(tables), TableRef("tmp[x]", "ods")}
    patterns = exclusion_patterns(copied, tables)
    assert patterns == ["tmp_*", "ods/b_copy", "ods/bak_b", "ods/bak_member", "ods/tmp[[]x]"]
    source = Source("s", "", exclude=tuple(patterns))
    assert {t for t in tables if not source.selects(t.schema, t.name)} == copied


def flow(**more):
    return Flow("hq", "acme", Recipient("HQ", "DE"), "crm", **more)


def test_tables_of_flows_are_found_by_name():
    entries = [
        entry("member"),
        entry("orders"),
        entry("user_{0-3}", members=tuple(f"s/user_{i}" for i in range(4))),
        entry("log"),
        entry("v_member", kind="view", reads=("base",)),
        entry("base", kind="view", reads=("deep",)),
        entry("deep"),
    ]
    flows = [
        flow(fields=("member/mobile", "user_2/mobile", "mobile")),
        flow(view="v_member"),
        flow(sql="SELECT a FROM Orders o", source="s"),
    ]
    found, unplaced = flow_tables(flows, entries)
    assert found == {"s/member", "s/user_{0-3}", "s/v_member", "s/base", "s/deep", "s/orders"}
    assert len(unplaced) == 1 and unplaced[0].startswith('hq: no table ""')


def test_what_reading_costs_and_how_many_nights_it_takes():
    assert sample_bytes(entry("small", bytes=500), 2_000) == 500
    assert (
        sample_bytes(entry("large", bytes=10**12), 2_000)
        == sample_bytes(entry("unknown"), 2_000)
        == 2_000 * 1_024
    )
    assert sample_bytes(entry("file", bytes=10**9, kind="file"), 2_000) == 10**9
    plan = make_plan([entry(f"t{i}x", bytes=0) for i in range(10)], (), {}, ReadingPace(2_000, 10, 30))
    assert ([x.night for x in plan.lines], plan.nights, plan.seconds, plan.measured) == (
        [1, 1, 1, 2, 2, 2, 3, 3, 3, 4],
        4,
        100,
        True,
    )
    assert make_plan([entry("a")], (), {}, ReadingPace(2_000)).nights == 0


ENTRIES = [
    entry(
        "ods/会员信息表/长" * 6,
        labels=("health", "phone_mobile"),
        **HEALTH,
        rows=12_345_678,
        method="statistics",
        bytes=10**9,
        owner="王敏",
        accessed="2026-11-01",
    ),
    entry("=cmd", **UNSURE),
    *(entry(f"order_2026_0{i}", key="o", rows=10, method="exact") for i in range(1, 5)),
    entry("member", key="m"),
    entry("tmp_member", key="m"),
]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plan_fits_80_columns(lang):
    from rich.cells import cell_len

    text = render(
        make_plan(ENTRIES, (), {"s/member": "2026-10-01T00:00:00Z"}, ReadingPace(2_000, night=1)),
        lang,
        PlanView(80, 50, "1s"),
    )
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert (
        "order_{YYYY_MM}" in text
        and "12,345,678" in text
        and "王敏" in text
        and "2026-10-01" in text
        and "plan." not in text
    )
    assert render(make_plan(ENTRIES, (), {}, ReadingPace(2_000)), lang, PlanView(80, 2)).count(
        "s/"
    ) < text.count("s/")


def test_lines_to_paste_leave_the_copies_out():
    plan = make_plan(ENTRIES, (), {}, ReadingPace(2_000))
    assert list(exclude_lines(plan)) == ["sources:", "  s:", "    exclude:", '      - "tmp_member"']


def test_cells_are_no_formulas():
    rows = list(
        csv.DictReader(
            to_csv(make_plan([TableSummary("=s/a", 1, owner="@x")], (), {}, ReadingPace(2_000))).splitlines()
        )
    )
    assert (rows[0]["table"], rows[0]["owner"], rows[0]["rank"]) == ("'=s/a", "'@x", "1")


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A configuration with a flow over a database of shards, copies and others."""
    db = sqlite3.connect(tmp_path / "shop.db")
    for i in range(5):
        db.execute(f"CREATE TABLE user_{i:02} (id INTEGER PRIMARY KEY, mobile TEXT)")
    for name in ("member", "member_20240101"):
        db.execute(f"CREATE TABLE {name} (email TEXT, diagnosis TEXT)")
    db.execute("CREATE TABLE sku (sku_id INTEGER, price REAL)")
    db.commit()
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nexporter: {id: acme, entities: [acme]}\nsources: {shop: {url: 'sqlite:///shop.db'}}\nflows:\n"
        "  - {id: hq, entity: acme, status: active, recipient: {name: HQ, country: DE}, purpose: crm, "
        "fields: [shop/sku/price]}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_lists_everything_and_writes_it(shop):
    done = CliRunner().invoke(app, ["plan", "-o", "plan.csv", "-o", "plan.json", "--budget", "2h"])
    assert done.exit_code == 0, done.output
    said = json.loads((shop / "plan.json").read_text(encoding="utf-8"))
    assert [(x["table"], x["place"]) for x in said["tables"]] == [
        ("shop/sku", "flow"),
        ("shop/member", "sensitive"),
        ("shop/user_{00-04}", "persons"),
        ("shop/member_20240101", "copy"),
    ]
    assert said["exclude"] == {"shop": ["member_20240101"]} and said["totals"]["nights"] == 1
    assert len(list(csv.reader((shop / "plan.csv").open(encoding="utf-8-sig")))) == 5
    assert "at 2h a night: about 1 night" in done.output and '- "member_20240101"' in done.output
    assert CliRunner().invoke(app, ["plan", "-o", "plan.txt"]).exit_code != 0


def test_the_suggested_lines_leave_the_copy_out(shop):
    text = (shop / "chujing.yaml").read_text(encoding="utf-8")
    (shop / "chujing.yaml").write_text(
        text.replace("shop.db'", "shop.db', exclude: [member_20240101]"), encoding="utf-8"
    )
    done = CliRunner().invoke(app, ["plan"])
    assert "member_20240101" not in done.output and "shop/member" in done.output


def test_an_unreachable_source_is_named_and_the_status_says_so(shop):
    (shop / "chujing.yaml").write_text(
        "version: 1\nsources: {shop: {url: 'sqlite:///shop.db'}, gone: {url: nowhere}}\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "plan"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 3 and "gone" in done.stderr and "shop/member" in done.stdout
