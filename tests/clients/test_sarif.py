"""SARIF files of ours against the schema OASIS publishes."""

import json

import findings
import pytest

import clients
from reports.formats import save

REPORTS = {
    "small": findings.crm(),
    "hostile": findings.hostile(),
    "wide": findings.wide(20, 40),
    "empty": findings.report(),
}


def test_every_sarif_file_fits_the_published_schema(tmp_path):
    files = [tmp_path / f"{name}.sarif" for name in REPORTS]
    for report, file in zip(REPORTS.values(), files, strict=True):
        save(report, file, "en")
    question = [{"kind": "sarif", "file": str(file)} for file in files]

    assert clients.run_client("schemas_client.py", question, tmp_path) == {"sarif": len(REPORTS)}


@pytest.mark.parametrize(("key", "value"), [("version", "3.0"), ("runs", [{}]), ("runs", 1)])
def test_what_is_no_sarif_does_not_fit(tmp_path, key, value):
    file = tmp_path / "broken.sarif"
    save(findings.crm(), file, "en")
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | {key: value}), encoding="utf-8")
    question = json.dumps([{"kind": "sarif", "file": str(file)}])
    ran = clients.run_program([str(clients.HERE / "schemas_client.py")], tmp_path, question)

    assert ran.returncode == 1 and "sarif: " in ran.stderr
