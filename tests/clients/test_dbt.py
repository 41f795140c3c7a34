"""Properties files of ours in a project that dbt itself parses: every column's `meta`, whatever its name."""

import json

import findings
import pytest
import yaml

import clients
from reports.catalogs import find
from reports.catalogs.picking import Selection

REPORTS = {"small": findings.crm(), "hostile": findings.hostile(), "wide": findings.wide(5, 12)}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_dbt_reads_every_column_with_its_meta(report, tmp_path):
    dbt = find("dbt")
    (tmp_path / "models").mkdir()
    for name, text in dbt.files(dbt.payloads(report, Selection(suggested=True))):
        (tmp_path / "models" / name).write_text(text, encoding="utf-8")
    project = {"name": "shop", "version": "1.0", "profile": "shop", "model-paths": ["models"]}
    profile = {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb", "path": ":memory:"}}}}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    words = ["--no-send-anonymous-usage-stats", "parse", "--profiles-dir", "."]
    ran = clients.run_program(["-c", f"from dbt.cli.main import cli; cli({words})"], tmp_path)
    assert ran.returncode == 0, ran.stdout[-3_000:] + ran.stderr[-3_000:]

    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text(encoding="utf-8"))
    columns = {
        (source["name"], column["name"]): column["meta"]["chujing"]
        for source in manifest["sources"].values()
        for column in source["columns"].values()
    }
    expected = {
        (table.id.rsplit("/", 1)[-1], column.name): column.reviewed is not None
        for table in report.tables
        for column in table.columns
        if column.findings
    }
    assert len(columns) == len(expected)
    assert sum(meta["standing"] == "accepted" for meta in columns.values()) == sum(expected.values())
    if report is REPORTS["small"]:
        assert columns["member", "mobile"]["label"] == "phone_mobile"
    # Jinja drops a last line end
    assert {name for _, name in columns} == {name.rstrip("\n") for _, name in expected}
