"""Delta Lake tables: the files of one version, less deleted rows, through deltalake; its log tells schema, comments and partitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from detectors.errors import ConfigError, SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.files import nested, parquet
from scanner.connectors.files.grouping import Group
from scanner.connectors.files.groups import RowGroup
from scanner.connectors.files.places import Place, file_system, telling
from scanner.connectors.lake.options import asked, endpoint, options_for, renamed, with_credentials
from scanner.connectors.protocol import Access
from scanner.connectors.urls import redact

SERVES = ("delta://",)
_PHYSICAL = "delta.columnMapping.physicalName"


def connect(url: str, access: Access) -> Any:
    """`delta://folder`, `delta:///folder`, `delta+s3://bucket/folder` or `delta://s3://bucket/folder`."""
    from scanner.connectors.files.source import FilesConnector

    where = (url.removeprefix("delta+") if url.startswith("delta+") else url.removeprefix("delta://")).rstrip("/")
    table = folder(where, access.options, access.timeout)
    called = where.rpartition("/")[2]
    table.table(called)                       # there, or one clear error now
    return FilesConnector([Group(called, "", (), table)], [], access.name, access.connections)


def folder(where: str, options: Mapping[str, str], timeout: float) -> DeltaFolder:
    """The Delta table in a folder; nothing is read yet."""
    return DeltaFolder(where, options, timeout)


class DeltaFolder:
    """One Delta table at its newest version, which stays the same while it is read."""

    def __init__(self, where: str, options: Mapping[str, str], timeout: float) -> None:
        self._where, self._options, self._timeout = where, options, timeout

    @cached_property
    def _table(self) -> Any:
        try:
            from deltalake import DeltaTable
            from deltalake.exceptions import TableNotFoundError
        except ImportError:
            raise ConfigError(
                Msg("{what} needs {package}", what="Delta", package="deltalake"),
                where=redact(self._where),
                hint=Msg("pip install {package}", package="'chujing[lake]'"),
            ) from None
        with telling(redact(self._where)):
            try:
                return DeltaTable(self._where, storage_options=self._settings() if "://" in self._where else None)
            except TableNotFoundError:
                raise SourceError(
                    Msg("no Delta table"),
                    where=redact(self._where),
                    hint=Msg("the folder above _delta_log is meant"),
                ) from None

    def _settings(self) -> dict[str, str]:
        given = options_for("delta", with_credentials(self._options) if self._where.startswith("s3") else self._options)
        limits = {"timeout": f"{self._timeout:g}s", "connect_timeout": f"{min(self._timeout, 10):g}s", "max_retries": "2"}
        plain = {"AWS_ALLOW_HTTP": "true"} if endpoint(self._options).startswith("http://") else {}
        return limits | plain | given

    @cached_property
    def _names(self) -> dict[str, str]:
        """Dotted name in the data files -> in the table; not the same under column mapping."""
        fields = json.loads(self._table.schema().to_json())["fields"]
        pairs = [p for f in fields for p in _paths(f, (), ())]
        inner, outer = nested.names(i for i, _ in pairs), nested.names(o for _, o in pairs)
        return {inner[i]: outer[o] for i, o in pairs}

    @cached_property
    def _actions(self) -> list[dict[str, Any]]:
        with telling(redact(self._where)):
            found = pa.table(self._table.get_add_actions(flatten=False))
            wanted = [c for c in ("path", "size_bytes", "num_records", "partition") if c in found.column_names]
            return sorted(found.select(wanted).to_pylist(), key=lambda a: str(a["path"]))

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        system, root = (None, self._where) if "://" not in self._where else file_system(
            self._where, options_for("fsspec", self._options), self._timeout)
        return tuple(self._place(a, system, root.rstrip("/")) for a in self._actions)

    def _place(self, action: Mapping[str, Any], system: Any, root: str) -> Place:
        path = unquote(action["path"])        # the log holds URIs
        if "://" in path:                     # a clone reads another table's files
            system, path = (None, path.removeprefix("file://")) if path.startswith("file://") else file_system(
                path, options_for("fsspec", self._options), self._timeout)
        elif not path.startswith("/"):
            path = f"{root}/{path}"
        fixed = {self._names.get(k, k): v if v is None else str(v) for k, v in (action.get("partition") or {}).items()}
        return Place(path, system, int(action["size_bytes"]), "", fixed)

    @cached_property
    def _kept(self) -> dict[str, np.ndarray]:
        """Which rows of a file still count, by the file's path; only files with deleted rows."""
        with telling(redact(self._where)):
            found = pa.table(self._table.deletion_vectors()).to_pylist()
        ends = {_end(p.path): p.path for p in self._places}
        return {ends[_end(f["filepath"])]: np.array(f["selection_vector"], bool) for f in found}

    def table(self, name: str) -> TableInfo:
        """What the log says of it."""
        with telling(redact(self._where)):
            about = self._table.metadata()
            columns = nested.columns(pa.schema(self._table.schema().to_arrow()))
            counts = [a.get("num_records") for a in self._actions]
        rows = None if None in counts else sum(c for c in counts if c is not None)
        keys = tuple(about.partition_columns)
        return TableInfo(
            TableRef(name), columns, comment=about.description or about.name or "", kind="file", rows=Rows(0, rows, "statistics"),
            bytes=sum(a["size_bytes"] for a in self._actions), fingerprint=f"delta {about.id} {self._table.version()}",
            partitioned_by=keys, partitions=len({str(a.get("partition")) for a in self._actions}) if keys else None,
        )

    def files(self) -> Sequence[Place]:
        """Data files of this version, by their path in the log as text."""
        return self._places

    def groups(self, place: Place, ref: TableRef) -> list[RowGroup]:
        """Row groups, less deleted rows."""
        out: list[RowGroup] = []
        start = 0
        keep = self._kept.get(place.path)
        for g in parquet.groups(place, ref):
            mine = None if keep is None else _padded(keep, start, g.rows)
            start += g.rows
            rows = g.rows if mine is None else int(mine.sum())
            out.append(RowGroup(place, rows, lambda wanted, g=g, mine=mine: self._rows(g.read(asked(wanted, self._names)), mine)))  # type: ignore[misc]
        return out

    def stream(self, place: Place, ref: TableRef, wanted: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Rows of one data file that were not deleted."""
        yield from self._rows(parquet.stream(place, ref, asked(wanted, self._names)), self._kept.get(place.path))

    def _rows(self, batches: Iterator[pa.RecordBatch], keep: np.ndarray | None) -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in renamed(batches, self._names):
            mine = None if keep is None else _padded(keep, start, batch.num_rows)
            start += batch.num_rows
            yield batch if mine is None else batch.filter(pa.array(mine))


def _padded(keep: np.ndarray, start: int, rows: int) -> np.ndarray:
    """Rows kept of [start, start + rows); those behind the end of the vector are."""
    mine = keep[start: start + rows]
    return np.concatenate([mine, np.ones(rows - len(mine), bool)])


def _end(path: str) -> str:
    """The file's own name, which Delta makes unique, and its folder, however often they were percent-encoded."""
    while (plain := unquote(path)) != path:
        path = plain
    return "/".join(path.split("/")[-2:])


def _paths(field: Mapping[str, Any], inner: nested.Steps, outer: nested.Steps) -> Iterator[tuple[nested.Steps, nested.Steps]]:
    """(path in the data files, path in the table) of the flat columns of a field of a Delta schema."""
    physical = field.get("metadata", {}).get(_PHYSICAL, field["name"])
    yield from _below(field["type"], (*inner, physical), (*outer, field["name"]))


def _below(kind: Any, inner: nested.Steps, outer: nested.Steps) -> Iterator[tuple[nested.Steps, nested.Steps]]:
    what = kind["type"] if isinstance(kind, dict) else kind
    if what == "struct":
        for f in kind["fields"]:
            yield from _paths(f, inner, outer)
    elif what == "array" and _compound(kind["elementType"]):
        yield from _below(kind["elementType"], _marked(inner), _marked(outer))
    elif what == "map":
        yield from _below(kind["keyType"], (*_marked(inner), "key"), (*_marked(outer), "key"))
        yield from _below(kind["valueType"], (*_marked(inner), "value"), (*_marked(outer), "value"))
    else:
        yield inner, outer


def _compound(kind: Any) -> bool:
    while isinstance(kind, dict) and kind["type"] == "array":
        kind = kind["elementType"]
    return isinstance(kind, dict) and kind["type"] in ("struct", "map")


def _marked(path: nested.Steps) -> nested.Steps:
    return (*path[:-1], path[-1].removesuffix("[]") + "[]")
