"""Tables of CREATE TABLE statements in any dialect, with comments wherever a dialect writes them."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Any

from detectors.masking import mask_values
from detectors.message import Msg
from detectors.model import ColumnInfo, ForeignKey, Skipped, TableInfo, TableRef
from scanner.connectors.definitions.changes import read_change
from scanner.connectors.definitions.pieces import (
    comment_in,
    named_table,
    parse_column,
    split_at_commas,
    tables_named,
)
from scanner.connectors.definitions.statements import (
    Statement,
    line_comments,
    split_statements,
    without_comments,
)

_CREATE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?"
    r"(?:(?:GLOBAL|LOCAL|TEMP|TEMPORARY|EXTERNAL|UNLOGGED|FOREIGN|TRANSIENT|COLUMN|ROW)\s+)*TABLE\b",
    re.I,
)
_DROP = re.compile(r"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?P<tables>[^;]+)", re.I)
_REPLACES = re.compile(r"CREATE\s+OR\s+REPLACE\b", re.I)
_ROWS = re.compile(r"(?:INSERT|REPLACE)\s+INTO\b|COPY\s+\S+.*FROM\s+STDIN|LOAD\s+DATA\b", re.I | re.S)
_PART = r"(?:`[^`]*`|\"[^\"]*\"|\[[^\]]*\]|[^.\s`\"\[\]()]+)"
_DOTTED = re.compile(rf"{_PART}(?:\s*\.\s*{_PART})*")
_KEYWORD = re.compile(r"(\w+)\s+")
_BEFORE_NAME = frozenset({
    "OR", "REPLACE", "GLOBAL", "LOCAL", "TEMP", "TEMPORARY", "EXTERNAL", "UNLOGGED", "FOREIGN", "TRANSIENT",
    "COLUMN", "ROW", "IF", "NOT", "EXISTS",
})
_OTHER_OBJECTS = frozenset({  # what is created beside tables
    "AGGREGATE", "ASSEMBLY", "AUDIT", "CAST", "CATALOG", "CERTIFICATE", "COLLATION", "CONTEXT",
    "CREDENTIAL", "DATABASE", "DEFAULT", "DICTIONARY", "DIRECTORY", "DOMAIN", "EVENT", "EXTENSION",
    "FORMAT", "FUNCTION", "INDEX", "JAVA", "KEY", "LANGUAGE", "LIBRARY", "LINK", "LOGIN", "MACRO",
    "OPERATOR", "PACKAGE", "PARTITION", "PIPE", "POLICY", "PROC", "PROCEDURE", "PROFILE", "PUBLICATION",
    "QUEUE", "ROLE", "RULE", "SCHEMA", "SEQUENCE", "SERVER", "STAGE", "STATISTICS", "STREAM",
    "SUBSCRIPTION", "SYNONYM", "TABLESPACE", "TAG", "TASK", "TRIGGER", "TYPE", "USER", "VIEW", "WAREHOUSE",
})
NEAR = 0.72  # likeness of a mistyped keyword to the keyword
_DIALECTS = (
    "", "mysql", "postgres", "oracle", "tsql", "hive", "sqlite", "clickhouse", "bigquery", "snowflake",
)


@dataclass(slots=True)
class Definitions:
    """What a text defines, in its order.

    rows: statements with rows in them. unclear: (line, table) of statements that no dialect has; of these the
    columns are those that could be told. queries: lines of tables that a query fills, whose columns are those
    of the query. dropped: tables that a statement drops, until one defines them anew.
    """

    tables: dict[TableRef, TableInfo] = field(default_factory=dict)
    rows: int = 0
    unclear: list[tuple[int, str]] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    dropped: set[TableRef] = field(default_factory=set)


def read_definitions(text: str) -> Definitions:
    """Return the tables of a text of SQL statements; later statements add columns and comments.

    A table that is defined again keeps the columns it had, unless it was dropped or replaced.
    """
    definitions = Definitions()
    preferred = _dialects_of(text)
    with _silent_parser():
        for statement in split_statements(text):
            _read_statement(statement, preferred, definitions)
    return definitions


@contextlib.contextmanager
def _silent_parser() -> Iterator[None]:
    """Keep warnings of the parser, which quote statements, out of every log meanwhile."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _read_statement(statement: Statement, dialects: Sequence[str], definitions: Definitions) -> None:
    body = without_comments(statement.text).strip()
    if _CREATE.match(body):
        _create(statement, body, dialects, definitions)
    elif _ROWS.match(body):
        definitions.rows += 1
    elif (drop := _DROP.match(body)) is not None:
        _note_dropped(drop["tables"], definitions)
    elif (change := read_change(body)) is not None:
        if not change(definitions.tables):
            definitions.unclear.append((statement.line, ""))
    elif _is_like_create(body):
        _create_approximately(statement, body, definitions)


