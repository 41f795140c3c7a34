"""Tables of CREATE TABLE statements in any dialect, with comments wherever a dialect writes them."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from detectors.masking import mask_values
from detectors.message import Msg
from detectors.model import ColumnInfo, ForeignKey, Skipped, TableInfo, TableRef
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
_NAME = r"(?:\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|[^\s\"`\[\]])+"
_COMMENT_ON = re.compile(
    r"COMMENT\s+ON\s+(?P<what>TABLE|COLUMN|VIEW)\s+(?P<name>" + _NAME + r")"
    r"\s+IS\s+N?'(?P<text>(?:[^']|'')*)'",
    re.I | re.S,
)
_ALTER_ADD = re.compile(
    r"ALTER\s+TABLE\s+(?:ONLY\s+)?(?P<table>" + _NAME + r")\s+"
    r"ADD\b\s*(?:COLUMN\b\s*)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<rest>.+)", re.I | re.S
)
_ADD = re.compile(r"\s*ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?", re.I)
_ROWS = re.compile(r"(?:INSERT|REPLACE)\s+INTO\b|COPY\s+\S+.*FROM\s+STDIN|LOAD\s+DATA\b", re.I | re.S)
_CONSTRAINT = re.compile(
    r"(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|SPATIAL|EXCLUDE|LIKE|PERIOD|PARTITION"
    r"|SUPPLEMENTAL)\b",
    re.I,
)
_COLUMN = re.compile(
    r"(?P<name>[`\"\[][^`\"\]]+[`\"\]]|[^\s(),'`\"]+)\s+(?P<type>[^\s,(]+(?:\s*\([^)]*\))?)", re.S
)
_COMMENT_OF = re.compile(
    r"\bCOMMENT\s*=?\s*N?(?:'(?P<one>(?:[^'\\]|\\.|'')*)'|\"(?P<two>[^\"]*)\")", re.I | re.S
)
_NAME_PART = re.compile(r"`[^`]*`|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|[^.\s`\"\[\]()]+")
_DIALECTS = (
    "", "mysql", "postgres", "oracle", "tsql", "hive", "sqlite", "clickhouse", "bigquery", "snowflake",
)


@dataclass(slots=True)
class Definitions:
    """What a text defines, in its order.

    rows: statements with rows in them. unclear: (line, table) of statements that no dialect has; of these the
    columns are those that could be told.
    """

    tables: dict[TableRef, TableInfo] = field(default_factory=dict)
    rows: int = 0
    unclear: list[tuple[int, str]] = field(default_factory=list)


def read_definitions(text: str) -> Definitions:
    """Return the tables of a text of SQL statements; later statements add columns and comments."""
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
    elif (comment_on := _COMMENT_ON.match(body)) is not None:
        _comment(comment_on, definitions)
    elif (added := _ALTER_ADD.match(body)) is not None and not _CONSTRAINT.match(added["rest"]):
        _add_columns(added, definitions)
    elif _ROWS.match(body):
        definitions.rows += 1


def _dialects_of(text: str) -> Sequence[str]:
    """Return the dialects to try, the likeliest first."""
    signs = {
        "mysql": r"`|ENGINE\s*=", "postgres": r"\bserial\b|\bCOMMENT ON\b|::|\bjsonb\b",
        "oracle": r"\bVARCHAR2\b|\bNUMBER\s*\(", "tsql": r"\bNVARCHAR\b|\[dbo\]|\bIDENTITY\s*\(",
        "hive": r"STORED\s+AS|ROW\s+FORMAT", "clickhouse": r"\bLowCardinality\b|MergeTree",
    }
    likely = [name for name, sign in signs.items() if re.search(sign, text[:200_000], re.I)]
    return [*likely, *(name for name in _DIALECTS if name not in likely)]


def _create(statement: Statement, body: str, dialects: Sequence[str], definitions: Definitions) -> None:
    info = _parsed(body, dialects)
    if info is None:
        info = _approximate_table(body)
        if info is None or not info.columns:
            if not re.search(r"\bAS\s*\(?\s*(?:SELECT|WITH)\b", body, re.I):
                definitions.unclear.append((statement.line, ""))
            return
        definitions.unclear.append((statement.line, info.ref.name))
    comments = line_comments(statement.text)
    columns = tuple(
        replace(c, comment=c.comment or comments.get(c.name.casefold(), "")) for c in info.columns
    )
    definitions.tables[info.ref] = replace(info, columns=columns)


def _parsed(body: str, dialects: Sequence[str]) -> TableInfo | None:
    """Return the table of a statement as the first dialect that has it understands it."""
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    for dialect in dialects:
        try:
            tree = sqlglot.parse_one(body, read=dialect or None)
        except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError):
            continue
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            info = _table(tree, dialect)
            if info.columns:
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
    opening = body.find("(")
    head = body[:opening] if opening > 0 else body
    name = re.search(r"TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(.+)", head, re.I | re.S)
    if name is None or opening < 0:
        return None
    parts, rest = _parts(body[opening + 1:])
    columns = []
    for part in parts:
        if _CONSTRAINT.match(part) or (column := _COLUMN.match(part)) is None:
            continue
        columns.append(ColumnInfo(_plain(column["name"]), column["type"].lower(), _comment_in(part)))
    return TableInfo(_named(name[1]), tuple(columns), _comment_in(rest), kind="dictionary")


def _parts(text: str) -> tuple[list[str], str]:
    """Return what commas part in brackets that are open, and what follows them."""
    parts: list[str] = []
    depth = start = 0
    for mark in re.finditer(r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|[(),]", text):
        if mark[0] == "(":
            depth += 1
        elif mark[0] == ")" and not depth:
            return [*parts, text[start:mark.start()].strip()], text[mark.end():]
        elif mark[0] == ")":
            depth -= 1
        elif mark[0] == "," and not depth:
            parts.append(text[start:mark.start()].strip())
            start = mark.end()
    return [*parts, text[start:].strip()], ""


def _comment_in(text: str) -> str:
    quoted = _COMMENT_OF.search(text)
    return (quoted["one"] or quoted["two"] or "").replace("''", "'") if quoted else ""


def _plain(name: str) -> str:
    return name.strip("`\"[]")


def _named(text: str) -> TableRef:
    """Return the table that a name with dots speaks of; a database before the schema is left out."""
    parts = [_plain(part) for part in _NAME_PART.findall(text)]
    return TableRef(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else "")


def _comment(comment_on: re.Match[str], definitions: Definitions) -> None:
    """Lay the comment of a statement over its table or column."""
    text = comment_on["text"].replace("''", "'")
    parts = [_plain(part) for part in _NAME_PART.findall(comment_on["name"])]
    if comment_on["what"].upper() == "COLUMN" and len(parts) > 1:
        ref = _defined(parts[:-1], definitions)
        if ref is not None:
            info, name = definitions.tables[ref], parts[-1].casefold()
            columns = tuple(
                replace(c, comment=text) if c.name.casefold() == name else c for c in info.columns
            )
            definitions.tables[ref] = replace(info, columns=columns)
    elif (ref := _defined(parts, definitions)) is not None:
        definitions.tables[ref] = replace(definitions.tables[ref], comment=text)


def _add_columns(added: re.Match[str], definitions: Definitions) -> None:
    """Add the columns of ALTER TABLE to a table; to a new one where another file creates it."""
    named = [_plain(part) for part in _NAME_PART.findall(added["table"])]
    ref = _defined(named, definitions) or _named(added["table"])
    info = definitions.tables.get(ref) or TableInfo(ref, (), "", kind="dictionary")
    rest = added["rest"].strip()
    parts, _ = _parts(rest[1:] if rest.startswith("(") else rest)
    for part in (_ADD.sub("", part) for part in parts):
        column, names = _COLUMN.match(part), {c.name.casefold() for c in info.columns}
        if column is None or _CONSTRAINT.match(part) or _plain(column["name"]).casefold() in names:
            continue
        new = ColumnInfo(_plain(column["name"]), column["type"].lower(), _comment_in(part))
        info = replace(info, columns=(*info.columns, new))
    if info.columns:
        definitions.tables[ref] = info


def _defined(parts: Sequence[str], definitions: Definitions) -> TableRef | None:
    """Return the defined table of a name, whatever its case; a schema counts where it is given."""
    folded = [part.casefold() for part in parts[-2:]]
    for ref in definitions.tables:
        if ref.name.casefold() == folded[-1] and (
            len(folded) == 1 or not ref.schema or ref.schema.casefold() == folded[0]
        ):
            return ref
    return None


def unread_parts(definitions: Definitions, file: str) -> Iterator[Skipped]:
    """Yield what of a text of statements is not in its tables."""
    name = mask_values(file)
    if definitions.rows:
        yield Skipped(
            name,
            Msg.plural(
                "{n:,} statement holds rows, which were not read",
                "{n:,} statements hold rows, which were not read", n=definitions.rows,
            ),
            Msg("run the file in an empty database, and scan that"),
        )
    for line, table in definitions.unclear:
        what = Msg("line {n}: no table could be told from the statement", n=line)
        if table:
            what = Msg(
                "line {n}: the statement is of no dialect we know; what could be told of {table} is listed",
                n=line, table=mask_values(table),
            )
        yield Skipped(name, what, Msg("mend the statement, or scan the database"))
