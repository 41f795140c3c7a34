"""Samples of files made of row groups: only those that hold drawn rows are opened.

Which rows: `sampling.positions` over the row groups of all files, files sorted by path as text, groups in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from detectors.message import Msg
from scanner.connectors.files.places import Place
from scanner.connectors.sampling import positions


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of a file that can be read alone: a row group, a stripe, a batch.

    read: its rows in order, all columns or those named, flat.
    """

    place: Place
    rows: int
    read: Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]] = field(repr=False)


def drawn(groups: Sequence[RowGroup], rows: int, seed: int) -> list[tuple[RowGroup, list[int]]]:
    """(row group, places in it) of a sample; groups without any are left out."""
    return [(g, p) for g, p in zip(groups, positions([g.rows for g in groups], rows, seed), strict=True) if p]


def words(groups: Sequence[RowGroup], opened: int, rows: int) -> str:
    """How a sample was drawn."""
    if sum(g.rows for g in groups) <= rows:
        return Msg("all rows")
    return Msg("random rows of {n} of {of} row groups", n=opened, of=sum(1 for g in groups if g.rows))


def take(group: RowGroup, places: Sequence[int], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows at these places, ascending, of one group; reading ends with the last of them."""
    start = 0
    left = list(places)
    for batch in group.read(columns):
        here = [p - start for p in left if p < start + batch.num_rows]
        left = left[len(here):]
        start += batch.num_rows
        if here:
            yield batch.take(pa.array(here))
        if not left:
            break
