"""BigQuery: a ceiling on bytes billed, INFORMATION_SCHEMA in bulk, blocks by TABLESAMPLE.

Tables that must be read by partition are sampled from their latest one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.sql import quoted_name

from detectors.message import Msg
from detectors.model import Skipped, TableInfo
from scanner.connectors.sql.catalogue import ColumnsAndKeys, ListedTable
from scanner.connectors.sql.dialects import SampleClause, TableSize, inline, percent, suffixed

EXTRA = "bigquery"
SQLGLOT = "bigquery"
ORDERED = False
REPEATABLE = False                            # TABLESAMPLE has no seed here
# bytes a statement may be billed for, unless options: say otherwise
BILLED = 10 << 30
BLOCK = 1 << 30                               # bytes of a block, about
BLOCKS = 4                                    # that a sample should come from, at least


def prepare_url(url: URL, options: Mapping[str, str]) -> URL:
    """Return the URL with what may be billed, and with the account's key file where one is named."""
    settings = {"maximum_bytes_billed": options.get("maximum_bytes_billed", str(BILLED))}
    settings |= {name: options[name] for name in ("location", "credentials_path") if name in options}
    return url.update_query_dict({name: text for name, text in settings.items() if name not in url.query})


def tables(connection: sa.Connection, database: str) -> Iterator[TableInfo | Skipped]:
    """Yield tables and views of one dataset, or of all of the project's; six statements for each."""
    for dataset in _datasets(connection, database):
        yield from _tables(_Dataset(connection, dataset), "" if database else dataset)


def _datasets(connection: sa.Connection, database: str) -> list[str]:
    if database:
        return [database]
    query = sa.text("SELECT schema_name FROM INFORMATION_SCHEMA.SCHEMATA")
    return sorted(connection.execute(query).scalars())


class _Dataset:
    """The views in which a dataset describes itself."""

    def __init__(self, connection: sa.Connection, name: str) -> None:
        self._connection, self._name = connection, name

    def rows(self, view: str, *columns: str) -> list[Any]:
        """Return these columns of a view."""
        path = f"{self._name}.{view}" if view == "__TABLES__" else f"{self._name}.INFORMATION_SCHEMA.{view}"
        source = sa.table(quoted_name(path, True), *(sa.column(c) for c in columns)).alias("listed")
        return list(self._connection.execute(sa.select(*source.c)))

    def options(self, option: str) -> dict[str, str]:
        """Return the value of an option by table."""
        rows = self.rows("TABLE_OPTIONS", "table_name", "option_name", "option_value")
        return {table: value for table, name, value in rows if name == option}


def _tables(dataset: _Dataset, schema: str) -> Iterator[TableInfo | Skipped]:
    """Yield the tables of a dataset. schema: as it stands in their refs."""
    paths = dataset.rows("COLUMN_FIELD_PATHS", "table_name", "column_name", "field_path", "description")
    comments = {(table, name): comment for table, name, path, comment in paths if name == path}
    columns = sorted(
        dataset.rows("COLUMNS", "table_name", "ordinal_position", "column_name", "data_type", "is_nullable",
                     "is_partitioning_column"),
        key=lambda row: (row[0], row[1] or 0))
    catalogue = ColumnsAndKeys()
    catalogue.add_columns(
        (schema, table, name, kind, comments.get((table, name)), nullable == "YES")
        for table, _, name, kind, nullable, _ in columns)
    partition_column = {table: name
                        for table, _, name, _, _, is_partitioning in columns if is_partitioning == "YES"}
    descriptions = {table: unquoted_text(text) for table, text in dataset.options("description").items()}
    views = dict(dataset.rows("VIEWS", "table_name", "view_definition"))
    sizes = {table: (rows, size, changed) for table, rows, size, changed in dataset.rows(
        "__TABLES__", "table_id", "row_count", "size_bytes", "last_modified_time")}
    listed = []
    for table, kind in dataset.rows("TABLES", "table_name", "table_type"):
        is_stored = kind in ("BASE TABLE", "CLONE", "SNAPSHOT")
        rows, size, changed = sizes.get(table, (None, None, None))
        listed.append(ListedTable(
            (schema, table), "view" if "VIEW" in kind else "table", descriptions.get(table, ""),
            rows if is_stored else None, size if is_stored else None, views.get(table, ""),
            partitioned_by=(partition_column[table],) if table in partition_column else (),
            fingerprint=f"{rows} {size} {changed}" if is_stored and changed else ""))
    yield from catalogue.tables(listed, SQLGLOT)


