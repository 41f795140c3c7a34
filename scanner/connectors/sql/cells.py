"""Rows of a driver to Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from scanner.connectors.protocol import CELL


def to_batch(rows: Sequence[Any], columns: Sequence[str]) -> pa.RecordBatch:
    """Return one record batch of a driver's rows."""
    arrays = [_array([row[i] for row in rows]) for i in range(len(columns))]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def _array(cells: list[Any]) -> pa.Array:
    """Return a column: numbers where all cells are, bytes where all are.

    Else text of at most CELL characters.
    """
    types = {type(cell) for cell in cells if cell is not None}
    if types and types <= {bytes, memoryview, bytearray}:
        return pa.array([None if cell is None else bytes(cell)[:CELL] for cell in cells], pa.binary())
    if types == {int}:
        try:
            return pa.array(cells, pa.int64())
        except (OverflowError, pa.ArrowInvalid):
            return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
    if types and types <= {float, int}:
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if types == {bool}:
        return pa.array(cells, pa.bool_())
    return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, bytes | bytearray | memoryview):
        return None
    if isinstance(cell, str):
        return cell[:CELL]
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)[:CELL]
