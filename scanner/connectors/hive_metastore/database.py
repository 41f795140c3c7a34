"""A Hive metastore's own database, read by a few grouped statements for each page of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import quoted_name

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped
from scanner.connectors.hive_metastore.records import (
    PAGE,
    PARAMETERS,
    PARTITION_STATISTICS,
    SPARK_SCHEMA,
    MetastoreColumn,
    MetastoreName,
    MetastoreTable,
    PartitionSum,
    PartitionTotals,
    is_placeholder,
    partition_totals,
)
from scanner.connectors.protocol import OWN_OPTIONS, Access
from scanner.connectors.sql import SqlConnector

GROUP = 4_000                                 # tables whose partitions are counted in one pass
# not for the database's driver
_OWN_OPTIONS = ("catalog", "metastore_auth", "kerberos_service_name", *OWN_OPTIONS)


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(quoted_name(name, True), *(sa.column(quoted_name(c, True)) for c in columns))


DBS = _table("DBS", "DB_ID", "NAME", "CTLG_NAME")
TBLS = _table("TBLS", "TBL_ID", "DB_ID", "SD_ID", "TBL_NAME", "TBL_TYPE", "OWNER", "CREATE_TIME",
              "LAST_ACCESS_TIME", "VIEW_EXPANDED_TEXT", "VIEW_ORIGINAL_TEXT")
SDS = _table("SDS", "SD_ID", "CD_ID")
COLUMNS = _table("COLUMNS_V2", "CD_ID", "COLUMN_NAME", "TYPE_NAME", "COMMENT", "INTEGER_IDX")
KEYS = _table("PARTITION_KEYS", "TBL_ID", "PKEY_NAME", "PKEY_TYPE", "PKEY_COMMENT", "INTEGER_IDX")
PARAMS = _table("TABLE_PARAMS", "TBL_ID", "PARAM_KEY", "PARAM_VALUE")
PARTITIONS = _table("PARTITIONS", "PART_ID", "TBL_ID", "CREATE_TIME")
PART_PARAMS = _table("PARTITION_PARAMS", "PART_ID", "PARAM_KEY", "PARAM_VALUE")


class DatabaseReader:
    """PostgreSQL, MySQL or whatever else holds the metastore.

    The account needs SELECT on the tables above and nothing more.
    """

    def __init__(self, url: str, access: Access) -> None:
        self._where = f"{access.name} (metastore)"
        self.refused: list[Skipped] = []
        self._catalog = access.options.get("catalog", "hive")
        options = {k: v for k, v in access.options.items() if k not in _OWN_OPTIONS}
        self._source = SqlConnector(url, Access(self._where, access.password, access.timeout, options, 1))

    def names(self) -> Iterator[MetastoreName]:
        with self._source.connection() as connection:
            query = sa.select(DBS.c.NAME, TBLS.c.TBL_NAME, TBLS.c.TBL_ID)
            query = query.join_from(TBLS, DBS, TBLS.c.DB_ID == DBS.c.DB_ID)
            inspector = sa.inspect(connection)
            if not inspector.has_table("TBLS"):
                raise SourceError(Msg("not a Hive metastore: no table TBLS"), where=self._where,
                                  hint=Msg("name the metastore's own database"))
            if any(c["name"] == "CTLG_NAME" for c in inspector.get_columns("DBS")):     # since Hive 3
                query = query.where(DBS.c.CTLG_NAME.in_([self._catalog]))
            for database, table, key in connection.execute(query):
                yield MetastoreName(str(database), str(table), int(key))

    def describe(self, names: Sequence[MetastoreName]) -> Iterator[MetastoreTable]:
        for start in range(0, len(names), GROUP):
            group = names[start:start + GROUP]
            totals = self._partition_totals([name.key for name in group])
            for first in range(0, len(group), PAGE):
                yield from self._describe_page(group[first:first + PAGE], totals)

    def _partition_totals(self, ids: Sequence[int]) -> dict[int, PartitionTotals]:
        """Return totals of the partitions of some tables in one pass, or in two where that is too much."""
        try:
            with self._source.connection() as connection:
                return _Page(connection, ids).partition_totals()
        except SourceError:
            if len(ids) <= PAGE // 4:
                raise
        half = len(ids) // 2
        return self._partition_totals(ids[:half]) | self._partition_totals(ids[half:])

    def _describe_page(
        self, names: Sequence[MetastoreName], totals: Mapping[int, PartitionTotals],
    ) -> list[MetastoreTable]:
        name_of = {name.key: name for name in names}
        with self._source.connection() as connection:
            page = _Page(connection, list(name_of))
            columns, keys, parameters = page.columns(), page.keys(), page.parameters()
            without_columns = [key for key in name_of if is_placeholder(columns.get(key, ()))]
            for key, schema in page.spark_schemas(without_columns).items():
                parameters.setdefault(key, {}).update(schema)
            tables = [
                _table_of(row, name_of[row.TBL_ID], columns=columns.get(row.TBL_ID, ()),
                          keys=keys.get(row.TBL_ID, ()), parameters=parameters.get(row.TBL_ID, {}),
                          partitions=totals.get(row.TBL_ID) if row.TBL_ID in keys else None)
                for row in page.tables()
            ]
        return sorted(tables, key=lambda table: (table.schema, table.name))

    def outline(self, names: Sequence[MetastoreName]) -> Iterator[MetastoreTable]:
        """Yield what it has of these tables but their columns and the statistics of their partitions."""
        name_of = {name.key: name for name in names}
        with self._source.connection() as connection:
            page = _Page(connection, list(name_of))
            parameters, counts, descriptors = page.parameters(), page.partition_counts(), page.descriptors()
            for row in page.tables():
                key = row.TBL_ID
                yield _table_of(row, name_of[key], parameters=parameters.get(key, {}),
                                partitions=PartitionTotals(*counts[key]) if key in counts else None,
                                descriptor=descriptors.get(key, 0))

    def close(self) -> None:
        self._source.close()


def _table_of(row: sa.Row[Any], name: MetastoreName, **more: Any) -> MetastoreTable:
    return MetastoreTable(
        name.database, name.table, row.TBL_TYPE or "", row.OWNER or "", row.CREATE_TIME or 0,
        row.LAST_ACCESS_TIME or 0, row.VIEW_EXPANDED_TEXT or row.VIEW_ORIGINAL_TEXT or "", **more)


class _Page:
    """The statements for one page of tables; every answer is by the id of the table."""

    def __init__(self, connection: sa.Connection, ids: Sequence[int]) -> None:
        self._connection = connection
        self._ids = ids

    def tables(self) -> Sequence[sa.Row[Any]]:
        columns = (c for c in TBLS.c if c.name not in ("DB_ID", "SD_ID"))
        return self._connection.execute(sa.select(*columns).where(TBLS.c.TBL_ID.in_(self._ids))).all()

    def columns(self) -> dict[int, list[MetastoreColumn]]:
        query = (sa.select(TBLS.c.TBL_ID, COLUMNS.c.COLUMN_NAME, COLUMNS.c.TYPE_NAME, COLUMNS.c.COMMENT)
                 .select_from(TBLS)
                 .join(SDS, SDS.c.SD_ID == TBLS.c.SD_ID)
                 .join(COLUMNS, COLUMNS.c.CD_ID == SDS.c.CD_ID)
                 .where(TBLS.c.TBL_ID.in_(self._ids))
                 .order_by(TBLS.c.TBL_ID, COLUMNS.c.INTEGER_IDX))
        return self._by_table(query)

    def descriptors(self) -> dict[int, int]:
        query = (sa.select(TBLS.c.TBL_ID, SDS.c.CD_ID)
                 .join_from(TBLS, SDS, SDS.c.SD_ID == TBLS.c.SD_ID)
                 .where(TBLS.c.TBL_ID.in_(self._ids)))
        return {key: int(number or 0) for key, number in self._connection.execute(query)}

    def keys(self) -> dict[int, list[MetastoreColumn]]:
        query = (sa.select(KEYS.c.TBL_ID, KEYS.c.PKEY_NAME, KEYS.c.PKEY_TYPE, KEYS.c.PKEY_COMMENT)
                 .where(KEYS.c.TBL_ID.in_(self._ids))
                 .order_by(KEYS.c.TBL_ID, KEYS.c.INTEGER_IDX))
        return self._by_table(query)

    def _by_table(self, query: Any) -> dict[int, list[MetastoreColumn]]:
        columns: dict[int, list[MetastoreColumn]] = {}
        for key, name, kind, comment in self._connection.execute(query):
            columns.setdefault(key, []).append((name, kind or "", comment or ""))
        return columns

    def parameters(self) -> dict[int, dict[str, str]]:
        return self._parameters(self._ids, PARAMS.c.PARAM_KEY.in_(PARAMETERS))

    def spark_schemas(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        return self._parameters(ids, PARAMS.c.PARAM_KEY.like(f"{SPARK_SCHEMA}%")) if ids else {}

    def _parameters(self, ids: Sequence[int], condition: Any) -> dict[int, dict[str, str]]:
        parameters: dict[int, dict[str, str]] = {}
        query = (sa.select(PARAMS.c.TBL_ID, PARAMS.c.PARAM_KEY, PARAMS.c.PARAM_VALUE)
                 .where(PARAMS.c.TBL_ID.in_(ids), condition))
        for key, name, text in self._connection.execute(query):
            parameters.setdefault(key, {})[name] = text or ""
        return parameters

    def partition_counts(self) -> dict[int, tuple[int, int]]:
        """Return how many partitions each table has, and when the newest was made."""
        query = (sa.select(PARTITIONS.c.TBL_ID, sa.func.count(), sa.func.max(PARTITIONS.c.CREATE_TIME))
                 .where(PARTITIONS.c.TBL_ID.in_(self._ids))
                 .group_by(PARTITIONS.c.TBL_ID))
        rows = self._connection.execute(query)
        return {key: (int(count), int(created or 0)) for key, count, created in rows}

    def partition_totals(self) -> dict[int, PartitionTotals]:
        """Return totals by two grouped statements."""
        counts = self.partition_counts()
        value = sa.cast(PART_PARAMS.c.PARAM_VALUE, sa.BigInteger)
        aggregates = (sa.func.count(), sa.func.sum(value), sa.func.max(value))
        query = (sa.select(PARTITIONS.c.TBL_ID, PART_PARAMS.c.PARAM_KEY, *aggregates)
                 .select_from(PARTITIONS)
                 .join(PART_PARAMS, PART_PARAMS.c.PART_ID == PARTITIONS.c.PART_ID)
                 .where(PARTITIONS.c.TBL_ID.in_(self._ids), PART_PARAMS.c.PARAM_KEY.in_(PARTITION_STATISTICS),
                        PART_PARAMS.c.PARAM_VALUE.regexp_match("^[0-9]{1,18}$"))
                 .group_by(PARTITIONS.c.TBL_ID, PART_PARAMS.c.PARAM_KEY))
        sums: dict[int, dict[str, PartitionSum]] = {}
        for key, name, count, total, greatest in self._connection.execute(query):
            sums.setdefault(key, {})[name] = PartitionSum(int(count), int(total), int(greatest))
        return {key: partition_totals(count, created, sums.get(key, {}))
                for key, (count, created) in counts.items()}
