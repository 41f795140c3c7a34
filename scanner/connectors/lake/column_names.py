"""Parquet files whose columns have other names in their table, as in Delta and Iceberg after a renaming.

`names` below: dotted name in the file -> in the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from scanner.connectors.files import arrow_nested

_FIELD_ID = b"PARQUET:field_id"


def rename_columns(batches: Iterator[pa.RecordBatch], names: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
    """Yield batches with columns under their names in the table; those it does not have are left out."""
    for batch in batches:
        own = [i for i, name in enumerate(batch.schema.names) if name in names]
        if own:
            columns = [batch.column(i) for i in own]
            yield pa.RecordBatch.from_arrays(columns, names=[names[batch.schema.names[i]] for i in own])
        else:                                 # no column of it is needed, but its rows count
            yield pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows)], names=[""])


def names_in_file(columns: Sequence[str] | None, names: Mapping[str, str]) -> list[str] | None:
    """Return the names in the file of some columns of the table; None for all."""
    selected = set(columns or ())
    return None if columns is None else [inner for inner, outer in names.items() if outer in selected]


def names_by_field_id(schema: pa.Schema) -> dict[bytes, str]:
    """Return the dotted names of a schema by the field ids in it."""
    name_of = arrow_nested.name_leaves(schema)
    ids = ((leaf, (leaf.field.metadata or {}).get(_FIELD_ID)) for leaf in arrow_nested.leaves(schema))
    return {field_id: name_of[leaf.path] for leaf, field_id in ids if field_id}
