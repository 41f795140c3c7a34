"""A Hive metastore's own database: a few grouped statements for each page of tables, whatever their columns and partitions number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import quoted_name

from detectors.errors import SourceError
from detectors.message import Msg
from detectors.model import Skipped
from scanner.connectors.hive_metastore.records import PAGE, PARAMETERS, SCHEMA, Column, Entry, Parts, is_placeholder
from scanner.connectors.protocol import Access
from scanner.connectors.sql import SqlConnector

GROUP = 4_000                                 # tables whose partitions are counted in one pass
COUNTED = ("numRows", "totalSize", "transient_lastDdlTime", "spark.sql.statistics.numRows", "spark.sql.statistics.totalSize")


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(quoted_name(name, True), *(sa.column(quoted_name(c, True)) for c in columns))


DBS = _table("DBS", "DB_ID", "NAME", "CTLG_NAME")
TBLS = _table("TBLS", "TBL_ID", "DB_ID", "SD_ID", "TBL_NAME", "TBL_TYPE", "OWNER", "CREATE_TIME", "LAST_ACCESS_TIME", "VIEW_EXPANDED_TEXT",
              "VIEW_ORIGINAL_TEXT")
SDS = _table("SDS", "SD_ID", "CD_ID")
COLUMNS = _table("COLUMNS_V2", "CD_ID", "COLUMN_NAME", "TYPE_NAME", "COMMENT", "INTEGER_IDX")
KEYS = _table("PARTITION_KEYS", "TBL_ID", "PKEY_NAME", "PKEY_TYPE", "PKEY_COMMENT", "INTEGER_IDX")
PARAMS = _table("TABLE_PARAMS", "TBL_ID", "PARAM_KEY", "PARAM_VALUE")
PARTITIONS = _table("PARTITIONS", "PART_ID", "TBL_ID", "CREATE_TIME")
PART_PARAMS = _table("PARTITION_PARAMS", "PART_ID", "PARAM_KEY", "PARAM_VALUE")


class DatabaseReader:
    """PostgreSQL, MySQL or whatever else holds the metastore; this account needs SELECT on the tables above and nothing more."""

    def __init__(self, url: str, access: Access) -> None:
        self._where = f"{access.name} (metastore)"
        self.refused: list[Skipped] = []
        self._catalog = access.options.get("catalog", "hive")
        own = {k: v for k, v in access.options.items() if k not in ("catalog", "metastore_auth", "kerberos_service_name")}
        self._source = SqlConnector(url, Access(self._where, access.password, access.timeout, own, 1))

    def names(self) -> Iterator[tuple[str, str, Any]]:
        with self._source._connection() as connection:
            query = sa.select(DBS.c.NAME, TBLS.c.TBL_NAME, TBLS.c.TBL_ID).join_from(TBLS, DBS, TBLS.c.DB_ID == DBS.c.DB_ID)
            inspector = sa.inspect(connection)
            if not inspector.has_table("TBLS"):
                raise SourceError(
                    Msg("not a Hive metastore: no table TBLS"),
                    where=self._where,
                    hint=Msg("name the metastore's own database"),
                )
            if any(c["name"] == "CTLG_NAME" for c in inspector.get_columns("DBS")):       # since Hive 3
                query = query.where(DBS.c.CTLG_NAME.in_([self._catalog]))
            for database, table, key in connection.execute(query):
                yield str(database), str(table), int(key)

    def entries(self, found: Sequence[tuple[str, str, Any]]) -> Iterator[Entry]:
        for start in range(0, len(found), GROUP):
            group = found[start:start + GROUP]
            parts = self._parts([key for _, _, key in group])
            for first in range(0, len(group), PAGE):
                yield from self._page({key: (database, table) for database, table, key in group[first:first + PAGE]}, parts)

    def _parts(self, ids: Sequence[int]) -> dict[int, Parts]:
        """Totals of a group's partitions in one pass over them; of half as many where the database does not manage."""
        try:
            with self._source._connection() as connection:
                return _Page(connection, ids).partitions()
        except SourceError:
            if len(ids) <= PAGE // 4:
                raise
        half = len(ids) // 2
        return self._parts(ids[:half]) | self._parts(ids[half:])

    def _page(self, names: Mapping[int, tuple[str, str]], parts: Mapping[int, Parts]) -> list[Entry]:
        with self._source._connection() as connection:
            page = _Page(connection, list(names))
            columns, keys, parameters = page.columns(), page.keys(), page.parameters()
            bare = [i for i in names if is_placeholder(columns.get(i, ()))]
            for key, more in page.schemas(bare).items():
                parameters.setdefault(key, {}).update(more)
            found = [
                Entry(*names[row.TBL_ID], row.TBL_TYPE or "", row.OWNER or "", row.CREATE_TIME or 0, row.LAST_ACCESS_TIME or 0,
                      row.VIEW_EXPANDED_TEXT or row.VIEW_ORIGINAL_TEXT or "", columns.get(row.TBL_ID, ()), keys.get(row.TBL_ID, ()),
                      parameters.get(row.TBL_ID, {}), parts.get(row.TBL_ID) if row.TBL_ID in keys else None) for row in page.tables()
            ]
        return sorted(found, key=lambda e: (e.schema, e.name))

    def outlines(self, found: Sequence[tuple[str, str, Any]]) -> Iterator[Entry]:
        """What it says of these but their columns and the statistics of their partitions."""
        names = {key: (database, table) for database, table, key in found}
        with self._source._connection() as connection:
            page = _Page(connection, list(names))
            parameters, parts, descriptors = page.parameters(), page.counted(), page.descriptors()
            for row in page.tables():
                yield Entry(*names[row.TBL_ID], row.TBL_TYPE or "", row.OWNER or "", row.CREATE_TIME or 0, row.LAST_ACCESS_TIME or 0,
                            row.VIEW_EXPANDED_TEXT or row.VIEW_ORIGINAL_TEXT or "", parameters=parameters.get(row.TBL_ID, {}),
                            parts=Parts(*parts[row.TBL_ID]) if row.TBL_ID in parts else None, descriptor=descriptors.get(row.TBL_ID, 0))

    def close(self) -> None:
        self._source.close()


