"""Hive's metastore as a list of tables, in bulk from its database or by Thrift.

Names, comments, owners, statistics, partitions. Minima and maxima that a metastore holds of columns are
values; they are not read. Sources: package.jdo and hive_metastore.thrift of Apache Hive 2.3;
HiveExternalCatalog of Apache Spark for columns stored as parameters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol

from detectors.model import Skipped, TableInfo, TableRef
from scanner.connectors.hive_metastore.description import table_info
from scanner.connectors.hive_metastore.records import MetastoreName, MetastoreTable
from scanner.connectors.protocol import Access

OUTLINED = 5_000                              # tables of one statement that leaves out their columns


class MetastoreReader(Protocol):
    """One way into a metastore."""

    refused: list[Skipped]                    # what it would not give, so far

    def names(self) -> Iterator[MetastoreName]:
        """Yield the name of every table."""

    def describe(self, names: Sequence[MetastoreName]) -> Iterator[MetastoreTable]:
        """Yield what it has of these tables, some at a time; those dropped meanwhile are left out."""

    def close(self) -> None:
        """Release the connection. May be called twice."""


class Metastore:
    """Every table of a metastore, a page of them in memory at a time."""

    def __init__(
        self, url: str, access: Access, wants: Callable[[str, str], bool] = lambda schema, table: True,
    ) -> None:
        """url: thrift://host:9083, several with commas where servers stand in for each other; or a database.

        access.options: `metastore_auth` and `kerberos_service_name` for Thrift, `catalog` where a database
        holds several, else what its driver takes. wants(database, table): tables it refuses are not
        described.
        """
        self._name = access.name
        self._wants = wants
        self._reader = _open_reader(url, access)

    def tables(self) -> Iterator[TableInfo | Skipped]:
        """Yield tables and views by database and name; a Skipped where columns are stored elsewhere."""
        yield from self._describe(self._names())
        yield from self._reader.refused

    @property
    def can_outline(self) -> bool:
        """Whether some columns of a record can be read alone: of a database, not by Thrift."""
        return hasattr(self._reader, "outline")

    def outlines(self) -> Iterator[tuple[TableRef, str]]:
        """Yield every table with a mark of its definition, statistics, owner and number of partitions.

        Statistics of partitions are left out: they take longer than all else. What is written into a
        partition that existed before is noted with the next change of the table.
        """
        names = self._names()
        reader: Any = self._reader
        for start in range(0, len(names), OUTLINED):
            for table in reader.outline(names[start:start + OUTLINED]):
                yield TableRef(table.name, table.schema), _outline_mark(table)

    def described(self, refs: Collection[TableRef]) -> Iterator[TableInfo | Skipped]:
        """Yield some of the tables, as `tables` lists them."""
        names = [name for name in self._names() if TableRef(name.table, name.database) in refs]
        yield from self._describe(names)

    def _names(self) -> list[MetastoreName]:
        names = (name for name in self._reader.names() if self._wants(name.database, name.table))
        return sorted(names, key=lambda name: name[:2])

    def _describe(self, names: Sequence[MetastoreName]) -> Iterator[TableInfo | Skipped]:
        yield from (table_info(table, self._name) for table in self._reader.describe(names))

    def close(self) -> None:
        self._reader.close()


def _open_reader(url: str, access: Access) -> MetastoreReader:
    if url.startswith("thrift://"):
        from scanner.connectors.hive_metastore.thrift import ThriftReader

        return ThriftReader(url, access)
    from scanner.connectors.hive_metastore.database import DatabaseReader

    return DatabaseReader(url, access)


def _outline_mark(table: MetastoreTable) -> str:
    """Return a text that changes with whatever an outline holds of a table."""
    partitions = (table.partitions.count, table.partitions.created) if table.partitions else ()
    text = json.dumps([table.descriptor, sorted(table.parameters.items()), table.created, table.accessed,
                       table.owner, table.kind, table.definition, partitions])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
