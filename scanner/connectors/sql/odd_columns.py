"""Columns of a table that a statement cannot read, set apart from those that it can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa

from detectors.errors import SourceError
from scanner.connectors.protocol import Sample
from scanner.connectors.sql.errors import is_of_columns

TRIES = 200                                   # statements by which they are sought, at most


def readable_columns(
    columns: Sequence[str], read: Callable[[Sequence[str]], Sample], error: SourceError,
) -> list[str]:
    """Return the columns that can be read, by reading halves of them, then halves of the halves.

    error: of all of them together. Raise it again where no column can be read, or too many cannot.
    """
    tries = 0

    def readable(part: Sequence[str]) -> list[str]:
        nonlocal tries
        tries += 1
        if tries > TRIES:
            raise error
        try:
            read(part)
        except SourceError as e:
            if not is_of_columns(e.what):
                raise
            if len(part) == 1:
                return []
            middle = len(part) // 2
            return [*readable(part[:middle]), *readable(part[middle:])]
        return list(part)

    middle = len(columns) // 2
    readable_ones = [*readable(columns[:middle]), *readable(columns[middle:])] if middle else []
    if not readable_ones:
        raise error
    return readable_ones


def with_nulls(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """Return a batch with all of the columns, null where it has none."""
    arrays = {name: batch.column(i) for i, name in enumerate(batch.schema.names)}
    nulls = pa.nulls(batch.num_rows, pa.string())
    return pa.RecordBatch.from_arrays([arrays.get(name, nulls) for name in columns], names=list(columns))
