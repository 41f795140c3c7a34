"""Delta Lake tables: the files of one version, less deleted rows, through deltalake.

The table's log holds schema, comments and partitions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from detectors.errors import ExtraError, SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files import arrow_nested, parquet
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.file_systems import open_file_system
from scanner.connectors.files.grouping import FileGroup, Grouping
from scanner.connectors.files.row_groups import RowGroup, SliceReader
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.lake.column_names import names_in_file, rename_columns
from scanner.connectors.lake.delta_schema import column_names
from scanner.connectors.lake.options import check_credentials, endpoint, options_for, with_credentials
from scanner.connectors.protocol import Access, Connector
from scanner.connectors.urls import redact

SERVES = ("delta://",)
_ACTION_FIELDS = ("path", "size_bytes", "num_records", "partition")


def connect(url: str, access: Access) -> Connector:
    """Open `delta://folder`, `delta:///folder`, `delta+s3://bucket/folder` or `delta://s3://bucket/folder`.

    Raise SourceError if no table is there.
    """
    from scanner.connectors.files.source import FilesConnector

    where = url.removeprefix("delta+" if url.startswith("delta+") else "delta://").rstrip("/")
    table = open_folder(where, access)
    name = re.split("[?#;]", where)[0].rpartition("/")[2]
    table.table(name)                         # so that a wrong folder is one clear error now
    return FilesConnector(Grouping([FileGroup(name, "", (), table)]), access)


def open_folder(where: str, access: Access) -> DeltaFolder:
    """Return the Delta table in a folder; nothing is read yet."""
    return DeltaFolder(where, access)


class DeltaFolder:
    """One Delta table at its newest version, which stays the same while it is read."""

    def __init__(self, where: str, access: Access) -> None:
        self._where, self._options, self._timeout = where, access.options, access.timeout

    @cached_property
    def _table(self) -> Any:
        where = redact(self._where)
        try:
            from deltalake import DeltaTable
            from deltalake.exceptions import TableNotFoundError
        except ImportError:
            raise ExtraError(Msg("{what} needs {package}", what="Delta", package="deltalake"), where=where,
                             hint=Msg("pip install {package}", package="'chujing[lake]'")) from None
        with reader_errors(where):
            try:
                settings = self._settings() if "://" in self._where else None
                return DeltaTable(self._where, storage_options=settings)
            except TableNotFoundError:
                raise SourceError(Msg("no Delta table"), where=where,
                                  hint=Msg("the folder above _delta_log is meant")) from None

    def _settings(self) -> dict[str, str]:
        """Return options as object_store takes them."""
        is_s3 = self._where.startswith("s3")
        own = options_for("delta", with_credentials(self._options) if is_s3 else self._options)
        check_credentials(self._where.split(":", 1)[0], own, redact(self._where))
        seconds = self._timeout
        limits = {"timeout": f"{seconds:g}s", "connect_timeout": f"{min(seconds, 10):g}s", "max_retries": "2"}
        without_tls = {"AWS_ALLOW_HTTP": "true"} if endpoint(self._options).startswith("http://") else {}
        return limits | without_tls | own

    @cached_property
    def _names(self) -> dict[str, str]:
        """Dotted name in the data files -> in the table; not the same under column mapping."""
        return column_names(self._table.schema().to_json())

    @cached_property
    def _actions(self) -> list[dict[str, Any]]:
        """The log's entries of the data files, by path as text."""
        with reader_errors(redact(self._where)):
            actions = pa.table(self._table.get_add_actions(flatten=False))
            fields = [f for f in _ACTION_FIELDS if f in actions.column_names]
            return sorted(actions.select(fields).to_pylist(), key=lambda action: str(action["path"]))

    @cached_property
    def _files(self) -> tuple[SourceFile, ...]:
        system, root = (None, self._where) if "://" not in self._where else self._open(self._where)
        return tuple(self._file(action, system, root.rstrip("/")) for action in self._actions)

    def _open(self, url: str) -> tuple[Any, str]:
        return open_file_system(url, options_for("fsspec", self._options), self._timeout)

    def _file(self, action: Mapping[str, Any], system: Any, root: str) -> SourceFile:
        path = unquote(action["path"])        # the log holds URIs
        if path.startswith("file://"):        # a clone reads another table's files
            system, path = None, path.removeprefix("file://")
        elif "://" in path:
            system, path = self._open(path)
        elif not path.startswith("/"):
            path = f"{root}/{path}"
        partition = {self._names.get(column, column): value if value is None else str(value)
                     for column, value in (action.get("partition") or {}).items()}
        return SourceFile(path, system, int(action["size_bytes"]), "", partition)

    @cached_property
    def _selection(self) -> dict[str, np.ndarray]:
        """Which rows of a file still count, by the file's path; only files with deleted rows."""
        with reader_errors(redact(self._where)):
            vectors = pa.table(self._table.deletion_vectors()).to_pylist()
        paths = {_path_end(file.path): file.path for file in self._files}
        return {paths[_path_end(v["filepath"])]: np.array(v["selection_vector"], bool) for v in vectors}

    def table(self, name: str) -> TableInfo:
        """Return what the log says of it."""
        with reader_errors(redact(self._where)):
            metadata = self._table.metadata()
            columns = arrow_nested.describe_columns(pa.schema(self._table.schema().to_arrow()))
            counts = [action.get("num_records") for action in self._actions]
        rows = None if None in counts else sum(c for c in counts if c is not None)
        info = TableInfo(
            TableRef(name), columns, comment=metadata.description or metadata.name or "", kind="file",
            rows=Rows(0, rows, "statistics"), bytes=sum(action["size_bytes"] for action in self._actions),
            fingerprint=f"delta {metadata.id} {self._table.version()}",
        )
        if not metadata.partition_columns:
            return info
        partitions = {str(action.get("partition")) for action in self._actions}
        return replace(info, partitioned_by=tuple(metadata.partition_columns), partitions=len(partitions))

    def files(self) -> Sequence[SourceFile]:
        """Return the data files of this version, by their path in the log as text."""
        return self._files

    def row_groups(self, file: SourceFile, ref: TableRef) -> list[RowGroup]:
        """Return the row groups of a file, less deleted rows."""
        groups: list[RowGroup] = []
        start = 0
        for group in parquet.row_groups(file, ref):
            selection = _slice(self._selection.get(file.path), start, group.rows)
            start += group.rows
            rows = group.rows if selection is None else int(selection.sum())
            slices = partial(self._read_slice, group.read_slice, selection) if group.read_slice else None
            groups.append(RowGroup(file, rows, partial(self._read_group, group, selection), slices))
        return groups

    def _read_group(
        self, group: RowGroup, selection: np.ndarray | None, columns: Sequence[str] | None,
    ) -> Iterator[pa.RecordBatch]:
        return self._rows(group.read(names_in_file(columns, self._names)), selection)

    def _read_slice(
        self, read: SliceReader, selection: np.ndarray | None, columns: Sequence[str], account: Account,
    ) -> Iterator[pa.RecordBatch]:
        return self._rows(read(names_in_file(columns, self._names) or (), account), selection)

    def stream(
        self, file: SourceFile, ref: TableRef, columns: Sequence[str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one data file that were not deleted."""
        batches = parquet.stream(file, ref, names_in_file(columns, self._names))
        yield from self._rows(batches, self._selection.get(file.path))

    def _rows(
        self, batches: Iterator[pa.RecordBatch], selection: np.ndarray | None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield batches under the table's names. selection: which of their rows count, None for all."""
        start = 0
        for batch in rename_columns(batches, self._names):
            selected = _slice(selection, start, batch.num_rows)
            start += batch.num_rows
            yield batch if selected is None else batch.filter(pa.array(selected))


def _slice(selection: np.ndarray | None, start: int, rows: int) -> np.ndarray | None:
    """Return which of the rows [start, start + rows) count, None for all; rows behind the vector's end do."""
    if selection is None:
        return None
    part = selection[start: start + rows]
    return np.concatenate([part, np.ones(rows - len(part), bool)])


def _path_end(path: str) -> str:
    """Return the file's name, which Delta makes unique, and its folder, without any percent-encoding."""
    while (decoded := unquote(path)) != path:
        path = decoded
    return "/".join(path.split("/")[-2:])
