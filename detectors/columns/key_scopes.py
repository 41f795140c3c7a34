"""Columns within which a number is somebody's: of tenants, branches, schools that each number their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from detectors.columns.column_stems import is_kind_of_something, words
from detectors.model import ColumnInfo, TableInfo
from detectors.names.matching import first_phrase
from detectors.names.tokens import tokens

ScopeKind = Literal["systems", "shops", "areas", "documents", "numberings"]
_ENDINGS = frozenset({"id", "ids", "uid", "uuid", "no", "code", "key", "num", "number", "name", "nm", "cd"})
_ZH_ENDINGS = ("编号", "编码", "代码", "标识", "名称", "号", "码", "id", "ID", "")


@dataclass(frozen=True, slots=True)
class KeyScope:
    """A column that may say of which numbering a table's keys are.

    kind: systems: of tenants, branches, schools, whose accounts mostly are their own. shops: of shops,
    companies or regions, which mostly share their customers' accounts. areas: of telephone numbers.
    documents: which state's or kind a document is. numberings: no word says so, but the rows.
    """

    column: str
    kind: ScopeKind


def key_scope(table: TableInfo, keys: Collection[str], kinds: Collection[ScopeKind]) -> KeyScope | None:
    """Return the first column of a table with a word for one of some kinds of scopes; None for none.

    keys: names of the columns that are keys or names themselves.

    >>> from detectors.model import TableRef
    >>> columns = ("tenant_id", "user_id", "tenant_user_name", "国籍")
    >>> table = TableInfo(TableRef("t"), tuple(ColumnInfo(name) for name in columns))
    >>> key_scope(table, ["user_id"], ["systems"]), key_scope(table, ["user_id"], ["documents"]).column
    (KeyScope(column='tenant_id', kind='systems'), '国籍')
    """
    for kind in kinds:
        for column in table.columns:
            if column.name not in keys and _is_scope(column, kind):
                return KeyScope(column.name, kind)
    return None


def document_type(table: TableInfo) -> str:
    """Return the first column of a table that says of which kind a document is; empty for none.

    >>> from detectors.model import TableRef
    >>> document_type(TableInfo(TableRef("t"), tuple(map(ColumnInfo, ("nationality", "id_type", "id_no")))))
    'id_type'
    """
    return next(
        (c.name for c in table.columns if _is_scope(c, "documents") and is_kind_of_something(c.name)), ""
    )


def is_system(column: ColumnInfo) -> bool:
    """Does a column name tenants, branches, schools that number their own people?

    >>> [is_system(ColumnInfo(name)) for name in ("分行代码", "tenant_id", "tenant_user_id")]
    [True, True, False]
    """
    return _is_scope(column, "systems")


def _is_scope(column: ColumnInfo, kind: ScopeKind) -> bool:
    hints = words()["scopes"][kind]
    parts = list(tokens(column.name))
    while len(parts) > 1 and (parts[-1] in _ENDINGS or len(parts[-1]) == 1 and parts[-1].isalpha()):
        parts.pop()
    if parts and (parts[-1] in hints["en"] or "_".join(parts[-2:]) in hints["en"]):
        return True
    texts = (column.name, first_phrase(column.comment))
    endings = tuple(word + ending for word in hints["zh"] for ending in _ZH_ENDINGS)
    return any(text.endswith(endings) for text in texts)
