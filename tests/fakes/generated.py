"""Reports of any size, made up: systems of every dialect, columns of every label, decisions of people,
one entity with three flows.
"""

from datetime import date
from functools import cache

from detectors.labels import labels
from detectors.model import ColumnFinding, ColumnId, Drawn, Evidence, Label, Rows, Skipped, TableId, quote
from mappings.assess import assess
from mappings.baseline import Difference
from mappings.flow_report import EntityReport, FlowReport, Stock, StockDuty
from mappings.model import (
    Combination,
    Decision,
    Duty,
    Estimate,
    FieldVerdict,
    Flow,
    FlowCount,
    Forecast,
    Margin,
    Question,
    Reason,
    Recipient,
    Step,
    law_text,
)
from mappings.notes import open_field
from mappings.taxonomy import load_taxonomy
from reports.model import ColumnReport, Report, Reviewed, Run, SourceReport, TableReading, TableReport

KINDS = ("postgresql", "mysql", "mssql", "oracle", "sqlite", "hive", "bigquery", "clickhouse", "files")
WORDS = (
    ("member", "会员"),
    ("order", "订单"),
    ("staff", "员工"),
    ("claim", "理赔"),
    ("device", "设备"),
    ("invoice", "发票"),
    ("patient", "患者"),
)
FIELDS = (
    ("person_name", "name", "姓名"),
    ("phone_mobile", "mobile", "手机号"),
    ("", "status", "状态"),
    ("email", "email", "邮箱"),
    ("", "amount", "金额"),
    ("resident_id", "id_no", "身份证号"),
    ("", "created_at", "创建时间"),
    ("health", "health_note", "健康备注"),
    ("postal_address", "address", "地址"),
    ("", "remark", "备注"),
    ("bank_account", "account", "账号"),
    ("", "sku", "货号"),
)
CLAUSE = "促进和规范数据跨境流动规定 第七条第一款第（二）项"


@cache
def assessed(label, confidence, matched, examined):
    """A finding under the national taxonomy."""
    about = labels()[Label(label)]
    evidence = (
        Evidence("name", f"the name says {about.en}"),
        Evidence("value", about.zh, matched, examined, "cells"),
    )
    finding = ColumnFinding(
        ColumnId(""),
        about.label,
        "generated",
        about.kind,
        "core",
        confidence,
        evidence,
        True,
        about.subject_key,
    )
    return next(iter(assess([finding], load_taxonomy())))


def column(table, i):
    """Column `i` of a table: what it holds follows from its number."""
    label, name, comment = FIELDS[i % len(FIELDS)]
    name = name if i < len(FIELDS) else f"{name}_{i // len(FIELDS)}"
    label = label if label in labels() else "person_name" if label else ""
    examined = 900 + i % 100
    found = (
        (assessed(label, (99, 93, 71, 55)[i % 4] / 100, examined - i % 7 * 40, examined),) if label else ()
    )
    reviewed = None
    if found and i % 11 == 5:
        reviewed = Reviewed(
            "accept",
            Label(label),
            "王敏",
            date(2026, 10, 8),
            "对照数据字典",
            stale="values" if i % 2 else "",
            found=Label(label),
        )
    return ColumnReport(
        ColumnId(f"{table}/{quote(name, dots=False)}"),
        name,
        "varchar(64)",
        comment,
        found,
        examined,
        reviewed=reviewed,
    )


