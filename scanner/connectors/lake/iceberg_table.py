"""One Iceberg table: the files of its current snapshot, less deleted rows, through pyiceberg."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from detectors.errors import ExtraError, SourceError
from detectors.message import Msg
from detectors.model import Rows, TableInfo, TableRef
from scanner.connectors.account import Account
from scanner.connectors.files import arrow_nested, parquet
from scanner.connectors.files.errors import reader_errors
from scanner.connectors.files.in_hand import note_opening
from scanner.connectors.files.row_groups import RowGroup
from scanner.connectors.files.source_file import SourceFile, show_path
from scanner.connectors.lake.column_names import names_by_field_id, names_in_file, rename_columns


@dataclass(frozen=True, slots=True)
class IcebergDataFile(SourceFile):
    """A data file of a snapshot, opened by pyiceberg. task: its entry in the plan of a scan."""

    task: Any = field(default=None, repr=False, compare=False)
    io: Any = field(default=None, repr=False, compare=False)

    @property
    def where(self) -> str:
        return show_path(self.path)

    @property
    def size(self) -> int:
        return self.listed_size

    @property
    def is_remote(self) -> bool:
        return "://" in self.path and not self.path.startswith("file://")

    def arrow_source(self) -> Any:
        note_opening(self)
        with reader_errors(self.where):
            return self.io.new_input(self.path).open()


class IcebergTable:
    """One Iceberg table at its current snapshot, which stays the same while it is read."""

    def __init__(self, load: Callable[[], Any], where: str) -> None:
        """load: gives pyiceberg's table; called at first use."""
        self._load, self._where = load, where

    @cached_property
    def _table(self) -> Any:
        with reader_errors(self._where):
            try:
                return self._load()
            except ImportError:
                raise ExtraError(Msg("{what} needs {package}", what="Iceberg", package="pyiceberg"),
                                 where=self._where,
                                 hint=Msg("pip install {package}", package="'chujing[lake]'")) from None

    @cached_property
    def _schema(self) -> pa.Schema:
        from pyiceberg.io.pyarrow import schema_to_pyarrow

        with reader_errors(self._where):
            return schema_to_pyarrow(self._table.schema())

    @cached_property
    def _files(self) -> tuple[IcebergDataFile, ...]:
        with reader_errors(self._where):
            try:
                tasks = sorted(self._table.scan().plan_files(), key=lambda task: str(task.file.file_path))
            except (ValueError, NotImplementedError) as e:
                if "equality delete" in str(e).lower():
                    raise SourceError(Msg("rows were deleted by equality, which pyiceberg does not read"),
                                      where=self._where,
                                      hint=Msg("rewrite the data files of the table")) from None
                raise
            return tuple(
                IcebergDataFile(task.file.file_path, None, task.file.file_size_in_bytes, "",
                                self._partition_values(task.file), task=task, io=self._table.io)
                for task in tasks
            )

    def _partition_values(self, file: Any) -> dict[str, Any]:
        """Return values of the columns a file is partitioned by, but for those that are transformed first."""
        spec = self._table.metadata.specs()[file.spec_id]
        name_of = {f.field_id: f.name for f in self._table.schema().fields}
        return {name_of[f.source_id]: file.partition[i] for i, f in enumerate(spec.fields)
                if str(f.transform) == "identity" and f.source_id in name_of}

    def table(self, name: str) -> TableInfo:
        """Return what the metadata say of it."""
        files = self._files
        metadata, properties = self._table.metadata, self._table.properties
        version = f"{metadata.table_uuid} {metadata.current_snapshot_id} {metadata.current_schema_id}"
        partition_columns = tuple(f.name for f in self._table.spec().fields)
        info = TableInfo(
            TableRef(name), arrow_nested.describe_columns(self._schema),
            comment=properties.get("comment", ""), kind="file",
            rows=Rows(0, sum(file.task.file.record_count for file in files), "statistics"),
            bytes=sum(file.size for file in files), owner=properties.get("owner", ""),
            fingerprint=f"iceberg {version}",
        )
        if not partition_columns:
            return info
        partitions = {repr(file.task.file.partition) for file in files}
        return replace(info, partitioned_by=partition_columns, partitions=len(partitions))

    def files(self) -> Sequence[IcebergDataFile]:
        """Return the data files of the snapshot, by path as text."""
        return self._files

    def row_groups(self, file: IcebergDataFile, ref: TableRef) -> list[RowGroup]:
        """Return the row groups of a file, which is a single one where only the library can read it."""
        names = self._names(file)
        if names is None:
            rows = sum(batch.num_rows for batch in self._scan(file, [self._schema.names[0]]))
            return [RowGroup(file, rows, lambda columns: self._scan(file, columns))]
        name_of = names

        def renamed(group: RowGroup) -> RowGroup:
            def read(columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
                return rename_columns(group.read(names_in_file(columns, name_of)), name_of)

            def read_slice(columns: Sequence[str], account: Account) -> Iterator[pa.RecordBatch]:
                assert group.read_slice is not None
                names = names_in_file(columns, name_of) or ()
                return rename_columns(group.read_slice(names, account), name_of)

            return RowGroup(file, group.rows, read, read_slice if group.read_slice else None)

        return [renamed(group) for group in parquet.row_groups(file, ref)]

    def stream(
        self, file: IcebergDataFile, ref: TableRef, columns: Sequence[str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one data file that were not deleted."""
        names = self._names(file)
        if names is None:
            yield from self._scan(file, columns)
        else:
            yield from rename_columns(parquet.stream(file, ref, names_in_file(columns, names)), names)

    def _names(self, file: IcebergDataFile) -> dict[str, str] | None:
        """Return dotted name in the file -> in the table, by field id.

        None where the library must read the file: rows were deleted, columns have defaults or no ids.
        """
        if file.task.delete_files or str(file.task.file.file_format).upper().rpartition(".")[2] != "PARQUET":
            return None
        with parquet.open_file(file) as reader:
            schema = reader.schema_arrow
        inner, outer = names_by_field_id(schema), names_by_field_id(self._schema)
        fields = self._table.schema().fields
        has_defaults = any(getattr(f, "initial_default", None) is not None for f in fields)
        shared = {outer[field_id] for field_id in inner if field_id in outer}
        lacks_ids = len(inner) < len(arrow_nested.leaves(schema))
        if lacks_ids or has_defaults or not set(file.partition) <= shared:
            return None
        return {name: outer[field_id] for field_id, name in inner.items() if field_id in outer}

    def _scan(self, file: IcebergDataFile, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a file as pyiceberg reads it."""
        from pyiceberg.expressions import AlwaysTrue
        from pyiceberg.io.pyarrow import ArrowScan

        schema = self._table.schema()
        described = arrow_nested.describe_columns(self._schema)
        field_of = {c.name: c.parts[0].removesuffix("[]") for c in described}
        fields = list(dict.fromkeys(field_of[c] for c in columns or () if c in field_of))
        projected = schema.select(*fields) if fields else schema
        with reader_errors(file.where):
            scan = ArrowScan(self._table.metadata, self._table.io, projected, AlwaysTrue())
            for batch in scan.to_record_batches([file.task]):
                yield arrow_nested.flatten(batch, None, file.account)
