"""Figures of a sampled column beside its findings: filled cells, constant values, decimal places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from detectors.folding import fold
from detectors.model import ColumnSample

if TYPE_CHECKING:
    import pyarrow as pa

MOST_NUMBERS = 500                            # values whose decimal places are looked at


def columns_of(batches: Iterable[pa.RecordBatch]) -> Mapping[str, Any]:
    """Return Arrow arrays by column name, concatenated over batches."""
    import pyarrow as pa

    parts = list(batches)
    if not parts:
        return {}
    table = pa.Table.from_batches(parts)
    return {name: _whole(table.column(i)) for i, name in enumerate(table.column_names)}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array; `combine_chunks` would copy the only chunk, too."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def examined_cells(sample: ColumnSample) -> int:
    """Return the number of cells that are neither null nor blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = sample.values
    if values is None:
        return 0
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        filled = pc.sum(pc.not_equal(pc.utf8_trim_whitespace(values), "")).as_py()
        return int(filled or 0)
    return int(len(values) - values.null_count)


def is_constant(sample: ColumnSample) -> bool:
    """Do the examined cells, more than one, all hold the same value?"""
    import pyarrow as pa
    import pyarrow.compute as pc

    if sample.values is None or examined_cells(sample) < 2:
        return False
    kind = sample.values.type                 # Arrow compares neither coded nor nested values
    coded = pa.types.is_dictionary(kind) or pa.types.is_nested(kind)
    values = (fold(sample.values) if coded else sample.values).drop_null()
    return int(pc.count_distinct(values).as_py() or 0) == 1


def is_kinship(sample: ColumnSample) -> bool:
    """Are the values words for relatives, or codes under a name for such?"""
    import pyarrow as pa

    from detectors.columns.kinship import are_codes, holds_kinship, is_called_kinship

    values = sample.values
    if values is None or not len(values):
        return False
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if is_text and holds_kinship(values):
        return True
    is_code = is_text or pa.types.is_integer(kind)
    return is_code and is_called_kinship(sample.column) and are_codes(values)


def usual_decimals(sample: ColumnSample) -> int | None:
    """Return the decimal places of a column's numbers, the median of the sample.

    None is returned where no number has any.
    """
    if sample.values is None:
        return None
    values = sample.values.drop_null().to_pylist()[:MOST_NUMBERS]
    places = sorted(len(text.partition(".")[2]) for v in values if "." in (text := str(v)))
    return places[len(places) // 2] if places else None
