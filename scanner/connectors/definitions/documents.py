"""Tables of dbt manifests, Avro schemas and JSON Schemas.

Source: dbt's manifest version 4 and later; Apache Avro 1.11; JSON Schema drafts 4 to 2020-12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import ColumnInfo, TableInfo, TableRef
from scanner.connectors.files.avro import columns_of_record

DEPTH = 12  # levels of records that are followed
_DBT_KINDS = ("model", "seed", "snapshot", "source")
_BRANCHES = ("allOf", "anyOf", "oneOf")


def dbt_tables(manifest: Any) -> Iterator[TableInfo]:
    """Yield the models, seeds, snapshots and sources of a dbt manifest that say what columns they have."""
    for group in ("nodes", "sources"):
        nodes = manifest.get(group) if isinstance(manifest, dict) else None
        for node in (nodes or {}).values() if isinstance(nodes, dict) else ():
            if not isinstance(node, dict) or node.get("resource_type") not in _DBT_KINDS:
                continue
            columns = node.get("columns")
            listed = [c for c in columns.values() if isinstance(c, dict)] if isinstance(columns, dict) else []
            infos = tuple(
                ColumnInfo(str(c["name"]), str(c.get("data_type") or ""), str(c.get("description") or ""))
                for c in listed
                if c.get("name")
            )
            name = node.get("identifier") or node.get("alias") or node.get("name")
            ref = TableRef(str(name), str(node.get("schema") or ""))
            yield TableInfo(ref, infos, str(node.get("description") or ""), kind="dictionary")


def avro_tables(schema: Any, name: str) -> Iterator[TableInfo]:
    """Yield a table for each record of an Avro schema, with the columns that a file of it has.

    Raise SourceError where it is no schema.
    """
    for record in schema if isinstance(schema, list) else [schema]:
        if isinstance(record, dict) and record.get("type") in ("record", "error"):
            try:
                columns = columns_of_record(record, schema)
            except (KeyError, TypeError, AttributeError, RecursionError):
                raise SourceError(Msg("not an Avro schema"), where=name) from None
            ref = TableRef(str(record.get("name") or name), str(record.get("namespace") or ""))
            yield TableInfo(ref, columns, str(record.get("doc") or ""), kind="dictionary")


def json_schema_tables(schema: Any, name: str) -> Iterator[TableInfo]:
    """Yield the table of a JSON Schema, and one for each definition that the table does not refer to."""
    if not isinstance(schema, dict):
        return
    columns = tuple(_properties(schema, (), schema))
    comment = str(schema.get("description") or schema.get("title") or "")
    if columns:
        yield TableInfo(TableRef(name), _once(columns), comment, kind="dictionary")
        return
    for key in ("$defs", "definitions"):
        for title, part in sorted((schema.get(key) or {}).items()):
            if inner := tuple(_properties(part, (), schema)):
                words = str(part.get("description") or "")
                yield TableInfo(TableRef(str(title)), _once(inner), words, kind="dictionary")


def _once(columns: tuple[ColumnInfo, ...]) -> tuple[ColumnInfo, ...]:
    return tuple({column.name: column for column in reversed(columns)}.values())[::-1]


def _properties(
    part: Any, path: tuple[str, ...], root: Mapping[str, Any], followed: frozenset[str] = frozenset()
) -> Iterator[ColumnInfo]:
    """Yield the leaves of a part of a schema; references inside it are followed, each once a path."""
    if isinstance(part, dict) and isinstance(reference := part.get("$ref"), str):
        if reference in followed:
            return
        part, followed = _target(reference, root), followed | {reference}
    if not isinstance(part, dict) or len(path) > DEPTH:
        return
    for key in _BRANCHES:
        for branch in part.get(key) or ():
            yield from _properties(branch, path, root, followed)
    if isinstance(part.get("properties"), dict):
        for name, inner in part["properties"].items():
            yield from _properties(inner, (*path, str(name)), root, followed)
    elif isinstance(part.get("items"), dict):
        inside = (*path[:-1], path[-1] + "[]") if path else ()
        yield from _properties(part["items"], inside, root, followed)
    elif path and (part.keys() & {"type", "enum", "format"} or not part.keys() & set(_BRANCHES)):
        kind = part.get("format") or part.get("type") or ""
        words = str(part.get("description") or part.get("title") or "")
        yield ColumnInfo(".".join(path), str(kind), words, path=path)


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    """Return what a reference inside the document points at; None for none."""
    if not reference.startswith("#/"):
        return None
    target: Any = root
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        target = target.get(name) if isinstance(target, dict) else None
    return target
