"""A real `datahub ingest` of a real database, with our classifier in the recipe and a file as sink."""

import json
import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("CHUJING_DATAHUB_PYTHON", sys.executable)


def ingest(url, folder, config=None, workers=1, sample=1_000):
    """Terms on fields, {(dataset name, field): [term URN]}, the whole log, and the sink's file.
    url: SQLAlchemy's.
    """
    where = sa.make_url(url)
    kind = "postgres" if where.get_backend_name() == "postgresql" else "mysql"
    recipe = {
        "source": {
            "type": kind,
            "config": {
                "host_port": f"{where.host}:{where.port}",
                "database": where.database,
                "username": where.username,
                "password": where.password,
                "include_views": False,
                "classification": {
                    "enabled": True,
                    "max_workers": workers,
                    "sample_size": sample,
                    "classifiers": [{"type": "detectors.datahub.Classifier", "config": config or {}}],
                },
            },
        },
        "sink": {"type": "file", "config": {"filename": str(folder / "mcps.json")}},
    }
    log = run(recipe, folder)
    return terms(folder / "mcps.json"), log, folder / "mcps.json"


def run(recipe, folder):
    """`datahub ingest -c`; gives its log, fails when it does."""
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    env = {
        **os.environ,
        "DATAHUB_TELEMETRY_ENABLED": "false",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "DATAHUB_DEBUG": "false",
    }
    done = subprocess.run(
        [
            PYTHON,
            "-m",
            "datahub",
            "ingest",
            "-c",
            str(folder / "recipe.json"),
            "--no-default-report",
            "--no-spinner",
        ],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def terms(file):
    """{(dataset name, field): [term URN]} of a metadata file,
    and every field without one as an empty list.
    """
    found = {}
    for m in json.loads(file.read_text(encoding="utf-8")):
        for urn, aspect in _schemas(m):
            name = urn.split(",")[1]
            for f in aspect["fields"]:
                found[name, f["fieldPath"]] = [
                    t["urn"] for t in (f.get("glossaryTerms") or {}).get("terms", [])
                ]
    return found


def _schemas(m):
    if m.get("aspectName") == "schemaMetadata":
        yield m["entityUrn"], m["aspect"]["json"]
    snapshot = (m.get("proposedSnapshot") or {}).get(
        "com.linkedin.pegasus2avro.metadata.snapshot.DatasetSnapshot"
    ) or {}
    for aspect in snapshot.get("aspects", ()):
        if "com.linkedin.pegasus2avro.schema.SchemaMetadata" in aspect:
            yield snapshot["urn"], aspect["com.linkedin.pegasus2avro.schema.SchemaMetadata"]


def lite_schemas(config):
    """Every field and every term on one, as DataHub Lite keeps them: [(URN, field path)], [term URN]."""
    from datahub.lite.lite_util import get_datahub_lite
    from datahub.metadata.schema_classes import SchemaMetadataClass

    lite = get_datahub_lite(config, read_only=True)
    fields, terms = [], []
    for urn in lite.list_ids():
        if not urn.startswith("urn:li:dataset:"):
            continue
        schema = lite.get(urn, aspects=["schemaMetadata"], typed=True)["schemaMetadata"]
        assert isinstance(schema, SchemaMetadataClass)
        for field in schema.fields:
            fields.append((urn, field.fieldPath))
            terms += [term.urn for term in field.glossaryTerms.terms] if field.glossaryTerms else []
    lite.close()
    return fields, terms
