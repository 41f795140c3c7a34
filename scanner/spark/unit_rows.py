"""Keyed hashes as columns of a frame: a row holds the units of one pile, each column of theirs packed.

A column is the bytes of an array of one type, as the schema says; nothing in it is code. Beside them stand
rows with one small value, pickled: counts, a Failure, an account of what could not be kept.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mappings.keyless import Side
from mappings.person_records import Units
from mappings.remote_units import PileName
from scanner.spark.task_io import unpickle

if TYPE_CHECKING:
    import pyarrow as pa

# side: of rows whose subjects are open. kinds: of keys. keys, name, bits: uint64; one bits: all the same.
# first_row, row_counts: int64, byte by byte of all: mostly zeros, which Spark packs.
SCHEMA = ("bucket int, side string, kinds string, keys binary, name binary, bits binary, first_row binary, "
          "row_counts binary, value binary")
PIECE = 100_000                               # units of a row: some megabytes
COLUMNS = ("keys", "name", "bits", "first_row", "row_counts")
TYPES = (np.uint64, np.uint64, np.uint64, np.int64, np.int64)


@dataclass(frozen=True, slots=True)
class PileUnits:
    """Units of one pile of one side."""

    side: Side
    pile: PileName
    units: Units

    def pieces(self) -> Iterator[PileUnits]:
        """Yield the units in pieces that make a row."""
        for start in range(0, len(self.units), PIECE):
            end = min(start + PIECE, len(self.units))
            yield PileUnits(self.side, self.pile, self.units.select(np.arange(start, end)))


def batch_of(bucket: int, value: Any) -> pa.RecordBatch:
    """Return units as a batch of one row, or any other value."""
    import pyarrow as pa

    cells: list[bytes | None] = [None] * len(COLUMNS)
    blob = side = kinds = None
    if isinstance(value, PileUnits):
        side, kinds = json.dumps(value.side), json.dumps(value.pile)
        cells = _packed(value.units)
    else:
        blob = pickle.dumps(value, protocol=5)
    arrays = [pa.array([bucket], pa.int32()), *(pa.array([text], pa.string()) for text in (side, kinds)),
              *(pa.array([cell], pa.binary()) for cell in (*cells, blob))]
    return pa.RecordBatch.from_arrays(arrays, names=["bucket", "side", "kinds", *COLUMNS, "value"])


def _packed(units: Units) -> list[bytes | None]:
    bits = units.bits
    if len(bits) and (bits == bits[0]).all():
        bits = bits[:1]
    arrays = (units.keys, units.name, bits, units.first_row, units.rows)
    cells = [None if each is None else np.ascontiguousarray(each, kind).tobytes()
             for each, kind in zip(arrays, TYPES, strict=True)]
    return [cell if cell is None or kind is np.uint64 else _transposed(cell, 8)
            for cell, kind in zip(cells, TYPES, strict=True)]


def _transposed(cell: bytes, width: int) -> bytes:
    """Return the first of every `width` bytes, then the second, and so on."""
    return np.frombuffer(cell, np.uint8).reshape(-1, width).T.tobytes()


def values_of(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield what the rows of some batches hold: PileUnits, or any other value."""
    for batch in batches:
        columns = [batch.column(i) for i in range(1, batch.num_columns)]
        for row in range(batch.num_rows):
            yield value_of([column[row].as_py() for column in columns])


def value_of(cells: list[Any]) -> Any:
    """Return what a row holds. cells: of all columns but the bucket."""
    side, kinds, *packed, blob = cells
    if blob is not None:
        return unpickle(blob)
    pile = tuple(tuple(each) if isinstance(each, list) else each for each in json.loads(kinds))
    return PileUnits(tuple(json.loads(side)), pile, _unpacked(packed, len(pile)))


def _unpacked(packed: list[bytes | None], width: int) -> Units:
    cells = [cell if cell is None or kind is np.uint64 else _transposed(cell, len(cell) // 8)
             for cell, kind in zip(packed, TYPES, strict=True)]
    keys, name, bits, first_row, rows = (
        None if cell is None else np.frombuffer(cell, kind).copy()
        for cell, kind in zip(cells, TYPES, strict=True)
    )
    assert keys is not None and bits is not None
    keys = keys.reshape(-1, width)
    bits = bits if len(bits) == len(keys) else np.full(len(keys), bits[0], np.uint64)
    return Units(keys, name, bits, first_row, rows)
