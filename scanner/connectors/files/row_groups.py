"""Samples of files made of row groups: only those that hold rows of the sample are opened.

Which rows: `sampling.positions` over the row groups of all files, files sorted by path as text, groups
in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from detectors.message import Msg, Text
from scanner.connectors.files.source_file import SourceFile
from scanner.connectors.sampling import positions


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a file that can be read alone: a row group, a stripe, a batch.

    read: gives its rows in order, all columns or those named, flat.
    """

    file: SourceFile
    rows: int
    read: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]] = field(repr=False)


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
    """Yield the rows of a group at some positions (ascending); reading ends with the last of them."""
    start = 0
    remaining = list(chosen)
    for batch in group.read(columns):
        inside = [position - start for position in remaining if position < start + batch.num_rows]
        remaining = remaining[len(inside):]
        start += batch.num_rows
        if inside:
            yield batch.take(pa.array(inside))
        if not remaining:
            break