def _note_dropped(names: str, definitions: Definitions) -> None:
    for name in split_at_commas(names)[0]:
        dotted = _DOTTED.match(name.strip())
        ref = None if dotted is None else named_table(dotted[0])
        if ref is not None:
            dropped = tables_named(ref, definitions.tables)
            definitions.dropped |= set(dropped if len(dropped) == 1 else ())


def _is_like_create(body: str) -> bool:
    """Return whether a statement looks like CREATE TABLE with a slip of the pen in its first words."""
    words = re.findall(r"\w+", body[: body.find("(") + 1 or len(body)].upper())[:6]
    if not words or set(words) & _OTHER_OBJECTS:
        return False
    return _is_near(words[0], "CREATE") or _is_near(words[0], "TABLE") and "(" in body


def _is_near(word: str, keyword: str) -> bool:
    return SequenceMatcher(None, word, keyword).ratio() >= NEAR


def _dialects_of(text: str) -> Sequence[str]:
    """Return the dialects to try, the likeliest first."""
    signs = {
        "mysql": r"`|ENGINE\s*=",
        "postgres": r"\bserial\b|\bCOMMENT ON\b|::|\bjsonb\b",
        "oracle": r"\bVARCHAR2\b|\bNUMBER\s*\(",
        "tsql": r"\bNVARCHAR\b|\[dbo\]|\bIDENTITY\s*\(",
        "hive": r"STORED\s+AS|ROW\s+FORMAT",
        "clickhouse": r"\bLowCardinality\b|MergeTree",
    }
    likely = [name for name, sign in signs.items() if re.search(sign, text[:200_000], re.I)]
    return [*likely, *(name for name in _DIALECTS if name not in likely)]


def _create(statement: Statement, body: str, dialects: Sequence[str], definitions: Definitions) -> None:
    info = _parsed(body, dialects)
    if info is not None:
        _add_table(statement, body, info, definitions)
    else:
        _create_approximately(statement, body, definitions)


def _create_approximately(statement: Statement, body: str, definitions: Definitions) -> None:
    """Note a statement as unclear, with the columns that can be told."""
    info = _approximate_table(body)
    if info is None or not info.columns:
        if re.search(r"\bAS\s*\(?\s*(?:SELECT|WITH)\b", body, re.I):
            definitions.queries.append(statement.line)
        else:
            definitions.unclear.append((statement.line, ""))
        return
    definitions.unclear.append((statement.line, info.ref.name))
    _add_table(statement, body, info, definitions)


def _add_table(statement: Statement, body: str, info: TableInfo, definitions: Definitions) -> None:
    comments = line_comments(statement.text)
    columns = tuple(
        replace(c, comment=c.comment or comments.get(c.name.casefold(), "")) for c in info.columns
    )
    before = definitions.tables.get(info.ref)
    if before is not None and info.ref not in definitions.dropped and not _REPLACES.match(body):
        names = {column.name.casefold() for column in columns}
        columns += tuple(c for c in before.columns if c.name.casefold() not in names)
        info = replace(info, comment=info.comment or before.comment)
    definitions.dropped.discard(info.ref)
    definitions.tables[info.ref] = replace(info, columns=columns)