def unquoted_text(text: str) -> str:
    """Return the text in a string literal as TABLE_OPTIONS shows it.

    >>> unquoted_text('"members"')
    'members'
    """
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if len(text) > 1 and text[0] == text[-1] == '"' else text


def sampling_hints(connection: sa.Connection, database: str) -> Mapping[tuple[str, str], str]:
    """Return (dataset, table) -> `column type latest-partition`, of tables read by partition only."""
    hints = {}
    for name in _datasets(connection, database):
        dataset = _Dataset(connection, name)
        filters = dataset.options("require_partition_filter")
        required = {table for table, value in filters.items() if value == "true"}
        if not required:
            continue
        columns = dataset.rows("COLUMNS", "table_name", "column_name", "data_type", "is_partitioning_column")
        partition_column = {table: (column, kind) for table, column, kind, is_partitioning in columns
                            if is_partitioning == "YES"}
        latest = _latest_partitions(dataset)
        for table in required & set(latest):
            column, kind = partition_column.get(table, ("_PARTITIONTIME", "TIMESTAMP"))
            hints[name, table] = f"{column} {kind} {latest[table]}"
    return hints


def _latest_partitions(dataset: _Dataset) -> dict[str, str]:
    """Return the id of each table's latest partition that holds rows."""
    latest: dict[str, str] = {}
    for table, partition, rows in dataset.rows("PARTITIONS", "table_name", "partition_id", "total_rows"):
        if partition and partition.isdigit() and rows and int(partition) >= int(latest.get(table, "0")):
            latest[table] = partition
    return latest


def sample_clause(table: Any, rows: int, size: TableSize, seed: int) -> SampleClause | None:
    """Return random blocks; of a table that must be read by partition, the latest with rows.

    None for a table of one block: no more can be saved.
    """
    if size.hint:
        column, kind, latest = size.hint.rsplit(" ", 2)
        return SampleClause(table, (_since(column, kind, latest),), Msg("the latest partition"))
    if size.rows is None or size.bytes is None or size.rows <= rows * 2 or size.bytes < BLOCK:
        return None
    share = min(1.0, max(BLOCKS * BLOCK / size.bytes, 1.3 * rows / size.rows))
    is_chosen = sa.func.rand() < inline(min(1.0, 1.3 * rows / (size.rows * share)))
    blocks = suffixed(table, f"TABLESAMPLE SYSTEM ({percent(share):f} PERCENT)")
    return SampleClause(blocks, (is_chosen,), Msg("TABLESAMPLE {how}", how="SYSTEM"))


def _since(column: str, kind: str, partition: str) -> Any:
    """Return the condition for rows of a partition and later ones.

    partition: its id, 2026, 202611, 20261125, 2026112507, or the first number of a range.
    """
    value: Any = sa.column(quoted_name(column, True))
    if kind == "INT64":
        return value >= inline(int(partition))
    day = f"{partition[:4]}-{partition[4:6] or '01'}-{partition[6:8] or '01'}"
    hour = f" {partition[8:10] or '00'}:00:00" if kind != "DATE" else ""
    return value >= sa.literal_column(f"{kind} '{day}{hour}'")


def share_of(value: Any, share: int) -> Any:
    """Return which of `share` equal parts (a power of two) a text's hash falls into."""
    return sa.func.farm_fingerprint(value).op("&")(inline(share - 1))
