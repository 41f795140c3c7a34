"""report.json: the Report, field by field, with the schema `reports/docs/report.schema.json`.

Changes are additive only.
"""

from __future__ import annotations

import json
from typing import IO, Any

from reports.cells import escape_json
from reports.json_schema import schema_of
from reports.model import Report
from reports.serial import dump


def to_json(report: Report) -> dict[str, Any]:
    """Return the report ready for JSON, `schema_version` first."""
    body: dict[str, Any] = dump(report)
    return {"schema_version": body.pop("schema_version"), **body}


def write(report: Report, file: IO[str]) -> None:
    """Write report.json, one key to a line, UTF-8."""
    for chunk in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(to_json(report)):
        file.write(escape_json(chunk))
    file.write("\n")


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of report.json."""
    definitions: dict[str, Any] = {}
    top = schema_of(Report, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chujing report",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }
