"""Labels come along a dbt manifest and OpenLineage events: copies and computed values inherit,
hashes stay personal, sums end it.
"""

import json
import sqlite3

import pytest

from reports.model import labels, primary
from scanner import job
from scanner.config.model import Config, read
from scanner.config.sources import Source

MANIFEST = {
    "metadata": {"adapter_type": "sqlite"},
    "nodes": {
        "model.shop.mart": {
            "resource_type": "model",
            "name": "mart",
            "schema": "main",
            "compiled_code": "SELECT c1 AS d1, c3 AS d3 FROM stage",
        },
        "model.shop.stage": {
            "resource_type": "model",
            "name": "x",
            "alias": "stage",
            "schema": "main",
            "compiled_code": (
                "SELECT mobile AS c1, md5(id_card) AS c2, count(*) AS c3 FROM member GROUP BY 1, 2"
            ),
        },
        "model.shop.gone": {"resource_type": "model", "name": "gone", "compiled_code": "SELECT 1 AS x"},
        "test.shop.t": {"resource_type": "test", "name": "t", "compiled_code": "SELECT 1"},
    },
}


def step(subtype, kind="DIRECT", masking=False):
    return {"type": kind, "subtype": subtype, "masking": masking}


EVENTS = [
    {"eventType": "START", "outputs": []},
    {
        "eventType": "COMPLETE",
        "outputs": [
            {
                "namespace": "sqlite",
                "name": "main.stage",
                "facets": {
                    "columnLineage": {
                        "fields": {
                            "c1": {
                                "inputFields": [
                                    {
                                        "namespace": "s",
                                        "name": "main.member",
                                        "field": "mobile",
                                        "transformations": [step("IDENTITY")],
                                    }
                                ]
                            },
                            "c2": {
                                "inputFields": [
                                    {
                                        "namespace": "s",
                                        "name": "main.member",
                                        "field": "id_card",
                                        "transformations": [step("TRANSFORMATION", masking=True)],
                                    }
                                ]
                            },
                            "c3": {
                                "inputFields": [
                                    {
                                        "namespace": "s",
                                        "name": "main.member",
                                        "field": "mobile",
                                        "transformations": [step("AGGREGATION")],
                                    },
                                    {
                                        "namespace": "s",
                                        "name": "main.member",
                                        "field": "id",
                                        "transformations": [step("FILTER", "INDIRECT")],
                                    },
                                ]
                            },
                        }
                    }
                },
            }
        ],
    },
]


@pytest.fixture
def shop(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript("""
            CREATE TABLE member (id INTEGER PRIMARY KEY, mobile TEXT, id_card TEXT);
            CREATE TABLE stage (c1 TEXT, c2 TEXT, c3 INTEGER);
            CREATE TABLE mart (d1 TEXT, d3 INTEGER);
        """)
    return tmp_path


def scan(folder, *files):
    sources = (Source("shop", f"sqlite:///{folder / 'shop.db'}"),)
    return job.scan(Config(sources=sources, lineage=tuple(folder / f for f in files)), values=False)


def test_dbt_models_inherit_through_each_other(shop):
    (shop / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")

    report = scan(shop, "manifest.json")
    found = {c: label for c, label in labels(report).items() if "/member/" not in c}

    assert found == {
        "shop/stage/c1": "phone_mobile",
        "shop/stage/c2": "resident_id",
        "shop/mart/d1": "phone_mobile",
    }
    notes = [
        e.note
        for t in report.tables
        for c in t.columns
        if c.id == "shop/stage/c2"
        for e in primary(c).finding.evidence
    ]
    assert notes == ["made from shop/member/id_card, hashed, still personal information"]
    assert [s.reason for s in report.skipped] == ["1 of its tables are in no source (gone)"]


def test_openlineage_events_inherit(shop):
    (shop / "events.ndjson").write_text("\n".join(map(json.dumps, EVENTS)), encoding="utf-8")

    report = scan(shop, "events.ndjson")

    assert {c: label for c, label in labels(report).items() if "/stage/" in c} == {
        "shop/stage/c1": "phone_mobile",
        "shop/stage/c2": "resident_id",
    }


def test_values_that_say_otherwise_are_shown_as_a_conflict(shop):
    with sqlite3.connect(shop / "shop.db") as connection:
        connection.executemany(
            "INSERT INTO stage VALUES (?, '', 1)", [(f"user{i}@mail.example",) for i in range(60)]
        )
    (shop / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")

    report = job.scan(
        Config(sources=(Source("shop", f"sqlite:///{shop / 'shop.db'}"),), lineage=(shop / "manifest.json",))
    )
    column = next(c for t in report.tables for c in t.columns if c.id == "shop/stage/c1")

    assert {a.finding.label for a in column.findings} == {"phone_mobile", "email"}
    assert any(
        "conflict: the values look like e-mail" in e.note for a in column.findings for e in a.finding.evidence
    )


BAD = {
    "no file": (None, "cannot be read"),
    "not JSON": ("nodes: 1", "neither a dbt manifest nor OpenLineage events"),
    "something else": ('{"a": 1}', "neither a dbt manifest nor OpenLineage events"),
}


@pytest.mark.parametrize(("text", "reason"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used_is_reported_and_the_scan_goes_on(text, reason, shop):
    if text is not None:
        (shop / "f.json").write_text(text, encoding="utf-8")

    report = scan(shop, "f.json")

    assert [s.reason for s in report.skipped] == [reason]
    assert labels(report)["shop/member/mobile"] == "phone_mobile"


def test_the_configuration_names_the_files(tmp_path):
    (tmp_path / "chujing.yaml").write_text(
        "version: 1\nsources: {a: {url: 'sqlite:///a.db'}}\nlineage: [target/manifest.json]\n",
        encoding="utf-8",
    )

    assert read(tmp_path / "chujing.yaml").lineage == (tmp_path / "target/manifest.json",)
