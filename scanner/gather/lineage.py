"""Where the columns of a table come from: definitions of views, a dbt manifest, OpenLineage events.

A copy inherits its source's label, a hash stays personal, a sum over rows ends it. Files are named under `lineage:` in chujing.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from detectors.message import Msg
from detectors.model import ColumnId, Skipped, TableId
from scanner.gather.flow_columns import ColumnOrigin, TableCatalogue, query_origins, source_of, view_origins

Lineage = Mapping[TableId, Mapping[str, ColumnOrigin]]        # table -> folded column name -> what it is made of


def read_lineage(catalogue: TableCatalogue, files: Sequence[Path]) -> tuple[Lineage, tuple[Skipped, ...]]:
    """Lineage of every table that has any, and the files or models that could not be used."""
    found: dict[TableId, Mapping[str, ColumnOrigin]] = {}
    skipped: list[Skipped] = []
    for tid, info in catalogue.tables.items():
        if info.definition and (made := view_origins(tid, catalogue)):
            found[tid] = made
    names = _TableNames(catalogue)
    for path in files:
        try:
            documents = load_documents(path)
            made_here, unknown = _dbt(documents[0], names) if "nodes" in documents[0] else _openlineage(documents, names)
        except (OSError, UnicodeDecodeError):
            skipped.append(
                Skipped(
                    str(path),
                    Msg("cannot be read"),
                    Msg("a dbt manifest.json or OpenLineage events are needed"),
                )
            )
            continue
        except (ValueError, IndexError, KeyError, TypeError, AttributeError):
            skipped.append(
                Skipped(
                    str(path),
                    Msg("neither a dbt manifest nor OpenLineage events"),
                    Msg("lineage: [target/manifest.json, events.ndjson]"),
                )
            )
            continue
        for tid, made in made_here.items():
            found[tid] = {**found.get(tid, {}), **made}
        if unknown:
            some = ", ".join(sorted(unknown)[:3])
            skipped.append(
                Skipped(
                    str(path),
                    Msg("{n} of its tables are in no source ({some})", n=len(unknown), some=some),
                    Msg("scan them too, or ignore this"),
                )
            )
    return found, tuple(skipped)


def load_documents(path: Path) -> list[Any]:
    """The documents of a lineage file: one JSON document, or one on each line. OSError or ValueError when it is neither."""
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("{") and "\n{" not in text:
        return [json.loads(text)]
    return [json.loads(x) for x in text.splitlines() if x]


def parents_first(catalogue: TableCatalogue, known: Lineage, first: Sequence[TableId] = ()) -> Iterator[TableId]:
    """Tables after those they are made of, otherwise those of `first` in their order, then by id; a circle is cut where it is met."""
    done: set[TableId] = set()
    path: set[TableId] = set()

    def visit(tid: TableId) -> Iterator[TableId]:
        if tid in done or tid in path:
            return
        path.add(tid)
        above = {TableId(c.rsplit("/", 1)[0]) for d in known.get(tid, {}).values() for c in d.columns}
        for other in sorted(above - {tid}):
            if other in catalogue.tables:
                yield from visit(other)
        path.discard(tid)
        done.add(tid)
        yield tid

    for tid in (*first, *sorted(catalogue.tables)):
        yield from visit(tid)


class _TableNames:
    """Tables by the names that others call them."""

    def __init__(self, catalogue: TableCatalogue) -> None:
        self.catalogue = catalogue
        self._named: dict[str, list[TableId]] = {}
        for tid, info in catalogue.tables.items():
            self._named.setdefault(info.ref.name.casefold(), []).append(tid)

    def dataset(self, name: str) -> TableId | None:
        """The table of a dotted or slashed name, by its last two parts."""
        parts = name.replace("/", ".").split(".")
        return self.table(parts[-2] if len(parts) > 1 else "", parts[-1])

    def table(self, schema: str, name: str) -> TableId | None:
        """The table of that name, in that schema where sources have schemas; None when there is none or more than one."""
        tables = self.catalogue.tables
        named = self._named.get(name.casefold(), [])
        exact = [t for t in named if tables[t].ref.schema.casefold() == schema.casefold()]
        hits = exact or [t for t in named if not tables[t].ref.schema or not schema]
        return hits[0] if len(hits) == 1 else None


def _dbt(manifest: Mapping[str, Any], names: _TableNames) -> tuple[dict[TableId, Mapping[str, ColumnOrigin]], set[str]]:
    """Models and snapshots by their compiled SQL. Source: dbt manifest schema, v4 and later."""
    found: dict[TableId, Mapping[str, ColumnOrigin]] = {}
    unknown: set[str] = set()
    dialect = str(manifest.get("metadata", {}).get("adapter_type", ""))
    for node in manifest["nodes"].values():
        sql = node.get("compiled_code") or node.get("compiled_sql")
        if node.get("resource_type") not in ("model", "snapshot") or not sql:
            continue
        name = str(node.get("alias") or node["name"])
        tid = names.table(str(node.get("schema") or ""), name)
        if tid is None:
            unknown.add(name)
        elif made := query_origins(sql, source_of(tid), names.catalogue, dialect, names.catalogue.tables[tid].ref.schema):
            found[tid] = made
    return found, unknown


def _openlineage(events: Sequence[Mapping[str, Any]], names: _TableNames) -> tuple[dict[TableId, Mapping[str, ColumnOrigin]], set[str]]:
    """Outputs with a columnLineage facet. Source: OpenLineage ColumnLineageDatasetFacet 1-2-0."""
    found: dict[TableId, Mapping[str, ColumnOrigin]] = {}
    unknown: set[str] = set()
    for event in events:
        for output in event.get("outputs") or ():
            fields = ((output.get("facets") or {}).get("columnLineage") or {}).get("fields") or {}
            tid = names.dataset(str(output["name"]))
            if not fields:
                continue
            if tid is None:
                unknown.add(str(output["name"]))
                continue
            found[tid] = {name.casefold(): _facet_origin(what, names) for name, what in fields.items()}
    if not any("outputs" in e for e in events):
        raise ValueError
    return found, unknown


def _facet_origin(field: Mapping[str, Any], names: _TableNames) -> ColumnOrigin:
    columns: list[ColumnId] = []
    how = "copy"
    for given in field.get("inputFields") or ():
        tid = names.dataset(str(given["name"]))
        steps = given.get("transformations") or [{"subtype": "IDENTITY"}]
        if all(s.get("type") == "INDIRECT" for s in steps):
            continue                          # a filter or a join decides which rows, not what a cell holds
        if tid is not None:
            info = names.catalogue.tables[tid]
            columns += [
                info.ref.column(source_of(tid), c.parts) for c in info.columns if c.name.casefold() == str(given["field"]).casefold()
            ]
        kinds = {str(s.get("subtype", "")).upper() for s in steps}
        if "AGGREGATION" in kinds:
            how = "aggregated"
        elif any(s.get("masking") for s in steps):
            how = "hashed"
        elif kinds - {"IDENTITY", ""}:
            how = "computed"
    return ColumnOrigin(tuple(dict.fromkeys(columns)), how)
