"""BigQuery: a ceiling on the bytes a query may bill, sizes from __TABLES__, blocks by TABLESAMPLE, which no seed repeats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.sql import quoted_name

from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import Catalogue, Listed
from scanner.connectors.sql.dialects import Size, percent, suffixed

EXTRA = "bigquery"
SQLGLOT = "bigquery"
REPEATABLE = False
BILLED = 10 << 30                             # bytes one query may bill, unless the URL says otherwise


def opened(url: URL) -> URL:
    """The URL with a ceiling on what a query may bill."""
    return url if "maximum_bytes_billed" in url.query else url.update_query_dict({"maximum_bytes_billed": str(BILLED)})


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Tables and views of the URL's dataset, or of all of the project: some statements for each dataset."""
    schemata = sa.table(quoted_name("INFORMATION_SCHEMA.SCHEMATA", False), sa.column("schema_name"))
    datasets = [database] if database else list(connection.execute(sa.select(schemata.c.schema_name)).scalars())
    for dataset in sorted(datasets):
        yield from _of(connection, dataset, "" if database else dataset)


def _of(connection: sa.Connection, dataset: str, shown: str) -> Iterator[TableInfo | Skipped]:
    def view(name: str, *columns: str) -> Any:
        return sa.table(quoted_name(name, False), *(sa.column(c) for c in columns), schema=quoted_name(dataset, True))

    found = Catalogue()
    fields = view("INFORMATION_SCHEMA.COLUMN_FIELD_PATHS", "table_name", "column_name", "field_path", "description")
    comments = {(t, c): d for t, c, path, d in connection.execute(sa.select(*fields.c)) if c == path and d}
    columns = view("INFORMATION_SCHEMA.COLUMNS", "table_name", "column_name", "data_type", "is_nullable", "is_partitioning_column",
                   "ordinal_position")
    rows = connection.execute(sa.select(*columns.c).order_by(columns.c.table_name, columns.c.ordinal_position)).all()
    found.add_columns((shown, t, n, kind, comments.get((t, n), ""), null == "YES") for t, n, kind, null, *_ in rows)
    parted: dict[str, list[str]] = {}
    for t, n, _, _, part, _ in rows:
        if part == "YES":
            parted.setdefault(t, []).append(n)
    options = view("INFORMATION_SCHEMA.TABLE_OPTIONS", "table_name", "option_name", "option_value")
    told = {t: v.strip('"') for t, n, v in connection.execute(sa.select(*options.c)) if n == "description"}
    views = view("INFORMATION_SCHEMA.VIEWS", "table_name", "view_definition")
    definitions = {t: d or "" for t, d in connection.execute(sa.select(*views.c))}
    sizes = view("__TABLES__", "table_id", "type", "row_count", "size_bytes", "last_modified_time")
    yield from found.tables(
        (Listed((shown, t), "view" if kind == 2 else "table", told.get(t, ""), n, size, definitions.get(t, ""),
                partitioned_by=tuple(parted.get(t, ())), fingerprint=f"{n} {size} {changed}" if kind == 1 else "")
         for t, kind, n, size, changed in connection.execute(sa.select(*sizes.c).order_by(sizes.c.table_id))), SQLGLOT)


def sampled(table: Any, rows: int, size: Size, seed: int) -> tuple[Any, tuple[Any, ...], str] | None:
    """Random blocks, billed by what they hold; a small table is one block."""
    if size.rows is None or size.rows <= rows * 2:
        return None
    blocks = max(1, (size.bytes or 0) // (64 << 20))
    share = percent(max(2 * rows / size.rows, min(1.0, 4 / blocks)))
    return suffixed(table, f"TABLESAMPLE SYSTEM ({share:.6f} PERCENT)"), (), "TABLESAMPLE SYSTEM"


def share_of(value: Any, share: int) -> Any:
    """Which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.farm_fingerprint(value).op("&")(sa.literal(share - 1, literal_execute=True))
