"""How much one task of Spark does, and when a table is small enough not to be divided."""

from __future__ import annotations

from detectors.model import TableInfo
from scanner.connectors.protocol import ROW_BYTES

DESCRIBED = 200                               # files whose footers one task reads
LIGHT = 100_000                               # rows, and
LIGHT_BYTES = 32 << 20                        # bytes of text, that one task reads without dividing the work
TASK = 2_000_000                              # rows one counting task reads, about
TASK_BYTES = 64 << 20                         # the same of text
BUCKET = 500_000                              # units folded together, about: ten megabytes for the driver
MOST_BUCKETS = 512
MOST_FETCHED = 3_000_000                      # units of a table that come to the driver; more stay


def rows_of_a_task(total_rows: int, parallelism: int) -> int:
    """Return how many rows one task should read, so that every core has work."""
    return max(LIGHT, min(TASK, total_rows // parallelism))


def bytes_of_a_task(total_bytes: int, parallelism: int) -> int:
    """Return the same for text, whose rows nobody has counted."""
    return max(LIGHT * ROW_BYTES, min(TASK_BYTES, total_bytes // parallelism))


def buckets_for(info: TableInfo, parallelism: int) -> int:
    """Return the number of buckets in which equal keys meet: one for a small table.

    Else as many as keep each bucket small, and at least one for every core.
    """
    if info.rows.method == "exact":
        rows = info.rows.high or 0
    else:
        rows = (info.bytes if info.bytes is not None else LIGHT_BYTES) // ROW_BYTES
    return 1 if rows <= LIGHT else min(MOST_BUCKETS, max(parallelism, -(-rows // BUCKET)))
