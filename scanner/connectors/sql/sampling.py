"""Samples of database tables.

The whole table where it is small, else by the dialect's own sampling or along a key.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from detectors.message import Msg, Text
from detectors.model import ColumnInfo, Drawn, TableInfo, TableRef
from scanner.connectors.protocol import Sample
from scanner.connectors.sql.cells import RowReader
from scanner.connectors.sql.conditions import table_clause
from scanner.connectors.sql.dialects import SampleClause, TableSize, hook
from scanner.connectors.sql.keyed import KeyedTable, sample_along_key

CELLS = 4_000_000                             # cells of a sample, at most: a very wide table gives fewer rows
# rows of a sample, and half of those asked for: statistics were wrong
TOO_FEW = 50
_INTEGER_TYPE = re.compile(r"u?(tiny|small|medium|big|huge)?int(eger)?\d*\b", re.I)
_ALL, _FIRST = Msg("all rows"), Msg("first rows")


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """About `rows` rows of some columns of a table.

    info: None where the table was not listed. hint: what the dialect said of it besides, see
    `sampling_hints`. expressions: of columns that are leaves of composites.
    """

    ref: TableRef
    columns: Sequence[str]
    rows: int
    seed: int
    info: TableInfo | None
    hint: str = ""
    expressions: Mapping[str, str] = field(default_factory=dict)

    @property
    def integer_key(self) -> ColumnInfo | None:
        """The primary key, where it is one integer."""
        keys = [c for c in self.info.columns if c.primary_key] if self.info else []
        return keys[0] if len(keys) == 1 and _INTEGER_TYPE.match(keys[0].type) else None

    def clause(self, rules: ModuleType | None) -> SampleClause | None:
        """Return how the dialect samples the table; None to read it as it is, or along a key."""
        sample_clause = hook(rules, "sample_clause")
        if sample_clause is None or self.info is None:
            return None
        size = TableSize(self.info.rows.high, self.info.bytes, self.integer_key is not None,
                         self.info.partitioned_by, self.hint)
        table = self.table(self.columns)
        clause: SampleClause | None = sample_clause(table, self.rows, size, self.seed)
        return clause

    def select(self, clause: SampleClause | None) -> Any:
        """Return the statement; without a clause it reads the first rows, one more than asked for."""
        if clause is None:
            return self.first_rows()
        columns = (clause.source.c[column] for column in self.columns)
        return sa.select(*columns).where(*clause.conditions).limit(self.rows * 4)

    def first_rows(self) -> Any:
        return sa.select(*self.table(self.columns).c).limit(self.rows + 1)

    def table(self, columns: Sequence[str]) -> sa.TableClause:
        """Return the table with these of its columns."""
        return table_clause(self.ref, columns, self.expressions)


def limit_rows(rows: int, columns: Sequence[str]) -> int:
    """Return the rows of a sample, fewer where there are very many columns."""
    return max(1, min(rows, CELLS // max(1, len(columns))))


@dataclass(frozen=True, slots=True)
class _FetchedRows:
    rows: Sequence[Any]
    method: Text
    is_repeatable: bool


def fetch_sample(
    connection: sa.Connection, query: SampleQuery, rules: ModuleType | None, reader: RowReader,
) -> Sample:
    """Return the rows of a sample: all of them, random pages, or runs along an integer key.

    `drawn` says which.
    """
    fetched = _fetch(connection, query, rules)
    total = len(fetched.rows) if fetched.method == _ALL else None
    sampling = Drawn(fetched.method, len(fetched.rows), total, query.seed, fetched.is_repeatable)
    return Sample([reader.batch(fetched.rows, query.columns)], sampling)


def _fetch(connection: sa.Connection, query: SampleQuery, rules: ModuleType | None) -> _FetchedRows:
    clause = query.clause(rules)
    result = connection.execution_options(stream_results=True).execute(query.select(clause))
    rows = list(result.fetchmany(query.rows * 4))
    if clause is None:
        return _without_clause(connection, query, rules, rows)
    is_repeatable = bool(getattr(rules, "REPEATABLE", True))
    if len(rows) > query.rows:
        is_ordered = getattr(rules, "ORDERED", True)
        return _FetchedRows(_thin(rows, query, is_ordered), clause.method, is_repeatable)
    # partitions that hold few rows are no reason to read the others
    reads_partitions = bool(query.hint) and hook(rules, "sampling_hint") is not None
    if len(rows) >= min(query.rows // 2, TOO_FEW) or reads_partitions:
        return _FetchedRows(rows, clause.method, is_repeatable)
    rows = list(connection.execute(query.first_rows()))
    if len(rows) <= query.rows:
        return _FetchedRows(rows, _ALL, is_repeatable)
    return _FetchedRows(rows[:query.rows], _FIRST, False)


def _without_clause(
    connection: sa.Connection, query: SampleQuery, rules: ModuleType | None, rows: Sequence[Any],
) -> _FetchedRows:
    """Return the whole table, or rows along its key; the first rows where it has none.

    rows: the first ones.
    """
    if len(rows) <= query.rows:
        return _FetchedRows(rows, _ALL, True)
    along_key = _along_key(connection, query, rules)
    if along_key is not None:
        return _FetchedRows(along_key, Msg("ranges of the key"), True)
    return _FetchedRows(rows[:query.rows], _FIRST, False)


def _thin(rows: Sequence[Any], query: SampleQuery, is_ordered: bool) -> Sequence[Any]:
    """Return as many rows as asked for, chosen evenly: cutting the tail would leave out the table's end."""
    ordered = rows if is_ordered else sorted(rows, key=repr)
    chosen = random.Random(query.seed).sample(range(len(rows)), query.rows)
    return [ordered[i] for i in sorted(chosen)]


def _along_key(connection: sa.Connection, query: SampleQuery, rules: ModuleType | None) -> list[Any] | None:
    """Return runs of rows along an integer key, or along the number the database gives each row.

    None where the table has neither.
    """
    primary = query.integer_key
    key = primary.name if primary else getattr(rules, "ROW", "")
    if not key or primary is None and query.hint != key:
        return None
    table = query.table([*query.columns, key])
    keyed = KeyedTable(table, key, query.columns, hook(rules, "estimate_rows"))
    return sample_along_key(connection, keyed, query.rows, query.seed)
