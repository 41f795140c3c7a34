"""BigQuery: a ceiling on bytes billed, INFORMATION_SCHEMA and __TABLES__ in bulk, blocks drawn by TABLESAMPLE, required partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.sql import quoted_name

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, percent, suffixed

EXTRA = "bigquery"
SQLGLOT = "bigquery"
ORDERED = False
REPEATABLE = False                            # TABLESAMPLE has no seed here
BILLED = 10 << 30                             # bytes one statement may be billed for, unless options: say otherwise
BLOCK = 1 << 30                               # bytes of a block, about
BLOCKS = 4                                    # that a sample should come from, at least


def opened(url: URL, options: Mapping[str, str]) -> URL:
    """The URL with what may be billed, and with the account's key file where one is given."""
    given = {"maximum_bytes_billed": options.get("maximum_bytes_billed", str(BILLED))}
    given |= {n: options[n] for n in ("location", "credentials_path") if n in options}
    return url.update_query_dict({n: v for n, v in given.items() if n not in url.query})


def _from(dataset: str, view: str, *columns: str) -> Any:
    """A select from one of the views of a dataset."""
    path = f"{dataset}.{view}" if view == "__TABLES__" else f"{dataset}.INFORMATION_SCHEMA.{view}"
    told = sa.table(quoted_name(path, True), *(sa.column(c) for c in columns)).alias("told")
    return sa.select(*told.c)


def _datasets(connection: sa.Connection, database: str) -> list[str]:
    if database:
        return [database]
    return sorted(connection.execute(sa.text("SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA")).scalars())


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of one dataset, or of all of the project's; six statements for each."""
    for dataset in _datasets(connection, database):
        yield from _tables(connection, dataset, "" if database else dataset)


def _tables(connection: sa.Connection, dataset: str, schema: str) -> Iterator[TableInfo | Skipped]:
    def rows(view: str, *columns: str) -> list[Any]:
        return list(connection.execute(_from(dataset, view, *columns)))

    comments = {(t, n): text for t, n, path, text in rows("COLUMN_FIELD_PATHS", "table_name", "column_name", "field_path", "description")
                if n == path}
    columns = sorted(rows("COLUMNS", "table_name", "ordinal_position", "column_name", "data_type", "is_nullable",
                          "is_partitioning_column"), key=lambda r: (r[0], r[1] or 0))
    found = Catalogue()
    found.add_columns((schema, t, n, kind, comments.get((t, n)), null == "YES") for t, _, n, kind, null, _ in columns)
    by = {t: n for t, _, n, _, _, part in columns if part == "YES"}
    told = {t: unquoted(v) for t, o, v in rows("TABLE_OPTIONS", "table_name", "option_name", "option_value") if o == "description"}
    views = dict(rows("VIEWS", "table_name", "view_definition"))
    sizes = {t: (n, b, m) for t, n, b, m in rows("__TABLES__", "table_id", "row_count", "size_bytes", "last_modified_time")}
    listed = []
    for table, kind in rows("TABLES", "table_name", "table_type"):
        n, size, changed = sizes.get(table, (None, None, None))
        plain = kind in ("BASE TABLE", "CLONE", "SNAPSHOT")
        listed.append(Listed((schema, table), "view" if "VIEW" in kind else "table", told.get(table, ""), n if plain else None,
                             size if plain else None, views.get(table, ""), partitioned_by=(by[table],) if table in by else (),
                             fingerprint=f"{n} {size} {changed}" if plain and changed else ""))
    yield from found.tables(listed, SQLGLOT)


def unquoted(text: str) -> str:
    """The text in a string literal as TABLE_OPTIONS shows it.

    >>> unquoted('"members"')
    'members'
    """
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def ways(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """(dataset, table) -> `column type latest-partition` of the tables that are read by partition only."""
    out = {}
    for dataset in _datasets(connection, database):
        required = {t for t, o, v in connection.execute(_from(dataset, "TABLE_OPTIONS", "table_name", "option_name", "option_value"))
                    if o == "require_partition_filter" and v == "true"}
        if not required:
            continue
        by = {t: (n, kind) for t, n, kind, part in connection.execute(
            _from(dataset, "COLUMNS", "table_name", "column_name", "data_type", "is_partitioning_column")) if part == "YES"}
        latest: dict[str, str] = {}
        for t, part, n in connection.execute(_from(dataset, "PARTITIONS", "table_name", "partition_id", "total_rows")):
            if part and part.isdigit() and n and int(part) >= int(latest.get(t, "0")):
                latest[t] = part
        for t in required & set(latest):
            column, kind = by.get(t, ("_PARTITIONTIME", "TIMESTAMP"))
            out[dataset, t] = f"{column} {kind} {latest[t]}"
    return out


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Blocks drawn at random; of a table that must be read by partition, the latest with rows; of one block no more can be saved."""
    if size.way:
        column, kind, latest = size.way.rsplit(" ", 2)
        return table, (_since(column, kind, latest),), Msg("the latest partition")
    if size.rows is None or size.bytes is None or size.rows <= rows * 2 or size.bytes < BLOCK:
        return None
    share = min(1.0, max(BLOCKS * BLOCK / size.bytes, 1.3 * rows / size.rows))
    kept = sa.func.rand() < sa.literal(min(1.0, 1.3 * rows / (size.rows * share)), literal_execute=True)
    return (
        suffixed(table, f"TABLESAMPLE SYSTEM ({percent(share):f} PERCENT)"),
        (kept,),
        Msg("TABLESAMPLE {how}", how="SYSTEM"),
    )


def _since(column: str, kind: str, part: str) -> Any:
    """Rows of a partition and later ones. part: its id, 2026, 202611, 20261125, 2026112507, or the first number of a range."""
    place: Any = sa.column(quoted_name(column, True))
    if kind == "INT64":
        return place >= sa.literal(int(part), literal_execute=True)
    day = f"{part[:4]}-{part[4:6] or '01'}-{part[6:8] or '01'}"
    hour = f" {part[8:10] or '00'}:00:00" if kind != "DATE" else ""
    return place >= sa.literal_column(f"{kind} '{day}{hour}'")


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.farm_fingerprint(value).op("&")(sa.literal(share - 1, literal_execute=True))
