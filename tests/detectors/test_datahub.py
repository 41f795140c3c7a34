"""Our classifier as DataHub's own ingestion loads it: in a real recipe over a real database, and alone."""

import json
import multiprocessing
import uuid
from datetime import date, datetime
from decimal import Decimal

import datahub_ingest
import pytest
from datahub.ingestion.glossary.classification_types import ColumnInfo, Metadata
from datahub.ingestion.glossary.classifier import ClassificationConfig
from datahub.ingestion.glossary.classifier_registry import classifier_registry

from detectors.datahub import Classifier, decisions
from detectors.errors import ConfigError

MOBILES = [f"139{n:08d}" for n in range(12_345_678, 12_345_738)]


def asked(dataset, **columns):
    """Columns as DataHub hands them over: name -> (type, comment, values)."""
    return [
        ColumnInfo(Metadata({"Name": n, "Description": c, "DataType": t, "Dataset_Name": dataset}), v) for n, (t, c, v) in columns.items()
    ]


def told(columns):
    return {c.metadata.name: c.infotype_proposals[0].infotype for c in columns if c.infotype_proposals}


def member():
    return asked("crm.public.member", id=("BIGINT()", None, list(range(60))), mobile=("VARCHAR(length=20)", "手机号", MOBILES),
                 name=("VARCHAR(length=64)", "会员姓名", []))


def test_it_is_loaded_by_its_dotted_path():
    assert classifier_registry.get("detectors.datahub.Classifier") is Classifier
    assert ClassificationConfig(enabled=True, classifiers=[{"type": "detectors.datahub.Classifier"}]).classifiers[0].config is None


def test_a_table_is_seen_as_a_whole():
    assert told(Classifier.create(None).classify(member())) == {
        "mobile": "chujing.suggested.phone_mobile", "name": "chujing.suggested.person_name",
    }
    product = asked("shop.product", name=("VARCHAR(length=64)", "商品名称", []), price=("NUMERIC()", "价格", []))
    assert told(Classifier.create({}).classify(product)) == {}


SAW = {"crm/public/member/mobile": "phone_mobile 0a1b2c3d 0.97 0.94"}


@pytest.mark.parametrize(("reviews", "mobile"), [
    ([{"verdict": "accept", "column": "crm/public/member/mobile", "label": "phone_mobile"}], "chujing.accepted.phone_mobile"),
    ([{"verdict": "accept", "column": "crm/public/member/mobile", "seen": "email 0a1b2c3d 0.97 0.94"}], "chujing.suggested.phone_mobile"),
    ([{"verdict": "accept", "columns": ["crm/public/staff/phone", "crm/public/member/mobile"]}], "chujing.accepted.phone_mobile"),
    ([{"verdict": "reject", "pattern": "crm/*/mobile", "saw": SAW}], None),
    ([{"verdict": "reject", "pattern": "crm/*", "saw": SAW}, {"verdict": "accept", "table": "crm/public/member", "saw": SAW}],
     "chujing.accepted.phone_mobile"),
    ([{"verdict": "accept", "table": "crm/public/member", "saw": {"crm/public/member/name": "person_name 0a1b2c3d 0.97 0.94"}}],
     "chujing.suggested.phone_mobile"),
    ([{"verdict": "accept", "table": "crm/public/member"}], "chujing.suggested.phone_mobile"),
    ([{"verdict": "relabel", "column": "crm/public/member/mobile", "to": "im_account"}], "chujing.accepted.im_account"),
    ([{"verdict": "relabel", "table": "crm/public/member", "label": "email", "to": "im_account",
       "saw": {"crm/public/member/mobile": "email 0a1b2c3d 0.97 0.94"}}], "chujing.suggested.phone_mobile"),
    ([{"verdict": "accept", "column": "crm/public/member/mobile", "until": date(2020, 1, 1)}], "chujing.suggested.phone_mobile"),
    ([{"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"}, {"undo": "r-1"}], "chujing.suggested.phone_mobile"),
    ([{"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"}, {"undo": "r-1"},
      {"id": "r-1", "verdict": "accept", "column": "crm/public/member/mobile"}], "chujing.accepted.phone_mobile"),
    ([{"verdict": "accept", "column": "hr/public/member/mobile"}], "chujing.suggested.phone_mobile"),
], ids=["accepted", "another label", "group", "pattern", "table before pattern", "came later",
        "does not say what it saw", "relabelled", "relabelled, another label", "expired",
        "undone", "undone and recorded again", "another source"])
def test_reviews_decide_where_there_are_any(reviews, mobile, tmp_path):
    file = tmp_path / "reviews.yaml"
    import yaml

    file.write_text(yaml.safe_dump(reviews, allow_unicode=True), encoding="utf-8")

    assert told(Classifier.create({"reviews": reviews}).classify(member())).get("mobile") == mobile
    assert told(Classifier.create({"reviews": str(file), "source": "crm"}).classify(member())).get("mobile") == mobile


