"""DataHub's own `datahub ingest`: our classifier in a recipe over a real database,
and our file through its file source.
"""

import json

import datahub_ingest
import findings
import pytest

from reports.catalogs import find
from reports.catalogs.naming import NamingRule
from reports.catalogs.picking import Selection

MOBILES = [f"139{n:08d}" for n in range(12_345_678, 12_345_738)]
SAW = {"crm/public/member/mobile": "phone_mobile 0a1b2c3d 0.97 0.94"}


def test_a_real_recipe_over_a_real_database(postgresql, tmp_path):
    postgresql.fill(
        (
            "CREATE TABLE member (id bigint PRIMARY KEY, mobile varchar(20), sex varchar(4), "
            "last_sku varchar(20))"
        ),
        "COMMENT ON COLUMN member.mobile IS '手机号'",
        "COMMENT ON COLUMN member.sex IS '性别'",
        "INSERT INTO member SELECT n, '139' || n, CASE mod(n, 2) WHEN 0 THEN '男' ELSE '女' END, 'SKU-' || n "
        "FROM generate_series(12345678, 12345737) n",
        "CREATE TABLE product (id bigint PRIMARY KEY, name varchar(64), price numeric)",
        "COMMENT ON COLUMN product.name IS '商品名称'",
    )
    reviews = [
        {"verdict": "accept", "pattern": "crm/public/member/*", "saw": SAW, "by": "lin", "on": "2026-11-02"}
    ]
    found, log, _ = datahub_ingest.ingest(postgresql.admin, tmp_path, {"source": "crm", "reviews": reviews})
    terms = {(dataset.rsplit(".", 1)[-1], field): urns for (dataset, field), urns in found.items()}

    assert terms == {
        ("member", "id"): ["urn:li:glossaryTerm:chujing.suggested.user_id"],
        ("member", "mobile"): ["urn:li:glossaryTerm:chujing.accepted.phone_mobile"],
        ("member", "sex"): ["urn:li:glossaryTerm:chujing.suggested.gender"],
        ("member", "last_sku"): [],
        ("product", "id"): [],
        ("product", "name"): [],
        ("product", "price"): [],
    }
    assert not [m for m in MOBILES if m in log]


@pytest.mark.parametrize("report", [findings.crm(), findings.hostile()], ids=["small", "hostile names"])
def test_whole_tables_go_into_datahub_lite_with_their_terms(tmp_path, report):
    rule = NamingRule("crm", platform="postgres", database="crm")
    selection = Selection((rule,), suggested=True, whole=True)
    ((_, text),) = find("datahub").files(find("datahub").payloads(report, selection))
    (tmp_path / "ours.json").write_text(text, encoding="utf-8")
    lite = {"type": "sqlite", "config": {"file": str(tmp_path / "lite.db")}}
    source = {"type": "file", "config": {"path": str(tmp_path / "ours.json")}}
    log = datahub_ingest.run({"source": source, "sink": {"type": "datahub-lite", "config": lite}}, tmp_path)
    assert "does not support" not in log

    fields, terms = datahub_ingest.lite_schemas(lite)
    columns = {c.id: c.reviewed is not None for t in report.tables for c in t.columns if c.findings}
    assert len(fields) == sum(len(t.columns) for t in report.tables)
    accepted = [term for term in terms if term.startswith("urn:li:glossaryTerm:chujing.accepted.")]
    assert len(accepted) == sum(columns.values())
    assert len(terms) == len(columns)


def test_our_file_goes_through_datahub_s_file_source(tmp_path):
    asked = Selection((NamingRule("crm", platform="postgres", database="crm"),), True)
    ((_, text),) = find("datahub").files(find("datahub").payloads(findings.crm(), asked))
    (tmp_path / "ours.json").write_text(text, encoding="utf-8")
    datahub_ingest.run(
        {
            "source": {"type": "file", "config": {"path": str(tmp_path / "ours.json")}},
            "sink": {"type": "file", "config": {"filename": str(tmp_path / "out.json")}},
        },
        tmp_path,
    )
    sent, come = json.loads(text), json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))

    assert {(m["entityUrn"], m["aspectName"], m["changeType"]) for m in sent} <= {
        (m["entityUrn"], m["aspectName"], m["changeType"]) for m in come
    }
