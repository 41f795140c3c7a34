"""What either way into a metastore tells of a table, before it is a `TableInfo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

PAGE = 400                                    # tables asked for at a time
PARAMETERS = ("comment", "numRows", "totalSize", "transient_lastDdlTime", "spark.sql.statistics.numRows", "spark.sql.statistics.totalSize",
              "spark.sql.create.version", "spark.sql.sources.provider", "table_type", "metadata_location")
SCHEMA = "spark.sql.sources.schema"           # parameters that hold Spark's own schema begin so
Column = tuple[str, str, str]                 # name, type, comment


@dataclass(frozen=True, slots=True)
class Parts:
    """Partitions of a table: how many, the newest one's making and the last change in seconds since 1970, rows and bytes of all."""

    count: int
    made: int = 0
    changed: int = 0
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the metastore says of one table. made, accessed: seconds since 1970, 0 where unknown."""

    schema: str
    name: str
    kind: str
    owner: str
    made: int
    accessed: int
    definition: str
    columns: Sequence[Column] = ()
    keys: Sequence[Column] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    parts: Parts | None = None
    descriptor: int = 0                       # number of the record that holds the columns: another one when they change


def is_placeholder(columns: Sequence[Column]) -> bool:
    """Nothing, or the one column Spark writes where Hive could not read the schema."""
    return not columns or [c[:2] for c in columns] == [("col", "array<string>")]


def count(text: str | None) -> int | None:
    """A statistic, which the metastore keeps as text; -1 and nonsense are None.

    >>> count("12"), count("-1"), count("true")
    (12, None, None)
    """
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 19 else None
