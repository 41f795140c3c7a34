"""What statements after CREATE TABLE say of it: ALTER TABLE, COMMENT ON, descriptions of SQL Server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from detectors.model import ColumnInfo, TableInfo, TableRef
from scanner.connectors.definitions.pieces import (
    CONSTRAINT,
    NAME_PART,
    named_table,
    parse_column,
    plain_name,
    split_at_commas,
    tables_named,
)

Tables = dict[TableRef, TableInfo]
Amendment = Callable[[Tables], bool]  # changes tables; False where its statement was not understood

_NAME = r"(?:\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|[^\s\"`\[\]])+"
_COMMENT_ON = re.compile(
    r"COMMENT\s+ON\s+(?P<what>TABLE|COLUMN|VIEW|MATERIALIZED\s+VIEW)\s+(?P<name>" + _NAME + r")"
    r"\s+IS\s+(?:NULL|N?'(?P<text>(?:[^']|'')*)')\s*\Z",
    re.I | re.S,
)
_COMMENT_ON_OTHER = re.compile(
    r"COMMENT\s+ON\s+(?:FUNCTION|PROCEDURE|INDEX|SCHEMA|DATABASE|EXTENSION|SEQUENCE|TYPE|DOMAIN|ROLE|TRIGGER"
    r"|CONSTRAINT|POLICY|RULE|AGGREGATE|CAST|OPERATOR|LANGUAGE|SERVER|FOREIGN|EVENT|COLLATION|CONVERSION|ACCESS"
    r"|LARGE|TEXT|TABLESPACE|STATISTICS|SUBSCRIPTION|PUBLICATION|TRANSFORM|ROUTINE|PROCEDURAL|INDEXTYPE|MINING"
    r"|EDITION)\b",
    re.I,
)
_ALTER = re.compile(
    r"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<table>" + _NAME + r")"
    r"(?:\s+ON\s+CLUSTER\s+\S+)?(?:\s+WITH\s+(?:NO)?CHECK)?\s+(?P<actions>.+)",
    re.I | re.S,
)
_ACTION = re.compile(
    r"(?P<verb>ADD|MODIFY|CHANGE|RENAME|DROP|COMMENT|ALTER|REPLACE)\b\s*"
    r"(?P<of>COLUMNS?\b)?\s*(?:IF\s+(?:NOT\s+)?EXISTS\s+)?",
    re.I,
)
_NO_COLUMN = re.compile(  # what else is added, modified or dropped
    CONSTRAINT.pattern + r"|(?:PARTITIONS?|VALUE|SUBPARTITION|PROJECTION|LOG|TTL|ORDER|SETTING|QUERY|DEFAULT"
    r"|FILES?|RANGE|STATISTICS|ROW|MASKING|TRIGGER)\b",
    re.I,
)
_CHANGED = re.compile(r"(?P<old>" + _NAME + r")\s+(?P<rest>.+)", re.I | re.S)
_RENAMED = re.compile(r"(?P<old>" + _NAME + r")\s+TO\s+(?P<new>" + _NAME + r")\s*\Z", re.I)
_TEXT = re.compile(r"\s*=?\s*N?'(?P<text>(?:[^'\\]|\\.|'')*)'", re.S)
_PROPERTY = re.compile(
    r"EXEC(?:UTE)?\s+(?:\w+\.)*sp_(?:add|update)extendedproperty\b(?P<arguments>.*)", re.I | re.S
)
_ARGUMENT = re.compile(
    r"(?:@(?P<name>\w+)\s*=\s*)?(?:N?'(?P<text>(?:[^']|'')*)'|(?P<word>[\w.\[\]\"]+))", re.S
)
_ARGUMENTS = (
    "name",
    "value",
    "level0type",
    "level0name",
    "level1type",
    "level1name",
    "level2type",
    "level2name",
)


def read_change(body: str) -> Amendment | None:
    """Return what a statement changes in the tables defined before; None for a statement of another kind."""
    if body[:7].upper() == "COMMENT":
        if (comment_on := _COMMENT_ON.match(body)) is not None:
            return partial(_comment, comment_on)
        return None if _COMMENT_ON_OTHER.match(body) else _not_understood
    if (altered := _ALTER.match(body)) is not None:
        return partial(_alter, altered)
    if re.match(r"ALTER\s+TABLE\b", body, re.I):
        return _not_understood
    if (described := _PROPERTY.match(body)) is not None:
        return partial(_describe, described)
    return None


def _not_understood(tables: Tables) -> bool:
    return False


def _table_of(parts: Sequence[str]) -> TableRef:
    return TableRef(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else "")


def _comment(comment_on: re.Match[str], tables: Tables) -> bool:
    """Lay the comment of a statement over its table or column."""
    text = (comment_on["text"] or "").replace("''", "'")
    parts = _parts_of(comment_on["name"])
    if comment_on["what"].upper() != "COLUMN":
        return _set_comment(parts, None, text, tables)
    return len(parts) < 2 or _set_comment(parts[:-1], parts[-1], text, tables)


def _set_comment(parts: Sequence[str], column: str | None, text: str, tables: Tables) -> bool:
    """Lay a comment over a table or column; of one that another file defines there is nothing to do.

    False where tables of several schemas have the name: nothing is laid over either.
    """
    named = tables_named(_table_of(parts), tables)
    if len(named) != 1:
        return not named
    ref = named[0]
    if column is None:
        tables[ref] = replace(tables[ref], comment=text)
        return True
    name = column.casefold()
    columns = (replace(c, comment=text) if c.name.casefold() == name else c for c in tables[ref].columns)
    tables[ref] = replace(tables[ref], columns=tuple(columns))
    return True


def _describe(described: re.Match[str], tables: Tables) -> bool:
    """Lay a description of SQL Server over its table or column."""
    texts: dict[str, str] = {}
    for place, argument in enumerate(_ARGUMENT.finditer(described["arguments"])):
        name = (argument["name"] or (_ARGUMENTS[place] if place < len(_ARGUMENTS) else "")).lower()
        texts[name] = (argument["text"] or argument["word"] or "").replace("''", "'")
    if texts.get("name") != "MS_Description":
        return True  # a property that is no description
    if not texts.get("level1name") or "value" not in texts:
        return bool(texts.get("level0name")) and "value" in texts
    parts = [part for part in (texts.get("level0name", ""), texts["level1name"]) if part]
    return _set_comment(parts, texts.get("level2name"), texts["value"], tables)


def _alter(altered: re.Match[str], tables: Tables) -> bool:
    """Carry out the actions of ALTER TABLE; a table that another file creates is begun by what is added."""
    parts = _parts_of(altered["table"])
    named = tables_named(_table_of(parts), tables)
    if len(named) > 1:
        return False                          # of several schemas: which one is not said
    ref = named[0] if named else named_table(altered["table"])
    info = tables.get(ref) or TableInfo(ref, (), "", kind="dictionary")
    understood, verb = True, ""
    for action in _actions(altered["actions"]):
        begun = _ACTION.match(action)
        rest = action[begun.end() :] if begun is not None else action
        verb = begun["verb"].upper() if begun is not None else verb
        changed = _changed(info, verb, rest, bool(begun and begun["of"]))
        understood &= changed is not None
        info = changed or info
    if info.columns or ref in tables:
        tables.pop(ref, None) if info.ref != ref else None
        tables[info.ref] = info
    return understood


def _actions(text: str) -> Iterator[str]:
    """Yield the actions of ALTER TABLE; a list in brackets as an action each."""
    for part in split_at_commas(text)[0]:
        begun = _ACTION.match(part)
        rest = part[begun.end() :] if begun is not None else part
        if (
            begun is not None
            and rest.startswith("(")
            and begun["verb"].upper() in ("ADD", "MODIFY", "REPLACE")
        ):
            yield from (begun[0] + inner for inner in split_at_commas(rest[1:])[0])
        else:
            yield part


def _changed(info: TableInfo, verb: str, rest: str, of_column: bool) -> TableInfo | None:
    """Return a table after one action; itself where it is of nothing that counts, None if not understood."""
    if verb == "COMMENT":
        return _commented(info, rest, of_column)
    if verb == "RENAME":
        return _renamed(info, rest, of_column)
    if not of_column and (verb not in ("ADD", "MODIFY", "CHANGE", "DROP") or _NO_COLUMN.match(rest)):
        return info
    if verb == "DROP":
        dropped = _parts_of(rest.split()[0] if rest.split() else "")
        return replace(
            info, columns=tuple(c for c in info.columns if c.name.casefold() not in _folded(dropped))
        )
    if verb == "CHANGE":
        if (change := _CHANGED.match(rest)) is None:
            return None
        return _with_column(info, change["rest"], plain_name(change["old"]))
    if verb == "ALTER":
        return info  # its type or default
    return _with_column(info, rest, None)


def _commented(info: TableInfo, rest: str, of_column: bool) -> TableInfo | None:
    """Return a table after COMMENT = '…', or COMMENT COLUMN name '…' of ClickHouse."""
    text = _TEXT.search(rest)
    if text is None:
        return None
    comment = text["text"].replace("''", "'")
    if not of_column:
        return replace(info, comment=comment)
    tables = {info.ref: info}
    _set_comment([info.ref.name], plain_name(rest[: text.start()].strip()), comment, tables)
    return tables[info.ref]


def _renamed(info: TableInfo, rest: str, of_column: bool) -> TableInfo | None:
    """Return a table after RENAME TO, AS or RENAME COLUMN … TO …; indexes and the like change nothing."""
    if of_column:
        names = _RENAMED.match(rest)
        if names is None:
            return None
        old, new = plain_name(names["old"]).casefold(), plain_name(names["new"])
        columns = (replace(c, name=new) if c.name.casefold() == old else c for c in info.columns)
        return replace(info, columns=tuple(columns))
    if (target := re.match(r"(?:TO|AS)\s+(" + _NAME + r")\s*\Z", rest, re.I)) is not None:
        ref = named_table(target[1])
        return replace(info, ref=TableRef(ref.name, ref.schema or info.ref.schema))
    return info if _NO_COLUMN.match(rest) else _renamed(info, rest, True)


def _with_column(info: TableInfo, text: str, old: str | None) -> TableInfo | None:
    """Return a table with the column of a text, in the place of an old one; None where it defines none."""
    column = parse_column(text)
    if column is None:
        return None
    names = [c.name.casefold() for c in info.columns]
    place = next((names.index(n.casefold()) for n in (old, column.name) if n and n.casefold() in names), None)
    if place is None:
        return replace(info, columns=(*info.columns, column))
    columns = [*info.columns]
    columns[place] = _over(columns[place], column)
    return replace(info, columns=tuple(columns))


def _over(old: ColumnInfo, new: ColumnInfo) -> ColumnInfo:
    return replace(old, name=new.name, type=new.type or old.type, comment=new.comment or old.comment)


def _parts_of(name: str) -> list[str]:
    return [plain_name(part) for part in NAME_PART.findall(name)]


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}
