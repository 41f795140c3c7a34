"""Invented findings for catalogs: a report of any size with known answers."""

from dataclasses import replace
from datetime import date

from detectors.model import ColumnFinding, ColumnId, Evidence, Rows, TableId, TableRef, quote
from mappings.flow_report import FlowReport
from mappings.model import Assessed, Decision, Estimate, Flow, Recipient
from reports.model import ColumnReport, Report, Reviewed, Run, SourceReport, TableReading, TableReport
from reports.reviews import basis
from reports.reviews.review import Review

LABELS = ("phone_mobile", "resident_id", "person_name", "bank_card")
SENSITIVE = {"resident_id": "personal.identity", "bank_card": "personal.property"}  # and their categories
DAY = date(2026, 11, 2)
NAMES = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "a/b~c.d",
    "中文 列",
    "x,(y)",
    "姓名\u202egnp.exe",
    "\u241f",
    "a b\tc\n",
    "*%20",
    "{table}",
    "l" * 10_000,
)


def column(table, name, label="phone_mobile", confidence=0.97, verdict=""):
    """A column with one finding; verdict: what a person decided, if anybody did."""
    cid = f"{table}/{name}"
    finding = ColumnFinding(
        cid,
        label,
        label,
        "personal_information",
        "core",
        confidence,
        (Evidence("value", "", 96, 100, "cells"),),
        True,
    )
    reviewed = Reviewed(verdict, label, "王敏", DAY, "每列看过") if verdict else None
    assessed = Assessed(
        finding,
        SENSITIVE.get(label, "personal.basic"),
        "个人基本资料",
        "general",
        "yes" if label in SENSITIVE else "no",
        "GB/T 43697-2024",
        "verified",
    )
    return ColumnReport(cid, name, "varchar(64)", "", (assessed,), 100, reviewed=reviewed)


def review_of(column, verdict, by, on, why="", **more):
    """A review of one column as it stands in a report; more: fields of a Review, or `mark` of its rows."""
    mark = more.pop("mark", "")
    return basis.with_column(Review(by, on, verdict, why=why, **more), column, mark)


def plain(table, name):
    return ColumnReport(f"{table}/{name}", name, "int", "")


def table(tid, *columns, owner="", status="scanned", comment=""):
    return TableReport(tid, status, comment, Rows(100, 100, "exact"), None, columns, owner=owner)


def report(*tables, flows=(), skipped=(), finished="2026-11-25T02:00:00Z", kind="postgresql"):
    """A finished report of these tables."""
    sources = sorted({t.id.split("/")[0] for t in tables})
    reads = {t.id: TableReading(finished, "s", "d", "c") for t in tables}
    run = Run(
        "r1",
        finished,
        finished,
        date(2026, 11, 25),
        "0.1.0",
        7,
        ("cn-2024",),
        ("gbt-43697-2024",),
        "d1",
        tables=reads,
    )
    return Report(
        run,
        tuple(SourceReport(s, f"{kind}://reader:***@db.example.com:5432/{s}", kind, 1, 1) for s in sources),
        tables,
        tuple(flows),
        skipped=tuple(skipped),
    )


def flow(fid, *columns, individuals=None, path="standard_contract_or_certification"):
    """A flow of these columns with its count and path."""
    count = individuals or Estimate(11_900, 12_400, 12_900, "sketch")
    return FlowReport(
        Flow(fid, "acme-cn", Recipient("HQ", "DE"), "crm"),
        count,
        count,
        Estimate.exactly(0),
        tuple(columns),
        (),
        Decision(path, (path,), True),
    )


def crm(verdict="accept"):
    """Two tables: the mobile number was accepted, the identity number was not looked at,
    one column is nothing.
    """
    member, staff = "crm/public/member", "crm/public/staff"
    return report(
        table(
            member,
            column(member, "mobile", verdict=verdict),
            column(member, "id_no", "resident_id", 0.9),
            plain(member, "points"),
            comment="会员",
        ),
        table(staff, column(staff, "phone", verdict="accept"), owner="lin"),
        flows=[flow("crm-hq", f"{member}/mobile", f"{member}/id_no")],
    )


def wide(tables, columns, verdict=""):
    """Many columns: every one has a finding, of four labels in turn."""

    def one(n):
        tid = f"crm/public/t{n:05}"
        return table(tid, *(column(tid, f"c{i:03}", LABELS[i % 4], verdict=verdict) for i in range(columns)))

    return report(*(one(n) for n in range(tables)))


def with_column(found, cid, **changes):
    """The report with one column changed, or without it (`drop=True`)."""

    def kept(c):
        return c if c.id != cid else replace(c, **changes)

    drop = changes.pop("drop", False)
    tables = [
        replace(t, columns=tuple(kept(c) for c in t.columns if not (drop and c.id == cid)))
        for t in found.tables
    ]
    return replace(found, tables=tuple(tables))


def hostile():
    """Tables and columns whose names were chosen to break out."""
    tables = []
    for n in NAMES:
        tid = TableRef(n, "public").id("crm")
        tables.append(
            replace(
                table(TableId(tid), comment=n),
                columns=tuple(
                    replace(
                        column(tid, quote(c), verdict="accept"),
                        id=ColumnId(f"{tid}/{quote(c)}"),
                        name=c,
                        comment=c,
                    )
                    for c in NAMES
                ),
            )
        )
    return report(*tables)
