"""Definitions as a source: DDL, a dbt manifest, an Avro schema, a JSON Schema. Names, comments, no rows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

DefinitionKind = Literal["sql", "dbt", "avsc", "json_schema"]
_HEAD = 1 << 16  # bytes in which a JSON document says what it is
_JSON_SCHEMA = re.compile(rb'"\$schema"\s*:\s*"https?://json-schema\.org/')
_DBT = re.compile(rb'"dbt_schema_version"\s*:\s*"[^"]*manifest')


def definition_of(path: Path) -> DefinitionKind | None:
    """Return what kind of definition a file holds, by its suffix or how its content begins; None for none."""
    suffix = path.suffix.lower()
    if suffix in (".sql", ".ddl"):
        return "sql"
    if suffix == ".avsc":
        return "avsc"
    if suffix != ".json" or not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if _DBT.search(head):
        return "dbt"
    return "json_schema" if _JSON_SCHEMA.search(head) and _is_schema(path) else None


def _is_schema(path: Path) -> bool:
    """Return whether a document that names a meta-schema is a schema itself, not data that names one."""
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return True  # a schema with a fault is told as such
    return isinstance(content, dict) and "json-schema.org" in str(content.get("$schema"))
