"""Parquet files and partitioned folders; structs become dotted columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detectors.errors import SourceError
from detectors.model import ColumnInfo, Rows, TableInfo, TableRef
from scanner.connectors.files import partition_values

SERVES = ("parquet", "pq")


def _file(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise SourceError("the file is gone", where=str(path), hint="was it moved while scanning?") from None
    except (pa.ArrowException, OSError):
        raise SourceError("not a complete Parquet file", where=str(path), hint="it may be truncated; write it again") from None


def _flat(field: pa.Field, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], pa.Field]]:
    here = (*path, field.name)
    if pa.types.is_struct(field.type):
        for i in range(field.type.num_fields):
            yield from _flat(field.type.field(i), here)
    else:
        yield here, field


def describe(files: Sequence[Path], name: str) -> Iterator[TableInfo]:
    """One table; row counts come from the footers."""
    first = _file(files[0])
    rows = sum(_file(f).metadata.num_rows for f in files)
    columns = []
    for field in first.schema_arrow:
        for path, leaf in _flat(field):
            comment = (leaf.metadata or {}).get(b"comment", b"").decode("utf-8", "replace")
            columns.append(ColumnInfo(".".join(path), str(leaf.type), comment, leaf.nullable, path=path))
    columns += [ColumnInfo(k, "partition", path=(k,)) for k in partition_values(files[0])]
    size = sum(f.stat().st_size for f in files)
    yield TableInfo(TableRef(name), tuple(columns), kind="file", rows=Rows(rows, rows, "exact"), bytes=size)


def groups(file: Path) -> list[int]:
    """Rows of each row group of a file."""
    told = _file(file).metadata
    return [told.row_group(i).num_rows for i in range(told.num_row_groups)]


def stream(
    files: Sequence[Path], ref: TableRef, wanted: Sequence[str] | None = None, row_groups: Sequence[int] | None = None
) -> Iterator[pa.RecordBatch]:
    """All rows, 64k at a time. wanted: only these columns are needed; row_groups: only these of each file."""
    for file in files:
        fixed = partition_values(file)
        opened = _file(file)
        there = {c.path for c in opened.schema} & set(wanted or ())
        for batch in opened.iter_batches(65_536, row_groups, columns=sorted(there) if there else None, use_threads=False):
            if not any(pa.types.is_struct(f.type) for f in batch.schema) and not fixed:
                yield batch
                continue
            flat = pa.Table.from_batches([batch])
            while any(pa.types.is_struct(f.type) for f in flat.schema):
                flat = flat.flatten()
            for key, value in fixed.items():
                flat = flat.append_column(key, pa.array([value] * flat.num_rows, pa.string()))
            yield from flat.combine_chunks().to_batches()
