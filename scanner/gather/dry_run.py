"""What a scan would read: tables, the exact SQL or way of reading, and sizes; no data is read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.ids import source_of
from detectors.model import Skipped, TableId, TableInfo
from scanner.gather.listing import Listing, Opening, list_sources

if TYPE_CHECKING:
    from scanner.config.sources import Source


@dataclass(frozen=True, slots=True)
class PlannedRead:
    """A table that would be read, and how: the SQL, or words for a file; empty for a dictionary."""

    id: TableId
    info: TableInfo
    plan: str


def plan_reads(sources: Sequence[Source], rows: int, seed: int) -> Iterator[PlannedRead | Skipped]:
    """Yield the tables by id, then what could not be listed. rows: to draw from each table."""
    listing = Listing()
    with contextlib.ExitStack() as open_sources:
        list_sources(sources, Opening(), listing, open_sources)
        for tid, info in sorted(listing.tables.items()):
            plan = ""
            if info.kind != "dictionary":
                columns = [c.name for c in info.columns]
                plan = listing.connectors[source_of(tid)].plan(info.ref, columns, rows, seed)
            yield PlannedRead(tid, info, plan)
        yield from listing.skipped
