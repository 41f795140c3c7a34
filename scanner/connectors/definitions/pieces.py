"""Pieces of statements: names, columns and comments, in any dialect and as far as they can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from detectors.model import ColumnInfo, TableRef

CONSTRAINT = re.compile(
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
NAME_PART = re.compile(r"`[^`]*`|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|[^.\s`\"\[\]()]+")
_MARK = re.compile(
    r"'(?:[^'\\]|\\.|'')*'|\"[^\"]*\"|`[^`]*`|(?P<angle>\b(?:array|map|struct|uniontype|row)\s*<)|[(),>]",
    re.I,
)


def split_at_commas(text: str) -> tuple[list[str], str]:
    """Return what commas part in brackets that are open, and what follows them."""
    parts: list[str] = []
    depth = angles = start = 0
    for mark in _MARK.finditer(text):
        if mark["angle"]:
            angles += 1
        elif mark[0] == ">":
            angles = max(0, angles - 1)
        elif mark[0] == "(":
            depth += 1
        elif mark[0] == ")" and not depth:
            return [*parts, text[start : mark.start()].strip()], text[mark.end() :]
        elif mark[0] == ")":
            depth -= 1
        elif mark[0] == "," and not depth and not angles:
            parts.append(text[start : mark.start()].strip())
            start = mark.end()
    return [*parts, text[start:].strip()], ""


def parse_column(text: str) -> ColumnInfo | None:
    """Return the column that a part of a list defines; None for a constraint, and for what is none."""
    column = _COLUMN.match(text)
    if column is None or CONSTRAINT.match(text):
        return None
    return ColumnInfo(plain_name(column["name"]), column["type"].lower(), comment_in(text))


def comment_in(text: str) -> str:
    """Return the text of COMMENT '…' in a definition; "" for none."""
    quoted = _COMMENT_OF.search(text)
    return (quoted["one"] or quoted["two"] or "").replace("''", "'") if quoted else ""


def plain_name(name: str) -> str:
    """Return a name without its quotes."""
    return name.strip('`"[]')


def named_table(text: str) -> TableRef:
    """Return the table that a name with dots speaks of; a database before the schema is left out."""
    parts = [plain_name(part) for part in NAME_PART.findall(text)]
    return TableRef(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else "")


def tables_named(ref: TableRef, tables: Iterable[TableRef]) -> tuple[TableRef, ...]:
    """Return the tables that a name in a statement may speak of, the nearest spelling alone.

    As it is written; else whatever its case; else by the table where one of the two has no schema. Of several
    schemas a bare name speaks of none for certain: all of them are returned.

    >>> known = [TableRef("member", "crm"), TableRef("member", "hr"), TableRef("staff", "hr")]
    >>> names = (("MEMBER", "CRM"), ("staff", ""), ("member", ""), ("member", "erp"))
    >>> [len(tables_named(TableRef(*name), known)) for name in names]
    [1, 1, 2, 0]
    """
    named = [other for other in tables if other.name.casefold() == ref.name.casefold()]
    alike = [other for other in named if other.schema.casefold() == ref.schema.casefold()]
    bare = [other for other in named if not other.schema or not ref.schema]
    return tuple([other for other in alike if other == ref] or alike or bare)
