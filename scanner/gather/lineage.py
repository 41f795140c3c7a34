"""Where the columns of a table come from: definitions of views, a dbt manifest, OpenLineage events.

A copy inherits its source's label, a hash stays personal, a sum over rows ends it. Files are named under
`lineage:` in chujing.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detectors.errors import SourceError
from detectors.ids import source_of, table_of
from detectors.input_files import input_text
from detectors.message import Msg
from detectors.model import ColumnId, Skipped, TableId
from scanner.gather.query_lineage import ColumnOrigin, Query, Transformation, query_origins, view_origins
from scanner.gather.table_catalogue import TableCatalogue

Lineage = Mapping[TableId, Mapping[str, ColumnOrigin]]      # table -> folded column name -> its origin


@dataclass(slots=True)
class _FileLineage:
    """Lineage that one file states, and the tables it names that are in no source."""

    origins: dict[TableId, Mapping[str, ColumnOrigin]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def read_lineage(catalogue: TableCatalogue, files: Sequence[Path]) -> tuple[Lineage, tuple[Skipped, ...]]:
    """Return (lineage of every table that has any, files and models that could not be used)."""
    lineage: dict[TableId, Mapping[str, ColumnOrigin]] = {}
    for tid, info in catalogue.tables.items():
        if info.definition and (origins := view_origins(tid, catalogue)):
            lineage[tid] = origins
    skipped: list[Skipped] = []
    names = _TableNames(catalogue)
    for path in files:
        stated = _read_file(path, names)
        if isinstance(stated, Skipped):
            skipped.append(stated)
            continue
        for tid, origins in stated.origins.items():
            lineage[tid] = {**lineage.get(tid, {}), **origins}
        if unknown := stated.unknown:
            some = ", ".join(sorted(unknown)[:3])
            reason = Msg("{n} of its tables are in no source ({some})", n=len(unknown), some=some)
            skipped.append(Skipped(str(path), reason, Msg("scan them too, or ignore this")))
    return lineage, tuple(skipped)


def _read_file(path: Path, names: _TableNames) -> _FileLineage | Skipped:
    try:
        documents = load_documents(path)
        is_dbt = "nodes" in documents[0]
        return _dbt_lineage(documents[0], names) if is_dbt else _event_lineage(documents, names)
    except SourceError as e:
        return Skipped(str(path), e.what, e.hint)
    except (OSError, UnicodeDecodeError):
        hint = Msg("a dbt manifest.json or OpenLineage events are needed")
        return Skipped(str(path), Msg("cannot be read"), hint)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError):
        hint = Msg("lineage: [target/manifest.json, events.ndjson]")
        return Skipped(str(path), Msg("neither a dbt manifest nor OpenLineage events"), hint)


def load_documents(path: Path) -> list[Any]:
    """Return the documents of a lineage file: one JSON document, or one on each line.

    Raise OSError or ValueError if it is neither, SourceError for a pipe or device.
    """
    text = input_text(path, SourceError)
    if text.lstrip().startswith("{") and "\n{" not in text:
        return [json.loads(text)]
    return [json.loads(line) for line in text.splitlines() if line]


def parents_first(
    catalogue: TableCatalogue, lineage: Lineage, first: Sequence[TableId] = ()
) -> Iterator[TableId]:
    """Yield every table after those it is derived from.

    Otherwise those of `first` come in their order, then the rest by id. A circle is cut where it is met.
    """
    done: set[TableId] = set()
    path: set[TableId] = set()

    def visit(tid: TableId) -> Iterator[TableId]:
        if tid in done or tid in path:
            return
        path.add(tid)
        parents = {table_of(c) for origin in lineage.get(tid, {}).values() for c in origin.columns}
        for parent in sorted(parents - {tid}):
            if parent in catalogue.tables:
                yield from visit(parent)
        path.discard(tid)
        done.add(tid)
        yield tid

    for tid in (*first, *sorted(catalogue.tables)):
        yield from visit(tid)


class _TableNames:
    """Tables by the names that other programs have for them."""

    def __init__(self, catalogue: TableCatalogue) -> None:
        self.catalogue = catalogue
        self._by_name: dict[str, list[TableId]] = {}
        for tid, info in catalogue.tables.items():
            self._by_name.setdefault(info.ref.name.casefold(), []).append(tid)

    def dataset(self, name: str) -> TableId | None:
        """Return the table of a dotted or slashed name, by its last two parts."""
        parts = name.replace("/", ".").split(".")
        return self.table(parts[-2] if len(parts) > 1 else "", parts[-1])

    def table(self, schema: str, name: str) -> TableId | None:
        """Return the table of that name, in that schema where sources have schemas.

        None is returned when there is not exactly one.
        """
        tables = self.catalogue.tables
        candidates = self._by_name.get(name.casefold(), [])
        exact = [t for t in candidates if tables[t].ref.schema.casefold() == schema.casefold()]
        hits = exact or [t for t in candidates if not tables[t].ref.schema or not schema]
        return hits[0] if len(hits) == 1 else None

    def columns(self, tid: TableId, name: str) -> Iterator[ColumnId]:
        """Yield the columns of a table that are called so, whatever the case."""
        info = self.catalogue.tables[tid]
        for column in info.columns:
            if column.name.casefold() == name.casefold():
                yield info.ref.column(source_of(tid), column.parts)


def _dbt_lineage(manifest: Mapping[str, Any], names: _TableNames) -> _FileLineage:
    """Models and snapshots by their compiled SQL. Source: dbt manifest schema, v4 and later."""
    stated = _FileLineage()
    dialect = str(manifest.get("metadata", {}).get("adapter_type", ""))
    for node in manifest["nodes"].values():
        sql = node.get("compiled_code") or node.get("compiled_sql")
        if node.get("resource_type") not in ("model", "snapshot") or not sql:
            continue
        name = str(node.get("alias") or node["name"])
        tid = names.table(str(node.get("schema") or ""), name)
        if tid is None:
            stated.unknown.add(name)
            continue
        query = Query(sql, source_of(tid), dialect, names.catalogue.tables[tid].ref.schema)
        if origins := query_origins(query, names.catalogue):
            stated.origins[tid] = origins
    return stated


def _event_lineage(events: Sequence[Mapping[str, Any]], names: _TableNames) -> _FileLineage:
    """Outputs with a columnLineage facet. Source: OpenLineage ColumnLineageDatasetFacet 1-2-0."""
    stated = _FileLineage()
    for event in events:
        for output in event.get("outputs") or ():
            fields = ((output.get("facets") or {}).get("columnLineage") or {}).get("fields") or {}
            name = str(output["name"])
            tid = names.dataset(name)
            if not fields:
                continue
            if tid is None:
                stated.unknown.add(name)
                continue
            stated.origins[tid] = {
                column.casefold(): _facet_origin(facet, names) for column, facet in fields.items()
            }
    if not any("outputs" in event for event in events):
        raise ValueError
    return stated


def _facet_origin(facet: Mapping[str, Any], names: _TableNames) -> ColumnOrigin:
    """Return the origin of a column as a columnLineage facet states it."""
    columns: list[ColumnId] = []
    how: Transformation = "copy"
    for source in facet.get("inputFields") or ():
        tid = names.dataset(str(source["name"]))
        steps = source.get("transformations") or [{"subtype": "IDENTITY"}]
        if all(step.get("type") == "INDIRECT" for step in steps):
            continue                          # a filter or a join decides which rows, not what a cell holds
        if tid is not None:
            columns += names.columns(tid, str(source["field"]))
        kinds = {str(step.get("subtype", "")).upper() for step in steps}
        if "AGGREGATION" in kinds:
            how = "aggregated"
        elif any(step.get("masking") for step in steps):
            how = "hashed"
        elif kinds - {"IDENTITY", ""}:
            how = "computed"
    return ColumnOrigin(tuple(dict.fromkeys(columns)), how)