class _Page:
    """The statements for one page of tables."""

    def __init__(self, connection: sa.Connection, ids: Sequence[int]) -> None:
        self._connection = connection
        self._ids = ids

    def tables(self) -> Sequence[sa.Row[Any]]:
        return self._connection.execute(sa.select(*(c for c in TBLS.c if c.name not in ("DB_ID", "SD_ID")))
                                        .where(TBLS.c.TBL_ID.in_(self._ids))).all()

    def columns(self) -> dict[int, list[Column]]:
        query = (sa.select(TBLS.c.TBL_ID, COLUMNS.c.COLUMN_NAME, COLUMNS.c.TYPE_NAME, COLUMNS.c.COMMENT)
                 .select_from(TBLS).join(SDS, SDS.c.SD_ID == TBLS.c.SD_ID).join(COLUMNS, COLUMNS.c.CD_ID == SDS.c.CD_ID)
                 .where(TBLS.c.TBL_ID.in_(self._ids)).order_by(TBLS.c.TBL_ID, COLUMNS.c.INTEGER_IDX))
        return self._grouped(query)

    def descriptors(self) -> dict[int, int]:
        query = sa.select(TBLS.c.TBL_ID, SDS.c.CD_ID).join_from(TBLS, SDS, SDS.c.SD_ID == TBLS.c.SD_ID).where(TBLS.c.TBL_ID.in_(self._ids))
        return {key: int(number or 0) for key, number in self._connection.execute(query)}

    def keys(self) -> dict[int, list[Column]]:
        return self._grouped(sa.select(KEYS.c.TBL_ID, KEYS.c.PKEY_NAME, KEYS.c.PKEY_TYPE, KEYS.c.PKEY_COMMENT)
                             .where(KEYS.c.TBL_ID.in_(self._ids)).order_by(KEYS.c.TBL_ID, KEYS.c.INTEGER_IDX))

    def _grouped(self, query: Any) -> dict[int, list[Column]]:
        out: dict[int, list[Column]] = {}
        for key, name, kind, comment in self._connection.execute(query):
            out.setdefault(key, []).append((name, kind or "", comment or ""))
        return out

    def parameters(self) -> dict[int, dict[str, str]]:
        return self._parameters(self._ids, PARAMS.c.PARAM_KEY.in_(PARAMETERS))

    def schemas(self, ids: Sequence[int]) -> dict[int, dict[str, str]]:
        return self._parameters(ids, PARAMS.c.PARAM_KEY.like(f"{SCHEMA}%")) if ids else {}

    def _parameters(self, ids: Sequence[int], test: Any) -> dict[int, dict[str, str]]:
        out: dict[int, dict[str, str]] = {}
        query = sa.select(PARAMS.c.TBL_ID, PARAMS.c.PARAM_KEY, PARAMS.c.PARAM_VALUE).where(PARAMS.c.TBL_ID.in_(ids), test)
        for key, name, text in self._connection.execute(query):
            out.setdefault(key, {})[name] = text or ""
        return out

    def counted(self) -> dict[int, tuple[int, int]]:
        """(how many, when the newest was made) of each table's partitions."""
        query = (sa.select(PARTITIONS.c.TBL_ID, sa.func.count(), sa.func.max(PARTITIONS.c.CREATE_TIME))
                 .where(PARTITIONS.c.TBL_ID.in_(self._ids)).group_by(PARTITIONS.c.TBL_ID))
        return {key: (int(n), int(made or 0)) for key, n, made in self._connection.execute(query)}

    def partitions(self) -> dict[int, Parts]:
        """Two grouped statements. Where some partitions have no statistics, those that have stand for them."""
        ids, number, counted = self._ids, sa.func.count(), self.counted()
        value = sa.cast(PART_PARAMS.c.PARAM_VALUE, sa.BigInteger)
        query = (sa.select(PARTITIONS.c.TBL_ID, PART_PARAMS.c.PARAM_KEY, number, sa.func.sum(value), sa.func.max(value))
                 .select_from(PARTITIONS).join(PART_PARAMS, PART_PARAMS.c.PART_ID == PARTITIONS.c.PART_ID)
                 .where(PARTITIONS.c.TBL_ID.in_(ids), PART_PARAMS.c.PARAM_KEY.in_(COUNTED),
                        PART_PARAMS.c.PARAM_VALUE.regexp_match("^[0-9]{1,18}$"))
                 .group_by(PARTITIONS.c.TBL_ID, PART_PARAMS.c.PARAM_KEY))
        sums: dict[tuple[int, str], tuple[int, int, int]] = {}
        for key, name, n, total, most in self._connection.execute(query):
            sums[key, name] = int(n), int(total), int(most)
        return {key: Parts(n, made, sums.get((key, "transient_lastDdlTime"), (0, 0, 0))[2],
                           of_all(sums, key, "numRows", n), of_all(sums, key, "totalSize", n)) for key, (n, made) in counted.items()}


def of_all(sums: Mapping[tuple[int, str], tuple[int, int, int]], key: int, name: str, partitions: int) -> int | None:
    """A statistic of all partitions from those that have it."""
    own = [sums[key, k][:2] for k in (name, f"spark.sql.statistics.{name}") if (key, k) in sums]
    known, summed = max(own, default=(0, 0), key=lambda o: (o[1] > 0, o[0]))
    return round(summed * partitions / known) if known else None
