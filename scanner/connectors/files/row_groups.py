"""Samples of files made of row groups: only those that hold rows of the sample are opened.

Which rows: `sampling.positions` over the row groups of all files, files sorted by path as text, groups
in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from detectors.message import Msg, Text
from scanner.connectors.account import Account
from scanner.connectors.files.damage import READER_ERRORS
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.sampling import positions

CELLS_AT_ONCE = 2_000_000                     # of a group that are read at once, about
FEWEST_COLUMNS = 8                            # columns that are read at once, whatever their length
SliceReader = Callable[[Sequence[str], Account], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a file that can be read alone: a row group, a stripe, a batch.

    read: gives its rows in order, all columns or those named, flat. read_slice: the same of some columns,
    noting losses in an account of its own and raising the reader's errors; None where all columns are read
    whichever are wanted.
    """

    file: SourceFile
    rows: int
    read: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]] = field(repr=False)
    read_slice: SliceReader | None = field(default=None, repr=False)


def choose_rows(groups: Sequence[RowGroup], rows: int, seed: int) -> list[tuple[RowGroup, list[int]]]:
    """Return the row groups of a sample, each with the positions of its rows, ascending and never empty."""
    chosen = positions([g.rows for g in groups], rows, seed)
    return [(group, inside) for group, inside in zip(groups, chosen, strict=True) if inside]


def sampling_method(groups: Sequence[RowGroup], opened: int, rows: int) -> Text:
    """Return how a sample of `rows` rows was drawn, of which `opened` groups were read."""
    if sum(g.rows for g in groups) <= rows:
        return Msg("all rows")
    filled = sum(1 for g in groups if g.rows)
    return Msg("random rows of {n} of {of} row groups", n=opened, of=filled)


def take_rows(group: RowGroup, chosen: Sequence[int], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a group at some positions (ascending); reading ends with the last of them.

    A wide group is read some columns at a time: memory holds its sample, not the group.
    """
    width = max(FEWEST_COLUMNS, CELLS_AT_ONCE // max(1, group.rows))
    if group.read_slice is not None and len(columns) > width:
        try:
            yield _take_slices(group, chosen, [columns[i : i + width] for i in range(0, len(columns), width)])
            return
        except READER_ERRORS:
            pass                              # a damaged group is read whole, and what it lacks is noted
    yield from _take(group.read(columns), chosen)


def _take_slices(
    group: RowGroup, chosen: Sequence[int], slices: Sequence[Sequence[str]]
) -> pa.RecordBatch:
    """Return the chosen rows of a group, read some columns at a time. Raise ArrowInvalid for a torn group."""
    assert group.read_slice is not None
    account = group.file.account.fork()
    arrays: dict[str, pa.Array] = {}
    for names in slices:
        batches = list(_take(group.read_slice(names, account), chosen))
        present = [name for name in names if name in batches[0].schema.names] if batches else []
        for name in present:
            arrays[name] = _joined([batch.column(name) for batch in batches])
    batch = pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))
    if batch.num_rows != len(chosen):
        raise pa.ArrowInvalid("rows are missing")
    group.file.account.merge(account)
    return batch


def _joined(parts: Sequence[pa.Array]) -> pa.Array:
    return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)


def _take(batches: Iterator[pa.RecordBatch], chosen: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """Yield the rows at some positions (ascending) of batches that follow each other."""
    start = 0
    remaining = list(chosen)
    for batch in batches:
        inside = [position - start for position in remaining if position < start + batch.num_rows]
        remaining = remaining[len(inside):]
        start += batch.num_rows
        if inside:
            yield batch.take(pa.array(inside))
        if not remaining:
            break