def test_an_undoing_of_an_entry_that_does_not_say_its_id_is_no_matter_of_guessing():
    with pytest.raises(ConfigError, match="r-1 is undone, and no entry has this id"):
        Classifier.create({"reviews": [{"verdict": "accept", "column": "crm/public/member/mobile"}, {"undo": "r-1"}]})


def test_values_of_every_kind_are_taken():
    odd = [None, 1, 2.5, "x", Decimal("3"), date(2026, 1, 1), datetime(2026, 1, 1), uuid.uuid4(), b"\x00", {"a": 1}, [1], float("nan"),
           2**80]
    columns = asked("crm.t", a=("JSONB()", None, odd), b=("BYTEA()", None, [b"\x00"]), mobile=("TEXT()", None, [*MOBILES, None, 7]))
    assert told(Classifier.create({}).classify(columns))["mobile"] == "chujing.suggested.phone_mobile"


def test_a_fault_leaves_the_table_without_terms_and_no_value_in_the_log(monkeypatch, caplog):
    def fails(table, samples):
        raise ValueError(samples[1].values[0].as_py())

    monkeypatch.setattr("detectors.datahub.detect", fails)
    assert told(Classifier.create({}).classify(member())) == {}
    assert "ValueError" in caplog.text and MOBILES[0] not in caplog.text


@pytest.mark.parametrize(("config", "hint"), [
    ({"review": "x.yaml"}, 'Did you mean "reviews"?'), ({"reviews": "nowhere.yaml"}, "cannot be read"),
], ids=["key", "file"])
def test_settings_are_read_strictly(config, hint):
    with pytest.raises(ConfigError) as e:
        Classifier.create(config)
    assert hint in e.value.line()


def test_several_workers_are_refused(monkeypatch):
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    with pytest.raises(ConfigError) as e:
        Classifier.create({}).classify(member())
    assert e.value.hint == "max_workers: 1"


def test_reviews_that_say_nothing_of_the_finding_are_left_out():
    assert not list(decisions([{"verdict": "justify", "column": "a/b", "why": "needed"}]))


@pytest.mark.server
def test_a_real_recipe_over_a_real_database(postgresql, tmp_path):
    postgresql.fill(
        "CREATE TABLE member (id bigint PRIMARY KEY, mobile varchar(20), sex varchar(4), last_sku varchar(20))",
        "COMMENT ON COLUMN member.mobile IS '手机号'", "COMMENT ON COLUMN member.sex IS '性别'",
        "INSERT INTO member SELECT n, '139' || n, CASE mod(n, 2) WHEN 0 THEN '男' ELSE '女' END, 'SKU-' || n "
        "FROM generate_series(12345678, 12345737) n",
        "CREATE TABLE product (id bigint PRIMARY KEY, name varchar(64), price numeric)", "COMMENT ON COLUMN product.name IS '商品名称'",
    )
    reviews = [{"verdict": "accept", "pattern": "crm/public/member/*", "saw": SAW, "by": "lin", "on": "2026-11-02"}]
    found, log, _ = datahub_ingest.ingest(postgresql.admin, tmp_path, {"source": "crm", "reviews": reviews})
    terms = {(dataset.rsplit(".", 1)[-1], field): urns for (dataset, field), urns in found.items()}

    assert terms == {
        ("member", "id"): [], ("member", "mobile"): ["urn:li:glossaryTerm:chujing.accepted.phone_mobile"],
        ("member", "sex"): ["urn:li:glossaryTerm:chujing.suggested.gender"], ("member", "last_sku"): [],
        ("product", "id"): [], ("product", "name"): [], ("product", "price"): [],
    }
    assert not [m for m in MOBILES if m in log]


def test_our_file_goes_through_datahub_s_file_source(tmp_path):
    import findings

    from reports.catalogs import find
    from reports.catalogs.naming import NamingRule
    from reports.catalogs.picking import Selection

    asked = Selection((NamingRule("crm", platform="postgres", database="crm"),), True)
    (_, text), = find("datahub").files(find("datahub").payloads(findings.crm(), asked))
    (tmp_path / "ours.json").write_text(text, encoding="utf-8")
    datahub_ingest.run({
        "source": {"type": "file", "config": {"path": str(tmp_path / "ours.json")}},
        "sink": {"type": "file", "config": {"filename": str(tmp_path / "out.json")}},
    }, tmp_path)
    sent, come = json.loads(text), json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))

    assert {(m["entityUrn"], m["aspectName"], m["changeType"]) for m in sent} <= {
        (m["entityUrn"], m["aspectName"], m["changeType"]) for m in come}