def _parsed(body: str, dialects: Sequence[str]) -> TableInfo | None:
    """Return the table of a statement as the first dialect that has it understands it."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    for dialect in dialects:
        try:
            tree = sqlglot.parse_one(body, read=dialect or None)
            is_table = isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema)
            info = _table(tree, dialect) if is_table else None
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
            continue
        if info is not None and info.columns:
            return info
    return None


def _table(tree: Any, dialect: str) -> TableInfo:
    from sqlglot import exp

    ref = _ref(tree.this.this)
    columns, keys, links = [], set(), []
    for part in tree.this.expressions:
        if isinstance(part, exp.ColumnDef):
            columns.append(_column(part, dialect))
            for reference in part.find_all(exp.Reference):
                links += _link((part.name,), reference)
        elif isinstance(part, exp.PrimaryKey):
            keys |= {name.name for name in part.find_all(exp.Identifier)}
        for foreign in part.find_all(exp.ForeignKey):
            reference = foreign.args.get("reference")
            links += _link(tuple(name.name for name in foreign.expressions), reference) if reference else []
        for primary in part.find_all(exp.PrimaryKey):
            keys |= {name.name for name in primary.find_all(exp.Identifier)}
    for partitions in tree.find_all(exp.PartitionedByProperty):  # columns of their own in Hive
        columns += [_column(part, dialect) for part in partitions.find_all(exp.ColumnDef)]
    comment = next((p.this.name for p in tree.find_all(exp.SchemaCommentProperty)), "")
    all_columns = tuple(replace(c, primary_key=c.primary_key or c.name in keys) for c in columns)
    return TableInfo(ref, all_columns, comment, kind="dictionary", foreign_keys=tuple(links))


def _column(part: Any, dialect: str) -> ColumnInfo:
    from sqlglot import exp

    kinds = [constraint.kind for constraint in part.constraints]
    comment = next((k.this.name for k in kinds if isinstance(k, exp.CommentColumnConstraint)), "")
    is_key = any(isinstance(k, exp.PrimaryKeyColumnConstraint) for k in kinds)
    nulls = [k for k in kinds if isinstance(k, exp.NotNullColumnConstraint)]
    is_filled = is_key or any(not constraint.args.get("allow_null") for constraint in nulls)
    kind = part.kind.sql(dialect=dialect or None).lower() if part.kind is not None else ""
    return ColumnInfo(part.name, kind, comment, not is_filled, is_key)


def _link(columns: tuple[str, ...], reference: Any) -> list[ForeignKey]:
    from sqlglot import exp

    target = reference.this
    table = target.this if isinstance(target, exp.Schema) else target
    names = tuple(name.name for name in target.expressions) if isinstance(target, exp.Schema) else ()
    return [ForeignKey(columns, _ref(table), names or columns)] if isinstance(table, exp.Table) else []


def _ref(table: Any) -> TableRef:
    return TableRef(table.name, table.db)


def _approximate_table(body: str) -> TableInfo | None:
    """Return a table of a statement that no dialect has, as far as its columns can be told."""
    place = 0
    while (word := _KEYWORD.match(body, place)) is not None and _opens_create(word[1]):
        place = word.end()
    name = _DOTTED.match(body, place)
    if not place or name is None or re.match(r"\s*AS\b", body[name.end() :], re.I):
        return None
    listed = re.compile(r"\s*(?:ON\s+CLUSTER\s+\S+\s*)?\(?").match(body, name.end())
    parts, rest = split_at_commas(body[listed.end() if listed is not None else name.end() :])
    columns = [parse_column(part) for part in parts]
    defined = tuple(column for column in columns if column is not None)
    return TableInfo(named_table(name[0]), defined, comment_in(rest), kind="dictionary")


def _opens_create(word: str) -> bool:
    """Return whether a word may stand before the name of a table, slips of the pen included."""
    return word.upper() in _BEFORE_NAME or _is_near(word.upper(), "CREATE") or _is_near(word.upper(), "TABLE")


def unread_parts(definitions: Definitions, file: str) -> Iterator[Skipped]:
    """Yield what of a text of statements is not in its tables."""
    name = mask_values(file)
    if definitions.rows:
        yield Skipped(
            name,
            Msg.plural(
                "{n:,} statement holds rows, which were not read",
                "{n:,} statements hold rows, which were not read",
                n=definitions.rows,
            ),
            Msg("run the file in an empty database, and scan that"),
        )
    for line in definitions.queries:
        what = Msg("line {n}: a query says what this table holds; its columns are not listed", n=line)
        yield Skipped(name, what, Msg("scan the database"))
    for line, table in definitions.unclear:
        what = Msg("line {n}: the statement is of no dialect we know; nothing of it is listed", n=line)
        if table:
            what = Msg(
                "line {n}: the statement is of no dialect we know; what could be told of {table} is listed",
                n=line,
                table=mask_values(table),
            )
        yield Skipped(name, what, Msg("mend the statement, or scan the database"))
