"""A Hive metastore by Thrift: the five calls a listing needs.

Field numbers: hive_metastore.thrift of Apache Hive, the same since version 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped, TableRef
from scanner.connectors.hive_metastore.records import (
    PARAMETERS,
    PARTITION_STATISTICS,
    SPARK_SCHEMA,
    MetastoreColumn,
    MetastoreName,
    MetastoreTable,
    PartitionSum,
    PartitionTotals,
    is_placeholder,
    parse_count,
    partition_totals,
)
from scanner.connectors.hive_metastore.thrift_client import I16, LIST, STRING, STRUCT, Struct, connect
from scanner.connectors.protocol import Access

SAMPLED = 100                                 # partitions read of one table, at most
TABLES = 100                                  # in one answer


class ThriftReader:
    """`thrift://user@host:9083`; several with commas are tried in turn.

    Without Kerberos the server believes the user's name.
    """

    def __init__(self, url: str, access: Access) -> None:
        self._where = f"{access.name} (metastore)"
        self._name = access.name
        self.refused: list[Skipped] = []
        self._client = connect(url, self._where, access)

    def names(self) -> Iterator[MetastoreName]:
        try:
            databases = self._call("get_all_databases")
        except LookupError:
            raise SourceError(Msg("the metastore refuses to list its databases"), where=self._where,
                              hint=Msg("check its user and rights")) from None
        for database in databases:
            try:
                tables = self._call("get_all_tables", (STRING, database))
            except LookupError:
                self.refused.append(Skipped(
                    f"{self._name}/{database}", Msg("the metastore refuses to list its tables"),
                    Msg("check rights on it")))
                continue
            yield from (MetastoreName(database, table, table) for table in tables)

    def describe(self, names: Sequence[MetastoreName]) -> Iterator[MetastoreTable]:
        by_database: dict[str, list[str]] = {}
        for name in names:
            by_database.setdefault(name.database, []).append(name.table)
        for database, tables in by_database.items():
            for start in range(0, len(tables), TABLES):
                records = self._tables(database, tables[start:start + TABLES])
                yield from map(self._table_of, sorted(records, key=lambda record: record[1]))

    def _tables(self, database: str, tables: Sequence[str]) -> Sequence[Struct]:
        """Return the records of some tables; one that the metastore refuses must not lose the others."""
        names = ((STRING, database), (LIST, tables))
        try:
            return self._call("get_table_objects_by_name", *names)
        except LookupError:                   # newer servers only have the call that takes a request
            pass
        try:
            return self._call("get_table_objects_by_name_req", (STRUCT, names)).get(1, ())
        except LookupError:
            if len(tables) > 1:
                return [record for table in tables for record in self._tables(database, [table])]
        self.refused.append(Skipped(
            TableRef(tables[0], database).id(self._name), Msg("the metastore cannot tell its columns"),
            Msg("DESCRIBE it: its format's classes may be missing")))
        return ()

    def _table_of(self, table: Struct) -> MetastoreTable:
        storage = table.get(7) or {}
        columns, keys = _columns(storage.get(1)), _columns(table.get(8))
        parameters: Mapping[str, str] = table.get(9) or {}
        needs_schema = is_placeholder(columns)
        return MetastoreTable(
            schema=table[2], name=table[1], kind=table.get(12, ""), owner=table.get(3, ""),
            created=table.get(4, 0), accessed=table.get(5, 0), definition=table.get(11) or table.get(10, ""),
            columns=columns, keys=keys,
            parameters={key: text for key, text in parameters.items()
                        if key in PARAMETERS or needs_schema and key.startswith(SPARK_SCHEMA)},
            partitions=self._partitions(table[2], table[1]) if keys else None)

    def _partitions(self, database: str, table: str) -> PartitionTotals | None:
        """Return their exact number; the rest from SAMPLED of them, evenly spread, with the last by name."""
        name = ((STRING, database), (STRING, table))
        try:
            partitions = self._call("get_partition_names", *name, (I16, -1))
        except LookupError:                   # dropped meanwhile, or not for this user
            return None
        if not partitions:
            return None
        step = max(1, -(-len(partitions) // SAMPLED))
        try:
            records = self._call("get_partitions_by_names", *name, (LIST, partitions[::-1][::step]))
        except LookupError:
            return PartitionTotals(len(partitions))
        sums: dict[str, PartitionSum] = {}
        for record in records:
            for statistic in PARTITION_STATISTICS:
                if (value := parse_count((record.get(7) or {}).get(statistic))) is not None:
                    sums[statistic] = sums.get(statistic, PartitionSum()).add(value)
        created = max((record.get(4, 0) for record in records), default=0)
        return partition_totals(len(partitions), created, sums)

    def _call(self, method: str, *arguments: tuple[int, Any]) -> Any:
        """Return the metastore's answer; raise LookupError where it refuses or does not know the call."""
        from thrift.Thrift import TException

        try:
            return self._client.call(method, arguments)
        except (OSError, TException, EOFError):
            raise SourceError(
                Msg("connection to the metastore lost, or time limit reached"), where=self._where,
                hint=Msg("scan again, raise timeout: in the configuration, or name the metastore's database"),
            ) from None

    def close(self) -> None:
        self._client.close()


def _columns(fields: Sequence[Struct] | None) -> list[MetastoreColumn]:
    return [(field.get(1, ""), field.get(2, ""), field.get(3, "")) for field in fields or ()]
