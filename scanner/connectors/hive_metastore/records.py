"""What either way into a metastore gives of a table, before it is a `TableInfo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

PAGE = 400                                    # tables that one statement is about
PARAMETERS = (
    "comment", "numRows", "totalSize", "transient_lastDdlTime", "spark.sql.statistics.numRows",
    "spark.sql.statistics.totalSize", "spark.sql.create.version", "spark.sql.sources.provider", "table_type",
    "metadata_location",
)
SPARK_SCHEMA = "spark.sql.sources.schema"     # parameters that hold Spark's own schema begin so
PARTITION_STATISTICS = (                      # parameters of a partition that are read
    "numRows", "totalSize", "transient_lastDdlTime", "spark.sql.statistics.numRows",
    "spark.sql.statistics.totalSize",
)
MetastoreColumn = tuple[str, str, str]        # name, type, comment


class MetastoreName(NamedTuple):
    """A table by name. key: what its reader finds it by."""

    database: str
    table: str
    key: Any


@dataclass(frozen=True, slots=True)
class PartitionTotals:
    """Partitions of a table: how many, and rows and bytes of all of them, None where unknown.

    created: when the newest was made; changed: when one was changed last; seconds since 1970.
    """

    count: int
    created: int = 0
    changed: int = 0
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class MetastoreTable:
    """What the metastore has of one table. created, accessed: seconds since 1970, 0 where unknown.

    descriptor: number of the record that holds the columns; another one when they change.
    """

    schema: str
    name: str
    kind: str
    owner: str
    created: int
    accessed: int
    definition: str
    columns: Sequence[MetastoreColumn] = ()
    keys: Sequence[MetastoreColumn] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    partitions: PartitionTotals | None = None
    descriptor: int = 0


def is_placeholder(columns: Sequence[MetastoreColumn]) -> bool:
    """Return whether there are no columns, or the one that Spark writes where Hive cannot read the schema."""
    return not columns or [c[:2] for c in columns] == [("col", "array<string>")]


def parse_count(text: str | None) -> int | None:
    """Return a statistic, which the metastore holds as text; None for -1 and nonsense.

    >>> parse_count("12"), parse_count("-1"), parse_count("true")
    (12, None, None)
    """
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None


class PartitionSum(NamedTuple):
    """A statistic over the partitions that have it."""

    partitions: int = 0
    total: int = 0
    greatest: int = 0

    def add(self, value: int) -> PartitionSum:
        return PartitionSum(self.partitions + 1, self.total + value, max(self.greatest, value))


def partition_totals(count: int, created: int, sums: Mapping[str, PartitionSum]) -> PartitionTotals:
    """Return the totals of a table's partitions from sums by statistic; those that have one stand for all."""
    return PartitionTotals(
        count, created, sums.get("transient_lastDdlTime", PartitionSum()).greatest,
        _extrapolate(sums, "numRows", count), _extrapolate(sums, "totalSize", count))


def _extrapolate(sums: Mapping[str, PartitionSum], name: str, count: int) -> int | None:
    """Return a statistic of all partitions from those that have it: Hive's own, or Spark's."""
    candidates = [sums[key] for key in (name, f"spark.sql.statistics.{name}") if key in sums]
    best = max(candidates, default=PartitionSum(), key=lambda s: (s.total > 0, s.partitions))
    return round(best.total * count / best.partitions) if best.partitions else None
