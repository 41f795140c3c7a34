"""Rows of a driver to Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from scanner.connectors.protocol import CELL


def to_batch(rows: Sequence[Any], columns: Sequence[str]) -> pa.RecordBatch:
    """One record batch of a driver's rows."""
    return pa.RecordBatch.from_arrays([_array([r[i] for r in rows]) for i in range(len(columns))], names=list(columns))


def _array(cells: list[Any]) -> pa.Array:
    """Numbers stay numbers where all are; everything else is text of at most 64 KiB characters; bytes stay bytes."""
    kinds = {type(c) for c in cells if c is not None}
    if kinds and kinds <= {bytes, memoryview, bytearray}:
        return pa.array([None if c is None else bytes(c)[:CELL] for c in cells], pa.binary())
    if kinds == {int}:
        try:
            return pa.array(cells, pa.int64())
        except (OverflowError, pa.ArrowInvalid):
            return pa.array([None if c is None else str(c) for c in cells], pa.string())
    if kinds and kinds <= {float, int}:
        return pa.array([None if c is None else float(c) for c in cells], pa.float64())
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    return pa.array([_text(c) for c in cells], pa.string())


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