def tables_of(system, columns, width=24):
    """Tables of a system, `width` columns each."""
    for k in range(-(-columns // width)):
        word, zh = WORDS[k % len(WORDS)]
        tid = TableId(f"{system}/app/{word}_{k}")
        n = min(width, columns - k * width)
        yield TableReport(
            tid,
            "scanned",
            zh,
            Rows(40_000 + k, 40_000 + k, "exact"),
            Drawn("reservoir", 1_000, 40_000 + k, 7),
            tuple(column(tid, i) for i in range(n)),
            owner="数据治理部",
        )


def report(columns, systems=9, extra=(), skipped=True):
    """A report of so many columns; `extra`: tables of a source `odd` beside them."""
    each = [columns // systems + (i < columns % systems) for i in range(systems)]
    tables = [t for i, n in enumerate(each) for t in tables_of(f"sys{i:02d}", n)]
    sources = [
        SourceReport(
            f"sys{i:02d}",
            f"{k}://reader:***@db{i}/app" if (k := KINDS[i % len(KINDS)]) != "files" else "/data/exports",
            k,
            0,
            n,
        )
        for i, n in enumerate(each)
    ]
    if extra:
        sources.append(SourceReport("odd", "postgresql://reader:***@odd/app", "postgresql", len(extra), 0))
        tables += extra
    run = Run(
        "r-generated",
        "2026-11-01T02:00:00Z",
        "2026-11-01T03:00:00Z",
        date(2026, 11, 1),
        "0.1.0",
        7,
        ("cn-2024",),
        ("gbt-43697-2024",),
        "d1",
        tables={t.id: TableReading("2026-11-01T02:30:00Z", "s", "d4f1", "c") for t in tables},
    )
    flows = tuple(
        flow(name, Recipient(to, country), tables[0], path, FlowCount(people, sensitive))
        for name, to, country, path, people, sensitive in (
            (
                "crm-hq",
                "Hualan Holding SE",
                "DE",
                "needs_review",
                Estimate(81_000, 96_500, 118_000, "hash_sample"),
                Estimate(7_900, 9_600, 11_400, "hash_sample"),
            ),
            (
                "marketing-sg",
                "Lion Campaigns",
                "SG",
                "standard_contract_or_certification",
                Estimate.exactly(42_000),
                Estimate.exactly(860),
            ),
            (
                "hr-hq",
                "Hualan Holding SE",
                "DE",
                "exempt_art5_2",
                Estimate.exactly(320),
                Estimate.exactly(12),
            ),
        )
    )
    return Report(
        run,
        tuple(sources),
        tuple(tables),
        flows,
        (entity(flows),),
        SKIPPED if skipped else (),
        QUESTIONS,
        stock=STOCK,
    )


SKIPPED = (Skipped("sys02/app/secret", "permission denied", "GRANT SELECT ON app.secret TO reader"),)
QUESTIONS = (
    Question(
        "ciio",
        law_text("是否被认定为关键信息基础设施运营者？", "Has the company been designated a CIIO?"),
        law_text("查认定通知", "look for the notice"),
        {
            "yes": ("security_assessment",),
            "no": ("standard_contract_or_certification", "security_assessment"),
        },
    ),
    Question(
        "labour_rules",
        law_text("劳动规章是否规定跨境人力资源管理？", "Do the labour rules provide for it?"),
        law_text("查员工手册", "see the handbook"),
        {"yes": ("exempt_art5_2",), "no": ("standard_contract_or_certification",)},
        "hr-hq",
    ),
)
STOCK = (
    Stock(
        "华澜零售",
        Estimate(900_000, 1_010_000, 1_100_000, "hash_sample"),
        Estimate.exactly(0),
        (
            StockDuty(
                "open",
                1_000_000,
                "all",
                law_text("指定个人信息保护负责人", "personal information protection officer"),
                "个人信息保护法 第五十二条",
                "verified",
            ),
        ),
    ),
)
MARGIN = (
    Margin("sensitive", 10_000, 400, "security_assessment"),
    Margin("ordinary", 1_000_000, 882_000, "security_assessment"),
)


def decision(path):
    """A decision with its reasons, steps and duties."""
    possible = (
        ("standard_contract_or_certification", "security_assessment") if path == "needs_review" else (path,)
    )
    return Decision(
        path,
        possible,
        path != "needs_review",
        (Reason("T4", possible[-1], CLAUSE, "sensitive_individuals=9600", "verified"),),
        MARGIN,
        (
            Duty(
                law_text("完成个人信息保护影响评估", "finish the impact assessment"),
                "个人信息保护法 第五十五条",
            ),
        ),
        steps=(
            Step(
                "personal",
                law_text("是否含个人信息", "Does it hold personal information"),
                ("yes",),
                "规定 第三条",
                "verified",
            ),
        ),
    )


def flow(name, recipient, table, path, count):
    """A flow of the first columns of a table."""
    columns = tuple(c.id for c in table.columns[:8])
    fields = tuple(
        FieldVerdict(
            c,
            None,
            "not_shown",
            law_text("不在该目的的必要字段之内", "not on the list of the purpose"),
            "个人信息保护法 第六条",
            "verified",
        )
        for c in columns[:2]
    )
    return FlowReport(
        Flow(name, "华澜零售", recipient, "crm", status="active"),
        count.individuals,
        count.sensitive,
        Estimate.exactly(0),
        columns,
        fields,
        decision(path),
        filed=(
            Difference(
                "new_field",
                "f-1",
                "health_note",
                "supplement_or_refile",
                law_text("未申报的字段", "a field that was not filed"),
                CLAUSE,
                "verified",
            ),
        )
        if name == "crm-hq"
        else (),
        not_ready=tuple(open_field(c, name) for c in columns[:2]),
    )


def entity(flows):
    """The entity's year, with a ledger."""
    months = tuple(
        (f"2026-{m:02d}", FlowCount(Estimate.exactly(9_000 * m), Estimate.exactly(820 * m)))
        for m in range(1, 11)
    )
    return EntityReport(
        "华澜零售",
        Estimate(81_000, 96_500, 118_000, "hash_sample"),
        Estimate(7_900, 9_600, 11_400, "hash_sample"),
        decision("needs_review"),
        tuple(f.flow.id for f in flows),
        ("crm-hq", "marketing-sg"),
        exported=Estimate.exactly(90_000),
        exported_sensitive=Estimate.exactly(8_200),
        forecast=(
            Forecast(
                "sensitive",
                date(2026, 12, 31),
                Estimate(9_500, 9_900, 10_800, "statistics"),
                10_000,
                "security_assessment",
                None,
                date(2026, 12, 4),
                ("2026-01", "2026-10"),
            ),
        ),
        months=months,
    )


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "=cmd|' /C calc'!A0",
    "\u202eevil\u202c txt.exe",
    "q\"uo'te`d]]>",
    "line\u2028sep\u2029",
    "x" * 10_000,
    "{{7*7}}",
    "a\x00b",
    "\ud800lone",
    "+1+1",
    "名/字.段*%",
)


def hostile():
    """A table whose names and comments are all hostile, and one judged as a whole."""
    tid = TableId("odd/" + quote("<b>app</b>") + "/" + quote("t';--\"]`"))
    found = assessed("health", 0.9, 800, 900)
    columns = tuple(
        ColumnReport(ColumnId(f"{tid}/{quote(x, dots=False)}"), x, "text", x, (found,), 900) for x in HOSTILE
    )
    return (
        TableReport(
            tid,
            "scanned",
            HOSTILE[0],
            Rows(0, None, "unknown"),
            None,
            columns,
            combinations=(
                Combination(
                    "all",
                    law_text(HOSTILE[0], HOSTILE[1]),
                    (columns[0].id, columns[1].id),
                    CLAUSE,
                    "verified",
                ),
            ),
        ),
    )
